import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PixelsError } from "../protocol/errors.ts";
import { wishFromArguments, wishFromLine } from "./wish-arguments.ts";

const bare = { words: [], options: {}, size: undefined };

describe("the command line speaks the language of the directive", () => {
  test("a prompt, a size and settings as words", () => {
    const wish = wishFromArguments({
      ...bare,
      prompt: "red dragon",
      words: ["64x32", "frames=4", "palette=sweetie-16", "tile"],
    });
    expect(wish).toMatchObject({
      prompt: "red dragon",
      size: { width: 64, height: 32 },
      values: { frames: 4, palette: "sweetie-16", tile: true },
    });
  });

  test("the same settings as options", () => {
    const wish = wishFromArguments({
      prompt: "red dragon",
      words: [],
      size: "64x32",
      options: { frames: "4", lora: ["pixel:0.8", "glow"], tile: true, negative: "blurry, text" },
    });
    expect(wish.values).toMatchObject({
      frames: 4,
      tile: true,
      negative: "blurry, text",
      lora: [
        { name: "pixel", strength: 0.8 },
        { name: "glow", strength: 1 },
      ],
    });
  });

  test("any prompt arrives as it was typed", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (prompt) => {
        fc.pre(prompt.trim() !== "" && prompt.isWellFormed());
        expect(wishFromArguments({ ...bare, prompt }).prompt).toBe(prompt);
      }),
    );
  });

  test.for(["0x8", "-1x8", "4097x4097", "1.5x2", "64x"])("the size %s is refused with its reason", (size) => {
    const attempt = (): unknown => wishFromArguments({ ...bare, prompt: "dragon", size });
    expect(attempt).toThrow(PixelsError);
    try {
      attempt();
    } catch (error) {
      expect(error).toMatchObject({ code: "invalid_directive" });
      expect((error as PixelsError).why).not.toBe("");
    }
  });

  test("a prompt that the shell cut into words is told as it should be written", () => {
    const attempt = (...words: string[]) => wishFromArguments({ ...bare, prompt: "red", words });
    expect(() => attempt("dragon,", "flying", "16x16")).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('`dgx-pixels generate "red dragon, flying" 16x16`') }),
    );
    expect(attempt("tile", "16x16").values).toEqual({ tile: true });
  });

  test("an unknown setting names the nearest one", () => {
    expect(() => wishFromArguments({ ...bare, prompt: "dragon", words: ["frame=4"] })).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining("frames") }),
    );
  });
});

describe("a line of a batch file", () => {
  test("is a directive", () => {
    expect(wishFromLine('  "blue potion" 16x16 seed=3 ')).toMatchObject({
      prompt: "blue potion",
      size: { width: 16, height: 16 },
      values: { seed: 3 },
    });
  });

  test("that may leave the quotes out, its settings at the end", () => {
    expect(wishFromLine("blue potion, 2 drops 16x16 seed=3 tile")).toMatchObject({
      prompt: "blue potion, 2 drops",
      size: { width: 16, height: 16 },
      values: { seed: 3, tile: true },
    });
    expect(() => wishFromLine("blue potion pallete=db16")).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining("palette") }),
    );
    expect(() => wishFromLine("16x16")).toThrow(expect.objectContaining({ code: "invalid_directive" }));
  });

  test("or a bare prompt", () => {
    expect(wishFromLine("blue potion, round bottle")).toMatchObject({
      prompt: "blue potion, round bottle",
      size: null,
    });
  });
});
