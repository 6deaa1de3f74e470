import type { PixelsError } from "../../protocol/errors.ts";
import type { JobResult, Progress, Waiting } from "../../protocol/job.ts";
import type { Preview } from "../../protocol/events.ts";
import type { Checkpoint, JobRecord } from "./record.ts";

/** Which queue a job waits in. */
export interface Need {
  /** Jobs of one pool take turns for the same resource: `engine`, `cpu`, `place /home/ada/game`. */
  readonly pool: string;
  /** Jobs of one class are all admitted or all blocked. */
  readonly class: string;
}

/** A resource a job holds. Releasing it twice does nothing. */
export interface Lease {
  release(): void;
}

/** Why a job cannot start now; `whole` when no other job of its pool could either. */
export interface Blocked {
  readonly waiting: Waiting;
  readonly whole: boolean;
}

export interface RunContext {
  /** Aborted when the job was cancelled or its deadline passed. */
  readonly signal: AbortSignal;
  /** Aborted when the daemon stops: a step that another daemon can take up is left with `Detached`. */
  readonly stopping: AbortSignal;
  /** Remembers a step, before the next begins. Throws when the job is over or the daemon stops. */
  checkpoint(checkpoint: Checkpoint): void;
  progress(progress: Pick<Progress, "stage" | "fraction"> & Partial<Progress>): void;
  preview(preview: Omit<Preview, "job">): void;
}

/** How jobs of one kind are done. Every step of `run` may be repeated: it starts from `record.checkpoint`. */
export interface Runner<L extends Lease = Lease> {
  need(record: JobRecord): Need;
  /** Takes what the next step needs, or says what it waits for. */
  admit(record: JobRecord): L | Blocked;
  /** Releases the lease itself as soon as it is not needed; it is released in any case when this settles. */
  run(record: JobRecord, lease: L, context: RunContext): Promise<JobResult>;
  /** A cancelled job of this kind first comes to its own end, since half of it must not stay. */
  readonly finishesWhenCancelled: boolean;
}

export function isBlocked(admission: Lease | Blocked): admission is Blocked {
  return "waiting" in admission;
}

/** The daemon stops, and the job goes on with the next one. */
export class Detached extends Error {
  constructor() {
    super("The daemon is stopping");
    this.name = "Detached";
  }
}

/** The attempt failed through no fault of the job: it is queued again, after a pause that grows. */
export class TryAgain extends Error {
  readonly error: PixelsError;
  /** How often in a row before the job fails after all; `Infinity` when it waits as long as it takes. */
  readonly limit: number;

  constructor(error: PixelsError, limit: number) {
    super(error.message, { cause: error });
    this.name = "TryAgain";
    this.error = error;
    this.limit = limit;
  }
}
