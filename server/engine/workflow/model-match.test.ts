import { expect, test } from "vitest";
import { firstMatch, matchModel, nearestModels, unknownModel } from "./model-match.ts";

const names = ["sdxl/Pixel-Art-XL.safetensors", "sd_xl_base_1.0.safetensors", "anime.ckpt", "b+c (1).pt"];

test.for([
  ["exactly", "anime.ckpt", "anime.ckpt"],
  ["by its stem, without folder", "Pixel-Art-XL", "sdxl/Pixel-Art-XL.safetensors"],
  ["by its stem in any case", "pixel-art-xl", "sdxl/Pixel-Art-XL.safetensors"],
  ["by its whole name in any case", "SDXL/pixel-art-xl.SAFETENSORS", "sdxl/Pixel-Art-XL.safetensors"],
  ["by a glob over the stem", "*pixel*xl", "sdxl/Pixel-Art-XL.safetensors"],
  ["by a glob over the name", "sdxl/*", "sdxl/Pixel-Art-XL.safetensors"],
  ["by a single letter", "sd_xl_base_?.?", "sd_xl_base_1.0.safetensors"],
  ["with characters a pattern could mean", "b+c (1)", "b+c (1).pt"],
] as const)("is found %s", ([, wanted, found]) => {
  expect(matchModel(wanted, names)).toBe(found);
});

test("what is not there is null: no part of a name is enough without a glob", () => {
  expect(matchModel("pixel", names)).toBeNull();
  expect(matchModel("*flux*", names)).toBeNull();
  expect(matchModel("pixel", [])).toBeNull();
});

test("an exact name wins over an earlier stem", () => {
  expect(matchModel("x.safetensors", ["a/x.safetensors", "x.safetensors"])).toBe("x.safetensors");
});

test("the first pattern that has a model wins", () => {
  expect(firstMatch(["*flux*", "*pixel*", "*"], names)).toBe("sdxl/Pixel-Art-XL.safetensors");
  expect(firstMatch(["*flux*"], names)).toBeNull();
});

test("near names are few and ordered", () => {
  expect(nearestModels("sdxl base", names)[0]).toBe("sd_xl_base_1.0.safetensors");
  expect(nearestModels("zzz", names)).toEqual([]);
  expect(nearestModels("x", ["y"])).toEqual([]);
});

test("the error names the folder, and offers names where there are some", () => {
  const near = unknownModel("checkpoint", "checkpoints", "pixelart xl", names);
  expect(near.remedy).toMatch(/Did you mean sdxl\/Pixel-Art-XL/);
  const none = unknownModel("LoRA", "loras", "pixel", []);
  expect(none.remedy).toMatch(/^Put the file into ComfyUI's models\/loras/);
  expect(none.why).toBe("It has no LoRA at all.");
});

test("where nothing is near, the error names some of what there is", () => {
  const why = (known: string[]): string | undefined => unknownModel("checkpoint", "checkpoints", "zzz", known).why;
  expect(why(["one.ckpt"])).toBe("It has only one.ckpt.");
  expect(why(["b.ckpt", "a.ckpt"])).toBe("It has only a.ckpt, b.ckpt.");
  expect(why(["d.ckpt", "c.ckpt", "b.ckpt", "a.ckpt"])).toBe("It has 4 others, such as a.ckpt, b.ckpt, c.ckpt.");
});
