import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startEmbeddedServer } from "../../server/engine/embedded/server.ts";
import { sampleItem, sampleTarget, temporaryFolder, TestService } from "../../server/daemon/test-support.ts";
import { kill } from "../daemon/processes.ts";
import { World } from "./world.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let game: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  game = join(folder.path, "game");
  mkdirSync(join(game, "assets"), { recursive: true });
  writeFileSync(join(game, "Cargo.toml"), '[package]\nname = "game"\nversion = "0.1.0"\n');
});
afterEach(() => folder.remove());

test("a database damaged while no daemon ran is kept aside and said; work goes on", { timeout: 60_000 }, async () => {
  await using world = await World.start("comfyui", 0.1);
  const { pid } = await world.client.request("daemon.status", {});
  const { submitted, submitter } = await world.submit("sprites/before.png");
  await world.allEnded(submitted.items.flatMap(({ jobs, place }) => [...jobs, place ?? ""]));
  submitter.kill("SIGKILL");
  kill(pid, "SIGKILL");
  await expect.poll(() => world.client.state).toBe("reconnecting");
  for (const name of ["jobs.db", "jobs.db-wal"]) {
    const path = join(world.folders.state, name);
    if (!existsSync(path)) continue;
    const file = await open(path, "r+");
    await file.write(Buffer.alloc(32_768, 0x5a), 0, 32_768, 0);
    await file.close();
  }
  await world.watch();
  const { findings } = await world.client.request("doctor.run", {});
  expect(findings).toContainEqual(expect.objectContaining({ id: "state.database", severity: "warning" }));
  expect(readdirSync(world.folders.state).some((name) => /^jobs\.db\.corrupt-[^w]*$/.test(name))).toBe(true);
  const again = await world.submit("sprites/after.png");
  const ended = await world.allEnded(again.submitted.items.flatMap(({ jobs, place }) => [...jobs, place ?? ""]));
  expect(ended.map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
  expect(readdirSync(join(world.game, "assets", "sprites")).toSorted()).toEqual(["after.png", "before.png"]);
  await world.stop();
});

/** A file system of its own of 8 MB, where this user may mount one. */
function smallDisk(path: string): boolean {
  mkdirSync(path);
  return spawnSync("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", path]).status === 0;
}

test("a disk that is full ends no job twice and loses none; with space again everything goes on", async (context) => {
  const disk = join(folder.path, "disk");
  if (!smallDisk(disk)) return context.skip("this user may not mount a tmpfs; the in-process test covers artifacts");
  const engine = await startEmbeddedServer({ jobSeconds: 0.1 });
  mkdirSync(join(disk, "config"));
  writeFileSync(join(disk, "config", "config.toml"), `[[comfyui]]\nurl = "${engine.url}"\n`);
  const service = await TestService.start(disk);
  try {
    const { items } = await service.submit(sampleItem({ target: sampleTarget(game) }));
    const filler = await open(join(disk, "filler"), "w");
    await filler.write(Buffer.alloc(16 << 20)).catch(() => undefined);
    for (let size = 1 << 16; size >= 1; size >>= 1) await filler.write(Buffer.alloc(size)).catch(() => undefined);
    await filler.close();

    const refused = service.submit(...Array.from({ length: 2000 }, () => sampleItem()));
    await expect(refused).rejects.toMatchObject({ code: "storage_full", remedy: expect.any(String) });
    const { total } = await service.request("snapshot", {});
    expect(total.waiting + total.running + total.ended).toBe(2);

    rmSync(join(disk, "filler"));
    const [make, place] = [items[0]?.jobs[0] ?? "", items[0]?.place ?? ""];
    const first = await service.ended(make);
    // The artifact may have met the full disk: the job says so, and a retry makes it.
    if (first.state === "failed") {
      expect(first.error).toMatchObject({ code: "storage_full" });
      await service.request("jobs.retry", { id: make });
    }
    await service.until(() => service.told(place)?.state === "succeeded");
    expect(readdirSync(join(game, "assets", "sprites"))).toEqual(["dragon.png"]);
  } finally {
    await service.stop();
    await engine.close();
    spawnSync("/usr/bin/umount", [disk]);
  }
});

test("assets that cannot be written fail the placing alone, and say which", async (context) => {
  const service = await TestService.start(folder.path, {
    startEmbedded: async () => {
      const engine = await startEmbeddedServer();
      const { promise: exited, resolve } = Promise.withResolvers<void>();
      return { url: engine.url, pid: 0, exited, stop: () => engine.close().then(resolve) };
    },
  });
  const assets = join(game, "assets");
  // Also a superuser cannot write to a read-only mount.
  const isMounted =
    spawnSync("/usr/bin/mount", ["--bind", assets, assets]).status === 0 &&
    spawnSync("/usr/bin/mount", ["-o", "remount,bind,ro", assets]).status === 0;
  try {
    if (!isMounted) return context.skip("this user may not mount the assets read-only");
    const { items } = await service.submit(sampleItem({ target: sampleTarget(game) }));
    expect((await service.ended(items[0]?.jobs[0] ?? "")).state).toBe("succeeded");
    const place = await service.ended(items[0]?.place ?? "");
    expect(place).toMatchObject({ state: "failed", error: { code: "permission_denied", remedy: expect.any(String) } });
    expect(readdirSync(assets)).toEqual([]);
    expect(existsSync(join(game, "pixels.lock"))).toBe(false);
    spawnSync("/usr/bin/umount", [assets]);
    await service.request("jobs.retry", { id: place.id });
    await service.until(() => service.told(place.id)?.state === "succeeded");
  } finally {
    spawnSync("/usr/bin/umount", [assets]);
    await service.stop();
  }
});
