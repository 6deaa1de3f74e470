import { Decoder, Encoder } from "@msgpack/msgpack";
import { z } from "zod";
import { errorSchema, PixelsError } from "./errors.ts";
import { isWithinLimits } from "./msgpack-limits.ts";

/** A frame longer than this is refused before it is decoded. */
export const maxFrameBytes = 16 << 20;
const maxDepth = 64;
const maxArrayLength = 1 << 16;

/** Request frame: DEALER → ROUTER. `deadline` is in milliseconds from its receipt. */
export const requestFrameSchema = z.strictObject({
  id: z.int().min(0),
  method: z.string(),
  params: z.unknown(),
  client: z.uuid(),
  deadline: z.number().positive().optional(),
});

export const replyFrameSchema = z.union([
  z.strictObject({ id: z.int().min(0), ok: z.literal(true), result: z.unknown() }),
  z.strictObject({ id: z.int().min(0), ok: z.literal(false), error: errorSchema }),
]);

export type RequestFrame = z.infer<typeof requestFrameSchema>;
export type ReplyFrame = z.infer<typeof replyFrameSchema>;

/**
 * PUB topics: a subscriber that wants no previews leaves that one out. A subscription to `sync` and a unique
 * suffix is answered with that topic alone: whatever was subscribed to before it is in force from then on.
 */
export const topics = { event: "e", preview: "p", sync: "s" } as const;

// Kept, since each brings buffers of its own.
const encoder = new Encoder({ ignoreUndefined: true });
const decoder = new Decoder({ maxArrayLength });

/** MessagePack, `undefined` left out, integers as JavaScript numbers. */
export function encodeFrame(value: unknown): Uint8Array {
  return encoder.encode(value);
}

/** Decodes one frame and checks it. Throws `invalid_request` for anything that is not such a frame. */
export function decodeFrame<S extends z.ZodType>(schema: S, bytes: Uint8Array): z.output<S> {
  if (bytes.byteLength > maxFrameBytes) {
    throw new PixelsError({ code: "invalid_request", message: `A message of ${bytes.byteLength} bytes is too long` });
  }
  if (!isWithinLimits(bytes, maxDepth)) {
    throw new PixelsError({ code: "invalid_request", message: "A message is nested too deeply or is cut short" });
  }
  let value: unknown;
  try {
    value = decoder.decode(bytes);
  } catch (error) {
    throw new PixelsError(
      { code: "invalid_request", message: "A message is not MessagePack", cause: String(error) },
      { cause: error },
    );
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw new PixelsError({
      code: "invalid_request",
      message: "A message does not fit the protocol",
      cause: z.prettifyError(parsed.error),
      remedy: "Client and daemon may be of different versions: restart the daemon with `dgx-pixels daemon restart`.",
    });
  }
  return parsed.data;
}
