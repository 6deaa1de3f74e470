import type { Progress } from "../../protocol/job.ts";
import type { Preview } from "../../protocol/events.ts";
import type { Clock } from "../clock.ts";
import type { Checkpoint } from "./record.ts";
import { Detached, type RunContext } from "./runner.ts";
import { Throttle } from "./throttle.ts";

const progressPerSecond = 10;
const previewsPerSecond = 4;

export interface ActiveRunOptions {
  readonly job: string;
  readonly clock: Clock;
  readonly stopping: AbortSignal;
  /** Persists a checkpoint. */
  save(checkpoint: Checkpoint): void;
  publishProgress(job: string, progress: Progress): void;
  publishPreview(preview: Preview): void;
}

/** One run of one job: what its runner may call, and what it has told so far. */
export class ActiveRun implements RunContext {
  readonly stopping: AbortSignal;
  readonly #options: ActiveRunOptions;
  readonly #controller = new AbortController();
  readonly #progress: Throttle<Progress>;
  readonly #previews: Throttle<Omit<Preview, "job">>;
  readonly #startedAt: number;
  #latest: Progress | null = null;

  constructor(options: ActiveRunOptions) {
    this.#options = options;
    this.stopping = options.stopping;
    this.#startedAt = options.clock.monotonic();
    this.#progress = new Throttle(options.clock, progressPerSecond, (progress) =>
      options.publishProgress(options.job, progress),
    );
    this.#previews = new Throttle(options.clock, previewsPerSecond, (preview) =>
      options.publishPreview({ job: options.job, ...preview }),
    );
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get latest(): Progress | null {
    return this.#latest;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  checkpoint(checkpoint: Checkpoint): void {
    this.signal.throwIfAborted();
    this.#options.save(checkpoint);
    if (this.stopping.aborted) throw new Detached();
  }

  progress(told: Pick<Progress, "stage" | "fraction"> & Partial<Progress>): void {
    const fraction = Math.min(1, Math.max(told.fraction, this.#latest?.fraction ?? 0));
    this.#latest = {
      stage: told.stage,
      fraction,
      step: told.step ?? null,
      steps: told.steps ?? null,
      etaSeconds: told.etaSeconds ?? this.#eta(fraction),
    };
    this.#progress.push(this.#latest);
  }

  preview(preview: Omit<Preview, "job">): void {
    this.#previews.push(preview);
  }

  close(): void {
    this.#progress.close();
    this.#previews.close();
  }

  /** Extrapolates the time so far; too early there is nothing to extrapolate from. */
  #eta(fraction: number): number | null {
    const elapsed = (this.#options.clock.monotonic() - this.#startedAt) / 1000;
    if (fraction < 0.05 || elapsed < 0.5) return null;
    return Math.round(((elapsed * (1 - fraction)) / fraction) * 10) / 10;
  }
}
