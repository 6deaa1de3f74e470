import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SubmissionItem } from "../../protocol/requests.ts";
import { renderLock } from "../../project/lock.ts";
import {
  FakeClock,
  sampleItem,
  sampleRequest,
  sampleSprite,
  sampleSubmission,
  sampleTarget,
  temporaryFolder,
} from "../test-support.ts";
import { openDatabase } from "./database.ts";
import { formerRuns } from "./former-run.ts";
import type { JobRecord } from "./record.ts";
import { JobStore } from "./store.ts";
import { Submissions } from "./submission.ts";

let store: JobStore;
let added: JobRecord[];
let submissions: Submissions;
beforeEach(() => {
  store = new JobStore(openDatabase(":memory:").db);
  added = [];
  submissions = new Submissions({ store, clock: new FakeClock(), add: (records) => void added.push(...records) });
});
afterEach(() => store.close());

const target = sampleTarget("/game");

test("a sprite with a target is made, then placed", () => {
  const { group, items } = submissions.submit(sampleSubmission([sampleItem({ target })]), "ada");
  expect(added).toHaveLength(2);
  const [make, place] = added;
  expect(items).toEqual([{ joined: false, jobs: [make?.id], place: place?.id }]);
  expect(make).toMatchObject({ group, kind: "generate", workspace: "/game", target, client: "ada", dependsOn: [] });
  expect(place).toMatchObject({ group, kind: "place", title: "sprites/dragon.png", dependsOn: [make?.id] });
  expect(place?.input).toMatchObject({ from: { job: make?.id }, replace: false });
});

test("a seed is drawn once and kept; a seed that was asked for is used", () => {
  submissions.submit(
    sampleSubmission([sampleItem(), sampleItem({ request: sampleRequest({ seed: 2 ** 53 - 1 }) })]),
    "ada",
  );
  expect(added[0]?.seed).toBeGreaterThanOrEqual(0);
  expect(added[0]?.seed).toBeLessThan(2 ** 32);
  expect(added[1]?.seed).toBe(2 ** 53 - 1);
});

test("variants are jobs of one group with consecutive seeds, and are not placed", () => {
  const request = sampleRequest({ seed: 2 ** 53 - 2 });
  const { items } = submissions.submit(sampleSubmission([sampleItem({ request, target, variants: 4 })]), "ada");
  expect(added.map(({ seed }) => seed)).toEqual([2 ** 53 - 2, 2 ** 53 - 1, 0, 1]);
  expect(added.map(({ kind, title }) => [kind, title])).toEqual(
    [1, 2, 3, 4].map((n) => ["generate", `red dragon (${n})`]),
  );
  expect(items).toEqual([{ joined: false, jobs: added.map(({ id }) => id), place: null }]);
});

test("a repeated submission is the first one", () => {
  const submission = sampleSubmission([sampleItem({ target }), sampleItem()]);
  const first = submissions.submit(submission, "ada");
  expect(submissions.submit(submission, "ada")).toEqual(first);
  expect(added).toHaveLength(3);
});

function submit(change: Partial<SubmissionItem> = {}) {
  return submissions.submit(sampleSubmission([sampleItem({ target, ...change })]), "bob").items[0];
}

function submissionThat(onDisconnect: "keep" | "cancel") {
  return sampleSubmission([sampleItem({ target })], { onDisconnect });
}

describe("an equal request", () => {
  test("for the same target joins the one that is on its way", () => {
    const first = submit();
    expect(submit()).toEqual({ ...first, joined: true });
    expect(added).toHaveLength(2);
  });

  test("within one submission joins too", () => {
    const { items } = submissions.submit(sampleSubmission([sampleItem({ target }), sampleItem({ target })]), "ada");
    expect(items[1]).toEqual({ ...items[0], joined: true });
    expect(added).toHaveLength(2);
  });

  test.each([
    ["another target", { target: sampleTarget("/game", "sprites/knight.png") }],
    ["another workspace", { target: sampleTarget("/other") }],
    ["another prompt", { request: sampleRequest({ prompt: "blue dragon" }) }],
    ["replace", { replace: true }],
    ["no target", { target: null }],
    ["variants", { variants: 2 }],
    ["another engine", { prefer: "embedded" }],
  ] satisfies [string, Partial<SubmissionItem>][])("with %s does not", (_name, change) => {
    submit();
    expect(submit(change)?.joined).toBe(false);
  });

  test("does not join one that has ended", () => {
    const first = submit();
    for (const id of [...(first?.jobs ?? []), first?.place ?? ""]) store.finish(id, { state: "succeeded" }, 1);
    expect(submit()?.joined).toBe(false);
  });

  test("keeps the job for whoever wants it longest", () => {
    submissions.submit(submissionThat("cancel"), "ada");
    submissions.submit(submissionThat("cancel"), "bob");
    expect(store.disown("ada")).toEqual([]);
    submissions.submit(submissionThat("keep"), "eve");
    expect(store.disown("bob")).toEqual([]);
    submissions.submit(submissionThat("cancel"), "ada");
    expect(store.disown("ada")).toEqual([]);
  });
});

test("jobs of a client that wants them cancelled go with it", () => {
  submissions.submit(sampleSubmission([sampleItem({ target })], { onDisconnect: "cancel" }), "ada");
  expect(store.disown("ada").toSorted()).toEqual(added.map(({ id }) => id).toSorted());
});

test("a deadline counts from now on", () => {
  submissions.submit(sampleSubmission([sampleItem()], { deadlineMs: 1500 }), "ada");
  expect(added[0]?.deadlineAt).toBe(Date.UTC(2026, 0, 1) + 1500);
});

test("a picture is made a sprite, and placed when there is a target", () => {
  const options = { key: randomUUID(), priority: "normal", onDisconnect: "keep", deadlineMs: null } as const;
  const picture = { title: "knight", input: "/home/ada/knight.png", pixels: sampleRequest().pixels, replace: false };
  submissions.pixelize({ ...options, ...picture, target: null }, "ada");
  submissions.pixelize({ ...options, ...picture, key: randomUUID(), target }, "ada");
  expect(added.map(({ kind }) => kind)).toEqual(["pixelize", "pixelize", "place"]);
  expect(added[0]?.input).toMatchObject({ sources: "/home/ada/knight.png", request: null, engine: null });
});

test("a sprite that is there is placed, once while it is on its way", () => {
  const options = { priority: "high", onDisconnect: "keep", deadlineMs: null } as const;
  const sprite = sampleSprite();
  const place = () => submissions.place({ ...options, key: randomUUID(), sprite, target, replace: true }, "ada");
  const { items } = place();
  expect(items).toEqual([{ joined: false, jobs: [], place: added[0]?.id }]);
  expect(added[0]).toMatchObject({ kind: "place", priority: "high", seed: 7, input: { replace: true } });
  expect(place().items).toEqual([{ joined: true, jobs: [], place: added[0]?.id }]);
});

describe("with the sources of a former run", () => {
  const sources = ["b".repeat(64)];

  test("the pixel stage alone runs", () => {
    submissions.submit(sampleSubmission([sampleItem({ target, sources })]), "ada");
    expect(added.map(({ kind }) => kind)).toEqual(["pixelize", "place"]);
    expect(added[0]).toMatchObject({ seed: null, input: { sources, request: null, engine: null } });
  });

  test("what the lock says of them is carried on", async () => {
    const folder = await temporaryFolder();
    try {
      const here = { ...sampleTarget(folder.path), crate: "game", assetRoot: "game/assets" };
      await mkdir(join(folder.path, "game"));
      const entry = {
        request: "c".repeat(64),
        pixels: "d".repeat(64),
        sources,
        output: "e".repeat(64),
        seed: 42,
        engine: "comfyui" as const,
        model: "sdxl.safetensors",
        prompt: null,
      };
      await writeFile(
        join(folder.path, "game", "pixels.lock"),
        renderLock(new Map([["assets/sprites/dragon.png", entry]])),
      );
      const items = [sampleItem({ target: here, sources }), sampleItem({ target: here, sources: ["f".repeat(64)] })];
      const former = await formerRuns(items);
      submissions.submit(sampleSubmission(items), "ada", former);
      expect(added[0]).toMatchObject({
        seed: 42,
        input: { request: entry.request, seed: 42, engine: { kind: "comfyui", checkpoint: "sdxl.safetensors" } },
      });
      expect(added[2]).toMatchObject({ input: { request: null, engine: null } });
    } finally {
      await folder.remove();
    }
  });

  test("a lock that cannot be read is no hindrance", async () => {
    const items = [sampleItem({ target: sampleTarget("/nowhere/at/all"), sources })];
    expect(await formerRuns(items)).toEqual(new Map());
  });
});
