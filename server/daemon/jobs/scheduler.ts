import { PixelsError } from "../../protocol/errors.ts";
import { isEnded, type Job, type JobResult, type Priority, type Progress, type Waiting } from "../../protocol/job.ts";
import type { Preview } from "../../protocol/events.ts";
import type { Clock } from "../clock.ts";
import { ActiveRun } from "./active-run.ts";
import { cancelled, deadlineExceeded, dependencyEnded, interrupted } from "./ends.ts";
import type { Queued } from "./fair-queue.ts";
import { type JobRecord, toJob } from "./record.ts";
import { retriedWith } from "./retry.ts";
import { type Blocked, Detached, isBlocked, type Lease, type Need, type Runner, TryAgain } from "./runner.ts";
import type { JobStore } from "./store.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** Daemons that may die while a job runs before the job is taken for the cause. */
const allowedInterruptions = 5;

/** Milliseconds until the store is asked again after it failed: the disk may be full for a while. */
const storePause = 2000;

/** What the scheduler keeps of a job that has not ended; everything else stays in the store. */
interface Entry extends Queued {
  readonly id: string;
  need: Need;
  readonly kind: Job["kind"];
  readonly title: string;
  priority: Priority;
  paused: boolean;
  /** Jobs that must succeed first. */
  readonly unmet: Set<string>;
  run: ActiveRun | null;
  /** Settles when the run's end is stored. */
  settled: Promise<void> | null;
  /** How it ends if its runner does not succeed: a cancel or a deadline came in between. */
  verdict: PixelsError | null;
  /** Attempts in a row that failed through no fault of the job. */
  tries: number;
  backoff: Waiting | null;
  readonly timers: Map<"deadline" | "backoff", () => void>;
}

export interface SchedulerOptions {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly runners: { readonly [K in Job["kind"]]: Runner };
  /** This job's state is not what it was. */
  changed(id: string): void;
  queuePaused(paused: boolean): void;
  publishProgress(job: string, progress: Progress): void;
  publishPreview(preview: Preview): void;
  log(level: "info" | "warn" | "error", message: string): void;
}

/** Decides what runs when, and sees to it that every job ends once. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #store: JobStore;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** By the job they wait for. */
  readonly #dependants = new Map<string, Set<Entry>>();
  readonly #room = new WaitingRoom<Entry>();
  readonly #running = new Set<Entry>();
  /** Runs that have not let go of what they hold, some of them of jobs that have ended. */
  readonly #runs = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #wake: NodeJS.Immediate | null = null;
  #paused: boolean;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#clock = options.clock;
    this.#paused = this.#store.setting("queue-paused") === "1";
  }

  get paused(): boolean {
    return this.#paused;
  }

  get counts(): { waiting: number; running: number } {
    return { waiting: this.#entries.size - this.#running.size, running: this.#running.size };
  }

  /** Takes up what an earlier daemon left. */
  load(): void {
    this.#store.recover();
    const records = [...this.#store.live()];
    for (const record of records) {
      if (record.interruptions >= allowedInterruptions) this.#endInStore(record.id, interrupted());
    }
    this.add(records.filter((record) => record.interruptions < allowedInterruptions));
  }

  /** Takes up jobs that the store already holds. */
  add(records: readonly JobRecord[]): void {
    for (const record of records) if (!this.#entries.has(record.id)) this.#enter(record);
    for (const record of records) this.#settleDependencies(record);
  }

  /** Looks for work once the present event is handled: a resource is free, or a job came. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    this.#wake ??= setImmediate(() => {
      this.#wake = null;
      try {
        this.#startWhatCan();
      } catch (error) {
        this.#options.log("error", `No job could be started: ${String(error)}`);
        this.#clock.after(storePause, () => this.wake());
      }
    });
  }

  pauseQueue(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#store.setSetting("queue-paused", paused ? "1" : "0");
    this.#paused = paused;
    this.#options.queuePaused(paused);
    this.#room.tellAll((entry) => this.#options.changed(entry.id));
    this.wake();
  }

  pause(id: string, paused: boolean): void {
    this.#store.setPaused(id, paused);
    const entry = this.#entries.get(id);
    if (!entry || entry.paused === paused) return;
    entry.paused = paused;
    this.#requeue(entry);
    this.#options.changed(id);
  }

  prioritize(id: string, priority: Priority): void {
    this.#store.setPriority(id, priority);
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#room.remove(entry);
    entry.priority = priority;
    this.#requeue(entry);
    this.#options.changed(id);
  }

  /** Ends the job as cancelled, with what depends on it; settles when it has ended. */
  async cancel(id: string): Promise<void> {
    await this.#stop(id, cancelled());
  }

  /** Makes a job that failed or was cancelled wait again, with the jobs that it needs and that ended with it. */
  retry(id: string): void {
    const record = this.#store.get(id);
    if (!record) return;
    const ids = retriedWith(record, this.#store.group(record.group));
    this.#store.transaction(() => {
      for (const member of ids) this.#store.revive(member);
    });
    this.add(ids.flatMap((member) => this.#store.get(member) ?? []));
    for (const member of ids) this.#options.changed(member);
  }

  /** The record as clients see it now. */
  view(record: JobRecord): Job {
    const entry = this.#entries.get(record.id);
    return toJob(record, {
      progress: record.state === "running" ? (entry?.run?.latest ?? null) : null,
      waiting: record.state === "waiting" && entry ? this.#explain(entry) : null,
    });
  }

  /** Ids of the jobs that have not ended: the running ones, then the others in the order they will run. */
  order(limit: number): string[] {
    const ids = new Set<string>();
    const put = (entry: Entry): void => {
      if (ids.size >= limit || ids.has(entry.id)) return;
      ids.add(entry.id);
      for (const dependant of this.#dependants.get(entry.id) ?? []) put(dependant);
    };
    for (const entry of this.#running) put(entry);
    for (const entry of this.#room.order()) {
      if (ids.size >= limit) break;
      put(entry);
    }
    if (ids.size < limit) for (const entry of this.#entries.values()) put(entry);
    return [...ids];
  }

  /** Nothing runs, and what waits waits for a person. */
  get idle(): boolean {
    if (this.#runs.size > 0) return false;
    if (this.#paused) return true;
    // What waits for another job is stuck only if that one is, so the others tell.
    for (const entry of this.#entries.values()) if (!entry.paused && entry.unmet.size === 0) return false;
    return true;
  }

  /** Starts nothing more and lets the steps in hand end. True when all did within `drainMs`. */
  async stop(drainMs: number): Promise<boolean> {
    this.#stopping.abort(new Detached());
    if (this.#wake) clearImmediate(this.#wake);
    for (const entry of this.#entries.values()) clearTimers(entry);
    return await Promise.race([
      Promise.all(this.#runs).then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, drainMs, false).unref()),
    ]);
  }

  #enter(record: JobRecord): void {
    const entry: Entry = {
      id: record.id,
      seq: record.seq,
      kind: record.kind,
      title: record.title,
      client: record.client,
      get class() {
        return this.need.class;
      },
      need: this.#runner(record.kind).need(record),
      priority: record.priority,
      paused: record.paused,
      unmet: new Set(record.dependsOn),
      run: null,
      settled: null,
      verdict: record.cancelling ? cancelled() : null,
      tries: 0,
      backoff: null,
      timers: new Map(),
    };
    this.#entries.set(entry.id, entry);
    for (const id of entry.unmet) {
      const dependants = this.#dependants.get(id);
      if (dependants) dependants.add(entry);
      else this.#dependants.set(id, new Set([entry]));
    }
    if (record.deadlineAt !== null) {
      // Counted from now on a clock that cannot be set: only a restart looks at the wall clock again.
      const left = record.deadlineAt - this.#clock.now();
      this.#timer(entry, "deadline", left, () => {
        this.#stop(entry.id, deadlineExceeded()).catch((error: unknown) => {
          this.#options.log("error", `The deadline of job ${entry.id} was not stored: ${String(error)}`);
        });
      });
    }
  }

  /** What it depends on may have ended before it came here. */
  #settleDependencies(record: JobRecord): void {
    const entry = this.#entries.get(record.id);
    if (!entry) return;
    for (const id of entry.unmet) {
      if (this.#entries.has(id)) continue;
      const dependency = this.#store.get(id);
      if (dependency?.state === "succeeded") this.#meet(entry, id);
      else return this.#end(entry, dependencyEnded(dependency ?? { id, title: id, error: null }));
    }
    this.#requeue(entry);
  }

  #meet(entry: Entry, dependency: string): void {
    entry.unmet.delete(dependency);
    const dependants = this.#dependants.get(dependency);
    dependants?.delete(entry);
    if (dependants?.size === 0) this.#dependants.delete(dependency);
  }

  /** Puts the entry into its queue if nothing but a resource is missing, else takes it out. */
  #requeue(entry: Entry): void {
    this.#room.remove(entry);
    if (this.#waitsForWork(entry)) this.#room.add(entry);
    this.wake();
  }

  #waitsForWork(entry: Entry): boolean {
    return !entry.run && !entry.paused && !entry.backoff && entry.unmet.size === 0;
  }

  #startWhatCan(): void {
    if (this.#paused || this.#stopping.signal.aborted) return;
    this.#room.offer(
      (entry) => this.#tryToStart(entry),
      (entry) => this.#options.changed(entry.id),
    );
  }

  #tryToStart(entry: Entry): Blocked | "left" | "started" {
    const record = this.#store.get(entry.id);
    if (!record || isEnded(record.state)) {
      this.#forget(entry);
      return "left";
    }
    let admission;
    try {
      admission = this.#runner(entry.kind).admit(record);
    } catch (error) {
      this.#end(entry, PixelsError.from(error, `Starting “${entry.title}”`));
      return "left";
    }
    if (isBlocked(admission)) return admission;
    try {
      this.#store.start(entry.id, this.#clock.now(), record.checkpoint === null);
    } catch (error) {
      admission.release();
      throw error;
    }
    this.#start(entry, record, admission);
    return "started";
  }

  #start(entry: Entry, record: JobRecord, lease: Lease): void {
    const run = new ActiveRun({
      job: entry.id,
      clock: this.#clock,
      stopping: this.#stopping.signal,
      save: (checkpoint) => {
        this.#store.setCheckpoint(entry.id, checkpoint);
        if (checkpoint.step === "prompt") this.#options.changed(entry.id);
      },
      publishProgress: (job, progress) => this.#options.publishProgress(job, progress),
      publishPreview: (preview) => this.#options.publishPreview(preview),
    });
    entry.run = run;
    this.#running.add(entry);
    if (entry.verdict) run.abort(entry.verdict);
    this.#options.changed(entry.id);
    const settled = this.#runner(entry.kind)
      .run(record, lease, run)
      .then(
        (result) => this.#insist(entry, () => this.#succeed(entry, result)),
        (error: unknown) => this.#insist(entry, () => this.#fail(entry, error)),
      )
      .finally(() => {
        lease.release();
        run.close();
        this.#runs.delete(settled);
        this.wake();
      });
    entry.settled = settled;
    this.#runs.add(settled);
  }

  /** A job's end must get into the store; where it cannot, as on a full disk, it is tried until it does. */
  async #insist(entry: Entry, store: () => void): Promise<void> {
    for (;;) {
      try {
        return store();
      } catch (error) {
        this.#options.log("error", `The end of job ${entry.id} was not stored: ${String(error)}`);
      }
      if (this.#stopping.signal.aborted) return;
      await new Promise<void>((resolve) => void this.#clock.after(storePause, resolve));
    }
  }

  #succeed(entry: Entry, result: JobResult): void {
    const dependants = [...(this.#dependants.get(entry.id) ?? [])];
    if (!this.#store.finish(entry.id, { state: "succeeded", result }, this.#clock.now())) return;
    this.#forget(entry);
    for (const dependant of dependants) {
      this.#meet(dependant, entry.id);
      this.#requeue(dependant);
      this.#options.changed(dependant.id);
    }
  }

  #fail(entry: Entry, error: unknown): void {
    // Ended from outside while its runner was still letting go.
    if (this.#entries.get(entry.id) !== entry) return;
    if (entry.verdict) return this.#end(entry, entry.verdict);
    if (error instanceof Detached || this.#stopping.signal.aborted) return;
    if (error instanceof TryAgain && entry.tries < error.limit) return this.#backOff(entry, error);
    const cause = error instanceof TryAgain ? error.error : PixelsError.from(error, `“${entry.title}”`);
    if (cause.code === "internal") this.#options.log("error", `Job ${entry.id}: ${stackOf(error)}`);
    this.#end(entry, cause);
  }

  #backOff(entry: Entry, again: TryAgain): void {
    this.#store.requeue(entry.id, null);
    const record = this.#store.get(entry.id);
    if (record) entry.need = this.#runner(entry.kind).need(record);
    const seconds = Math.min(30, 2 ** entry.tries);
    entry.tries++;
    entry.run = null;
    this.#running.delete(entry);
    entry.backoff = {
      reason: "backoff",
      detail: `Tried again in ${seconds} s: ${again.error.message}`,
      ...(again.error.remedy !== undefined && { remedy: again.error.remedy }),
    };
    this.#timer(entry, "backoff", seconds * 1000, () => {
      entry.backoff = null;
      this.#requeue(entry);
    });
    this.#options.changed(entry.id);
  }

  /** Cancel and deadline: at once when the job waits, else as soon as its step can be left. */
  async #stop(id: string, verdict: PixelsError): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const mustFinish = this.#runner(entry.kind).finishesWhenCancelled;
    if (mustFinish && (entry.run || this.#store.get(id)?.checkpoint)) {
      entry.verdict ??= verdict;
      this.#store.setCancelling(id);
      entry.run?.abort(entry.verdict);
      // It began under an earlier daemon: only its runner knows how far it got, so it runs even if paused.
      if (!entry.run) this.pause(id, false);
      await entry.settled;
      return;
    }
    // The engine is told meanwhile: the job's end does not hang on its answer.
    const { run } = entry;
    this.#end(entry, verdict);
    run?.abort(verdict);
  }

  /** Ends a job without success, and with it everything that depends on it. */
  #end(entry: Entry, error: PixelsError): void {
    const ends = [{ entry, error }];
    for (const end of ends) {
      for (const dependant of this.#dependants.get(end.entry.id) ?? []) {
        const { id, title } = end.entry;
        ends.push({ entry: dependant, error: dependencyEnded({ id, title, error: end.error.toInfo() }) });
      }
    }
    this.#store.transaction(() => {
      for (const end of ends) this.#endInStore(end.entry.id, end.error);
    });
    for (const end of ends) this.#forget(end.entry);
  }

  #endInStore(id: string, error: PixelsError): void {
    const state = error.code === "cancelled" ? "cancelled" : "failed";
    this.#store.finish(id, { state, error: error.toInfo() }, this.#clock.now());
    this.#options.changed(id);
  }

  #forget(entry: Entry): void {
    this.#room.remove(entry);
    clearTimers(entry);
    for (const id of entry.unmet) this.#meet(entry, id);
    this.#dependants.delete(entry.id);
    this.#entries.delete(entry.id);
    this.#running.delete(entry);
    this.#options.changed(entry.id);
  }

  #explain(entry: Entry): Waiting | null {
    if (entry.paused) return { reason: "pause", detail: "This job is paused", remedy: "Resume it." };
    for (const id of entry.unmet) {
      const title = this.#entries.get(id)?.title ?? id;
      return { reason: "dependency", detail: `Waits for “${title}” to finish` };
    }
    if (this.#paused) return { reason: "pause", detail: "The queue is paused", remedy: "Resume the queue." };
    if (entry.backoff) return entry.backoff;
    return this.#room.reason(entry) ?? { reason: "resource", detail: "Waits for its turn" };
  }

  #timer(entry: Entry, name: "deadline" | "backoff", milliseconds: number, call: () => void): void {
    entry.timers.get(name)?.();
    const cancel = this.#clock.after(milliseconds, () => {
      entry.timers.delete(name);
      call();
    });
    entry.timers.set(name, cancel);
  }

  #runner(kind: Job["kind"]): Runner {
    return this.#options.runners[kind];
  }
}

function clearTimers(entry: Entry): void {
  for (const cancel of entry.timers.values()) cancel();
  entry.timers.clear();
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
