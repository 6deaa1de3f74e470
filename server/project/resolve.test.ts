import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../protocol/hashing.ts";
import { spriteRequestSchema, targetSchema } from "../protocol/sprite-request.ts";
import { parseDirectives } from "./directive.ts";
import { type Manifest, readManifest } from "./manifest-entries.ts";
import { MemoryLookup } from "./memory-lookup.ts";
import { builtInPalettes } from "./palettes/built-in.ts";
import { parsePixelsToml } from "./pixels-toml.ts";
import { defaultNegative } from "./presets.ts";
import { resolveSprite, type ResolveContext } from "./resolve.ts";
import type { AssetReference } from "./source-file.ts";
import { wishOf, type SpriteWish } from "./wish.ts";

const rounds = { numRuns: process.env["DGX_PIXELS_ROUNDS"] === "full" ? 2000 : 150 };

function wish(prompt: string, values: SpriteWish["values"] = {}): SpriteWish {
  return { prompt, size: null, values };
}

function directive(text: string): SpriteWish {
  const [found] = parseDirectives(text, [{ start: 0, end: text.length }]);
  return wishOf(found ?? expect.unreachable());
}

function context(toml = "", changes: Partial<ResolveContext> = {}): ResolveContext {
  const { config, problems } = parsePixelsToml(toml);
  expect(problems).toEqual([]);
  return {
    lookup: new MemoryLookup({ "/w/assets/refs/hero.png": "hero", "/w/refs/sketch.png": "sketch" }),
    workspace: "/w",
    crate: "",
    assetRoot: "assets",
    config,
    palettes: builtInPalettes,
    manifests: [],
    bound: null,
    source: null,
    isTaken: () => false,
    ...changes,
  };
}

async function sound(asked: SpriteWish, where = context()) {
  const { sprite, problems } = await resolveSprite(asked, where);
  expect(problems).toEqual([]);
  return sprite ?? expect.unreachable();
}

async function problemsOf(asked: SpriteWish, where = context()) {
  const { sprite, problems } = await resolveSprite(asked, where);
  expect(sprite === null).toBe(problems.some(({ severity }) => severity === "error"));
  return problems;
}

function load(path: string): AssetReference {
  return { kind: "load", path, source: null, label: null, key: null, image: true, dynamic: false, start: 0, end: 0 };
}

const manifest: Manifest = {
  file: "assets/game.assets.ron",
  entries: [
    { key: "player.image", kind: "Image", path: "sprites/player.png", start: 0, end: 1 },
    { key: "music", kind: "File", path: "a.ogg", start: 0, end: 1 },
    { key: "all", kind: "Folder", path: "sprites", start: 0, end: 1 },
  ],
};

test("a prompt alone becomes a whole request", async () => {
  expect(await sound(wish("red dragon, side view"))).toEqual({
    title: "red dragon, side view",
    variants: 1,
    referencePath: null,
    request: {
      engine: {
        workflow: "single_sprite",
        prompt:
          "pixel art sprite, red dragon, side view, single subject, centered, crisp pixels, flat shading, on a plain solid magenta background",
        negative: defaultNegative,
        checkpoint: null,
        vae: null,
        loras: [],
        sampler: "euler_ancestral",
        scheduler: "karras",
        steps: 20,
        cfg: 8,
        seed: null,
        render: { width: 1024, height: 1024 },
        cell: { width: 64, height: 64 },
        frames: 1,
        directions: 1,
        reference: null,
        denoise: 1,
        tile: false,
      },
      pixels: {
        size: { width: 64, height: 64 },
        frames: 1,
        directions: 1,
        colors: null,
        palette: null,
        dither: "none",
        background: "auto",
        outline: null,
        pivot: { x: 0.5, y: 0.5 },
        tile: false,
      },
    },
    target: {
      workspace: "/w",
      crate: "",
      assetRoot: "assets",
      path: "sprites/red_dragon.png",
      manifest: { kind: "sprites-json" },
      metadata: "id",
      fps: null,
    },
  });
});

describe("precedence: directive › style › defaults › built in", () => {
  const toml = `
fps = 6
[defaults]
steps = 30
cfg = 5
negative = "photo"
size = "16x16"
prompt_prefix = "cute"
[styles.boss]
cfg = 6
prompt_suffix = "dark"
fps = 9
[styles.fast]
preset = "lightning"
steps = 6
`;

  test("the defaults win over what is built in", async () => {
    const { request, target } = await sound(wish("imp"), context(toml));
    expect(request.engine).toMatchObject({ steps: 30, cfg: 5, negative: "photo", cell: { width: 16, height: 16 } });
    expect(request.engine.prompt).toContain("sprite, cute imp, single");
    expect(target.fps).toBe(6);
  });

  test("a style wins over the defaults", async () => {
    const { request, target } = await sound(wish("imp", { style: "boss" }), context(toml));
    expect(request.engine).toMatchObject({ steps: 30, cfg: 6 });
    expect(request.engine.prompt).toContain("sprite, cute imp dark, single");
    expect(target.fps).toBe(9);
  });

  test("a preset stands where it is named, and settings beside it win over it", async () => {
    const { request } = await sound(wish("imp", { style: "fast" }), context(toml));
    expect(request.engine).toMatchObject({ sampler: "euler", scheduler: "sgm_uniform", steps: 6, cfg: 1 });
    expect(request.engine.loras).toEqual([{ name: "*lightning*4step*lora*", strength: 1 }]);
  });

  test("a checkpoint or LoRA that has the preset built in is left to itself", async () => {
    const fast = context(`[defaults]\npreset = "lcm"`);
    expect((await sound(wish("imp", { model: "sdxl_LCM.safetensors" }), fast)).request.engine.loras).toEqual([]);
    const lora = [{ name: "my-lcm", strength: 0.5 }];
    expect((await sound(wish("imp", { lora }), fast)).request.engine.loras).toEqual(lora);
  });

  test("the directive wins over all", async () => {
    const asked = directive(
      `// @sprite "imp" 33x17 style=boss steps=8 cfg=2 negative="" seed=42 sampler=lcm model=mine lora=a:0.5 fps=12 colors=8 outline=#000000 pivot=0.5,1`,
    );
    const { request, target } = await sound(asked, context(toml));
    expect(request.engine).toMatchObject({
      steps: 8,
      cfg: 2,
      negative: "",
      seed: 42,
      sampler: "lcm",
      checkpoint: "mine",
      loras: [{ name: "a", strength: 0.5 }],
      cell: { width: 33, height: 17 },
      render: { width: 1408, height: 704 },
    });
    expect(request.pixels).toMatchObject({ colors: 8, outline: "#000000", pivot: { x: 0.5, y: 1 } });
    expect(target.fps).toBe(12);
  });

  test("the topmost of palette and colors decides", async () => {
    const defaults = context(`[defaults]\npalette = "sweetie-16"\n[styles.few]\ncolors = 4`);
    const colorsOf = async (values: SpriteWish["values"]) => {
      const { palette, colors } = (await sound(wish("imp", values), defaults)).request.pixels;
      return [palette?.length ?? null, colors];
    };
    expect(await colorsOf({})).toEqual([16, null]);
    expect(await colorsOf({ style: "few" })).toEqual([null, 4]);
    expect(await colorsOf({ colors: 8 })).toEqual([null, 8]);
    expect(await colorsOf({ style: "few", palette: "pico-8" })).toEqual([16, null]);
    expect(await colorsOf({ palette: ["#000000"], colors: 8 })).toEqual([1, null]);
  });

  test("an outline can be switched off", async () => {
    const outlined = context(`[defaults]\noutline = "#000"`);
    expect((await sound(wish("imp"), outlined)).request.pixels.outline).toBe("#000000");
    expect((await sound(wish("imp", { outline: null }), outlined)).request.pixels.outline).toBeNull();
  });

  test("the words around the prompt can be switched off", async () => {
    expect((await sound(wish(" imp "), context(`[defaults]\nscaffold = false`))).request.engine.prompt).toBe("imp");
  });
});

describe("the workflow follows from what is asked", () => {
  test.for([
    [{ tile: true }, "tileset", 1],
    [{ frames: 4 }, "animation", 0.45],
    [{ directions: 4 as const, strength: 0.3 }, "animation", 0.3],
    [{ from: "refs/hero.png" }, "img2img", 0.6],
    [{ from: "refs/hero.png", strength: 0.9 }, "img2img", 0.9],
    [{ from: "refs/hero.png", frames: 2 }, "animation", 0.6],
    [{ tile: true, workflow: "my_own" }, "my_own", 1],
  ] as const)("%j: %s", async ([values, workflow, denoise]) => {
    expect((await sound(wish("imp", values))).request.engine).toMatchObject({ workflow, denoise });
  });

  test("a tile keeps its background", async () => {
    const { request } = await sound(wish("grass", { tile: true }));
    expect([request.pixels.background, request.pixels.tile, request.engine.tile]).toEqual(["keep", true, true]);
  });
});

describe("a reference picture", () => {
  test("is found in the asset folder or the crate, and known by its bytes", async () => {
    expect(await sound(wish("imp", { from: "refs/hero.png" }))).toMatchObject({
      referencePath: "/w/assets/refs/hero.png",
      request: { engine: { reference: sha256("hero") } },
    });
    expect((await sound(wish("", { from: "refs/sketch.png" }))).referencePath).toBe("/w/refs/sketch.png");
  });

  test("of a command may lie anywhere", async () => {
    const reference = { path: "/home/me/photo.jpg", hash: "a".repeat(64) };
    expect((await sound({ ...wish("imp"), reference })).referencePath).toBe("/home/me/photo.jpg");
  });

  test.for(["refs/none.png", "/etc/hosts", "../../secret.png", "a\\b.png"])("%s is an error", async (from) => {
    expect(await problemsOf(wish("imp", { from }))).toEqual([expect.objectContaining({ code: "reference-image" })]);
  });
});

describe("where it goes", () => {
  const withManifest = context("", { manifests: [manifest] });

  test("a bound path is the target", async () => {
    expect((await sound(wish("imp"), context("", { bound: load("sprites/imp.png") }))).target.path).toBe(
      "sprites/imp.png",
    );
  });

  test("a path in the directive wins over it", async () => {
    const bound = context("", { bound: load("sprites/imp.png") });
    expect((await sound(wish("imp", { path: "a.png" }), bound)).target.path).toBe("a.png");
  });

  test("an entry that is already there keeps its manifest", async () => {
    const { target } = await sound(wish("hero", { path: "sprites/player.png", frames: 4 }), withManifest);
    expect(target.manifest).toEqual({
      kind: "ron",
      file: manifest.file,
      key: "player.image",
      layoutKey: "player.layout",
    });
  });

  test("a key takes the path of its entry", async () => {
    const { target } = await sound(wish("hero", { key: "player.image" }), withManifest);
    expect(target).toMatchObject({ path: "sprites/player.png", manifest: { key: "player.image", layoutKey: null } });
  });

  test("a new key goes into the only manifest, its path made from the key", async () => {
    const { target } = await sound(wish("a slimy thing", { key: "enemies.slime.image" }), withManifest);
    expect(target).toMatchObject({
      path: "sprites/enemies_slime.png",
      manifest: { file: manifest.file, key: "enemies.slime.image" },
    });
  });

  test("an empty manifest can hold it; one that cannot be read is an error before anything is drawn", async () => {
    const blank = readManifest("assets/a.assets.ron", "// later\n");
    const broken = readManifest("assets/b.assets.ron", '({ "player.image": Image(');
    const unread = readManifest("assets/c.assets.ron", null);
    const within = (found: Manifest | null) => context("", { manifests: [found ?? expect.unreachable()] });
    const asked = wish("imp", { key: "imp.image" });
    expect((await sound(asked, within(blank))).target.manifest).toMatchObject({ file: blank?.file });
    expect(await problemsOf(asked, within(broken))).toEqual([
      expect.objectContaining({ code: "target-manifest", message: expect.stringContaining("b.assets.ron") }),
    ]);
    expect(await problemsOf(asked, within(unread))).toEqual([expect.objectContaining({ code: "target-manifest" })]);
    expect(readManifest("assets/level.assets.ron", "(width: 3)")).toBeNull();
  });

  test("`manifest` of pixels.toml is where new keys go", async () => {
    const two = context(`manifest = "assets/b.assets.ron"`, {
      manifests: [manifest, { file: "assets/c.assets.ron", entries: [] }],
    });
    expect((await sound(wish("imp", { key: "imp.image" }), two)).target.manifest).toMatchObject({
      file: "assets/b.assets.ron",
    });
    expect((await sound(wish("imp", { key: "player.image" }), two)).target.manifest).toMatchObject({
      file: manifest.file,
    });
  });

  test("`manifest = false` leaves manifests alone", async () => {
    const off = context(`manifest = false`, { manifests: [manifest] });
    expect((await sound(wish("imp"), off)).target.manifest).toEqual({ kind: "none" });
    expect((await sound(wish("imp", { key: "player.image" }), off)).target).toMatchObject({
      path: "sprites/player.png",
      manifest: { kind: "none" },
    });
  });

  test.for([
    ["no manifest for a key", { key: "imp.image" }, [], "No manifest in assets"],
    [
      "several manifests for a key",
      { key: "imp.image" },
      [manifest, { file: "assets/b.assets.ron", entries: [] }],
      "could go into",
    ],
    [
      "a key in several manifests",
      { key: "player.image" },
      [manifest, { ...manifest, file: "assets/b.assets.ron" }],
      "stands more than once",
    ],
    ["a key that is a folder", { key: "all" }, [manifest], "is a `Folder`"],
  ] as const)("%s is said", async ([, values, manifests, says]) => {
    const problems = await problemsOf(wish("imp", values), context("", { manifests }));
    expect(problems[0]).toMatchObject({ code: "target-manifest", severity: "error" });
    expect(problems[0]?.message).toContain(says);
  });

  test("the manifest a directive stands in comes first", async () => {
    const other = { ...manifest, file: "assets/b.assets.ron" };
    const within = context("", { manifests: [manifest, other], source: other.file });
    expect((await sound(wish("imp", { key: "player.image" }), within)).target.manifest).toMatchObject({
      file: other.file,
    });
  });

  test("a name made from a prompt is a new one", async () => {
    const taken = context("", { isTaken: (path) => path === "sprites/imp.png" });
    expect((await sound(wish("imp"), taken)).target.path).toBe("sprites/imp_2.png");
  });

  test.for([
    ["../imp.png", "leave the asset root"],
    ["Größe.png", "beyond ASCII"],
    ["imp.jpg", "is not a .png"],
  ])("%s is refused with a suggestion", async ([path = "", says]) => {
    const problems = await problemsOf(wish("imp", { path }));
    expect(problems[0]).toMatchObject({
      code: "target-path",
      severity: "error",
      message: expect.stringContaining(says ?? ""),
    });
    expect(problems[0]?.remedy).toMatch(/^Use ".*\.png"\.$/);
  });

  test("a path of another asset source or with a label cannot be written", async () => {
    const bound = { ...load("imp.png"), source: "remote" };
    expect((await problemsOf(wish("imp"), context("", { bound })))[0]?.message).toContain("remote://imp.png");
  });

  test("upper case passes, with a warning", async () => {
    const problems = await problemsOf(wish("imp", { path: "Imp.png" }));
    expect(problems).toEqual([expect.objectContaining({ severity: "warning" })]);
  });

  test("an asset folder out of the workspace is refused", async () => {
    expect(await problemsOf(wish("imp"), context("", { assetRoot: "../art" }))).toEqual([
      expect.objectContaining({ code: "target-asset-root" }),
    ]);
  });
});

describe("what cannot be made is said where it is written", () => {
  test.for([
    ["style=bos", "style", "Did you mean `boss`?"],
    ["palette=sweety-16", "palette", 'Did you mean "sweetie-16"?'],
    ["from=none.png", "reference-image", "relative to the asset folder"],
    ["frames=256", "sprite-option", "Use fewer frames or smaller cells."],
  ])("%s", async ([part = "", code, remedy]) => {
    const text = `// @sprite "imp" 128x128 ${part}`;
    const problems = await problemsOf(directive(text), context("[styles.boss]\nsteps = 9"));
    expect(problems[0]).toMatchObject({ code, remedy: expect.stringContaining(remedy ?? "") });
    expect(text.slice(problems[0]?.start, problems[0]?.end)).toBe(part.split("=")[1]);
  });

  test.for([
    ["key", { key: "" }],
    ["fps", { fps: -1 }],
    ["variants", { variants: 65 }],
  ] as const)("an impossible %s of a command", async ([name, asked]) => {
    const problems = await problemsOf(wish("imp", asked), context("", { manifests: [manifest] }));
    expect(problems).toEqual([
      expect.objectContaining({ code: "sprite-option", message: expect.stringContaining(`${name}: `) }),
    ]);
  });

  test("an empty prompt", async () => {
    expect(await problemsOf(wish("  "))).toEqual([expect.objectContaining({ message: "The prompt is empty" })]);
  });

  test("a sheet that not every GPU loads is a warning", async () => {
    expect(await problemsOf({ ...wish("imp", { frames: 100 }), size: { width: 100, height: 100 } })).toEqual([
      expect.objectContaining({ severity: "warning" }),
    ]);
  });

  test("numbers a command passed unchecked", async () => {
    const problems = await problemsOf({ ...wish("imp", { steps: 0, frames: 1.5 }), size: { width: 0, height: 5000 } });
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(["sprite-option"]));
    expect(problems.map(({ message }) => message.split(":")[0])).toEqual(
      expect.arrayContaining(["steps", "frames", "cell.width", "cell.height"]),
    );
  });
});

const values: fc.Arbitrary<SpriteWish["values"]> = fc.record(
  {
    path: fc.string(),
    key: fc.constantFrom("player.image", "imp.image", "x", ""),
    frames: fc.integer({ min: -1, max: 300 }),
    directions: fc.constantFrom(1 as const, 4 as const, 8 as const),
    palette: fc.oneof(fc.constantFrom("sweetie-16", "nope", "__proto__"), fc.constant(["#000000"])),
    colors: fc.integer({ min: 0, max: 300 }),
    seed: fc.maxSafeInteger(),
    style: fc.constantFrom("boss", "constructor", "x"),
    from: fc.constantFrom("refs/hero.png", "../x", "no.png"),
    strength: fc.double({ min: 0, max: 1, noNaN: true }),
    background: fc.constantFrom("auto", "keep", "#00ff00"),
    tile: fc.boolean(),
  },
  { requiredKeys: [] },
);

test("any wish gives the same valid sprite twice, or a problem that says why not", async () => {
  const where = context(`[styles.boss]\nsteps = 9\nbackground = "#0F0"`, { manifests: [manifest] });
  const side = fc.integer({ min: 0, max: 4097 });
  const sizes = fc.option(fc.record({ width: side, height: side }));
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), sizes, values, async (prompt, size, chosen) => {
      const asked = { prompt, size, values: chosen };
      const first = await resolveSprite(asked, where);
      expect(await resolveSprite(asked, where)).toEqual(first);
      if (first.sprite === null) expect(first.problems.some(({ severity }) => severity === "error")).toBe(true);
      else {
        expect(spriteRequestSchema.parse(first.sprite.request)).toEqual(first.sprite.request);
        expect(targetSchema.parse(first.sprite.target)).toEqual(first.sprite.target);
      }
    }),
    rounds,
  );
});
