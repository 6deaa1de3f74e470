import { readFile } from "node:fs/promises";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { PixelsError } from "../protocol/errors.ts";
import { pixelsHash, requestHash } from "../protocol/hashing.ts";
import { DiskLookup } from "./disk-lookup.ts";
import { mergeLockEntry, type LockEntry } from "./lock.ts";
import { MemoryLookup } from "./memory-lookup.ts";
import { resolveSprite } from "./resolve.ts";
import { readRon } from "./ron/read.ts";
import { initRust } from "./rust/language.ts";
import { readRust } from "./rust/read.ts";
import { projectCrateOf, readProject, resolveContext, type Project, type ProjectReaders } from "./workspace.ts";

const readers: ProjectReaders = { readRust, readRon };
const rounds = { numRuns: process.env["DGX_PIXELS_ROUNDS"] === "full" ? 500 : 40 };

const game = {
  "Cargo.toml": `[package]\nname = "game"\n[dependencies]\nbevy = "0.19"\n`,
  "src/main.rs": `fn setup(asset_server: Res<AssetServer>) {
    // @sprite "red dragon" 32x32 seed=7
    let dragon = asset_server.load("sprites/dragon.png");
}
`,
  "assets/game.assets.ron": `({
    // @sprite "blue potion" 16x16
    "potion.image": Image(path: "sprites/potion.png"),
})
`,
};

type Files = Record<string, string | Uint8Array>;

function inWorkspace(files: Files): MemoryLookup {
  return new MemoryLookup(Object.fromEntries(Object.entries(files).map(([path, content]) => [`/w/${path}`, content])));
}

async function read(files: Files, more: Partial<ProjectReaders> = {}): Promise<Project> {
  return await readProject(inWorkspace(files), "/w", { ...readers, ...more });
}

const output = "d".repeat(64);

/** The lock after the dragon was made as its directive says, with changes. */
async function lockOfDragon(changes: Partial<LockEntry> = {}): Promise<string> {
  const { sprites } = await read(game);
  const { request } = sprites.find(({ sprite }) => sprite.title === "red dragon")?.sprite ?? expect.unreachable();
  const entry: LockEntry = {
    request: requestHash({ ...request.engine, seed: request.engine.seed ?? 0 }),
    pixels: pixelsHash(request.pixels),
    sources: ["a".repeat(64)],
    output,
    seed: request.engine.seed,
    engine: "comfyui",
    model: null,
    prompt: "red dragon",
    ...changes,
  };
  return mergeLockEntry(null, "assets/sprites/dragon.png", entry);
}

async function stateOfDragon(files: Files, more: Partial<ProjectReaders> = {}) {
  const { sprites, problems } = await read({ ...game, ...files }, more);
  expect(problems).toEqual([]);
  return sprites.find(({ sprite }) => sprite.target.path === "sprites/dragon.png")?.state;
}

async function imageHash(): Promise<string> {
  return await Promise.resolve(output);
}

async function noDaemon(): Promise<string> {
  return await Promise.reject(new Error("no daemon"));
}

function unloaded(): never {
  throw new Error("the grammar could not be loaded");
}

/** The game with a second directive for the dragon. */
function twice(second: string): Files {
  return {
    ...game,
    "src/other.rs": `fn f(s: &AssetServer) {\n    // @sprite ${second}\n    s.load("sprites/dragon.png");\n}\n`,
  };
}

beforeAll(initRust);

test("every directive is a sprite with its place, target and state", async () => {
  const { sprites, problems, crates } = await read(game);
  expect(problems).toEqual([]);
  expect(crates.map(({ crate }) => crate.name)).toEqual(["game"]);
  expect(
    sprites.map(({ places, sprite, state }) => ({
      at: places.map(({ file, line, column }) => `${file}:${line}:${column}`),
      title: sprite.title,
      path: sprite.target.path,
      manifest: sprite.target.manifest,
      state,
    })),
  ).toEqual([
    {
      at: ["assets/game.assets.ron:2:8"],
      title: "blue potion",
      path: "sprites/potion.png",
      manifest: { kind: "ron", file: "assets/game.assets.ron", key: "potion.image", layoutKey: null },
      state: { kind: "missing" },
    },
    {
      at: ["src/main.rs:2:8"],
      title: "red dragon",
      path: "sprites/dragon.png",
      manifest: { kind: "sprites-json" },
      state: { kind: "missing" },
    },
  ]);
});

describe("a sprite's state", () => {
  const file = { "assets/sprites/dragon.png": "png" };

  test("fresh: the file is what the lock says, and the lock is what the directive says", async () => {
    expect(await stateOfDragon({ ...file, "pixels.lock": await lockOfDragon() }, { imageHash })).toEqual({
      kind: "fresh",
    });
    expect(await stateOfDragon({ ...file, "pixels.lock": await lockOfDragon() })).toEqual({ kind: "fresh" });
  });

  test("missing: there is no file, whatever the lock says", async () => {
    expect(await stateOfDragon({ "pixels.lock": await lockOfDragon() }, { imageHash })).toEqual({ kind: "missing" });
  });

  test("stale: what the engine or the pixel stage gets has changed", async () => {
    const lock = { ...file, "pixels.lock": await lockOfDragon({ seed: 8, request: "e".repeat(64) }) };
    expect(await stateOfDragon(lock, { imageHash })).toEqual({ kind: "stale", reasons: ["request"] });
    const settings = { ...file, "pixels.lock": await lockOfDragon(), "pixels.toml": `[defaults]\ncolors = 8\n` };
    expect(await stateOfDragon(settings, { imageHash })).toEqual({ kind: "stale", reasons: ["pixels"] });
  });

  test("the person's: no entry, changed pixels, or no picture at all", async () => {
    expect(await stateOfDragon(file, { imageHash })).toEqual({ kind: "person" });
    const locked = { ...file, "pixels.lock": await lockOfDragon() };
    expect(await stateOfDragon(locked, { imageHash: async () => "f".repeat(64) })).toEqual({ kind: "person" });
    expect(await stateOfDragon(locked, { imageHash: async () => "" })).toEqual({ kind: "person" });
  });

  test("unknown while pictures cannot be looked at: nothing is guessed", async () => {
    const locked = { ...file, "pixels.lock": await lockOfDragon() };
    await expect(stateOfDragon(locked, { imageHash: noDaemon })).rejects.toThrow("no daemon");
  });

  test("another engine's: the embedded engine leaves what is stale as it is", async () => {
    const lock = { ...file, "pixels.lock": await lockOfDragon({ request: "e".repeat(64) }) };
    expect(await stateOfDragon(lock, { imageHash, engine: "embedded" })).toEqual({
      kind: "other-engine",
      engine: "comfyui",
      reasons: ["request"],
    });
    expect(
      await stateOfDragon({ ...file, "pixels.lock": await lockOfDragon() }, { imageHash, engine: "embedded" }),
    ).toEqual({ kind: "fresh" });
  });

  test("a directive without a seed keeps the lock's", async () => {
    const source = { "src/main.rs": game["src/main.rs"].replace(" seed=7", "") };
    const { sprites } = await read({ ...game, ...source, ...file, "pixels.lock": await lockOfDragon() });
    const dragon = sprites.find(({ sprite }) => sprite.title === "red dragon");
    expect(dragon?.sprite.request.engine.seed).toBe(7);
    expect(dragon?.state).toEqual({ kind: "fresh" });
  });
});

describe("two directives for one target", () => {
  test("that say the same are one sprite", async () => {
    const { sprites, problems } = await read(twice(`"red dragon" 32x32 seed=7`));
    expect(problems).toEqual([]);
    expect(sprites).toHaveLength(2);
    expect(sprites.find(({ sprite }) => sprite.title === "red dragon")?.places.map(({ file }) => file)).toEqual([
      "src/main.rs",
      "src/other.rs",
    ]);
  });

  test("that differ are an error at both, and no sprite", async () => {
    const { sprites, problems } = await read(twice(`"green dragon" 32x32`));
    expect(sprites.map(({ sprite }) => sprite.title)).toEqual(["blue potion"]);
    expect(problems.map(({ file, line, code, message }) => ({ file, line, code, message }))).toEqual([
      {
        file: "src/main.rs",
        line: 2,
        code: "target-conflict",
        message: "assets/sprites/dragon.png is asked for differently at src/other.rs:2",
      },
      {
        file: "src/other.rs",
        line: 2,
        code: "target-conflict",
        message: "assets/sprites/dragon.png is asked for differently at src/main.rs:2",
      },
    ]);
  });
});

describe("a problem has its file, line and column, and nothing is planned from what is broken", () => {
  test.for([
    [
      "a malformed directive",
      { "src/main.rs": game["src/main.rs"].replace("32x32", "0x32") },
      "src/main.rs:2",
      ["blue potion"],
    ],
    [
      "an unbound directive",
      { "src/main.rs": `// @sprite "imp" 8x8\nfn main() {}\n` },
      "src/main.rs:1",
      ["blue potion"],
    ],
    [
      "a bad target",
      { "src/main.rs": game["src/main.rs"].replace("seed=7", 'path="../x.png"') },
      "src/main.rs:2",
      ["blue potion"],
    ],
    ["a malformed pixels.toml", { "pixels.toml": "[defaults]\nsteps = 0\n" }, "pixels.toml:2", []],
    ["a missing palette file", { "pixels.toml": `[palettes.a]\nfile = "a.hex"\n` }, "pixels.toml:2", []],
    ["a malformed lock", { "pixels.lock": "version = 1\n[x]\n" }, "pixels.lock:2", []],
    ["a malformed Cargo.toml", { "tool/Cargo.toml": "[package" }, "tool/Cargo.toml:1", ["blue potion", "red dragon"]],
    ["the only Cargo.toml", { "Cargo.toml": "[package" }, "Cargo.toml:1", []],
    ["a folder for pixels.toml", { "pixels.toml/a.txt": "" }, "pixels.toml:1", []],
    ["a folder for pixels.lock", { "pixels.lock/a.txt": "" }, "pixels.lock:1", []],
    ["a folder for the sprite", { "assets/sprites/dragon.png/a.txt": "" }, "src/main.rs:2", ["blue potion"]],
    ["a file for its folder", { "assets/sprites": "" }, "src/main.rs:2", []],
    [
      "an entry in a malformed manifest",
      { "assets/game.assets.ron": `${game["assets/game.assets.ron"]}}` },
      "assets/game.assets.ron:2",
      ["red dragon"],
    ],
    [
      "a malformed manifest",
      { "assets/game.assets.ron": "({\n  // @sprite\n" },
      "assets/game.assets.ron:1",
      ["red dragon"],
    ],
  ] as const)("%s", async ([, files, place, titles]) => {
    const { sprites, problems } = await read({ ...game, ...files });
    expect(problems.map(({ file, line }) => `${file}:${line}`)).toContain(place);
    expect(problems.every(({ line, column }) => line >= 1 && column >= 1)).toBe(true);
    expect(sprites.map(({ sprite }) => sprite.title)).toEqual(titles);
  });

  test("settings that are there and cannot be read are not taken for none", async () => {
    const lookup = inWorkspace({ ...game, "pixels.toml": "" });
    const readText = lookup.readText.bind(lookup);
    lookup.readText = async (path) => {
      if (path === "/w/pixels.toml") throw new PixelsError({ code: "invalid_file", message: "It is no text" });
      return await readText(path);
    };
    const { sprites, problems } = await readProject(lookup, "/w", readers);
    expect(sprites).toEqual([]);
    expect(problems).toEqual([expect.objectContaining({ file: "pixels.toml", code: "file-unreadable" })]);
  });

  test("a reader that fails costs its own file alone", async () => {
    const { sprites, problems } = await read(game, { readRust: unloaded });
    expect(sprites).toHaveLength(1);
    expect(problems).toEqual([
      expect.objectContaining({ file: "src/main.rs", message: expect.stringContaining("could not be loaded") }),
    ]);
  });
});

describe("a workspace of several crates", () => {
  const files = {
    "crates/game/Cargo.toml": `[package]\nname = "game"\n`,
    "crates/game/src/main.rs": game["src/main.rs"],
    "crates/game/pixels.toml": `asset_root = "data"\nmetadata = "none"\n`,
    "crates/demo/Cargo.toml": `[package]\nname = "demo"\n`,
    "crates/demo/examples/one.rs": `fn f(s: &AssetServer) { App::new().add_plugins(AssetPlugin { file_path: "one".into() });\n    // @sprite "imp" 8x8\n    s.load("imp.png");\n}\n`,
    "notes/loose.rs": `fn f(s: &AssetServer) {\n    // @sprite "ghost" 8x8\n    s.load("ghost.png");\n}\n`,
  };

  test("each has its own settings and asset folders, and loose files the workspace's", async () => {
    const { sprites, problems } = await read(files);
    expect(problems).toEqual([]);
    expect(
      sprites.map(({ sprite: { target } }) => [target.crate, target.assetRoot, target.path, target.metadata]),
    ).toEqual([
      ["crates/demo", "crates/demo/one", "imp.png", "id"],
      ["crates/game", "crates/game/data", "sprites/dragon.png", "none"],
      ["", "assets", "ghost.png", "id"],
    ]);
  });

  test("a command resolves in the crate it names, beside what is there", async () => {
    const lookup = inWorkspace({ ...files, "crates/game/data/sprites/imp.png": "" });
    const project = await readProject(lookup, "/w", readers);
    const crate = projectCrateOf(project.crates, "crates/game/src/any.rs") ?? expect.unreachable();
    const { sprite } = await resolveSprite(
      { prompt: "imp", size: null, values: {} },
      resolveContext(lookup, project, crate, null),
    );
    expect(sprite?.target).toMatchObject({
      crate: "crates/game",
      assetRoot: "crates/game/data",
      path: "sprites/imp_2.png",
    });
  });
});

test("the sample game reads without a problem", async () => {
  const folder = new URL("../../bevy-templates/sample", import.meta.url).pathname;
  const { sprites, problems, crates } = await readProject(new DiskLookup(folder), folder, readers);
  expect(problems).toEqual([]);
  expect(sprites.map(({ sprite }) => sprite.target.path).toSorted()).toEqual([
    "sprites/dragon.png",
    "sprites/potion.png",
  ]);
  expect(crates[0]?.crate).toMatchObject({ usesAssetLoader: true, fileWatcher: { kind: "on" }, defaultNearest: true });
  expect(await readFile(`${folder}/pixels.toml`, "utf8")).toContain("[defaults]");
});

test("no content of any file makes it fail, and equal files give equal projects", async () => {
  const paths = fc.constantFrom(
    "Cargo.toml",
    "pixels.toml",
    "pixels.lock",
    "src/main.rs",
    "assets/game.assets.ron",
    "assets/b.assets.ron",
    ".cargo/config.toml",
    "Cargo.lock",
  );
  const pieces = fc
    .array(
      fc.constantFrom(
        '// @sprite "imp" 8x8 ',
        'key="a.image"\n',
        's.load("a.png");\n',
        "fn f() {",
        "}",
        "({",
        "})",
        '"a.image": Image(path: "a.png"),',
        "[package]\nname = 'x'\n",
        "[defaults]\n",
        "steps = 9\n",
        "\0",
        "é",
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(""));
  const files = fc.dictionary(paths, fc.oneof(pieces, fc.string({ unit: "binary" })));
  await fc.assert(
    fc.asyncProperty(files, async (changed) => {
      const all = { ...game, ...changed };
      const project = await read(all);
      expect(await read(all)).toEqual(project);
      for (const problem of project.problems) expect(problem.line).toBeGreaterThanOrEqual(1);
    }),
    rounds,
  );
});
