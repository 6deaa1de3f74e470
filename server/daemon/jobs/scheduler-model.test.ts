import { randomUUID } from "node:crypto";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PixelsError } from "../../protocol/errors.ts";
import { isEnded, type JobResult, type JobState, type Priority, priorityNames } from "../../protocol/job.ts";
import { FakeClock, rounds, sampleRequest, sampleTarget, settle, temporaryFolder } from "../test-support.ts";
import { openDatabase } from "./database.ts";
import type { JobRecord, NewJob } from "./record.ts";
import { type Lease, type Blocked, type RunContext, type Runner, TryAgain } from "./runner.ts";
import { Scheduler } from "./scheduler.ts";
import { JobStore } from "./store.ts";
import { Tokens } from "./tokens.ts";

/*
 * The scheduler and its store against a model that knows, of each job, only how it must stand.
 * Daemons are killed between any two steps: the scheduler is dropped and another opens the same database.
 */

const capacity = { engine: 2, place: 1 } as const;
const lostLimit = 2;

type Outcome = "succeed" | "fail" | "lost";
type Op =
  | { op: "submit"; client: string; priority: Priority; placed: boolean; deadline: boolean }
  | { op: "end"; pick: number; outcome: Outcome }
  | { op: "cancel" | "pause" | "resume" | "retry"; pick: number }
  | { op: "prioritize"; pick: number; priority: Priority }
  | { op: "queue"; paused: boolean }
  | { op: "wait"; seconds: number }
  | { op: "kill" | "restart" };

const pick = fc.nat({ max: 50 });
const operations: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("submit" as const),
      client: fc.constantFrom("ada", "bob", "eve"),
      priority: fc.constantFrom(...priorityNames),
      placed: fc.boolean(),
      deadline: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant("end" as const),
      pick,
      outcome: fc.constantFrom<Outcome>("succeed", "succeed", "fail", "lost"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom("cancel", "pause", "resume", "retry"), pick }) },
  fc.record({ op: fc.constant("prioritize" as const), pick, priority: fc.constantFrom(...priorityNames) }),
  fc.record({ op: fc.constant("queue" as const), paused: fc.boolean() }),
  fc.record({ op: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ op: fc.constantFrom("kill", "restart") }),
);

/** What must be true of one job. */
interface Expected {
  readonly id: string;
  readonly kind: "generate" | "place";
  readonly dependsOn: string | null;
  /** null while it has not ended. */
  end: JobState | null;
  /** It ended because the job it depends on did. */
  withDependency: boolean;
  deadlineAt: number | null;
  paused: boolean;
  /** It ran when it was looked at last. */
  ran: boolean;
  tries: number;
  interruptions: number;
}

interface Run {
  readonly record: JobRecord;
  readonly context: RunContext;
  readonly succeed: () => void;
  readonly fail: (error: unknown) => void;
}

/** Runs that end when they are told to. */
class ManualRunner implements Runner {
  readonly runs = new Map<string, Run>();
  readonly #tokens: Tokens;
  readonly #pool: "engine" | "place";
  readonly finishesWhenCancelled: boolean;

  constructor(pool: "engine" | "place", freed: () => void) {
    this.#pool = pool;
    this.finishesWhenCancelled = pool === "place";
    this.#tokens = new Tokens({ name: pool, count: capacity[pool], freed });
  }

  need() {
    return { pool: this.#pool, class: this.#pool };
  }

  admit(record: JobRecord): Lease | Blocked {
    return this.#tokens.take(record.title);
  }

  async run(record: JobRecord, _lease: Lease, context: RunContext): Promise<JobResult> {
    expect(this.runs.has(record.id), "one run at a time").toBe(false);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.runs.set(record.id, { record, context, succeed: resolve, fail: reject });
    const abort = (): void => reject(context.signal.reason);
    if (this.#pool === "place") {
      if (record.checkpoint === null) context.checkpoint({ step: "placing", placement: randomUUID() });
    }
    if (context.signal.aborted) abort();
    context.signal.addEventListener("abort", abort);
    try {
      await promise;
    } finally {
      this.runs.delete(record.id);
    }
    return { kind: "placed", placement: { id: record.id, files: [], manifestDiff: "", notes: [] } };
  }
}

/** One daemon's life. */
class Life {
  readonly store: JobStore;
  readonly scheduler: Scheduler;
  readonly generate: ManualRunner;
  readonly place: ManualRunner;
  readonly #close: () => void;

  constructor(path: string, clock: FakeClock) {
    const { db } = openDatabase(path);
    this.store = new JobStore(db);
    const freed = (): void => this.scheduler.wake();
    this.generate = new ManualRunner("engine", freed);
    this.place = new ManualRunner("place", freed);
    this.#close = () => db.close();
    this.scheduler = new Scheduler({
      store: this.store,
      clock,
      runners: { generate: this.generate, place: this.place, pixelize: this.generate },
      changed: () => undefined,
      queuePaused: () => undefined,
      publishProgress: () => undefined,
      publishPreview: () => undefined,
      log: (level, message) => expect.fail(`${level}: ${message}`),
    });
    this.scheduler.load();
  }

  get runs(): Run[] {
    return [...this.generate.runs.values(), ...this.place.runs.values()];
  }

  /** As `kill -9`: nothing is said, and what runs is never heard of again. */
  kill(): void {
    void this.scheduler.stop(0);
    this.#close();
  }

  async stop(): Promise<void> {
    await this.scheduler.stop(0);
    this.store.close();
  }
}

class World {
  readonly clock = new FakeClock();
  readonly expected = new Map<string, Expected>();
  readonly #path: string;
  life: Life;
  #submitted = 0;

  constructor(path: string) {
    this.#path = path;
    this.life = new Life(path, this.clock);
  }

  async do(op: Op): Promise<void> {
    const { scheduler } = this.life;
    const jobs = [...this.expected.values()];
    switch (op.op) {
      case "submit":
        this.#submit(op);
        break;
      case "end": {
        const { runs } = this.life;
        const run = runs[op.pick % Math.max(1, runs.length)];
        if (run) this.#end(run, op.outcome);
        break;
      }
      case "cancel": {
        const job = jobs[op.pick % Math.max(1, jobs.length)];
        if (!job) break;
        await scheduler.cancel(job.id);
        this.#expectEnd(job, "cancelled");
        break;
      }
      case "pause":
      case "resume": {
        const job = jobs[op.pick % Math.max(1, jobs.length)];
        if (!job) break;
        scheduler.pause(job.id, op.op === "pause");
        if (!job.end) job.paused = op.op === "pause";
        break;
      }
      case "retry": {
        const job = jobs[op.pick % Math.max(1, jobs.length)];
        if (!job || job.end === null || job.end === "succeeded") break;
        scheduler.retry(job.id);
        this.#expectRetry(job);
        break;
      }
      case "prioritize": {
        const job = jobs[op.pick % Math.max(1, jobs.length)];
        if (job) scheduler.prioritize(job.id, op.priority);
        break;
      }
      case "queue":
        scheduler.pauseQueue(op.paused);
        break;
      case "wait":
        this.clock.advance(op.seconds * 1000);
        this.#expectDeadlines();
        break;
      case "kill":
        for (const { record } of this.life.runs) this.#expectInterruption(record.id);
        for (const job of jobs) job.tries = 0;
        this.life.kill();
        this.life = new Life(this.#path, this.clock);
        this.#expectDeadlines();
        break;
      case "restart":
        for (const job of jobs) job.tries = 0;
        await this.life.stop();
        this.life = new Life(this.#path, this.clock);
        this.#expectDeadlines();
        break;
    }
    await settle();
    // A deadline that had passed before a restart fires once time goes on.
    this.clock.advance(0);
    await settle();
    this.check();
  }

  check(): void {
    const { store, scheduler, generate, place } = this.life;
    expect(generate.runs.size).toBeLessThanOrEqual(capacity.engine);
    expect(place.runs.size).toBeLessThanOrEqual(capacity.place);
    let waiting = 0;
    let running = 0;
    for (const job of this.expected.values()) {
      const record = store.get(job.id);
      expect(record, "no job is lost").not.toBeNull();
      if (!record) continue;
      if (job.end !== null) expect(record.state).toBe(job.end);
      else expect(isEnded(record.state)).toBe(false);
      const run = this.life.runs.find((one) => one.record.id === job.id);
      expect(record.state === "running").toBe(run !== undefined);
      // Cancelling a placing that was cut off needs its runner, paused or not.
      if (run && !job.ran && !record.cancelling) {
        expect(job.paused || scheduler.paused, "nothing starts while it is paused").toBe(false);
      }
      job.ran = run !== undefined;
      if (record.state === "waiting") waiting++;
      if (record.state === "running") running++;
      expect(record.endedAt === null).toBe(job.end === null);
      if (record.endedAt !== null) expect(record.endedAt).toBeGreaterThanOrEqual(record.startedAt ?? record.createdAt);
      if (job.dependsOn !== null && record.state === "running") {
        expect(this.expected.get(job.dependsOn)?.end, "a job runs after what it needs").toBe("succeeded");
      }
      const view = scheduler.view(record);
      expect(view.waiting !== null, "a waiting job says for what").toBe(record.state === "waiting");
      if (record.state === "waiting" && view.waiting) this.#checkReason(job, view.waiting.reason);
    }
    expect(scheduler.counts).toEqual({ waiting, running });
    const order = scheduler.order(1000);
    expect(order.length).toBe(waiting + running);
    expect(new Set(order).size).toBe(order.length);
    // Each end is stored once: their count only grows, but for what is retried.
    expect(store.ended).toBe([...this.expected.values()].filter(({ end }) => end !== null).length);
    const ends = store.latestEnded(1000).map(({ id }) => id);
    expect(new Set(ends).size).toBe(ends.length);
  }

  /** In the end everything is let go on, and every job must come to its end. */
  async finish(): Promise<void> {
    await this.do({ op: "queue", paused: false });
    for (const job of this.expected.values()) {
      this.life.scheduler.pause(job.id, false);
      if (!job.end) job.paused = false;
    }
    for (let i = 0; i < 1000 && [...this.expected.values()].some(({ end }) => end === null); i++) {
      await settle();
      const [run] = this.life.runs;
      if (run) this.#end(run, "succeed");
      else this.clock.advance(40_000);
      this.#expectDeadlines();
      await settle();
      this.check();
    }
    for (const { end } of this.expected.values()) expect(end).not.toBeNull();
    await this.life.stop();
  }

  #submit(op: Extract<Op, { op: "submit" }>): void {
    const group = randomUUID();
    const deadlineAt = op.deadline ? this.clock.now() + 60_000 : null;
    const make = this.#job(op, group, deadlineAt, null);
    const jobs = [make, ...(op.placed ? [this.#job(op, group, deadlineAt, make.id)] : [])];
    const { store, scheduler } = this.life;
    store.insert(jobs);
    scheduler.add(jobs.flatMap(({ id }) => store.get(id) ?? []));
    for (const { id, kind, dependsOn } of jobs) {
      this.expected.set(id, {
        id,
        kind: kind === "place" ? "place" : "generate",
        dependsOn: dependsOn[0] ?? null,
        end: null,
        withDependency: false,
        deadlineAt: deadlineAt === null ? null : this.clock.monotonic() + 60_000,
        paused: false,
        ran: false,
        tries: 0,
        interruptions: 0,
      });
    }
  }

  #job(op: Extract<Op, { op: "submit" }>, group: string, deadlineAt: number | null, from: string | null): NewJob {
    const target = sampleTarget("/game");
    return {
      id: randomUUID(),
      group,
      kind: from === null ? "generate" : "place",
      title: `job ${++this.#submitted}`,
      priority: op.priority,
      client: op.client,
      workspace: target.workspace,
      target,
      input:
        from === null
          ? { kind: "generate", request: sampleRequest(), prefer: "any" }
          : { kind: "place", target, from: { job: from }, replace: false },
      dependsOn: from === null ? [] : [from],
      seed: 1,
      createdAt: this.clock.now(),
      deadlineAt,
      joinKey: null,
    };
  }

  #end({ record, succeed, fail }: Run, outcome: Outcome): void {
    const job = this.expected.get(record.id);
    if (!job) return;
    if (outcome === "succeed") {
      succeed();
      job.end = "succeeded";
    } else if (outcome === "fail") {
      fail(new PixelsError({ code: "engine_failed", message: "no memory" }));
      this.#expectEnd(job, "failed");
    } else {
      fail(new TryAgain(new PixelsError({ code: "engine_lost", message: "gone" }), lostLimit));
      if (job.tries++ >= lostLimit) this.#expectEnd(job, "failed");
    }
  }

  #expectEnd(job: Expected, end: JobState): void {
    if (job.end !== null) return;
    job.end = end;
    for (const other of this.expected.values()) {
      if (other.dependsOn !== job.id || other.end !== null) continue;
      other.withDependency = true;
      this.#expectEnd(other, end);
    }
  }

  #expectDeadlines(): void {
    for (const job of this.expected.values()) {
      if (job.deadlineAt !== null && job.deadlineAt <= this.clock.monotonic()) this.#expectEnd(job, "failed");
    }
  }

  #expectInterruption(id: string): void {
    const job = this.expected.get(id);
    if (!job) return;
    if (++job.interruptions >= 5) this.#expectEnd(job, "failed");
  }

  #expectRetry(job: Expected): void {
    const again = new Set([job]);
    for (const member of again) {
      for (const other of this.expected.values()) {
        const isEndedBadly = other.end === "failed" || other.end === "cancelled";
        const goesAlong = other.id === member.dependsOn || (other.dependsOn === member.id && other.withDependency);
        if (isEndedBadly && goesAlong) again.add(other);
      }
    }
    for (const member of again) {
      Object.assign(member, {
        end: null,
        withDependency: false,
        deadlineAt: null,
        paused: false,
        tries: 0,
        interruptions: 0,
      });
    }
  }

  #checkReason(job: Expected, reason: string): void {
    if (job.paused) expect(reason).toBe("pause");
    else if (job.dependsOn !== null && this.expected.get(job.dependsOn)?.end !== "succeeded") {
      expect(reason).toBe("dependency");
    } else if (this.life.scheduler.paused) expect(reason).toBe("pause");
    else {
      expect(["resource", "backoff"]).toContain(reason);
      // Nothing waits for a resource that is free.
      const used = job.kind === "place" ? this.life.place.runs.size : this.life.generate.runs.size;
      if (reason === "resource") expect(used).toBe(capacity[job.kind === "place" ? "place" : "engine"]);
    }
  }
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

test("every job ends once, and runs only when it may, whatever happens in between", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operations, { maxLength: 60 }), async (list) => {
      const world = new World(join(folder.path, `${randomUUID()}.db`));
      for (const op of list) await world.do(op);
      await world.finish();
    }),
    { numRuns: rounds(60, 2000) },
  );
}, 120_000);
