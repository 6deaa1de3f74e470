import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { buildSchema } from "./requests.ts";

/** Where one pair of the daemon's sockets is bound: ROUTER for requests, PUB for events. */
export const addressesSchema = z.object({ requests: z.string(), events: z.string() });

/**
 * `endpoint.json` in the state folder: the only place a client learns the daemon's address from.
 * Unknown fields are allowed, since an older client must be able to read a newer daemon's file.
 */
export const endpointFileSchema = z.object({
  ...addressesSchema.shape,
  /** The sockets for other machines, when the daemon was asked to listen; `serverKey` is their CURVE key. */
  tcp: z.object({ ...addressesSchema.shape, serverKey: z.string() }).nullable(),
  pid: z.int().positive(),
  /** See `processStartTime`. */
  startTime: z.string().nullable(),
  instance: z.uuid(),
  /** What the daemon was started with, so that the one that takes over is started alike. */
  args: z.array(z.string()),
  build: z.object(buildSchema.shape),
  protocol: z.object({ major: z.int(), minor: z.int() }),
});

export type Addresses = z.infer<typeof addressesSchema>;
export type EndpointFile = z.infer<typeof endpointFileSchema>;

export function endpointFilePath(stateFolder: string): string {
  return join(stateFolder, "endpoint.json");
}

export function logFilePath(stateFolder: string): string {
  return join(stateFolder, "daemon.log");
}

/** The endpoint file's content; null when there is none, or none that can be read. */
export function readEndpointFile(stateFolder: string): EndpointFile | null {
  try {
    const parsed = endpointFileSchema.safeParse(JSON.parse(readFileSync(endpointFilePath(stateFolder), "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
