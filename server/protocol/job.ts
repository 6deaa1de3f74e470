import { z } from "zod";
import { errorSchema } from "./errors.ts";
import { hash, hexColor, pixelOptionsSchema, seed, spriteRequestSchema, targetSchema } from "./sprite-request.ts";

export const jobId = z.uuid();

/**
 * A job is `waiting` (for a resource, another job, or a paused queue), `running`, or in one of its three ends.
 * An end is final: `retry` makes a new attempt of the same job, counted in `attempts`.
 */
export const jobStateSchema = z.enum(["waiting", "running", "succeeded", "failed", "cancelled"]);

export const priorityNames = ["low", "normal", "high"] as const;
export const prioritySchema = z.enum(priorityNames);

export const progressSchema = z.strictObject({
  /** What happens now, in a person's words: "sampling", "waiting for the engine", "cutting out the background". */
  stage: z.string(),
  /** 0 … 1, never decreasing within an attempt. */
  fraction: z.number().min(0).max(1),
  step: z.int().min(0).nullable(),
  steps: z.int().min(0).nullable(),
  etaSeconds: z.number().min(0).nullable(),
});

export const waitingSchema = z.strictObject({
  /** `pause`: the queue or the job was paused by a person. `save`: an editor holds the manifest unsaved. */
  reason: z.enum(["engine", "resource", "dependency", "pause", "backoff"]),
  /** For what and for whom, in a person's words. */
  detail: z.string(),
  remedy: z.string().optional(),
});

/** One finished sprite: the engine's images it came from, and the sheet made of them. */
export const spriteArtifactSchema = z.strictObject({
  seed: seed.nullable(),
  /** Artifact hashes of the engine's images, row by row (direction, then frame). */
  sources: z.array(hash),
  /** Artifact hash of the PNG, and hash of its decoded RGBA. */
  sprite: hash,
  output: hash,
  width: z.int(),
  height: z.int(),
  cell: z.strictObject({ width: z.int(), height: z.int() }),
  columns: z.int(),
  rows: z.int(),
  palette: z.array(hexColor),
  /** 0 … 1: how sure the pixel stage is of the grid it found; null when it was told. */
  confidence: z.number().min(0).max(1).nullable(),
  warnings: z.array(z.string()),
  /** What made the source: `comfyui` with a checkpoint, or `embedded`. */
  engine: z.strictObject({
    kind: z.enum(["comfyui", "embedded", "file"]),
    name: z.string(),
    checkpoint: z.string().nullable(),
    /** Words of the prompt the engine did not understand (embedded engine only). */
    ignored: z.array(z.string()),
    /** Says when frames are transforms of one drawn sprite. */
    notes: z.array(z.string()),
  }),
  /** SHA-256 of what the engine got and of the pixel stage's options: `request` and `pixels` of pixels.lock. */
  request: hash.nullable(),
  pixels: hash,
});

/** What a finished placing wrote, each an absolute path. */
export const placementSchema = z.strictObject({
  id: z.uuid(),
  files: z.array(
    z.strictObject({ path: z.string(), role: z.enum(["sprite", "meta", "manifest", "lock", "sprites-json"]) }),
  ),
  /** Unified diff of the manifest, "" when there was nothing to change. */
  manifestDiff: z.string(),
  /** "manifest waits for your save": an editor applied the edit to an unsaved document. */
  notes: z.array(z.string()),
});

/** What a job is asked to do. Stored as it is, so that a restart can go on. */
export const jobInputSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("generate"),
    request: spriteRequestSchema,
    /** The kind of engine that must make it. */
    prefer: z.enum(["any", "embedded", "comfyui"]).default("any"),
  }),
  /** The pixel stage alone, over images that are already there: artifacts, or one file of the person's. */
  z.strictObject({
    kind: z.literal("pixelize"),
    sources: z.union([z.array(hash).min(1), z.string().startsWith("/")]),
    pixels: pixelOptionsSchema,
    /** Carried on to the lock when a sprite is made anew from its own source. */
    request: hash.nullable(),
    seed: seed.nullable(),
    engine: spriteArtifactSchema.shape.engine.nullable(),
  }),
  z.strictObject({
    kind: z.literal("place"),
    target: targetSchema,
    /** The job whose sprite is placed, or a sprite that is already there. */
    from: z.union([z.strictObject({ job: jobId }), z.strictObject({ sprite: spriteArtifactSchema })]),
    /** Replace a file that is the person's own. */
    replace: z.boolean(),
  }),
]);

export const jobResultSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("sprite"), sprite: spriteArtifactSchema }),
  z.strictObject({ kind: z.literal("placed"), placement: placementSchema }),
]);

export const jobSchema = z.strictObject({
  id: jobId,
  /** Jobs submitted together. */
  group: z.uuid(),
  kind: z.enum(["generate", "pixelize", "place"]),
  /** The prompt or file, short enough for a list. */
  title: z.string(),
  state: jobStateSchema,
  priority: prioritySchema,
  /** The client that submitted it, and the workspace it belongs to. */
  client: z.string(),
  workspace: z.string().nullable(),
  target: targetSchema.nullable(),
  dependsOn: z.array(jobId),
  attempts: z.int().min(0),
  paused: z.boolean(),
  /** Unix milliseconds. */
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  deadlineAt: z.number().nullable(),
  seed: seed.nullable(),
  engine: z.string().nullable(),
  progress: progressSchema.nullable(),
  waiting: waitingSchema.nullable(),
  result: jobResultSchema.nullable(),
  error: errorSchema.nullable(),
});

export type JobState = z.infer<typeof jobStateSchema>;
export type Priority = z.infer<typeof prioritySchema>;
export type Progress = z.infer<typeof progressSchema>;
export type Waiting = z.infer<typeof waitingSchema>;
export type SpriteArtifact = z.infer<typeof spriteArtifactSchema>;
export type Placement = z.infer<typeof placementSchema>;
export type JobInput = z.infer<typeof jobInputSchema>;
export type JobResult = z.infer<typeof jobResultSchema>;
export type Job = z.infer<typeof jobSchema>;

export function isEnded(state: JobState): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}
