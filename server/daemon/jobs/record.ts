import { z } from "zod";
import type { ErrorInfo } from "../../protocol/errors.ts";
import {
  type Job,
  type JobInput,
  jobInputSchema,
  type JobResult,
  type JobState,
  type Priority,
  type Progress,
  spriteArtifactSchema,
  type Waiting,
} from "../../protocol/job.ts";
import { hash, type Target } from "../../protocol/sprite-request.ts";

/** How far a job is: the last step that need not be taken again after a restart. */
export const checkpointSchema = z.discriminatedUnion("step", [
  /** The engine was, or is about to be, asked: written before the POST, so that the prompt can be found again. */
  z.strictObject({ step: z.literal("prompt"), engine: z.string(), promptId: z.uuid() }),
  /** The engine's images are artifacts. */
  z.strictObject({
    step: z.literal("images"),
    sources: z.array(hash).min(1),
    engine: spriteArtifactSchema.shape.engine,
    request: hash.nullable(),
  }),
  /** A placement with this id has begun. */
  z.strictObject({ step: z.literal("placing"), placement: z.uuid() }),
]);

export type Checkpoint = z.infer<typeof checkpointSchema>;

/** A job as it is stored: what is true of it whichever daemon runs. */
export interface JobRecord {
  readonly seq: number;
  readonly id: string;
  readonly group: string;
  readonly kind: Job["kind"];
  readonly title: string;
  readonly state: JobState;
  readonly priority: Priority;
  readonly client: string;
  readonly workspace: string | null;
  readonly target: Target | null;
  readonly input: JobInput;
  readonly dependsOn: string[];
  readonly attempts: number;
  readonly interruptions: number;
  readonly paused: boolean;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly deadlineAt: number | null;
  readonly seed: number | null;
  readonly engine: string | null;
  readonly checkpoint: Checkpoint | null;
  readonly cancelling: boolean;
  readonly result: JobResult | null;
  readonly error: ErrorInfo | null;
}

/** What is needed to store a new job. */
export type NewJob = Pick<
  JobRecord,
  "id" | "group" | "kind" | "title" | "priority" | "client" | "workspace" | "target" | "input" | "dependsOn" | "seed"
> & { readonly createdAt: number; readonly deadlineAt: number | null; readonly joinKey: string | null };

/** The record as clients see it. */
export function toJob(record: JobRecord, live: { progress: Progress | null; waiting: Waiting | null }): Job {
  const { seq: _seq, input: _input, interruptions: _i, checkpoint: _c, cancelling: _cancelling, ...rest } = record;
  return { ...rest, progress: live.progress, waiting: live.waiting };
}

/** What was stored by another version of this program is checked before it is acted upon. */
export function parseInput(record: JobRecord): JobInput {
  return jobInputSchema.parse(record.input);
}
