import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SourceWatch, watchSources } from "./watch-sources.ts";

let folder: string;
let sources: SourceWatch | undefined;
let interrupt: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dgx-pixels-watch-"));
  await mkdir(join(folder, "my.game/src"), { recursive: true });
  await mkdir(join(folder, "assets/sprites"), { recursive: true });
  await symlink("..", join(folder, "assets/up"));
  interrupt = new AbortController();
});
afterEach(async () => {
  await sources?.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<SourceWatch> {
  sources = await watchSources(folder, interrupt.signal);
  return sources;
}

describe("a watch of the sources", () => {
  test.for(["my.game/src/main.rs", "assets/game.assets.ron", "pixels.toml", "assets/palette.gpl"])(
    "tells of a new %s, and of its end",
    async (path) => {
      const watched = await start();
      await writeFile(join(folder, path), "");
      await watched.next();
      await rm(join(folder, path));
      await watched.next();
    },
  );

  test("tells of a file that an editor puts in another's place", async () => {
    const file = join(folder, "my.game/src/main.rs");
    await writeFile(file, "old");
    const watched = await start();
    await writeFile(`${file}.tmp`, "new");
    await rename(`${file}.tmp`, file);
    await watched.next();
  });

  test("holds a change that comes while nobody waits, once", async () => {
    const watched = await start();
    await writeFile(join(folder, "pixels.toml"), "");
    await watched.next();
    let isTold = false;
    const again = watched.next().then(() => (isTold = true));
    await writeFile(join(folder, "assets/sprites/dragon.png"), "");
    await writeFile(join(folder, "pixels.lock"), "");
    // What is left out must not be told before this.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(isTold).toBe(false);
    interrupt.abort();
    await again;
  });

  test("ends at once when it was interrupted before", async () => {
    interrupt.abort();
    const watched = await start();
    await watched.next();
  });
});
