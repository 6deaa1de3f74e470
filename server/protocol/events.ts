import { z } from "zod";
import { engineStatusSchema } from "./engine-info.ts";
import { jobId, jobSchema, progressSchema } from "./job.ts";

/** A text edit by UTF-16 offsets into the text whose SHA-256 is `base`. */
export const textEditSchema = z.strictObject({ start: z.int().min(0), end: z.int().min(0), text: z.string() });

/** Asks the editor that holds `path` unsaved to apply spans; answered by `editors.applied`. */
export const editRequestSchema = z.strictObject({
  id: z.uuid(),
  client: z.string(),
  path: z.string(),
  base: z.string(),
  edits: z.array(textEditSchema),
});

/**
 * What the daemon publishes. Each carries a sequence number in its envelope; a client subscribes, takes a
 * `snapshot`, and drops what the snapshot already holds (the Clone pattern of the ZeroMQ guide, chapter 5).
 */
export const eventSchema = z.discriminatedUnion("type", [
  /** A job's state, whole. */
  z.strictObject({ type: z.literal("job"), job: jobSchema }),
  /** Progress of a running job, at most 10 a second a job. */
  z.strictObject({ type: z.literal("progress"), job: jobId, progress: progressSchema }),
  z.strictObject({ type: z.literal("engine"), engine: engineStatusSchema }),
  z.strictObject({ type: z.literal("queue"), paused: z.boolean() }),
  z.strictObject({ type: z.literal("edit"), edit: editRequestSchema }),
  z.strictObject({ type: z.literal("daemon"), state: z.enum(["stopping", "handing-over"]), reason: z.string() }),
]);

export const eventEnvelopeSchema = z.strictObject({
  /** The daemon's instance: sequence numbers start again with a new one. */
  instance: z.uuid(),
  seq: z.int().min(1),
  event: eventSchema,
});

/** Live preview of a running job; unnumbered, latest wins. */
export const previewSchema = z.strictObject({
  job: jobId,
  mediaType: z.enum(["image/jpeg", "image/png"]),
  bytes: z.instanceof(Uint8Array),
});

export type TextEdit = z.infer<typeof textEditSchema>;
export type EditRequest = z.infer<typeof editRequestSchema>;
export type DaemonEvent = z.infer<typeof eventSchema>;
export type EventEnvelope = z.infer<typeof eventEnvelopeSchema>;
export type Preview = z.infer<typeof previewSchema>;
