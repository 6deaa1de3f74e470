import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PixelsError } from "../../protocol/errors.ts";
import type { JobResult, Progress } from "../../protocol/job.ts";
import { FakeClock, sampleRequest, sampleTarget, settle } from "../test-support.ts";
import { openDatabase } from "./database.ts";
import type { NewJob } from "./record.ts";
import type { RunContext, Runner } from "./runner.ts";
import { TryAgain } from "./runner.ts";
import { Scheduler } from "./scheduler.ts";
import { JobStore } from "./store.ts";

const done: JobResult = { kind: "placed", placement: { id: randomUUID(), files: [], manifestDiff: "", notes: [] } };
const lost = new TryAgain(new PixelsError({ code: "engine_lost", message: "the engine lost it", remedy: "wait" }), 3);

/** Runs one job at a time with whatever `work` says. */
class OneAtATime implements Runner {
  work: (title: string, context: RunContext) => Promise<JobResult> = async () => done;
  readonly started: string[] = [];
  readonly finishesWhenCancelled: boolean;
  freed: () => void = () => undefined;
  #busy = false;

  constructor(finishesWhenCancelled = false) {
    this.finishesWhenCancelled = finishesWhenCancelled;
  }

  need() {
    return { pool: "one", class: "one" };
  }

  admit() {
    if (this.#busy) return { whole: true, waiting: { reason: "resource" as const, detail: "Waits" } };
    this.#busy = true;
    return {
      release: () => {
        this.#busy = false;
      },
    };
  }

  run(record: { title: string }, _lease: unknown, context: RunContext): Promise<JobResult> {
    this.started.push(record.title);
    return this.work(record.title, context);
  }
}

let store: JobStore;
let clock: FakeClock;
let runner: OneAtATime;
let placer: OneAtATime;
let scheduler: Scheduler;
let logged: string[];
let progressed: Progress[];
let previews: number;

beforeEach(() => {
  store = new JobStore(openDatabase(":memory:").db);
  clock = new FakeClock();
  start();
});
afterEach(async () => {
  await scheduler.stop(0);
  store.close();
});

function start(): void {
  runner = new OneAtATime();
  placer = new OneAtATime(true);
  logged = [];
  progressed = [];
  previews = 0;
  scheduler = new Scheduler({
    store,
    clock,
    runners: { generate: runner, pixelize: runner, place: placer },
    changed: () => undefined,
    queuePaused: () => undefined,
    publishProgress: (_job, progress) => progressed.push(progress),
    publishPreview: () => previews++,
    log: (_level, message) => logged.push(message),
  });
}

function add(title: string, change: Partial<NewJob> = {}): string {
  const job: NewJob = {
    id: randomUUID(),
    group: randomUUID(),
    kind: "generate",
    title,
    priority: "normal",
    client: "ada",
    workspace: null,
    target: null,
    input: { kind: "generate", request: sampleRequest(), prefer: "any" },
    dependsOn: [],
    seed: 1,
    createdAt: clock.now(),
    deadlineAt: null,
    joinKey: null,
    ...change,
  };
  store.insert([job]);
  scheduler.add([store.get(job.id)].flatMap((record) => record ?? []));
  return job.id;
}

function addPlace(): string {
  const target = sampleTarget("/game");
  return add("place", {
    kind: "place",
    target,
    input: { kind: "place", target, from: { job: randomUUID() }, replace: false },
  });
}

test("clients of one priority take turns", async () => {
  for (const title of ["a1", "a2", "a3"]) add(title, { client: "ada" });
  for (const title of ["b1", "b2"]) add(title, { client: "bob" });
  add("urgent", { client: "eve", priority: "high" });
  await settle();
  await settle();
  await settle();
  expect(runner.started).toEqual(["urgent", "a1", "b1", "a2", "b2", "a3"]);
  expect(scheduler.idle).toBe(true);
});

test("an attempt that failed through no fault of the job is made again, after pauses that grow, a few times", async () => {
  runner.work = async () => Promise.reject(lost);
  const id = add("job");
  const waits: number[] = [];
  let started = 0;
  for (let second = 0; second < 60; second++) {
    await settle();
    if (runner.started.length > started) waits.push(second);
    started = runner.started.length;
    const record = store.get(id);
    if (record?.state === "waiting") {
      expect(scheduler.view(record).waiting).toMatchObject({ reason: "backoff", remedy: "wait" });
      expect(scheduler.idle).toBe(false);
    }
    clock.advance(1000);
  }
  expect(waits).toEqual([0, 1, 3, 7]);
  expect(store.get(id)).toMatchObject({ state: "failed", attempts: 4, error: { code: "engine_lost" } });
});

test("a job during which daemons die again and again is given up", async () => {
  store.setSetting("clean-stop", "0");
  runner.work = () => new Promise(() => undefined);
  const id = add("poison");
  for (let death = 0; death < 5; death++) {
    await settle();
    expect(store.get(id)?.state).toBe("running");
    await scheduler.stop(0);
    start();
    runner.work = () => new Promise(() => undefined);
    scheduler.load();
  }
  await settle();
  expect(store.get(id)).toMatchObject({ state: "failed", error: { code: "internal" } });
  expect(runner.started).toEqual([]);
});

test("an end that cannot be stored is stored when it can be", async () => {
  const finish = store.finish.bind(store);
  let full = true;
  store.finish = (...args) => {
    if (full) throw new Error("database or disk is full");
    return finish(...args);
  };
  const id = add("job");
  await settle();
  expect(store.get(id)?.state).toBe("running");
  clock.advance(2000);
  await settle();
  expect(logged.join()).toContain("disk is full");
  full = false;
  clock.advance(2000);
  await settle();
  expect(store.get(id)?.state).toBe("succeeded");
  expect(runner.started).toEqual(["job"]);
});

test("a start that cannot be stored is tried again and holds nothing meanwhile", async () => {
  const startInStore = store.start.bind(store);
  let full = true;
  store.start = (...args) => {
    if (full) throw new Error("database or disk is full");
    startInStore(...args);
  };
  const id = add("job");
  await settle();
  expect(store.get(id)?.state).toBe("waiting");
  expect(logged.join()).toContain("disk is full");
  full = false;
  clock.advance(2000);
  await settle();
  expect(store.get(id)?.state).toBe("succeeded");
});

test("a runner that cannot take a job ends it", async () => {
  runner.admit = () => {
    throw new PixelsError({ code: "unknown_workflow", message: "no such workflow" });
  };
  const id = add("job");
  await settle();
  expect(store.get(id)).toMatchObject({ state: "failed", error: { code: "unknown_workflow" } });
});

test("an error of nobody's kind ends the job and is logged with its stack", async () => {
  runner.work = async () => Promise.reject(new TypeError("x is not a function"));
  const id = add("job");
  await settle();
  expect(store.get(id)).toMatchObject({ state: "failed", error: { code: "internal", cause: "x is not a function" } });
  expect(logged.join()).toContain("scheduler.test.ts");
});

test("a cancelled job ends at once, though its runner takes its time to let go", async () => {
  const release = Promise.withResolvers<JobResult>();
  runner.work = () => release.promise;
  const id = add("job");
  const next = add("next");
  await settle();
  await scheduler.cancel(id);
  expect(store.get(id)?.state).toBe("cancelled");
  expect(store.get(next)?.state).toBe("waiting");
  expect(scheduler.idle).toBe(false);
  runner.work = async () => done;
  release.resolve(done);
  await settle();
  expect(store.get(id)?.state).toBe("cancelled");
  expect(store.get(next)?.state).toBe("succeeded");
});

test("a cancelled placing comes to its own end: what was done stays done", async () => {
  placer.work = async (_title, context) => {
    context.checkpoint({ step: "placing", placement: randomUUID() });
    await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
    return done;
  };
  const id = addPlace();
  await settle();
  await scheduler.cancel(id);
  expect(store.get(id)?.state).toBe("succeeded");
});

test("a cancelled placing that takes everything back is cancelled, also when a daemon dies in between", async () => {
  placer.work = (_title, context) => {
    context.checkpoint({ step: "placing", placement: randomUUID() });
    return new Promise(() => undefined);
  };
  const id = addPlace();
  await settle();
  void scheduler.cancel(id);
  await settle();
  expect(store.get(id)).toMatchObject({ state: "running", cancelling: true });
  await scheduler.stop(0);
  start();
  placer.work = async (_title, context) => {
    context.signal.throwIfAborted();
    return done;
  };
  scheduler.load();
  await settle();
  expect(store.get(id)?.state).toBe("cancelled");
});

test("a deadline ends a waiting and a running job, and setting the clock moves it nowhere", async () => {
  runner.work = (_title, context) =>
    new Promise((_resolve, reject) => context.signal.addEventListener("abort", () => reject(context.signal.reason)));
  const running = add("running", { deadlineAt: clock.now() + 5000 });
  const waiting = add("waiting", { deadlineAt: clock.now() + 5000 });
  await settle();
  clock.setBack(3_600_000);
  clock.advance(4999);
  await settle();
  expect([store.get(running)?.state, store.get(waiting)?.state]).toEqual(["running", "waiting"]);
  clock.advance(1);
  await settle();
  for (const id of [running, waiting]) {
    expect(store.get(id)).toMatchObject({ state: "failed", error: { code: "deadline_exceeded" } });
  }
});

test("stopping leaves what runs to the next daemon, as it was stored", async () => {
  const arrived = Promise.withResolvers<void>();
  const placement = randomUUID();
  runner.work = async (_title, context) => {
    await arrived.promise;
    context.checkpoint({ step: "placing", placement });
    throw new Error("never reached: a checkpoint is where a stopping daemon leaves");
  };
  const id = add("job");
  const other = add("other");
  await settle();
  const stopping = scheduler.stop(1000);
  arrived.resolve();
  expect(await stopping).toBe(true);
  expect(store.get(id)).toMatchObject({ state: "running", checkpoint: { step: "placing", placement } });
  expect(store.get(other)?.state).toBe("waiting");
  start();
  scheduler.load();
  await settle();
  expect(runner.started).toEqual(["job", "other"]);
  expect(store.get(id)).toMatchObject({ state: "succeeded", attempts: 1 });
});

test("a step that does not end in time is left behind", async () => {
  runner.work = () => new Promise(() => undefined);
  add("job");
  await settle();
  expect(await scheduler.stop(10)).toBe(false);
});

test("progress moves forward only, ten times a second, with an estimate; previews four times", async () => {
  const finish = Promise.withResolvers<JobResult>();
  let context: RunContext | undefined;
  runner.work = (_title, own) => {
    context = own;
    return finish.promise;
  };
  add("job");
  await settle();
  for (let i = 0; i < 200; i++) {
    context?.progress({ stage: "sampling", fraction: i % 3 === 0 ? 0 : i / 400, step: i, steps: 200 });
    context?.preview({ mediaType: "image/jpeg", bytes: new Uint8Array(1) });
    clock.advance(10);
  }
  expect(progressed.length).toBeLessThanOrEqual(21);
  expect(previews).toBeLessThanOrEqual(9);
  const fractions = progressed.map(({ fraction }) => fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(progressed.at(-1)?.etaSeconds).toBeGreaterThan(0);
  finish.resolve(done);
  await settle();
});

test("a queue paused stays paused with the next daemon, and holds nobody from stopping", async () => {
  scheduler.pauseQueue(true);
  const id = add("job");
  await settle();
  const record = store.get(id);
  expect(record && scheduler.view(record).waiting).toMatchObject({ reason: "pause", remedy: expect.any(String) });
  expect(scheduler.idle).toBe(true);
  await scheduler.stop(0);
  start();
  scheduler.load();
  expect(scheduler.paused).toBe(true);
  scheduler.pauseQueue(false);
  await settle();
  expect(store.get(id)?.state).toBe("succeeded");
});

test("a job that needs one that is not known any more ends", async () => {
  const id = add("orphan", { dependsOn: [randomUUID()] });
  await settle();
  expect(store.get(id)).toMatchObject({ state: "cancelled", error: { code: "cancelled" } });
});

test("jobs are listed in the order they will run, each with what depends on it", async () => {
  scheduler.pauseQueue(true);
  const a1 = add("a1");
  const a2 = add("a2");
  const b1 = add("b1", { client: "bob" });
  const after = add("after a1", { dependsOn: [a1] });
  const paused = add("paused");
  scheduler.pause(paused, true);
  expect(scheduler.order(10)).toEqual([a1, after, b1, a2, paused]);
  expect(scheduler.order(2)).toEqual([a1, after]);
});
