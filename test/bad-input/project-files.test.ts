import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "../cli/harness.ts";
import { rustWith, writeGame } from "./game.ts";
import { expectNoJobLeft, expectRefusal } from "./refusal.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.create();
});
afterAll(() => machine.remove());

const at = (path: string): string => join(machine.game, path);
const potion = (rest: string): string => `({\n    // @sprite "blue potion" 8x8\n    "potion.image": ${rest}\n})\n`;

describe("a directive that cannot be read is told with its place", () => {
  test.for([
    ['// @sprite "red dragon', "src/main.rs:2:", 'no closing `"`'],
    ["// @sprite 16x16", "src/main.rs:2:", "no prompt"],
    ["// @sprite", "src/main.rs:2:", "no prompt"],
    ['// @sprite ""', "src/main.rs:2:", "empty"],
    ['// @sprite "a" "b"', "src/main.rs:2:", "one prompt"],
    ['// @sprite "red dragon" framse=4', "src/main.rs:2:", "frames"],
    ['// @sprite "red dragon" 0x8', "src/main.rs:2:", "1 to 4096"],
    ['// @sprite "red dragon" -1x8', "src/main.rs:2:", "-1"],
    ['// @sprite "red dragon" 4097x8', "src/main.rs:2:", "4096"],
    ['// @sprite "red dragon" 1.5x8', "src/main.rs:2:", "1.5"],
    ['// @sprite "red dragon" path=../../x.png', "src/main.rs:2:", "../../x.png"],
    ['// @sprite "red dragon" path=con.png', "src/main.rs:2:", "con_sprite.png"],
    ['// @sprite "red dragon" path=drágon.png', "src/main.rs:2:", "dragon.png"],
    ['// @sprite "red dragon" from=missing.png', "src/main.rs:2:", "missing.png"],
    ['// @sprite "red dragon" style=boss', "src/main.rs:2:", "boss"],
    ['// @sprite "red dragon" 4096x4096 frames=8', "src/main.rs:2:", "16384"],
    [`// @sprite "${"red dragon ".repeat(10_000)}"`, "src/main.rs:2:", "65536"],
  ] as const)("%.60s", async ([directive, place, says]) => {
    await writeGame(machine, { "src/main.rs": rustWith(directive) });
    const { err } = await expectRefusal(machine, ["sync"], { code: 2, says: [place, says] });
    expect(err.length).toBeLessThan(1000);
  });

  test("bound to nothing", async () => {
    await writeGame(machine, { "src/main.rs": '// @sprite "red dragon" 8x8\nfn main() {}\n' });
    await expectRefusal(machine, ["sync"], { code: 2, says: ["src/main.rs:1:", "path="] });
  });

  test("twice for one target", async () => {
    const twice = rustWith('// @sprite "red dragon"') + rustWith('// @sprite "green dragon"');
    await writeGame(machine, { "src/main.rs": twice });
    await expectRefusal(machine, ["sync"], { code: 2, says: ["src/main.rs:2:", "src/main.rs:6:", "differently"] });
  });

  test("in great number, of which the first few are shown", async () => {
    await writeGame(machine, { "src/main.rs": rustWith("// @sprite 8x8").repeat(500) });
    const { err } = await expectRefusal(machine, ["sync"], { code: 2, says: ["500 things", "… and 480 more"] });
    expect(err.split("\n").length).toBeLessThan(30);
  });

  test("costs the other sprites nothing", async () => {
    await writeGame(machine, {
      "src/main.rs": rustWith('// @sprite "red dragon" 0x8'),
      "assets/game.assets.ron": potion('Image(path: "sprites/potion.png"),'),
    });
    const { code, err, out } = await machine.run(["sync"]);
    expect(code).toBe(2);
    expect(err).toContain("src/main.rs:2:");
    expect(out).toContain(at("assets/sprites/potion.png"));
    expect(out).not.toContain("dragon.png");
  });
});

describe("a file of the game that cannot be read", () => {
  test.for([
    ["pixels.toml", "[defaults\npalette = 3", "pixels.toml:1:"],
    ["pixels.toml", '[defaults]\nsize = "0x8"\n', "pixels.toml:2:"],
    ["pixels.toml", "[defaults]\nsteps = 1.5\n", "pixels.toml:2:"],
    ["pixels.toml", '[defaults]\npallete = "db16"\n', "palette"],
    ["pixels.toml", '[palettes.x]\nfile = "missing.gpl"\n', "missing.gpl"],
    ["pixels.toml", '[palettes.x]\nfile = "../../../etc/passwd"\n', "pixels.toml:2:"],
    ["pixels.toml", 'asset_root = "../outside"\n', "pixels.toml:1:"],
    ["pixels.toml", 'manifest = "/etc/x.ron"\n', "pixels.toml:1:"],
    ["pixels.toml", "<<<<<<< HEAD\n", "pixels.toml:1:"],
    ["pixels.lock", "version = \n", "pixels.lock:1:"],
    ["pixels.lock", "version = 99\n", "99"],
    ["pixels.lock", "<<<<<<< HEAD\nversion = 1\n=======\n", "unfinished merge"],
    ["pixels.lock", 'version = 1\n["assets/x.png"]\nrequest = 3\n', "pixels.lock:3:"],
    ["Cargo.toml", "[package\nname = ", "Cargo.toml:1:"],
  ] as const)("%s: %j", async ([file, text, says]) => {
    await writeGame(machine, { [file]: text });
    await expectRefusal(machine, ["sync"], { code: 2, says: [file, says] });
    await expectRefusal(machine, ["generate", "green slime", "8x8"], { code: 2, says: [file] });
  });

  test.for(["pixels.toml", "pixels.lock", "Cargo.toml", "src/main.rs"])("%s in Latin-1", async (file) => {
    await writeGame(machine, { [file]: Buffer.from("// Götter\n", "latin1") });
    await expectRefusal(machine, ["sync"], { code: 2, says: [`${file}:1:`, "UTF-8"] });
  });

  test("sources in UTF-16", async () => {
    await writeGame(machine, { "src/main.rs": Buffer.from(`\uFEFF${rustWith("// @sprite")}`, "utf16le") });
    await expectRefusal(machine, ["sync"], { code: 2, says: ["src/main.rs:1:", "UTF-8"] });
  });

  test.for(["pixels.toml", "pixels.lock"])("a folder named %s", async (file) => {
    await writeGame(machine);
    await mkdir(at(file));
    await expectRefusal(machine, ["sync"], { code: 2, says: [`${file}:1:`, "no file"] });
    await expectRefusal(machine, ["generate", "green slime", "8x8"], { code: 2, says: [file] });
  });

  test("a palette file that is none", async () => {
    await writeGame(machine, { "pixels.toml": '[palettes.x]\nfile = "x.gpl"\n', "x.gpl": "hello" });
    await expectRefusal(machine, ["sync"], { code: 2, says: ["pixels.toml:2:", "GIMP Palette"] });
  });
});

describe("a manifest that cannot hold the sprite", () => {
  test.for([
    ["is cut short", '({\n    "a.image": Image(path: "a.png"', "game.assets.ron"],
    ["has brackets of the wrong kind", "({\n]\n", "game.assets.ron"],
    ["is no map", "(width: 3)", "slime.image"],
    ["is not UTF-8", Buffer.from("({ // Götter\n})", "latin1"), "game.assets.ron"],
  ] as const)("since it %s", async ([, text, says]) => {
    await writeGame(machine, { "assets/game.assets.ron": text });
    const args = ["generate", "green slime", "8x8", "key=slime.image"];
    await expectRefusal(machine, args, { code: 2, says: [says] });
  });

  test("since the directive's own entry is malformed", async () => {
    await writeGame(machine, {
      "src/main.rs": "",
      "assets/game.assets.ron": potion('Image(path: "sprites/potion.png"'),
    });
    await expectRefusal(machine, ["sync"], { code: 2, says: ["assets/game.assets.ron:", "closing"] });
  });

  test("since the key is another thing's", async () => {
    const text = '({\n    "slime.image": TextureAtlasLayout(columns: 1),\n})\n';
    await writeGame(machine, { "assets/game.assets.ron": text });
    const args = ["generate", "green slime", "8x8", "key=slime.image"];
    await expectRefusal(machine, args, { code: 2, says: ["slime.image", "TextureAtlasLayout"] });
  });

  test.for([
    ["malformed", "{"],
    ["of another version", '{"version": 99, "sprites": {}}'],
  ])("since .sprites.json is %s", async ([, text = ""]) => {
    await writeGame(machine, { "assets/.sprites.json": text });
    const before = await readFile(at("assets/.sprites.json"), "utf8");
    const { code, err } = await machine.run(["generate", "green slime", "8x8"]);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining(".sprites.json") });
    expect(await readFile(at("assets/.sprites.json"), "utf8")).toBe(before);
  });
});

describe("what is large, deep or odd, and valid, is read", () => {
  const isPlanned = async (): Promise<void> => {
    const { sprites, problems } = await machine.json("sync", ["sync", "--dry-run"]);
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(sprites.map(({ path }) => path)).toEqual(["sprites/dragon.png"]);
  };

  test("a scene of 20 MB is told and left alone", async () => {
    await writeGame(machine, { "assets/level.scn.ron": `([${'"abcdefghij",\n'.repeat(1_500_000)}])` });
    await isPlanned();
    const { code, err } = await machine.run(["sync", "--dry-run"]);
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining("level.scn.ron") });
  });

  test("a million open brackets", async () => {
    await writeGame(machine, { "assets/deep.ron": `// @sprite "x" path=x.png\n${"[".repeat(1_000_000)}` });
    await expectRefusal(machine, ["sync", "--dry-run"], { code: 2, says: ["assets/deep.ron:2:", "more"] });
  });

  test("20,000 files, and links in circles", async () => {
    await writeGame(machine);
    await mkdir(at("assets/many"));
    for (let count = 0; count < 20_000; count += 1000) {
      await Promise.all(
        Array.from({ length: 1000 }, (_, index) => writeFile(at(`assets/many/${count + index}.png`), "")),
      );
    }
    await symlink(".", at("src/self"));
    await symlink("../..", at("assets/up"));
    await symlink("loop.rs", at("src/loop.rs"));
    await isPlanned();
  });

  test("empty files", async () => {
    await writeGame(machine, { "src/empty.rs": "", "assets/empty.ron": "", "pixels.toml": "", "pixels.lock": "" });
    await isPlanned();
  });

  test("Windows line ends and byte order marks, kept in what is edited", async () => {
    const forWindows = (text: string): string => `\uFEFF${text.replaceAll("\n", "\r\n")}`;
    await writeGame(machine);
    for (const file of ["Cargo.toml", "src/main.rs", "assets/game.assets.ron"]) {
      await writeFile(at(file), forWindows(await readFile(at(file), "utf8")));
    }
    await writeFile(at("pixels.toml"), forWindows('[defaults]\npalette = "pico-8"\n'));
    await isPlanned();
    expect((await machine.run(["generate", "green slime", "8x8", "key=slime.image"])).code).toBe(0);
    const entry = '    "slime.image": Image(path: "sprites/slime.png"),\n';
    expect(await readFile(at("assets/game.assets.ron"), "utf8")).toBe(forWindows(`({\n${entry}})\n`));
    await isPlanned();
  });
});

test("no job is left", () => expectNoJobLeft(machine));
