import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPngSize } from "../../server/sprite/png-text.ts";
import { Machine } from "./harness.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.create();
});
afterAll(() => machine.remove());

const asset = (path: string): string => join(machine.game, "assets", path);
const text = (path: string): Promise<string> => readFile(join(machine.game, path), "utf8");
const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;

// One story, in the order a person would live it.
describe("a game's sprites from the command line", () => {
  test("sync --dry-run says what is missing and writes nothing", async () => {
    const { code, out } = await machine.run(["sync", "--dry-run"]);
    expect(code).toBe(0);
    expect(out).toContain("+ sprites/dragon.png is missing  (src/main.rs:");
    expect(out).toContain("+ sprites/potion.png is missing  (assets/game.assets.ron:");
    expect(await exists(asset("sprites/dragon.png"))).toBe(false);
  });

  test("sync makes each sprite at its size and says every file it wrote on a line of its own", async () => {
    const { code, out, err } = await machine.run(["sync"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.split("\n")).toEqual(expect.arrayContaining([asset("sprites/dragon.png"), asset("sprites/potion.png")]));
    expect(readPngSize(await readFile(asset("sprites/dragon.png")))).toMatchObject({ width: 32, height: 32 });
    expect(readPngSize(await readFile(asset("sprites/potion.png")))).toMatchObject({ width: 16, height: 16 });
    expect(await text("pixels.lock")).toContain('["assets/sprites/dragon.png"]');
    // Others who may read the project may read its sprites.
    expect((await stat(asset("sprites/dragon.png"))).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  test("then nothing is left to do", async () => {
    const { code, out } = await machine.run(["sync"]);
    expect({ code, out }).toEqual({ code: 0, out: "Everything is up to date.\n" });
  });

  test("a sprite whose pixel settings alone changed is not drawn again", async () => {
    const before = await text("pixels.lock");
    await writeFile(join(machine.game, "pixels.toml"), '[defaults]\npalette = "pico-8"\n');
    const { sprites, jobs } = await machine.json("sync", ["sync"]);
    expect(sprites.map(({ action }) => action)).toEqual(["pixels", "pixels"]);
    expect(jobs.filter(({ kind }) => kind === "generate")).toEqual([]);
    expect(await text("pixels.lock")).not.toBe(before);
  });

  test("a prompt of the command line becomes a sprite with a new manifest entry, and the diff is shown", async () => {
    const { code, out } = await machine.run([
      "generate",
      "golden treasure chest",
      "24x24",
      "key=chest.image",
      "seed=3",
    ]);
    expect(code).toBe(0);
    expect(out).toContain('+    "chest.image": Image(path: "sprites/chest.png"),');
    expect(await text("assets/game.assets.ron")).toContain("// Drunk in one gulp.");
    expect(readPngSize(await readFile(asset("sprites/chest.png")))).toMatchObject({ width: 24, height: 24 });
  });

  test("undo takes the last write back, manifest and all", async () => {
    const { code, out } = await machine.run(["undo"]);
    expect(code).toBe(0);
    expect(out).toContain(`removed  ${asset("sprites/chest.png")}`);
    expect(await exists(asset("sprites/chest.png"))).toBe(false);
    expect(await text("assets/game.assets.ron")).not.toContain("chest");
  });

  test("a file that was edited is the person's: sync skips it, --replace overwrites it, undo brings it back", async () => {
    const drawn = await readFile(asset("sprites/potion.png"));
    await writeFile(asset("sprites/dragon.png"), drawn);
    const skipped = await machine.json("sync", ["sync"]);
    expect(skipped.sprites.map(({ path, action }) => [path, action])).toContainEqual(["sprites/dragon.png", "skip"]);
    expect(await readFile(asset("sprites/dragon.png"))).toEqual(drawn);

    const replaced = await machine.json("sync", ["sync", "--replace"]);
    expect(replaced.files).toContain(asset("sprites/dragon.png"));
    expect(await readFile(asset("sprites/dragon.png"))).not.toEqual(drawn);

    expect((await machine.run(["undo"])).code).toBe(0);
    expect(await readFile(asset("sprites/dragon.png"))).toEqual(drawn);
  });

  test("generate refuses to overwrite it before anything is drawn", async () => {
    const { code, err } = await machine.run(["generate", "a cat", "16x16", "path=sprites/dragon.png"]);
    expect(code).toBe(4);
    expect(err).toContain("is your own file");
    expect(err).toContain("--replace");
  });

  test("variants are only made; use writes the chosen one", async () => {
    const { jobs, files } = await machine.json("generate", [
      "generate",
      "silver key",
      "--size",
      "16x16",
      "--variants",
      "3",
    ]);
    expect(files).toEqual([]);
    expect(new Set(jobs.map(({ seed }) => seed)).size).toBe(3);
    const used = await machine.json("use", ["use", jobs[1]?.id ?? "", "--path", "sprites/key.png"]);
    expect(used.files).toContain(asset("sprites/key.png"));
    const sprite = await machine.json("show", ["show", "sprites/key.png"]);
    expect(sprite).toMatchObject({ width: 16, height: 16 });
  });

  test("a batch file makes every line, or nothing when one is wrong", async () => {
    const file = join(machine.folder, "prompts.txt");
    await writeFile(
      file,
      '# items\n"health potion" 16x16\nwooden shield\n\n"iron sword" 33x17 path=sprites/items/sword.png\n',
    );
    const { files } = await machine.json("batch", ["batch", file]);
    expect(files).toEqual(
      expect.arrayContaining([
        asset("sprites/health_potion.png"),
        asset("sprites/wooden_shield.png"),
        asset("sprites/items/sword.png"),
      ]),
    );
    expect(readPngSize(await readFile(asset("sprites/items/sword.png")))).toMatchObject({ width: 33, height: 17 });

    await writeFile(file, '"apple" 16x16\n"pear" 0x8\n');
    const { code, err } = await machine.run(["batch", file]);
    expect(code).toBe(2);
    expect(err).toContain(`${file}:2:`);
    expect(await exists(asset("sprites/apple.png"))).toBe(false);
  });

  test("frames and directions become a sheet with its layout in the manifest", async () => {
    const { files } = await machine.json("generate", [
      ...["generate", "green slime", "16x16", "frames=3", "directions=4", "key=slime.image"],
    ]);
    expect(files).toContain(asset("sprites/slime.png"));
    expect(readPngSize(await readFile(asset("sprites/slime.png")))).toMatchObject({ width: 48, height: 64 });
    const manifest = await text("assets/game.assets.ron");
    expect(manifest).toMatch(
      /"slime\.layout": TextureAtlasLayout\(tile_size_x: 16\.?0?, tile_size_y: 16\.?0?, columns: 3, rows: 4\)/,
    );
  });
});

describe("outside a game", () => {
  test("a plain picture can be made anywhere", async () => {
    const path = join(machine.folder, "coin.png");
    const { code, out } = await machine.run(["generate", "gold coin", "16x16", "-o", "coin.png"], {
      cwd: machine.folder,
    });
    expect(code).toBe(0);
    expect(out.trimEnd().split("\n")).toContain(path);
    expect(readPngSize(await readFile(path))).toMatchObject({ width: 16, height: 16 });
    const again = await machine.run(["generate", "gold coin", "16x16", "-o", "coin.png"], { cwd: machine.folder });
    expect(again.code).toBe(4);
  });

  test("writing into a game that is not there is an error with a way out", async () => {
    const { code, err } = await machine.run(["generate", "gold coin"], { cwd: machine.folder });
    expect(code).toBe(3);
    expect(err).toContain("--output FILE.png");
  });

  test("pixelize makes true pixels of a picture, at the size asked for", async () => {
    const input = join(machine.folder, "coin-input.png");
    await machine.run(["generate", "gold coin", "32x32", "-o", input]);
    const { sprites } = await machine.json("pixelize", [
      ...["pixelize", input, join(machine.folder, "small.png"), "--size", "12x12", "--colors", "4"],
    ]);
    expect(sprites).toHaveLength(1);
    expect(sprites[0]).toMatchObject({ width: 12, height: 12 });
    expect(sprites[0]?.palette.length).toBeLessThanOrEqual(4);
  });
});

describe("what a person can ask for wrongly", () => {
  test.for([
    [["generate", "dragon", "0x8"], 2, "width"],
    [["generate", "dragon", "1.5x8"], 2, "1.5"],
    [["generate", "dragon", "4097x8"], 2, "4096"],
    [["generate", "dragon", "pallete=db16"], 2, "palette"],
    [["generate", "dragon", "palette=db17"], 2, "db16"],
    [["generate", "dragon", "path=../outside.png"], 2, ".."],
    [["generate", "dragon", "path=sprites/dragón.png"], 2, "dragon.png"],
    [["generate", "dragon", "--model", "sdxl"], 3, "dgx-pixels-embedded"],
    [["generate", "dragon", "workflow=singel_sprite"], 3, "single_sprite"],
    [["generat", "dragon"], 2, "generate"],
    [["show", "nothing-of-the-kind"], 3, "jobs --all"],
    [["cancel", "ffffffff"], 3, "jobs --all"],
    [["pixelize", "missing.png", "out.png"], 3, "missing.png"],
    [["batch", "missing.txt"], 3, "missing.txt"],
    [["jobs", "--limit", "many"], 2, "whole number"],
  ] as const)("%j ends with %i and says %s", async ([args, code, says]) => {
    const run = await machine.run(args);
    expect(run).toMatchObject({ code });
    expect(run.err).toContain(says);
    expect(run.err).not.toMatch(/\n\s+at /);
  });

  test("errors are JSON where a program asked for it", async () => {
    const { code, out } = await machine.run(["--json", "generate", "dragon", "0x8"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: "invalid_directive" } });
  });
});

describe("the daemon and its engines", () => {
  test("doctor finds nothing that stops work, models lists the embedded engine, jobs lists what was made", async () => {
    const { findings } = await machine.json("doctor", ["doctor"]);
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
    const { engines } = await machine.json("models", ["models"]);
    expect(engines.map(({ engine }) => engine)).toEqual(["embedded"]);
    const { jobs } = await machine.json("jobs", ["jobs", "--all"]);
    expect(jobs.length).toBeGreaterThan(0);
  });

  test("status, restart and show go on with the same jobs", async () => {
    const before = await machine.json("daemon", ["daemon", "status"]);
    const after = await machine.json("daemon", ["daemon", "restart"]);
    expect(after.status?.pid).not.toBe(before.status?.pid);
    expect((await machine.run(["show"])).code).toBe(0);
  });
});
