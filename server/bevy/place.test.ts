import { mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { spriteOf, TestProject, watchedDisk } from "../../test/placing/project.ts";
import { decodeImage } from "../codec/decode.ts";
import { lockKey, parseLock } from "../project/lock.ts";
import type { EditRequest } from "../protocol/events.ts";
import { imageHash, sha256 } from "../protocol/hashing.ts";
import { readTextChunk } from "../sprite/png-text.ts";
import type { PlacingContext } from "./context.ts";
import { nodeDisk } from "./disk.ts";
import { placeSprite } from "./place.ts";

const projects: TestProject[] = [];
async function project(files: Record<string, string | Uint8Array> = {}): Promise<TestProject> {
  const made = await TestProject.make(files);
  projects.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(projects.splice(0).map((made) => made.remove()));
});

const manifest = `({
    // The hero.
    "hero.image": Image(path: "sprites/hero.png"), // by hand
})
`;

describe("a new sprite", () => {
  test("comes with manifest and lock, and the placement names all three", async () => {
    const game = await project({ "assets/game.assets.ron": manifest, "assets/sprites/hero.png": "hero" });
    const input = await game.input({ manifest: game.ron("dragon.image", "dragon.layout") }, { width: 16, columns: 2 });
    const context = game.context();
    const placement = await placeSprite(context, { ...input, prompt: "red dragon" });

    expect(placement.id).toBe(context.id);
    expect(placement.files).toEqual([
      { path: game.path("assets/sprites/dragon.png"), role: "sprite" },
      { path: game.path("assets/game.assets.ron"), role: "manifest" },
      { path: game.path("pixels.lock"), role: "lock" },
    ]);
    expect(placement.notes).toEqual([]);
    expect(placement.manifestDiff).toBe(`--- a/assets/game.assets.ron
+++ b/assets/game.assets.ron
@@ -1,4 +1,6 @@
 ({
     // The hero.
     "hero.image": Image(path: "sprites/hero.png"), // by hand
+    "dragon.image": Image(path: "sprites/dragon.png"),
+    "dragon.layout": TextureAtlasLayout(tile_size_x: 8, tile_size_y: 8, columns: 2, rows: 1),
 })
`);
    expect(imageHash(await decodeImage(await game.read("assets/sprites/dragon.png")))).toBe(input.sprite.output);
    expect(parseLock(await game.text("pixels.lock")).get(lockKey(input.target))).toEqual({
      request: input.sprite.request,
      pixels: input.sprite.pixels,
      sources: input.sprite.sources,
      output: input.sprite.output,
      seed: 7,
      engine: "comfyui",
      model: "sdxl/pixel.safetensors",
      prompt: "red dragon",
    });
    expect(await game.staged()).toEqual([]);
    expect(await game.text(".dgx-pixels/.gitignore")).toBe("*\n");
  });

  test("makes the manifest that is not there yet, and its diff says so", async () => {
    const game = await project();
    const input = await game.input({ manifest: game.ron("dragon.image") });
    const { manifestDiff } = await placeSprite(game.context(), input);
    expect(await game.text("assets/game.assets.ron")).toContain('"dragon.image": Image(path: "sprites/dragon.png")');
    expect(manifestDiff.startsWith("--- /dev/null\n+++ b/assets/game.assets.ron\n@@ -0,0 +1,3 @@\n+({\n")).toBe(true);
  });

  test("of a nested crate has its lock beside that crate's pixels.toml", async () => {
    const game = await project({ "crates/demo/pixels.toml": "" });
    await placeSprite(game.context(), await game.input({ crate: "crates/demo", assetRoot: "crates/demo/assets" }));
    expect(parseLock(await game.text("crates/demo/pixels.lock")).has("assets/sprites/dragon.png")).toBe(true);
  });

  test("waits after making a folder, and not in one that was there", async () => {
    const game = await project({ "assets/old/x": "" });
    const order: string[] = [];
    const madeAt = new Map<string, number>();
    const { disk } = watchedDisk(nodeDisk, async (_, name, run, [path, to]) => {
      if (name === "makeFolder") madeAt.set(String(path), performance.now());
      if (name === "rename" && String(to).endsWith(".png")) {
        const made = madeAt.get(join(String(to), ".."));
        order.push(made === undefined ? "at once" : performance.now() - made >= 145 ? "later" : "too early");
      }
      return run();
    });
    await placeSprite(game.context({ disk }), await game.input({ path: "old/a.png" }));
    // The second finds the folder there, and yet too new.
    await Promise.all([
      placeSprite(game.context({ disk }), await game.input({ path: "new/a.png" })),
      placeSprite(game.context({ disk }), await game.input({ path: "new/b.png" })),
    ]);
    expect(order).toEqual(["at once", "later", "later"]);
  });

  test("renames `.meta` before the PNG, the manifest after it and the lock last", async () => {
    const game = await project({ "assets/sprites/x": "" });
    const renamed: string[] = [];
    const { disk } = watchedDisk(nodeDisk, (_, name, run, [, to]) => {
      if (name === "rename" && String(to).startsWith(game.workspace)) renamed.push(String(to));
      return run();
    });
    const input = await game.input({ manifest: game.ron("dragon.image") });
    await placeSprite(game.context({ disk }), { ...input, meta: "(meta)" });
    expect(renamed).toEqual(
      ["assets/sprites/dragon.png.meta", "assets/sprites/dragon.png", "assets/game.assets.ron", "pixels.lock"].map(
        (path) => game.path(path),
      ),
    );
    expect(await game.text("assets/sprites/dragon.png.meta")).toBe("(meta)");
  });

  test("leaves a `.meta` of the person's as it is", async () => {
    const game = await project({ "assets/sprites/dragon.png.meta": "mine" });
    const { files } = await placeSprite(game.context(), { ...(await game.input()), meta: "(meta)" });
    expect(await game.text("assets/sprites/dragon.png.meta")).toBe("mine");
    expect(files.map(({ role }) => role)).toEqual(["sprite", "lock"]);
  });
});

describe("one placement", () => {
  test("that has ended is only reported again", async () => {
    const game = await project();
    const context = game.context();
    const input = await game.input({ manifest: game.ron("dragon.image") });
    const first = await placeSprite(context, input);
    await rm(game.path("assets/sprites/dragon.png"));
    expect(await placeSprite(context, input)).toEqual(first);
    await expect(stat(game.path("assets/sprites/dragon.png"))).rejects.toThrow("ENOENT");
  });

  test("of the same sprite again writes nothing, so that the game reloads nothing", async () => {
    const game = await project();
    const input = await game.input({ manifest: game.ron("dragon.image") });
    await placeSprite(game.context(), input);
    const before = await stat(game.path("assets/sprites/dragon.png"));
    expect(await placeSprite(game.context(), input)).toMatchObject({ files: [], manifestDiff: "", notes: [] });
    expect((await stat(game.path("assets/sprites/dragon.png"))).ino).toBe(before.ino);
  });

  test("cancelled before it writes leaves nothing, folders included", async () => {
    const game = await project();
    const before = await game.tree();
    const stop = new AbortController();
    const { disk } = watchedDisk(nodeDisk, (_, name, run, [path]) => {
      if (name === "makeFolder" && String(path).endsWith("sprites")) stop.abort();
      return run();
    });
    const placing = placeSprite(game.context({ disk }), await game.input({}, {}, { signal: stop.signal }));
    await expect(placing).rejects.toMatchObject({ code: "cancelled" });
    expect(await game.tree()).toEqual(before);
    expect(await game.staged()).toEqual([]);
  });

  test("keeps the permissions of what it replaces", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const { chmod } = await import("node:fs/promises");
    await chmod(game.path("assets/game.assets.ron"), 0o640);
    await placeSprite(game.context(), await game.input({ manifest: game.ron("dragon.image") }));
    expect((await stat(game.path("assets/game.assets.ron"))).mode & 0o777).toBe(0o640);
  });
});

describe("whose file it is", () => {
  test("a person's own file is replaced only when they say so, and what was generated freely", async () => {
    const game = await project();
    await game.write("assets/sprites/dragon.png", (await spriteOf({ color: 9 })).png);
    const before = await game.tree();
    const input = await game.input();
    await expect(placeSprite(game.context(), input)).rejects.toMatchObject({
      code: "conflict",
      message: "sprites/dragon.png is your own file",
      why: "pixels.lock does not list it.",
    });
    expect(await game.tree()).toEqual(before);
    await placeSprite(game.context(), { ...input, replace: true });
    await placeSprite(game.context(), await game.input({}, { color: 2 }));
    expect(imageHash(await decodeImage(await game.read("assets/sprites/dragon.png")))).toBe(
      (await spriteOf({ color: 2 })).sprite.output,
    );
  });

  test("a generated file that was painted over is the person's", async () => {
    const game = await project();
    await placeSprite(game.context(), await game.input());
    await game.write("assets/sprites/dragon.png", (await spriteOf({ color: 5 })).png);
    await expect(placeSprite(game.context(), await game.input({}, { color: 2 }))).rejects.toMatchObject({
      code: "conflict",
      why: "Its pixels were changed since it was generated.",
    });
  });

  test("a file that is no picture is the person's", async () => {
    const game = await project({ "assets/sprites/dragon.png": "notes" });
    await expect(placeSprite(game.context(), await game.input())).rejects.toMatchObject({ code: "conflict" });
  });

  test("a file with the same pixels is nobody's loss", async () => {
    const game = await project();
    const input = await game.input();
    await game.write("assets/sprites/dragon.png", input.png);
    await placeSprite(game.context(), input);
    expect(readTextChunk(await game.read("assets/sprites/dragon.png"), "dgx-pixels")).not.toBeNull();
  });

  test("the embedded engine does not replace another engine's sprite unasked; the other way it does", async () => {
    const game = await project();
    await placeSprite(game.context(), await game.input({}, { engine: "comfyui" }));
    const embedded = await game.input({}, { engine: "embedded", color: 2 });
    await expect(placeSprite(game.context(), embedded)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("made by another engine"),
    });
    await placeSprite(game.context(), { ...embedded, replace: true });
    await placeSprite(game.context(), await game.input({}, { engine: "comfyui", color: 3 }));
  });

  test("a lock that cannot be read is no licence to replace", async () => {
    const game = await project({ "pixels.lock": "[[[" });
    await expect(placeSprite(game.context(), await game.input())).rejects.toMatchObject({ code: "invalid_file" });
    expect(Object.keys(await game.tree())).toEqual(["assets/", "pixels.lock"]);
  });
});

describe("a target that must not be written", () => {
  test.each([
    ["sprites/dräche.png", "sprites/drache.png"],
    ["sprites/con.png", "sprites/con_sprite.png"],
    ["sprites/dragon.jpg", "sprites/dragon.png"],
    ["sprites/red dragon.png", "sprites/red_dragon.png"],
  ])("%s is refused with a suggestion", async (path, suggestion) => {
    const game = await project();
    await expect(placeSprite(game.context(), await game.input({ path }))).rejects.toMatchObject({
      code: "invalid_target",
      data: { path, suggestion },
    });
    expect(await game.tree()).toEqual({ "assets/": "" });
  });

  test("a name that differs by case alone from what is there", async () => {
    const game = await project({ "assets/Sprites/Dragon.png": "x" });
    await expect(placeSprite(game.context(), await game.input())).rejects.toMatchObject({
      code: "invalid_target",
      data: { suggestion: "Sprites/dragon.png" },
    });
    await expect(placeSprite(game.context(), await game.input({ path: "Sprites/dragon.png" }))).rejects.toMatchObject({
      data: { suggestion: "Sprites/Dragon.png" },
    });
  });

  test("a picture of another size, or none", async () => {
    const game = await project();
    const input = await game.input();
    const other = (await spriteOf({ width: 9 })).png;
    await expect(placeSprite(game.context(), { ...input, png: other })).rejects.toMatchObject({
      code: "invalid_image",
    });
    const cut = input.png.subarray(0, 40);
    await expect(placeSprite(game.context(), { ...input, png: cut })).rejects.toMatchObject({ code: "invalid_image" });
    expect(await game.tree()).toEqual({ "assets/": "" });
  });

  test("a folder with that name", async () => {
    const game = await project({ "assets/sprites/dragon.png/x": "" });
    await expect(placeSprite(game.context(), await game.input())).rejects.toMatchObject({
      code: "invalid_target",
      message: expect.stringContaining("is a folder"),
    });
  });

  test("a workspace that is gone", async () => {
    const game = await project();
    const workspace = game.path("gone");
    await expect(placeSprite(game.context(), await game.input({ workspace }))).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test.each(["assets/sprites", "assets", "pixels.lock", "assets/sprites/dragon.png", ".dgx-pixels", ".dgx-pixels/tmp"])(
    "%s as a link out of the workspace",
    async (link) => {
      const game = await project();
      await rm(game.path("assets"), { recursive: true });
      const outside = join(game.root, "outside");
      const isFile = link.includes("pixels.lock") || link.endsWith(".png");
      await (isFile ? writeFile(outside, "outside") : mkdir(outside));
      await mkdir(join(game.path(link), ".."), { recursive: true });
      await symlink(outside, game.path(link));
      await expect(placeSprite(game.context(), await game.input({}, {}, { replace: true }))).rejects.toMatchObject({
        code: "invalid_target",
        message: expect.stringContaining("leads out of the workspace"),
      });
      if (isFile) expect(await readFile(outside, "utf8")).toBe("outside");
    },
  );

  test("a link that leads nowhere", async () => {
    const game = await project();
    await symlink(game.path("nothing"), game.path("assets/sprites"));
    await expect(placeSprite(game.context(), await game.input())).rejects.toMatchObject({
      code: "invalid_target",
      message: expect.stringContaining("leads nowhere"),
    });
  });

  test("a link within the workspace is followed", async () => {
    const game = await project({ "art/x": "" });
    await symlink(game.path("art"), game.path("assets/sprites"));
    const { files } = await placeSprite(game.context(), await game.input());
    expect(files[0]?.path).toBe(game.path("assets/sprites/dragon.png"));
    expect((await stat(game.path("art/dragon.png"))).isFile()).toBe(true);
  });
});

function unsaved(
  game: TestProject,
  apply: (edit: EditRequest) => Promise<"applied" | "text-changed" | "refused" | "no-editor">,
): PlacingContext {
  return game.context({
    editors: { unsavedBy: (path) => (path === game.path("assets/game.assets.ron") ? "editor-1" : null), apply },
  });
}

describe("an unsaved manifest", () => {
  test("is edited by its editor, and the placement waits for the save", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const asked: EditRequest[] = [];
    const context = unsaved(game, (edit) => Promise.resolve((asked.push(edit), "applied" as const)));
    const placement = await placeSprite(context, await game.input({ manifest: game.ron("dragon.image") }));
    expect(asked).toMatchObject([
      { client: "editor-1", path: game.path("assets/game.assets.ron"), base: sha256(manifest) },
    ]);
    expect(asked[0]?.edits.map(({ text }) => text).join("")).toContain('"dragon.image"');
    expect(placement.notes).toEqual(["assets/game.assets.ron waits for your save"]);
    expect(placement.files.map(({ role }) => role)).toEqual(["sprite", "lock"]);
    expect(placement.manifestDiff).toContain('+    "dragon.image"');
    expect(await game.text("assets/game.assets.ron")).toBe(manifest);
  });

  test("is written when its editor is gone by then", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    await placeSprite(
      unsaved(game, () => Promise.resolve("no-editor")),
      await game.input({ manifest: game.ron("dragon.image") }),
    );
    expect(await game.text("assets/game.assets.ron")).toContain('"dragon.image"');
  });

  test("is planned anew once when its text is another, then a conflict with nothing changed", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const bases: string[] = [];
    const saved = manifest.replace("The hero", "A hero");
    const context = unsaved(game, async (edit) => {
      bases.push(edit.base);
      await game.write("assets/game.assets.ron", saved);
      return "text-changed";
    });
    await expect(placeSprite(context, await game.input({ manifest: game.ron("dragon.image") }))).rejects.toMatchObject({
      code: "conflict",
      remedy: "Save the file in your editor, then retry.",
    });
    expect(bases).toEqual([sha256(manifest), sha256(saved)]);
    expect(Object.keys(await game.tree())).toEqual(["assets/", "assets/game.assets.ron"]);
  });

  test("whose editor refuses is a conflict with nothing changed", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const context = unsaved(game, () => Promise.resolve("refused"));
    await expect(placeSprite(context, await game.input({ manifest: game.ron("dragon.image") }))).rejects.toMatchObject({
      code: "conflict",
    });
    expect(Object.keys(await game.tree())).toEqual(["assets/", "assets/game.assets.ron"]);
  });

  test("that lists the sprite by the time it is asked again needs nothing", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const listed = manifest.replace("})", '    "dragon.image": Image(path: "sprites/dragon.png"),\n})');
    const context = unsaved(game, async () => {
      await game.write("assets/game.assets.ron", listed);
      return "text-changed";
    });
    const { files } = await placeSprite(context, await game.input({ manifest: game.ron("dragon.image") }));
    expect(files.map(({ role }) => role)).toEqual(["sprite", "lock"]);
    expect(await game.text("assets/game.assets.ron")).toBe(listed);
  });
});

/** Changes the manifest each time its new text has been staged. */
function meddling(game: TestProject, times: number) {
  let left = times;
  return watchedDisk(nodeDisk, async (_, name, run, [path]) => {
    const isStaging = name === "write" && String(path).endsWith("-manifest");
    const result = await run();
    if (isStaging && left-- > 0) await game.write("assets/game.assets.ron", manifest.replace("hero.", `hero${left}.`));
    return result;
  }).disk;
}

describe("a manifest that another program changes meanwhile", () => {
  test("once is planned anew", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    await placeSprite(
      game.context({ disk: meddling(game, 1) }),
      await game.input({ manifest: game.ron("dragon.image") }),
    );
    const text = await game.text("assets/game.assets.ron");
    expect(text).toContain("hero0.");
    expect(text).toContain('"dragon.image"');
  });

  test("twice is a conflict, and the sprite is taken back", async () => {
    const game = await project({ "assets/game.assets.ron": manifest });
    const context = game.context({ disk: meddling(game, 2) });
    await expect(placeSprite(context, await game.input({ manifest: game.ron("dragon.image") }))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("another program"),
    });
    expect(Object.keys(await game.tree())).toEqual(["assets/", "assets/game.assets.ron"]);
    expect(await game.text("assets/game.assets.ron")).toContain("hero0.");
  });
});

describe("what a PNG carries", () => {
  test.each(["id", "full", "none"] as const)("metadata %s", async (metadata) => {
    const game = await project();
    const input = await game.input({ metadata });
    await placeSprite(game.context(), input);
    const png = await game.read("assets/sprites/dragon.png");
    const text = readTextChunk(png, "dgx-pixels");
    if (metadata === "none") {
      expect(text).toBeNull();
      expect(png.equals(input.png)).toBe(true);
      return;
    }
    expect(png.length - input.png.length).toBeLessThanOrEqual(512 + 12);
    expect(JSON.parse(text ?? "")).toEqual({
      version: 1,
      request: input.sprite.request,
      engine: "comfyui",
      license: "model",
      ...(metadata === "full" && {
        seed: 7,
        checkpoint: "pixel.safetensors",
        cell: "8x8",
        pixels: input.sprite.pixels,
      }),
    });
  });

  test("never more than 512 bytes and never a path, whatever the engine says", async () => {
    const game = await project();
    const input = await game.input({ metadata: "full" });
    const engine = { ...input.sprite.engine, checkpoint: "/home/me/models/x.safetensors", notes: ["n".repeat(600)] };
    await placeSprite(game.context(), { ...input, sprite: { ...input.sprite, engine } });
    const text = readTextChunk(await game.read("assets/sprites/dragon.png"), "dgx-pixels") ?? "";
    expect(text).not.toContain("/home");
    expect(text).toContain("x.safetensors");
    expect("dgx-pixels".length + 5 + Buffer.byteLength(text)).toBeLessThanOrEqual(512);
  });
});

describe("an older Bevy", () => {
  test.each([
    ["0.16", true],
    ["0.19", false],
  ])("%s: an existing sprite is written in place: %s", async (version, inPlace) => {
    const game = await project({
      "Cargo.toml": `[package]\nname = "game"\nversion = "0.1.0"\n[dependencies]\nbevy = "${version}"\n`,
    });
    await placeSprite(game.context(), await game.input());
    const { ino } = await stat(game.path("assets/sprites/dragon.png"));
    await placeSprite(game.context(), await game.input({}, { color: 2 }));
    expect((await stat(game.path("assets/sprites/dragon.png"))).ino === ino).toBe(inPlace);
    expect(imageHash(await decodeImage(await game.read("assets/sprites/dragon.png")))).toBe(
      (await spriteOf({ color: 2 })).sprite.output,
    );
  });
});
