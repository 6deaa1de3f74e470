import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../jobs/database.ts";
import { JobStore } from "../jobs/store.ts";
import { FakeClock, settle, temporaryFolder } from "../test-support.ts";
import { ArtifactStore } from "./artifact-store.ts";
import { LockSightings } from "./lock-sightings.ts";
import { Upkeep } from "./upkeep.ts";

const day = 86_400_000;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: JobStore;
let artifacts: ArtifactStore;
let clock: FakeClock;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = new JobStore(openDatabase(":memory:").db);
  artifacts = await ArtifactStore.open(join(folder.path, "artifacts"));
  clock = new FakeClock();
});
afterEach(async () => {
  store.close();
  await folder.remove();
});

async function put(content: string): Promise<string> {
  const { hash, path } = await artifacts.put(Buffer.from(content));
  const longAgo = new Date(clock.now() - 200 * day);
  await utimes(path, longAgo, longAgo);
  return hash;
}

function upkeep(logged: string[] = []): Upkeep {
  const limits = () => ({ quotaGigabytes: 1e-12, keepDays: 90 });
  return new Upkeep({ store, artifacts, clock, limits, log: (_level, message) => logged.push(message) });
}

test("what a lock named in the last 90 days stays, then it goes", async () => {
  const [locked, loose] = [await put("locked"), await put("loose")];
  await mkdir(join(folder.path, "game"));
  const lock = join(folder.path, "game", "pixels.lock");
  await writeFile(lock, `["assets/x.png"]\nsource = "${locked}"\n`);
  const sightings = new LockSightings(store, clock);
  await sightings.look([
    { workspace: folder.path, crate: "game" },
    { workspace: "/nowhere", crate: "" },
  ]);
  const logged: string[] = [];
  const keeper = upkeep(logged);
  await keeper.run();
  expect([await artifacts.has(locked), await artifacts.has(loose)]).toEqual([true, false]);
  expect(logged.join()).toContain("Removed 1 old artifacts");

  clock.advance(60 * day);
  await sightings.lookAt(lock);
  clock.advance(60 * day);
  await keeper.run();
  expect(await artifacts.has(locked)).toBe(true);
  clock.advance(31 * day);
  await keeper.run();
  expect(await artifacts.has(locked)).toBe(false);
  keeper.close();
});

test("runs by itself, and no more once it is closed", async () => {
  const keeper = upkeep();
  const first = await put("first");
  clock.advance(60_000);
  await expect.poll(() => artifacts.has(first)).toBe(false);
  await settle();
  const second = await put("second");
  clock.advance(3_600_000);
  await expect.poll(() => artifacts.has(second)).toBe(false);
  await settle();
  keeper.close();
  const third = await put("third");
  clock.advance(3_600_000);
  await settle();
  expect(await artifacts.has(third)).toBe(true);
});

test("a failure is logged", async () => {
  const logged: string[] = [];
  const keeper = upkeep(logged);
  store.lockedSince = () => {
    throw new Error("no database");
  };
  clock.advance(60_000);
  await settle();
  expect(logged.join()).toContain("no database");
  keeper.close();
});
