import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exchanges } from "../protocol/golden/samples.ts";
import type { DaemonEvent, EventEnvelope } from "../protocol/events.ts";
import { isEnded, type Job, type JobState } from "../protocol/job.ts";
import { Mirror, type Snapshot } from "./mirror.ts";

const sampleJob = exchanges["jobs.get"].result.job;
const states: JobState[] = ["waiting", "running", "succeeded", "failed", "cancelled"];

/** A daemon as small as can be: the truth that a mirror must arrive at. */
class Model {
  instance = 0;
  seq = 0;
  paused = false;
  jobs = new Map<string, Job>();
  log: EventEnvelope[] = [];

  /** As instances are: never the same twice. */
  get name(): string {
    return `instance ${this.instance}`;
  }

  publish(event: DaemonEvent): void {
    this.seq += 1;
    this.log.push({ instance: this.name, seq: this.seq, event });
    if (event.type === "job") this.jobs.set(event.job.id, event.job);
    if (event.type === "queue") this.paused = event.paused;
    if (event.type === "progress") {
      const job = this.jobs.get(event.job);
      if (job) this.jobs.set(job.id, { ...job, progress: event.progress });
    }
  }

  restart(): void {
    this.instance += 1;
    this.seq = 0;
    this.log = [];
  }

  snapshot(): Snapshot {
    const jobs = [...this.jobs.values()];
    const count = (wanted: (job: Job) => boolean) => jobs.filter(wanted).length;
    return {
      instance: this.name,
      seq: this.seq,
      paused: this.paused,
      jobs,
      total: {
        waiting: count(({ state }) => state === "waiting"),
        running: count(({ state }) => state === "running"),
        ended: count(({ state }) => isEnded(state)),
      },
      engines: [],
    };
  }
}

const jobEvent = (number: number, state: JobState): DaemonEvent => ({
  type: "job",
  job: { ...sampleJob, id: `job-${number}`, state, endedAt: isEnded(state) ? 1 : null },
});

const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant("job" as const), job: fc.nat(6), state: fc.constantFrom(...states) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("progress" as const),
        job: fc.nat(6),
        fraction: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("pause" as const), paused: fc.boolean() }) },
    // Delivers some event of the past, or of now: lost ones are those that never are.
    { weight: 16, arbitrary: fc.record({ do: fc.constant("deliver" as const), back: fc.nat(5) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("request snapshot" as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("deliver snapshot" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
  ),
  { maxLength: 120 },
);

describe("the mirror", () => {
  test("arrives at the daemon's state whatever is lost, doubled or out of order", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const model = new Model();
        const mirror = new Mirror();
        const onTheirWay: Snapshot[] = [];
        for (const step of all) {
          const seqBefore = mirror.instance === model.name ? mirror.seq : 0;
          if (step.do === "job") model.publish(jobEvent(step.job, step.state));
          else if (step.do === "pause") model.publish({ type: "queue", paused: step.paused });
          else if (step.do === "progress") {
            const progress = { stage: "sampling", fraction: step.fraction, step: null, steps: null, etaSeconds: null };
            model.publish({ type: "progress", job: `job-${step.job}`, progress });
          } else if (step.do === "deliver") {
            const envelope = model.log.at(-1 - step.back);
            if (envelope) mirror.receive(envelope);
          } else if (step.do === "request snapshot") onTheirWay.push(model.snapshot());
          else if (step.do === "deliver snapshot") {
            const snapshot = onTheirWay.shift();
            // Replies of a former instance die with its connection.
            if (snapshot && snapshot.instance === model.name) mirror.reset(snapshot);
          } else {
            model.restart();
            onTheirWay.length = 0;
          }
          // Within an instance it never goes back.
          if (mirror.instance === model.name) expect(mirror.seq).toBeGreaterThanOrEqual(seqBefore);
        }
        // The client's part: the newest event arrives, and snapshots follow while they are needed.
        const last = model.log.at(-1);
        if (last) mirror.receive(last);
        for (let tries = 0; mirror.needsSnapshot || mirror.instance !== model.snapshot().instance; tries++) {
          expect(tries).toBeLessThan(3);
          mirror.reset(model.snapshot());
        }
        const truth = model.snapshot();
        expect({ seq: mirror.seq, paused: mirror.paused }).toEqual({ seq: truth.seq, paused: truth.paused });
        expect(new Map(mirror.jobs)).toEqual(model.jobs);
        expect(mirror.totals).toEqual(truth.total);
      }),
      { numRuns: process.env["DGX_PIXELS_ROUNDS"] === "full" ? 20_000 : 500 },
    );
  });

  test("tells each event once, in order, and a snapshot when it jumped", () => {
    const model = new Model();
    const mirror = new Mirror();
    const first = model.snapshot();
    for (const number of [1, 2, 3, 4]) model.publish(jobEvent(number, "waiting"));
    const event = (seq: number) => model.log[seq - 1]?.event;
    const receive = (seq: number) => model.log.slice(seq - 1, seq).flatMap((envelope) => mirror.receive(envelope));

    expect(receive(1)).toEqual([]);
    expect(mirror.needsSnapshot).toBe(true);
    expect(mirror.reset(first)).toEqual([{ type: "snapshot" }, event(1)]);
    expect(receive(1)).toEqual([]);
    expect(receive(3)).toEqual([]);
    expect(mirror.needsSnapshot).toBe(true);
    expect(receive(2)).toEqual([event(2), event(3)]);
    expect(mirror.needsSnapshot).toBe(false);
    expect(receive(4)).toEqual([event(4)]);
  });

  test("tells what no snapshot holds, an edit and a farewell, even when the snapshot is later", () => {
    const model = new Model();
    const mirror = new Mirror();
    const farewell: DaemonEvent = { type: "daemon", state: "stopping", reason: "asked" };
    model.publish({ type: "queue", paused: true });
    model.publish(farewell);
    for (const envelope of model.log) mirror.receive(envelope);
    expect(mirror.reset(model.snapshot())).toEqual([{ type: "snapshot" }, farewell]);
  });

  test("counts what a snapshot does not list, and does not grow with every job that ends", () => {
    const mirror = new Mirror();
    const model = new Model();
    mirror.reset({ ...model.snapshot(), total: { waiting: 9000, running: 0, ended: 100 } });
    for (let number = 0; number < 600; number++) model.publish(jobEvent(number, "succeeded"));
    for (const envelope of model.log) mirror.receive(envelope);
    expect(mirror.jobs.size).toBe(500);
    expect(mirror.totals).toEqual({ waiting: 9000, running: 0, ended: 700 });
  });

  test("keeps each engine by its name", () => {
    const mirror = new Mirror();
    const { engines } = exchanges.snapshot.result;
    const snapshot = new Model().snapshot();
    mirror.reset({ ...snapshot, engines });
    const [engine] = engines;
    if (!engine) throw new Error("the sample has none");
    mirror.receive({
      instance: snapshot.instance,
      seq: 1,
      event: { type: "engine", engine: { ...engine, state: "ready" } },
    });
    expect([...mirror.engines.values()].map(({ state }) => state)).toEqual(["ready", "unreachable"]);
  });
});
