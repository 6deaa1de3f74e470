import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Machine } from "../cli/harness.ts";
import { writeGame } from "./game.ts";
import { expectNoJobLeft, expectRefusal, filesOf } from "./refusal.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.create();
});
afterAll(() => machine.remove());

const at = (path: string): string => join(machine.game, path);
const outside = (path = ""): string => join(machine.folder, "outside", path);

beforeEach(async () => {
  await writeGame(machine);
  await mkdir(outside(), { recursive: true });
  await writeFile(outside("theirs.png"), "somebody else's");
});

const slime = ["generate", "green slime", "8x8"];

describe("nothing is written through a link out of the game", () => {
  test("that stands for the asset folder", async () => {
    await rename(at("assets"), outside("assets"));
    await symlink(outside("assets"), at("assets"));
    await expectRefusal(machine, ["sync"], { code: 2, says: ["leads out", outside("assets")] });
    await expectRefusal(machine, slime, { code: 2, says: ["leads out"] });
  });

  test("that stands for a folder in it", async () => {
    await symlink(outside(), at("assets/sprites"));
    await expectRefusal(machine, ["sync"], { code: 2, says: ["src/main.rs:2:", "leads out"] });
    await expectRefusal(machine, slime, { code: 2, says: ["leads out"] });
  });

  test("that stands for the sprite, whoever says that it may be replaced", async () => {
    await mkdir(at("assets/sprites"));
    await symlink(outside("theirs.png"), at("assets/sprites/dragon.png"));
    await expectRefusal(machine, ["sync", "--replace"], { code: 2, says: ["leads out"] });
    const args = [...slime, "path=sprites/dragon.png", "--replace"];
    await expectRefusal(machine, args, { code: 2, says: ["leads out"] });
    expect(await readFile(outside("theirs.png"), "utf8")).toBe("somebody else's");
  });

  test("that stands for the sprite and leads nowhere yet", async () => {
    await mkdir(at("assets/sprites"));
    await symlink(outside("new.png"), at("assets/sprites/dragon.png"));
    await expectRefusal(machine, ["sync", "--replace"], { code: 2, says: ["leads nowhere"] });
  });

  test.for([
    ["pixels.lock", "version = 1\n"],
    ["pixels.toml", ""],
    ["Cargo.toml", '[package]\nname = "x"\n'],
  ] as const)("that stands for %s", async ([file, text]) => {
    await writeGame(machine, { [file]: null });
    await writeFile(outside(file), text);
    await symlink(outside(file), at(file));
    await expectRefusal(machine, ["sync"], { code: 2, says: [`${file}:1:`, "leads out"] });
  });

  test("that stands for the manifest", async () => {
    await writeFile(outside("x.ron"), "({})");
    await rm(at("assets/game.assets.ron"));
    await symlink(outside("x.ron"), at("assets/game.assets.ron"));
    await expectRefusal(machine, [...slime, "key=slime.image"], { code: 2, says: ["game.assets.ron"] });
  });

  test("that stands for .sprites.json", async () => {
    await writeFile(outside("s.json"), '{"version":1,"sprites":{}}');
    await symlink(outside("s.json"), at("assets/.sprites.json"));
    await expectRefusal(machine, slime, { code: 2, says: [".sprites.json", "leads out"] });
  });

  test("that stands for the folder of its own", async () => {
    await symlink(outside(), at(".dgx-pixels"));
    await expectRefusal(machine, slime, { code: 2, says: [".dgx-pixels", "leads out"] });
  });
});

describe("what stands in the way", () => {
  test("a folder where the sprite would be", async () => {
    await mkdir(at("assets/sprites/dragon.png"), { recursive: true });
    await expectRefusal(machine, ["sync"], { code: 2, says: ["src/main.rs:2:", "dragon.png is a folder"] });
    await expectRefusal(machine, ["sync", "--replace"], { code: 2, says: ["dragon.png is a folder"] });
  });

  test("a file where its folder would be", async () => {
    await writeFile(at("assets/sprites"), "");
    await expectRefusal(machine, ["sync"], { code: 2, says: ["assets/sprites is a file"] });
  });

  test("a file where the asset folder would be", async () => {
    await writeGame(machine, { "assets/game.assets.ron": null, assets: "" });
    await expectRefusal(machine, ["sync"], { code: 2, says: ["assets is a file"] });
  });

  test("a link in a circle", async () => {
    await mkdir(at("assets/sprites"));
    await symlink("dragon.png", at("assets/sprites/dragon.png"));
    await expectRefusal(machine, ["sync"], { code: 2, says: ["circle"] });
  });

  test("a folder named .sprites.json, and a file named .dgx-pixels", async () => {
    await mkdir(at("assets/.sprites.json"));
    await expectRefusal(machine, slime, { code: 2, says: [".sprites.json is a folder"] });
    await writeGame(machine, { ".dgx-pixels": "" });
    await expectRefusal(machine, slime, { code: 2, says: [".dgx-pixels"] });
  });
});

test("links inside the game are followed", async () => {
  await mkdir(at("art"));
  await symlink("../art", at("assets/sprites"));
  expect((await machine.run(["sync"])).code).toBe(0);
  expect(await filesOf(machine)).toMatchObject({
    "game/art/dragon.png": expect.any(String),
    "game/assets/sprites": "link to ../art",
  });
});

test("no job is left", () => expectNoJobLeft(machine));
