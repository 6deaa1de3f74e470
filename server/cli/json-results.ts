import { z } from "zod";
import { engineModelsSchema, engineStatusSchema, findingSchema } from "../protocol/engine-info.ts";
import { errorSchema } from "../protocol/errors.ts";
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

/** What `--json` prints as `result`, by command. Published as docs/schemas/cli.schema.json. */
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

/** JSON Schema of everything `--json` prints. */
export function cliJsonSchema(): Record<string, unknown> {
  const options = { target: "draft-7", io: "output" } as const;
  const failure = z.strictObject({ ok: z.literal(false), error: errorSchema });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "dgx-pixels --json",
    description: "The document a command prints: its own definition when it is done, `failure` otherwise.",
    definitions: {
      failure: z.toJSONSchema(failure, options),
      ...Object.fromEntries(
        Object.entries(jsonResults).map(([command, result]) => [
          command,
          z.toJSONSchema(z.strictObject({ ok: z.literal(true), result }), options),
        ]),
      ),
    },
  };
}
