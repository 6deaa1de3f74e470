import type { Job } from "../../protocol/job.ts";

/** Jobs told of in one turn of the event loop, so that a large submission holds nothing else up. */
const toldPerTurn = 50;

/**
 * Tells of changed jobs, each whole and as it is when it is told: several changes in one turn are one event.
 * A job's events are in order, since each carries its latest state.
 */
export class JobEvents {
  readonly #changed = new Set<string>();
  readonly #read: (id: string) => Job | null;
  readonly #publish: (job: Job) => void;
  #turn: NodeJS.Immediate | null = null;

  constructor(read: (id: string) => Job | null, publish: (job: Job) => void) {
    this.#read = read;
    this.#publish = publish;
  }

  changed(id: string): void {
    this.#changed.add(id);
    this.#turn ??= setImmediate(() => this.#tell());
  }

  /** Tells of this job now if it changed, so that what is told next of it does not come before. */
  settle(id: string): void {
    if (this.#changed.delete(id)) this.#tellOf(id);
  }

  /** Tells what is left, before the daemon ends. */
  flush(): void {
    if (this.#turn) clearImmediate(this.#turn);
    this.#turn = null;
    this.#tellUpTo(Infinity);
  }

  #tell(): void {
    this.#turn = null;
    this.#tellUpTo(toldPerTurn);
    if (this.#changed.size > 0) this.#turn = setImmediate(() => this.#tell());
  }

  #tellUpTo(limit: number): void {
    let told = 0;
    for (const id of this.#changed) {
      if (told++ >= limit) return;
      this.#changed.delete(id);
      this.#tellOf(id);
    }
  }

  #tellOf(id: string): void {
    const job = this.#read(id);
    if (job) this.#publish(job);
  }
}
