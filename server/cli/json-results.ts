import { z } from "zod";
import { engineModelsSchema, engineStatusSchema, findingSchema } from "../protocol/engine-info.ts";
import { jobSchema, placementSchema, spriteArtifactSchema } from "../protocol/job.ts";
import { requests } from "../protocol/requests.ts";
import { targetSchema } from "../protocol/sprite-request.ts";

const jobs = z.strictObject({ jobs: z.array(jobSchema) });

const problemSchema = z.strictObject({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  severity: z.enum(["error", "warning"]),
  code: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
});

const submitted = z.strictObject({
  jobs: z.array(jobSchema),
  /** Absolute paths that were written, each once. */
  files: z.array(z.string()),
});

const synced = z.strictObject({
  ...submitted.shape,
  sprites: z.array(
    z.strictObject({
      /** In the asset folder. */
      path: z.string(),
      prompt: z.string(),
      /** Where the directive stands: `src/main.rs:12:5`. */
      source: z.string(),
      state: z.enum(["missing", "fresh", "stale", "person", "other-engine"]),
      action: z.enum(["make", "pixels", "none", "skip"]),
      reason: z.string(),
    }),
  ),
  problems: z.array(problemSchema),
});

/** What `--json` prints as `result`, by command. */
export const jsonResults = {
  generate: submitted,
  batch: submitted,
  sync: synced,
  demo: z.strictObject({ folder: z.string(), sync: synced, generate: submitted }),
  pixelize: z.strictObject({ sprites: z.array(z.strictObject({ file: z.string(), ...spriteArtifactSchema.shape })) }),
  jobs,
  cancel: jobs,
  retry: jobs,
  use: submitted,
  show: z.union([
    z.strictObject({ source: z.string(), width: z.int(), height: z.int() }),
    z.strictObject({ job: z.string(), sprite: spriteArtifactSchema }),
  ]),
  undo: z.union([
    requests["sprites.undo"].result,
    z.strictObject({
      placements: z.array(
        z.strictObject({ placement: placementSchema, target: targetSchema, at: z.number(), undone: z.boolean() }),
      ),
    }),
  ]),
  models: z.strictObject({ engines: z.array(engineModelsSchema) }),
  doctor: z.strictObject({ findings: z.array(findingSchema) }),
  daemon: z.strictObject({
    running: z.boolean(),
    status: requests["daemon.status"].result.optional(),
    engines: z.array(engineStatusSchema).optional(),
  }),
} as const;

export type JsonResults = { readonly [C in keyof typeof jsonResults]: z.input<(typeof jsonResults)[C]> };
