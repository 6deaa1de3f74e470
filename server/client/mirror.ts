import type { EngineStatus } from "../protocol/engine-info.ts";
import type { DaemonEvent, EventEnvelope } from "../protocol/events.ts";
import { isEnded, type Job } from "../protocol/job.ts";
import type { Result } from "../protocol/requests.ts";

export type Snapshot = Result<"snapshot">;

/** What a listener hears: one event, or that everything may have changed. */
export type Change = DaemonEvent | { type: "snapshot" };

/** Ended jobs kept; a long-lived client must not grow with every job ever made. */
const maxEnded = 500;
/** Events held while a snapshot is on its way. */
const maxHeld = 10_000;

/**
 * The daemon's state as a client sees it: a snapshot, then events applied by their sequence numbers.
 * Whatever is lost, doubled or out of order, it never goes back and never skips: it asks for a new snapshot.
 */
export class Mirror {
  readonly #jobs = new Map<string, Job>();
  readonly #engines = new Map<string, EngineStatus>();
  /** Events that cannot be applied yet, by sequence number, all of `#heldInstance`. */
  readonly #held = new Map<number, DaemonEvent>();
  #heldInstance: string | null = null;
  #instance: string | null = null;
  #seq = 0;
  #paused = false;
  /** Jobs the daemon has beyond those listed in the last snapshot. */
  #unlisted = { waiting: 0, running: 0, ended: 0 };

  get jobs(): ReadonlyMap<string, Job> {
    return this.#jobs;
  }

  get engines(): ReadonlyMap<string, EngineStatus> {
    return this.#engines;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** The daemon's instance; null before the first snapshot. */
  get instance(): string | null {
    return this.#instance;
  }

  /** The last event that is applied. */
  get seq(): number {
    return this.#seq;
  }

  /** Whether events are held that only a new snapshot can connect to. */
  get needsSnapshot(): boolean {
    return this.#instance === null || this.#held.size > 0;
  }

  /** Every job the daemon knows of, those not listed included as of the last snapshot. */
  get totals(): { waiting: number; running: number; ended: number } {
    const totals = { ...this.#unlisted };
    for (const { state } of this.#jobs.values()) {
      totals[state === "waiting" || state === "running" ? state : "ended"] += 1;
    }
    return totals;
  }

  /** Takes one event and returns those that became true by it, in order. */
  receive({ instance, seq, event }: EventEnvelope): DaemonEvent[] {
    if (instance === this.#instance && seq <= this.#seq) return [];
    if (instance !== this.#heldInstance) {
      this.#held.clear();
      this.#heldInstance = instance;
    }
    this.#held.set(seq, event);
    if (this.#held.size > maxHeld) this.#held.delete(Math.min(...this.#held.keys()));
    return instance === this.#instance ? this.#applyHeld() : [];
  }

  /** Takes a snapshot and returns the events that follow it. One older than what is known is ignored. */
  reset(snapshot: Snapshot): Change[] {
    if (snapshot.instance === this.#instance && snapshot.seq < this.#seq) return this.#applyHeld();
    const changes: Change[] = [{ type: "snapshot" }];
    if (this.#heldInstance !== snapshot.instance) this.#held.clear();
    for (const [seq, event] of [...this.#held].toSorted(([a], [b]) => a - b)) {
      if (seq > snapshot.seq) continue;
      this.#held.delete(seq);
      // A snapshot does not hold these, so they are heard even when it is later than they are.
      if (event.type === "edit" || event.type === "daemon") changes.push(event);
    }

    this.#instance = snapshot.instance;
    this.#heldInstance = snapshot.instance;
    this.#seq = snapshot.seq;
    this.#paused = snapshot.paused;
    this.#jobs.clear();
    for (const job of snapshot.jobs) this.#jobs.set(job.id, job);
    this.#engines.clear();
    for (const engine of snapshot.engines) this.#engines.set(engine.id, engine);
    this.#unlisted = { waiting: 0, running: 0, ended: 0 };
    const listed = this.totals;
    for (const key of ["waiting", "running", "ended"] as const) {
      this.#unlisted[key] = Math.max(0, snapshot.total[key] - listed[key]);
    }
    return [...changes, ...this.#applyHeld()];
  }

  /** Applies held events as far as they follow without a gap. */
  #applyHeld(): DaemonEvent[] {
    const applied: DaemonEvent[] = [];
    for (;;) {
      const event = this.#held.get(this.#seq + 1);
      if (event === undefined) return applied;
      this.#seq += 1;
      this.#held.delete(this.#seq);
      this.#apply(event);
      applied.push(event);
    }
  }

  #apply(event: DaemonEvent): void {
    switch (event.type) {
      case "job":
        this.#jobs.set(event.job.id, event.job);
        if (isEnded(event.job.state)) this.#forgetOldest();
        return;
      case "progress": {
        const job = this.#jobs.get(event.job);
        if (job) this.#jobs.set(job.id, { ...job, progress: event.progress });
        return;
      }
      case "engine":
        this.#engines.set(event.engine.id, event.engine);
        return;
      case "queue":
        this.#paused = event.paused;
        return;
      case "edit":
      case "daemon":
        return;
    }
  }

  #forgetOldest(): void {
    const ended = [...this.#jobs.values()].filter((job) => isEnded(job.state));
    if (ended.length <= maxEnded) return;
    const [oldest] = ended.toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
    if (!oldest) return;
    this.#jobs.delete(oldest.id);
    this.#unlisted.ended += 1;
  }
}
