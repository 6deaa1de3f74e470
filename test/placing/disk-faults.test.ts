import { execFile } from "node:child_process";
import { chmod, mkdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { placeSprite } from "../../server/bevy/place.ts";
import { undoPlacement } from "../../server/bevy/undo.ts";
import { TestProject } from "./project.ts";

const run = promisify(execFile);
const projects: TestProject[] = [];
const mounted: string[] = [];

async function mount(folder: string, options: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
  mounted.push(folder);
}

async function removeAll(): Promise<void> {
  for (const folder of mounted.splice(0).toReversed()) await run("umount", [folder]);
  await Promise.all(projects.splice(0).map((made) => made.remove()));
}
afterEach(removeAll);
afterAll(removeAll);

async function project(files: Record<string, string> = {}): Promise<TestProject> {
  const made = await TestProject.make(files);
  projects.push(made);
  return made;
}

/** Whether this user may mount file systems; the same faults are injected step by step in crash.test.ts. */
async function canMount(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const probe = await TestProject.make();
  try {
    await run("mount", ["-t", "tmpfs", "tmpfs", probe.workspace]);
    await run("umount", [probe.workspace]);
    return true;
  } catch {
    return false;
  } finally {
    await probe.remove();
  }
}
const mounts = await canMount();

/** Writes until nothing more fits but `left` bytes. */
async function fill(folder: string, left: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  await writeFile(join(folder, "filler"), Buffer.alloc(Math.max(0, bavail * bsize - left)));
}

describe.skipIf(!mounts)("on real file systems", () => {
  const manifest = '({\n    "hero.image": Image(path: "hero.png"),\n})\n';

  test("a full workspace: nothing changes, and the sprite comes when there is room", async () => {
    const game = await project();
    await mount(game.workspace, "size=512k");
    await game.write("assets/game.assets.ron", manifest);
    await fill(game.workspace, 12 << 10);
    const before = await game.tree();
    const input = await game.input({ manifest: game.ron("dragon.image") }, { width: 256, height: 64 });
    const context = game.context();
    const failed = await placeSprite(context, { ...input, prompt: "p".repeat(40_000) }).catch(
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({ code: "storage_full", remedy: expect.stringContaining("disk space") });
    expect(await game.tree()).toEqual(before);
    await game.write("filler", "");
    await placeSprite(context, input);
    await undoPlacement(context, context.id);
    expect(await game.tree()).toEqual({ ...before, filler: "" });
  });

  test("a full state folder: nothing changes", async () => {
    const game = await project({ "assets/sprites/dragon.png": "x".repeat(100_000) });
    await mount(join(game.root, "state"), "size=64k");
    const before = await game.tree();
    await expect(placeSprite(game.context(), await game.input({}, {}, { replace: true }))).rejects.toMatchObject({
      code: "storage_full",
    });
    expect(await game.tree()).toEqual(before);
    expect(await game.staged()).toEqual([]);
  });

  test("read-only assets: nothing changes, and the error says what to do", async () => {
    const game = await project();
    await mount(game.path("assets"), "size=512k");
    await game.write("assets/game.assets.ron", manifest);
    await run("mount", ["-o", "remount,ro", game.path("assets")]);
    const before = await game.tree();
    for (const path of ["dragon.png", "new/dragon.png"]) {
      const placing = placeSprite(game.context(), await game.input({ path, manifest: game.ron("dragon.image") }));
      await expect(placing).rejects.toMatchObject({
        code: "permission_denied",
        remedy: expect.stringContaining("read-only"),
      });
    }
    expect(await game.tree()).toEqual(before);
    expect(await game.staged()).toEqual([]);
  });

  test("assets on another file system than the workspace", async () => {
    const game = await project();
    await mount(game.path("assets"), "size=512k");
    await game.write("assets/game.assets.ron", manifest);
    const before = await game.tree();
    const context = game.context();
    await placeSprite(context, await game.input({ manifest: game.ron("dragon.image") }));
    expect(Object.keys(await game.tree())).toEqual([
      "assets/",
      "assets/game.assets.ron",
      "assets/sprites/",
      "assets/sprites/dragon.png",
      "pixels.lock",
    ]);
    await undoPlacement(context, context.id);
    expect(await game.tree()).toEqual(before);
  });
});

// Root may write everywhere, so only other users can see this.
test.skipIf(process.getuid?.() === 0)("a folder without permission to write: nothing changes", async () => {
  const game = await project({ "assets/sprites/x": "" });
  const before = await game.tree();
  await chmod(game.path("assets/sprites"), 0o555);
  try {
    await expect(placeSprite(game.context(), await game.input())).rejects.toMatchObject({ code: "permission_denied" });
    expect(await game.tree()).toEqual(before);
  } finally {
    await chmod(game.path("assets/sprites"), 0o755);
  }
});
