import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sampleRequest, sampleSprite, sampleTarget } from "../test-support.ts";
import { openDatabase } from "./database.ts";
import type { NewJob } from "./record.ts";
import { JobStore } from "./store.ts";

let store: JobStore;
beforeEach(() => {
  store = new JobStore(openDatabase(":memory:").db);
});
afterEach(() => store.close());

function job(change: Partial<NewJob> = {}): NewJob {
  return {
    id: randomUUID(),
    group: randomUUID(),
    kind: "generate",
    title: "red dragon",
    priority: "normal",
    client: "ada",
    workspace: null,
    target: null,
    input: { kind: "generate", request: sampleRequest(), prefer: "any" },
    dependsOn: [],
    seed: 2 ** 53 - 1,
    createdAt: 1000,
    deadlineAt: null,
    joinKey: null,
    ...change,
  };
}

function add(change: Partial<NewJob> = {}): string {
  const added = job(change);
  store.insert([added]);
  return added.id;
}

test("gives back what was stored", () => {
  const target = sampleTarget("/game");
  const added = job({ target, workspace: "/game", deadlineAt: 5000, dependsOn: [randomUUID()], priority: "high" });
  store.insert([added]);
  const { joinKey: _joinKey, ...facts } = added;
  expect(store.get(added.id)).toMatchObject({
    ...facts,
    seq: 1,
    state: "waiting",
    attempts: 0,
    result: null,
    error: null,
    checkpoint: null,
  });
  expect(store.get(randomUUID())).toBeNull();
});

test("an end is final", () => {
  const id = add();
  const error = { code: "cancelled", message: "x" } as const;
  expect(store.finish(id, { state: "cancelled", error }, 2000)).toBe(true);
  expect(store.finish(id, { state: "failed", error }, 3000)).toBe(false);
  store.start(id, 4000, true);
  store.setCheckpoint(id, { step: "placing", placement: randomUUID() });
  store.setPaused(id, true);
  store.setPriority(id, "low");
  store.setCancelling(id);
  expect(store.get(id)).toMatchObject({
    state: "cancelled",
    endedAt: 2000,
    checkpoint: null,
    paused: false,
    priority: "normal",
    cancelling: false,
  });
});

test("a clock that goes back changes no order, and no end comes before its start", () => {
  const first = add({ createdAt: 9000 });
  const second = add({ createdAt: 1000 });
  expect([...store.live()].map(({ id }) => id)).toEqual([first, second]);
  store.start(first, 8000, true);
  store.finish(first, { state: "failed" }, 2000);
  store.finish(second, { state: "failed" }, 1);
  expect(store.get(first)).toMatchObject({ startedAt: 9000, endedAt: 9000 });
  expect(store.get(second)).toMatchObject({ endedAt: 1000 });
  expect(store.latestEnded(10).map(({ id }) => id)).toEqual([second, first]);
});

test("what ran under a daemon that died counts as interrupted, unless it said goodbye", () => {
  store.setSetting("clean-stop", "0");
  const id = add();
  store.start(id, 2000, true);
  store.recover();
  expect(store.get(id)).toMatchObject({ state: "waiting", interruptions: 1, attempts: 1 });
  store.start(id, 3000, false);
  store.setSetting("clean-stop", "1");
  store.recover();
  expect(store.get(id)).toMatchObject({ state: "waiting", interruptions: 1, attempts: 1, startedAt: 2000 });
  expect(store.setting("clean-stop")).toBe("0");
});

test("a retried job keeps its images and forgets its prompt and its deadline", () => {
  const hash = "a".repeat(64);
  const engine = { kind: "embedded", name: "embedded", checkpoint: null, ignored: [], notes: [] } as const;
  const withImages = add({ deadlineAt: 3000 });
  const withPrompt = add();
  store.setCheckpoint(withImages, {
    step: "images",
    sources: [hash],
    engine: { ...engine, ignored: [], notes: [] },
    request: null,
  });
  store.setCheckpoint(withPrompt, { step: "prompt", engine: "http://gpu", promptId: randomUUID() });
  for (const id of [withImages, withPrompt]) {
    store.start(id, 2000, true);
    store.finish(id, { state: "failed", error: { code: "engine_failed", message: "x" } }, 2500);
    store.revive(id);
  }
  expect(store.get(withImages)).toMatchObject({
    state: "waiting",
    checkpoint: { step: "images" },
    attempts: 2,
    deadlineAt: null,
    error: null,
    endedAt: null,
  });
  expect(store.get(withPrompt)).toMatchObject({ state: "waiting", checkpoint: null, attempts: 1 });
  expect(store.ended).toBe(0);
});

describe("lists", () => {
  test("pages through every job once, newest first", () => {
    const ids = Array.from({ length: 25 }, () => add({ workspace: "/game" })).toReversed();
    for (const id of ids.slice(0, 10)) store.finish(id, { state: "succeeded" }, 2000);
    for (const workspace of [null, "/game"]) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = store.list({ states: null, workspace, limit: 10, cursor });
        seen.push(...page.records.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== null);
      expect(seen).toEqual(ids);
    }
  });

  test("only the states and the workspace asked for", () => {
    const here = add({ workspace: "/game" });
    const ended = add({ workspace: "/game" });
    add({ workspace: "/other" });
    store.finish(ended, { state: "failed" }, 2000);
    const list = (states: ("waiting" | "failed")[] | null) =>
      store.list({ states, workspace: "/game", limit: 10, cursor: null }).records.map(({ id }) => id);
    expect(list(["waiting"])).toEqual([here]);
    expect(list(["failed"])).toEqual([ended]);
    expect(list(null)).toEqual([ended, here]);
  });
});

test("the history forgets its oldest, but nothing a live job needs", () => {
  const made = job();
  const needed = { ...made, title: "needed" };
  store.insert([needed, job({ group: needed.group, dependsOn: [needed.id], kind: "place" })]);
  store.finish(needed.id, { state: "succeeded" }, 1);
  store.transaction(() => {
    for (let i = 0; i < 22_001; i++) store.finish(add(), { state: "succeeded" }, 2);
  });
  expect(store.ended).toBeLessThan(22_000);
  expect(store.get(needed.id)).not.toBeNull();
});

test("a transaction is all or nothing", () => {
  expect(() =>
    store.transaction(() => {
      add();
      throw new Error("no");
    }),
  ).toThrow("no");
  expect([...store.live()]).toEqual([]);
});

test("a job goes when the last client that wants it goes", () => {
  const id = add();
  store.addOwner(id, "ada");
  store.addOwner(id, "bob");
  expect(store.owningClients().toSorted()).toEqual(["ada", "bob"]);
  expect(store.disown("ada")).toEqual([]);
  expect(store.disown("bob")).toEqual([id]);
  store.addOwner(id, "eve");
  store.keep(id);
  expect(store.disown("eve")).toEqual([]);
});

test("prompts that nobody waits for are known by their engine", () => {
  const [waited, stray, moved] = [randomUUID(), randomUUID(), randomUUID()];
  const [a, b, c] = [add(), add(), add()];
  store.setCheckpoint(a, { step: "prompt", engine: "http://gpu", promptId: waited });
  store.setCheckpoint(b, { step: "prompt", engine: "http://gpu", promptId: stray });
  store.setCheckpoint(c, { step: "prompt", engine: "http://gpu", promptId: moved });
  store.finish(b, { state: "cancelled" }, 2000);
  store.start(c, 2000, true);
  store.requeue(c, null);
  expect(store.strayPrompts("http://gpu").toSorted()).toEqual([stray, moved].toSorted());
  expect(store.strayPrompts("http://other")).toEqual([]);
  store.forgetPrompt(stray);
  store.forgetPromptsOf(c);
  expect(store.strayPrompts("http://gpu")).toEqual([]);
});

test("hashes in use are those of live jobs and of what they depend on", () => {
  const [reference, source, made, old] = ["1".repeat(64), "2".repeat(64), "3".repeat(64), "4".repeat(64)];
  const group = randomUUID();
  add({ input: { kind: "generate", request: sampleRequest({ reference }), prefer: "any" } });
  const busy = add();
  store.setCheckpoint(busy, {
    step: "images",
    sources: [source],
    engine: { kind: "file", name: "x", checkpoint: null, ignored: [], notes: [] },
    request: null,
  });
  const ended = add({ group, title: "made" });
  store.finish(ended, { state: "succeeded", result: { kind: "sprite", sprite: sampleSprite({ sprite: made }) } }, 2000);
  add({ group, kind: "place", dependsOn: [ended] });
  const gone = add();
  store.finish(gone, { state: "succeeded", result: { kind: "sprite", sprite: sampleSprite({ sprite: old }) } }, 2000);
  expect([...store.hashesInUse()].toSorted()).toEqual(expect.arrayContaining([reference, source, made]));
  expect(store.hashesInUse()).not.toContain(old);
});

test("locked hashes are kept by when they were last seen", () => {
  store.sawLocked(["a", "b"], 1000);
  store.sawLocked(["b", "c"], 2000);
  expect(store.lockedSince(1500)).toEqual(new Set(["b", "c"]));
});

test("a submission's reply is found by its key", () => {
  const reply = { group: randomUUID(), items: [{ joined: false, jobs: [randomUUID()], place: null }] };
  expect(store.reply("key")).toBeNull();
  store.saveReply("key", reply);
  expect(store.reply("key")).toEqual(reply);
});
