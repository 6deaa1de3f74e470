import { execFileSync } from "node:child_process";
import { mkdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPngSize } from "../../server/sprite/png-text.ts";
import { Machine } from "../cli/harness.ts";
import { rustWith, writeGame } from "./game.ts";
import { expectNoJobLeft, expectRefusal } from "./refusal.ts";

let machine: Machine;
const at = (name: string): string => join(machine.folder, "pictures", name);

beforeAll(async () => {
  machine = await Machine.create();
  await writeGame(machine);
  await mkdir(at(""));
  await machine.run(["generate", "gold coin", "32x32", "-o", at("coin.png")]);
  const coin = await readFile(at("coin.png"));
  await writeFile(at("truncated.png"), coin.subarray(0, coin.length - 40));
  await writeFile(at("header.png"), coin.subarray(0, 40));
  await writeFile(at("empty.png"), "");
  await writeFile(at("text.png"), "hello");
  await writeFile(at("200MB.png"), coin);
  // Sparse: it takes no room on the disk.
  await truncate(at("200MB.png"), 200 << 20);
  await writeFile(at("claims-much.png"), claimingSize(coin, 100_000));
  await mkdir(at("folder.png"));
  await symlink("loop.png", at("loop.png"));
  execFileSync("mkfifo", [at("pipe.png")]);
});
afterAll(() => machine.remove());

/** The PNG with another size in its header, the checksum right. */
function claimingSize(png: Uint8Array, side: number): Uint8Array {
  const claiming = Buffer.from(png);
  claiming.writeUInt32BE(side, 16);
  claiming.writeUInt32BE(side, 20);
  claiming.writeUInt32BE(crc32(claiming.subarray(12, 29)), 29);
  return claiming;
}

describe("a picture that is none", () => {
  const pictures = [
    ["truncated.png", 2, "cut short"],
    ["header.png", 2, "cut short"],
    ["empty.png", 2, "empty"],
    ["text.png", 2, "PNG, JPEG or WebP"],
    ["200MB.png", 2, "200 MiB"],
    ["claims-much.png", 2, "100000×100000"],
  ] as const;
  const files = [
    ["folder.png", 2, "not a file"],
    ["pipe.png", 2, "not a file"],
    ["loop.png", 2, "circle"],
    ["missing.png", 3, "ENOENT"],
  ] as const;

  test.for([...pictures, ...files])("%s is not pixelized", async ([name, code, says]) => {
    await expectRefusal(machine, ["pixelize", at(name), at("out.png")], { code, says: [at(name), says] });
  });

  test.for([...pictures, ...files])("%s is no reference of a command", async ([name, code, says]) => {
    await expectRefusal(machine, ["generate", "dragon", "8x8", "--from", at(name)], { code, says: [at(name), says] });
  });

  test.for(pictures)("%s is no reference of a directive", async ([name, code, says]) => {
    await writeGame(machine, { "src/main.rs": rustWith('// @sprite "red dragon" 8x8 from=sketch.png') });
    // Linked, since 200 MB are not copied: the file is what counts.
    execFileSync("cp", ["--sparse=always", at(name), join(machine.game, "sketch.png")]);
    await expectRefusal(machine, ["sync"], { code, says: ["sketch.png", says] });
  });

  test.for(pictures)("%s is not shown", async ([name, code, says]) => {
    await expectRefusal(machine, ["show", at(name)], { code, says: [at(name), says] });
  });

  test.for(files)("nor is %s", async ([name]) => {
    await expectRefusal(machine, ["show", at(name)], { code: 3, says: [at(name)] });
  });
});

describe("pixelize with arguments that cannot be", () => {
  test.for([
    [["coin.png", "coin.png"], 4, "already there"],
    [["coin.png", "folder.png"], 4, "is a folder"],
    [["coin.png", "folder.png", "--replace"], 4, "is a folder"],
    [["coin.png", "out.jpg"], 2, "out.png"],
    [["coin.png", "coin.png", "out.png"], 2, "folder"],
    [["coin.png", "coin.png", "out"], 2, "Two pictures"],
    [["coin.png", "text.png/out.png"], 2, "text.png"],
    [["coin.png", "out.png", "--size", "0x0"], 2, "1x1"],
    [["coin.png", "out.png", "--size", "4097x1"], 2, "4096"],
    [["coin.png", "out.png", "--size", "1.5x1"], 2, "1.5"],
    [["coin.png", "out.png", "--colors", "1"], 2, "2 to 256"],
    [["coin.png", "out.png", "--background", "red"], 2, "keep"],
    [["coin.png", "out.png", "--outline", "red"], 2, "#000000"],
    [["coin.png", "out.png", "--palette", "db17"], 2, "db16"],
    [["coin.png", "out.png", "--palette", "missing.gpl"], 3, "missing.gpl"],
  ] as const)("%j ends with %i and says %s", async ([args, code, says]) => {
    await expectRefusal(machine, ["pixelize", ...args], { code, says: [says], cwd: at("") });
  });

  test.for([
    ["none.gpl", "hello", "GIMP Palette"],
    ["bytes.hex", Buffer.from([255, 254, 0]), "UTF-8"],
    ["many.hex", "ff0000\n".repeat(1_000_000), "too large"],
  ] as const)("the palette file %s", async ([name, content, says]) => {
    await writeFile(at(name), content);
    const args = ["pixelize", "coin.png", "out.png", "--palette", name];
    await expectRefusal(machine, args, { code: 2, says: [name, says], cwd: at("") });
  });
});

test.for(["1x1", "33x17"])("a picture becomes a sprite of %s", async (size) => {
  const out = at(`${size}.png`);
  expect((await machine.run(["pixelize", at("coin.png"), out, "--size", size])).code).toBe(0);
  const [width, height] = size.split("x").map(Number);
  expect(readPngSize(await readFile(out))).toMatchObject({ width, height });
});

test("a picture of one pixel becomes a sprite", async () => {
  const { sprites } = await machine.json("pixelize", ["pixelize", at("1x1.png"), at("again.png")]);
  expect(sprites).toMatchObject([{ width: 1, height: 1 }]);
});

test("no job is left", () => expectNoJobLeft(machine));
