import { rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { spriteOf, TestProject } from "../../test/placing/project.ts";
import { parseLock } from "../project/lock.ts";
import { parseSpritesJson } from "../project/sprites-json.ts";
import type { EditRequest } from "../protocol/events.ts";
import { lastPlacement, listPlacements } from "./history.ts";
import { placeSprite } from "./place.ts";
import { undoPlacement } from "./undo.ts";

const projects: TestProject[] = [];
async function project(files: Record<string, string | Uint8Array> = {}): Promise<TestProject> {
  const made = await TestProject.make({ "assets/sprites/keep.txt": "", ...files });
  projects.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(projects.splice(0).map((made) => made.remove()));
});

const manifest = `({
    "hero.image": Image(path: "sprites/hero.png")
})
`;

async function place(game: TestProject, name: string, color = 1): Promise<string> {
  const context = game.context();
  await placeSprite(
    context,
    await game.input({ path: `sprites/${name}.png`, manifest: game.ron(`${name}.image`) }, { color }),
  );
  return context.id;
}

describe("undo", () => {
  test("of a new sprite removes every trace of it", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const before = await game.tree();
    const context = game.context();
    await placeSprite(context, await game.input({ path: "a/b/c.png", manifest: game.ron("c.image") }));
    expect(await undoPlacement(context, context.id)).toEqual({
      placement: context.id,
      restored: [game.path("assets/game.assets.ron")],
      removed: [game.path("assets/a/b/c.png"), game.path("pixels.lock")],
    });
    expect(await game.tree()).toEqual(before);
    expect(await game.staged()).toEqual([]);
  });

  test("of a replacement restores the very bytes", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    await game.write("assets/sprites/dragon.png", (await spriteOf({ color: 9 })).png);
    const before = await game.tree();
    const context = game.context();
    await placeSprite(context, await game.input({}, {}, { replace: true }));
    const { restored } = await undoPlacement(context, context.id);
    expect(restored).toEqual([game.path("assets/sprites/dragon.png")]);
    expect(await game.tree()).toEqual(before);
  });

  test("twice reports the same and changes nothing more", async () => {
    const game = await project();
    const id = await place(game, "dragon");
    const first = await undoPlacement(game.context(), id);
    await game.write("assets/sprites/dragon.png", "a new file of mine");
    expect(await undoPlacement(game.context(), id)).toEqual(first);
    expect(await game.text("assets/sprites/dragon.png")).toBe("a new file of mine");
  });

  test("refuses when the sprite was changed since, and keeps the change when forced", async () => {
    const game = await project();
    const before = await game.tree();
    const id = await place(game, "dragon");
    const painted = (await spriteOf({ color: 5 })).png;
    await game.write("assets/sprites/dragon.png", painted);
    const changed = await game.tree();
    await expect(undoPlacement(game.context(), id)).rejects.toMatchObject({
      code: "conflict",
      message: `${game.path("assets/sprites/dragon.png")} was changed since it was placed`,
    });
    expect(await game.tree()).toEqual(changed);
    await undoPlacement(game.context(), id, { force: true });
    expect(await game.tree()).toEqual(before);
  });

  test("of the earlier of two placements of one sprite is a conflict until the later one is undone", async () => {
    const game = await project();
    const before = await game.tree();
    const [first, second] = [await place(game, "dragon", 1), await place(game, "dragon", 2)];
    await expect(undoPlacement(game.context(), first)).rejects.toMatchObject({ code: "conflict" });
    await undoPlacement(game.context(), second);
    await undoPlacement(game.context(), first);
    expect(await game.tree()).toEqual(before);
  });

  test("of the middle one of three takes out its own lines alone", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const [, middle] = [await place(game, "a"), await place(game, "b"), await place(game, "c")];
    await undoPlacement(game.context(), middle);
    expect(await game.text("assets/game.assets.ron")).toBe(`({
    "hero.image": Image(path: "sprites/hero.png"),
    "a.image": Image(path: "sprites/a.png"),
    "c.image": Image(path: "sprites/c.png")
})
`);
    expect([...parseLock(await game.text("pixels.lock")).keys()]).toEqual([
      "assets/sprites/a.png",
      "assets/sprites/c.png",
    ]);
  });

  test("keeps the person's own edits of other entries", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const first = await place(game, "a");
    const edited = (await game.text("assets/game.assets.ron")).replace('"hero.image"', '"knight.image"');
    await game.write("assets/game.assets.ron", edited);
    await undoPlacement(game.context(), first);
    expect(await game.text("assets/game.assets.ron")).toContain('"knight.image": Image(path: "sprites/hero.png")');
    expect(await game.text("assets/game.assets.ron")).not.toContain('"a.image"');
  });

  test("of an entry whose own line was changed is a conflict, with nothing changed", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const id = await place(game, "a");
    const text = await game.text("assets/game.assets.ron");
    await game.write("assets/game.assets.ron", text.replace('"sprites/a.png")', '"sprites/a.png", sampler: Nearest)'));
    const changed = await game.tree();
    await expect(undoPlacement(game.context(), id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("wrote in assets/game.assets.ron"),
    });
    expect(await game.tree()).toEqual(changed);
  });

  test("of an entry that the person took out already leaves the manifest alone", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const id = await place(game, "a");
    const without = manifest.replace("({", "({ // mine");
    await game.write("assets/game.assets.ron", without);
    await rm(game.path("pixels.lock"));
    const { removed, restored } = await undoPlacement(game.context(), id);
    expect({ removed, restored }).toEqual({ removed: [game.path("assets/sprites/a.png")], restored: [] });
    expect(await game.text("assets/game.assets.ron")).toBe(without);
  });

  test("of a lock entry that another run changed is a conflict", async () => {
    const game = await project();
    const id = await place(game, "a");
    await game.write("pixels.lock", (await game.text("pixels.lock")).replace("seed = 7", "seed = 8"));
    await expect(undoPlacement(game.context(), id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("wrote in pixels.lock"),
    });
  });

  test("of a manifest that an editor holds unsaved is that editor's to apply", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const before = await game.tree();
    const id = await place(game, "a");
    const placed = await game.text("assets/game.assets.ron");
    const asked: EditRequest[] = [];
    const context = game.context({
      editors: {
        unsavedBy: (path) => (path.endsWith(".ron") ? "editor-1" : null),
        apply: (edit) => Promise.resolve((asked.push(edit), "applied" as const)),
      },
    });
    await undoPlacement(context, id);
    const [edit] = asked[0]?.edits ?? [];
    expect(edit && placed.slice(0, edit.start) + edit.text + placed.slice(edit.end)).toBe(manifest);
    expect(await game.tree()).toEqual({ ...before, "assets/game.assets.ron": placed });
  });

  test("of an unknown placement says so", async () => {
    const game = await project();
    await expect(undoPlacement(game.context(), "00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("with a damaged copy changes nothing", async () => {
    const game = await project();
    await game.write("assets/sprites/dragon.png", (await spriteOf({ color: 9 })).png);
    const context = game.context();
    await placeSprite(context, await game.input({}, {}, { replace: true }));
    const placed = await game.tree();
    const { readdir, writeFile } = await import("node:fs/promises");
    for (const path of await readdir(game.backups, { recursive: true })) {
      if (/[0-9a-f]{64}$/.test(path)) await writeFile(join(game.backups, path), "damaged");
    }
    await expect(undoPlacement(context, context.id)).rejects.toMatchObject({ code: "storage_failed" });
    expect(await game.tree()).toEqual(placed);
  });

  test("follows no link that was put in the way since", async () => {
    const game = await project();
    const id = await place(game, "dragon");
    await rm(game.path("assets/sprites"), { recursive: true });
    await symlink(game.root, game.path("assets/sprites"));
    await expect(undoPlacement(game.context(), id)).rejects.toMatchObject({ code: "invalid_target" });
  });

  test("forbids placing the same placement again", async () => {
    const game = await project();
    const context = game.context();
    const input = await game.input();
    await placeSprite(context, input);
    await undoPlacement(context, context.id);
    await expect(placeSprite(context, input)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("history", () => {
  test("lists a workspace's placements, the latest first, whatever the clock said", async () => {
    const game = await project();
    const ids: string[] = [];
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const context = game.context({ now: 1000 - index });
      await placeSprite(context, await game.input({ path: `sprites/${name}.png` }));
      ids.push(context.id);
    }
    const last = ids.at(-1) ?? "";
    expect(await lastPlacement(game, game.workspace)).toBe(last);
    await undoPlacement(game.context(), last);
    expect(await lastPlacement(game, game.workspace)).toBe(ids[1]);
    const listed = await listPlacements(game, game.workspace, 2);
    expect(listed.map(({ placement, undone, at }) => [placement.id, undone, at])).toEqual([
      [last, true, 998],
      [ids[1], false, 999],
    ]);
    expect(listed[0]?.target.path).toBe("sprites/c.png");
    expect(await listPlacements(game, "/elsewhere", 2)).toEqual([]);
    expect(await lastPlacement(game, "/elsewhere")).toBeNull();
  });

  test("keeps the last 200 placements of a workspace", async () => {
    const game = await project();
    const first = await place(game, "a");
    const { mkdir, readdir } = await import("node:fs/promises");
    const [workspace = ""] = await readdir(game.backups);
    // Journals that were never written stand for placements.
    for (let number = 2; number <= 205; number++) {
      await mkdir(join(game.backups, workspace, `${String(number).padStart(10, "0")}-x${number}`));
    }
    await place(game, "b");
    expect((await readdir(join(game.backups, workspace))).length).toBe(201);
    await expect(undoPlacement(game.context(), first)).rejects.toMatchObject({ code: "not_found" });
    expect((await stat(game.path("assets/sprites/a.png"))).isFile()).toBe(true);
  });
});

function listedInput(game: TestProject, name: string) {
  const target = { path: `sprites/${name}.png`, manifest: { kind: "sprites-json" }, fps: 8 } as const;
  return game.input(target, { width: 16, columns: 2 });
}

describe("a project without a RON manifest", () => {
  test("lists its sprites in .sprites.json, and undo in any order leaves nothing", async () => {
    const game = await project();
    const before = await game.tree();
    const [a, b] = [game.context(), game.context()];
    const { files, manifestDiff } = await placeSprite(a, await listedInput(game, "a"));
    expect(files.map(({ role }) => role)).toEqual(["sprite", "sprites-json", "lock"]);
    expect(manifestDiff).toContain("+++ b/assets/.sprites.json");
    await placeSprite(b, await listedInput(game, "b"));
    expect(JSON.parse(await game.text("assets/.sprites.json"))).toEqual({
      version: 1,
      sprites: Object.fromEntries(
        ["a", "b"].map((name) => [
          `sprites/${name}.png`,
          { cell: { width: 8, height: 8 }, columns: 2, rows: 1, fps: 8 },
        ]),
      ),
    });
    await undoPlacement(a, a.id);
    expect(Object.keys(parseSpritesJson(await game.text("assets/.sprites.json")).sprites)).toEqual(["sprites/b.png"]);
    await undoPlacement(b, b.id);
    expect(await game.tree()).toEqual(before);
  });
});
