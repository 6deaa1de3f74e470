import { describe, expect, test } from "vitest";
import type { Change } from "../../server/client/mirror.ts";
import { type EngineKind, World } from "./world.ts";

/*
 * `kill -9` of each process at each state of a job. Afterwards, whoever died when: the job has ended once, its sprite
 * is there whole and once, and nothing runs or lies about that should not.
 */

/** Where a job is, by what a watcher hears of it. */
const states = {
  waiting: null,
  "handing over": (change, job) => isAt(change, job.make, /preparing|handing over|waiting in the engine/),
  sampling: (change, job) => isAt(change, job.make, /sampling|loading|reading/),
  "fetching the picture": (change, job) => isAt(change, job.make, /fetch|storing/),
  "making the pixels": (change, job) => isAt(change, job.make, /making the pixels/),
  placing: (change, job) => isAt(change, job.place, /placing/) || isRunning(change, job.place),
  ended: (change, job) => change?.type === "job" && change.job.id === job.place && change.job.endedAt !== null,
} satisfies Record<string, ((change: Change | null, job: { make: string; place: string }) => boolean) | null>;

const victims = ["daemon", "engine", "client"] as const;
const kinds: readonly EngineKind[] = ["comfyui", "embedded"];

function isAt(change: Change | null, job: string, stage: RegExp): boolean {
  return change?.type === "progress" && change.job === job && stage.test(change.progress.stage);
}

function isRunning(change: Change | null, job: string): boolean {
  return change?.type === "job" && change.job.id === job && change.job.state === "running";
}

const isFull = process.env["DGX_PIXELS_ROUNDS"] === "full";
const table = kinds.flatMap((kind) =>
  Object.entries(states).flatMap(([state, isThere]) => victims.map((victim) => ({ kind, state, isThere, victim }))),
);
/** Few on a person's machine: the daemon's deaths, where most can go wrong, and one of each other's. */
const chosen = isFull
  ? table
  : table.filter(
      ({ kind, state, victim }) =>
        (kind === "comfyui" && victim === "daemon" && state !== "ended" && state !== "fetching the picture") ||
        (state === "sampling" && victim !== "daemon"),
    );

describe.each(chosen)("$kind, $state: the $victim is killed", ({ kind, state, isThere, victim }) => {
  test("the job ends once, and so does its sprite", { timeout: 60_000 }, async () => {
    await using world = await World.start(kind);
    if (state === "waiting") await world.client.request("queue.pause", { paused: true });
    // Killed as soon as it is heard: before the submission is answered, if it comes to that.
    const first = world.submit("sprites/dragon.png");
    const { submitted, submitter } = await first;
    const [item] = submitted.items;
    const job = { make: item?.jobs[0] ?? "", place: item?.place ?? "" };
    if (isThere) {
      const isOver = (change: Change | null) =>
        (world.client.mirror.jobs.get(job.place)?.endedAt ?? null) !== null ||
        (change?.type === "job" && change.job.id === job.place && change.job.endedAt !== null);
      await world.hear((change) => isThere(change, job) || isOver(change));
    }
    await world.kill(victim, submitter);
    if (victim === "engine" && kind === "comfyui") await world.startEngine(0.4);
    if (victim === "daemon") await world.watch();
    if (state === "waiting") await world.client.request("queue.pause", { paused: false });

    const ended = await world.allEnded([job.make, job.place]);
    expect(ended.map(({ state: end, error }) => [end, error])).toEqual([
      ["succeeded", null],
      ["succeeded", null],
    ]);
    await world.check(ended);
    // The picture was made once, whoever followed it up.
    if (kind === "comfyui" && victim !== "engine") expect(await world.prompts()).toBe(1);
    await world.stop();
  });
});

test("two daemons' deaths in a row lose nothing of a queue", { timeout: 60_000 }, async () => {
  await using world = await World.start("comfyui", 0.2);
  const paths = ["a/1.png", "a/2.png", "b/3.png", "b/4.png"];
  const { submitted, submitter } = await world.submit(...paths);
  const jobs = submitted.items.map(({ jobs: [make = ""], place }) => ({ make, place: place ?? "" }));
  for (const round of [0, 2]) {
    const place = jobs[round]?.place ?? "";
    await world.hear(
      (change) => isRunning(change, place) || (world.client.mirror.jobs.get(place)?.startedAt ?? null) !== null,
    );
    await world.kill("daemon", submitter);
    await world.watch();
  }
  const ended = await world.allEnded(jobs.flatMap(({ make, place }) => [make, place]));
  expect(ended.map(({ state }) => state)).toEqual(ended.map(() => "succeeded"));
  await world.check(ended);
  expect(await world.prompts()).toBe(paths.length);
  await world.stop();
});
