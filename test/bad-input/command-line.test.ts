import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "../cli/harness.ts";
import { writeGame } from "./game.ts";
import { expectNoJobLeft, expectRefusal, filesOf } from "./refusal.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.create();
  await writeGame(machine);
});
afterAll(() => machine.remove());

describe("a sprite that cannot be", () => {
  test.for([
    ["0x8", "width"],
    ["8x0", "height"],
    ["--size=-1x8", "-1"],
    ["4097x8", "4096"],
    ["8x4097", "4096"],
    ["1.5x8", "1.5"],
    ["8", "height"],
    ["8x", "height"],
    ["64x64x64", "two sides"],
    ["99999999999999999999x1", "4096"],
    ["path=../x.png", ".."],
    ["path=a/../../x.png", ".."],
    ["path=/etc/x.png", "/etc/x.png"],
    ["path=sprites//x.png", "sprites//x.png"],
    ["path=./x.png", "./x.png"],
    ["path=C:\\x.png", "C:\\x.png"],
    ["path=sprites\\x.png", "sprites\\x.png"],
    ["path=con.png", "con_sprite.png"],
    ["path=sprites/NUL.png", "sprites/nul_sprite.png"],
    ["path=aux/x.png", "aux_sprite/x.png"],
    ["path=sprites/dragón.png", "sprites/dragon.png"],
    ["path=sprites/赤.png", "ASCII"],
    ["path=a b.png", "a_b.png"],
    ["path=.hidden.png", "hidden.png"],
    ["path=a?.png", "a.png"],
    [`path=${"a".repeat(300)}.png`, "too long"],
    ["path=x\0.png", "x.png"],
    ["path=x.jpg", "x.png"],
    ["path=x", "x.png"],
    ["path=embedded://x.png", "asset source"],
    ["path=x.png#label", "x.png"],
    ["path=", "path"],
    ["frames=0", "1 to 256"],
    ["frames=257", "1 to 256"],
    ["frames=1.5", "1 to 256"],
    ["directions=3", "4 or 8"],
    ["fps=0", "240"],
    ["colors=1", "2 to 256"],
    ["seed=-1", "9007199254740991"],
    ["seed=9007199254740992", "9007199254740991"],
    ["steps=501", "1 to 500"],
    ["cfg=NaN", "0 to 100"],
    ["strength=2", "0 to 1"],
    ["pivot=nowhere", "bottom"],
    ["outline=red", "#000000"],
    ["background=zzz", "keep"],
    ["palette=db17", "db16"],
    ["palette=#12", "#12"],
    ["lora=x:99", "-10 to 10"],
    ["variants=65", "1 to 64"],
    ["tile=maybe", "true or false"],
    ["style=boss", "styles.boss"],
    ["pallete=db16", "palette"],
    ["negative", "negative"],
    ["=3", "key"],
  ] as const)("%s says %s", async ([word, says]) => {
    await expectRefusal(machine, ["generate", "dragon", word], { code: 2, says: [says] });
  });

  test("a sheet that no GPU loads", async () => {
    await expectRefusal(machine, ["generate", "dragon", "4096x4096", "frames=8"], {
      code: 2,
      says: ["32768x4096", "16384"],
    });
  });

  test.for([
    ["nothing", ""],
    ["blanks", "  \t "],
    ["100 KB", "a red dragon ".repeat(8000)],
  ] as const)("a prompt of %s", async ([, prompt]) => {
    const { err } = await expectRefusal(machine, ["generate", prompt], { code: 2, says: ["cannot be made"] });
    expect(err.length).toBeLessThan(1000);
  });

  test("a prompt that would command the terminal does not", async () => {
    const { out } = await machine.run(["generate", "\x1b]0;title\x07red \x1b[31mdragon", "8x8", "--no-write"]);
    expect(out).toContain("dragon");
    expect(out).not.toContain("\x1b");
  });
});

describe("a command line that cannot be", () => {
  test.for([
    [["generat", "dragon"], 2, "generate"],
    [["generate"], 2, "prompt"],
    [["generate", "dragon", "--frmaes", "4"], 2, "--frames"],
    [["generate", "dragon", "--priority", "urgent"], 2, "low, normal, high"],
    [["generate", "dragon", "--deadline", "0"], 2, "--deadline"],
    [["generate", "dragon", "--deadline", "99999999999999"], 2, "--deadline"],
    [["generate", "dragon", "-o", "dragon.jpg"], 2, ".png"],
    [["generate", "dragon", "variants=2", "-o", "dragon.png"], 2, "variants"],
    [["jobs", "--limit", "501"], 2, "1 to 500"],
    [["jobs", "--limit", "many"], 2, "1 to 500"],
    [["help", "generat"], 3, "generate"],
    [["daemon", "stat"], 2, "start"],
    [["pixelize", "in.png"], 2, "in.png"],
    [["show", "nothing-of-the-kind"], 3, "nothing-of-the-kind"],
    [["show", "0".repeat(64)], 3, "no longer stored"],
    [["cancel", "ffffffff"], 3, "ffffffff"],
    [["retry", "ffffffff"], 3, "ffffffff"],
    [["use", "ffffffff"], 3, "ffffffff"],
    [["undo", "ffffffff"], 3, "ffffffff"],
    [["undo"], 3, "Nothing was placed"],
    [["batch", "missing.txt"], 3, "missing.txt"],
    [["-C", "missing", "sync"], 3, "missing"],
    [["-C", "/proc", "sync"], 3, "Cargo"],
    [["-C", "Cargo.toml", "undo"], 2, "not a folder"],
    [["demo", "--folder", "src"], 4, "src"],
  ] as const)("%j ends with %i and says %s", async ([args, code, says]) => {
    await expectRefusal(machine, args, { code, says: [says] });
  });

  test("none at all shows the commands, or says so to a program", async () => {
    const { code, err } = await machine.run([]);
    expect(code).toBe(2);
    expect(err).toContain("generate [options] <prompt>");
    const { out } = await machine.run(["--json"]);
    expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code: "invalid_request" } });
  });
});

describe("a batch file", () => {
  test.for([
    ["that is a folder", "src", "EISDIR"],
    ["that is no text", "/proc/self/exe", "too large"],
    ["that never ends", "/dev/zero", "too large"],
    ["that is empty", "/dev/null", "no prompt"],
  ] as const)("%s", async ([, file, says]) => {
    await expectRefusal(machine, ["batch", file], { code: 2, says: [file, says] });
  });

  test("with one wrong line makes nothing, and names each wrong line", async () => {
    const lines = ["apple 8x8", '"pear" 0x8', '"plum" 8x8 path=../x.png', '"fig" 8x8 path=a.png', '"fig" path=a.png'];
    await writeGame(machine, { "prompts.txt": lines.join("\r\n") });
    await expectRefusal(machine, ["batch", "prompts.txt"], {
      code: 2,
      says: ["prompts.txt:2: ", "prompts.txt:3: ", "prompts.txt:5: ", "nothing was made"],
    });
  });

  test("in Latin-1", async () => {
    await writeGame(machine, { "prompts.txt": Buffer.from("Götter", "latin1") });
    await expectRefusal(machine, ["batch", "prompts.txt"], { code: 2, says: ["not UTF-8"] });
  });
});

describe("what is small or odd, and valid", () => {
  test.for(["1x1", "33x17", "1x7"])("a sprite of %s", async (size) => {
    await writeGame(machine);
    const { jobs } = await machine.json("generate", ["generate", "dragon", size, "path=sprites/d.png"]);
    const [width, height] = size.split("x").map(Number);
    expect(jobs[0]?.result).toMatchObject({ kind: "sprite", sprite: { width, height } });
  });

  test("undo then brings every file back as it was", async () => {
    await writeGame(machine);
    const before = await filesOf(machine);
    await machine.json("generate", ["generate", "dragon", "3x2", "key=d.image"]);
    await machine.json("undo", ["undo"]);
    const { "game/.dgx-pixels": _own, "game/.dgx-pixels/.gitignore": _ignore, ...after } = await filesOf(machine);
    delete after["game/.dgx-pixels/tmp"];
    expect(after).toEqual(before);
  });
});

test("no job is left", () => expectNoJobLeft(machine));
