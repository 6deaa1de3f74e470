import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PixelsError } from "../../protocol/errors.ts";
import { pixelOptionsSchema } from "../../protocol/sprite-request.ts";
import { MemoryLookup } from "../memory-lookup.ts";
import { parsePixelsToml } from "../pixels-toml.ts";
import { builtInPalettes } from "./built-in.ts";
import { loadPalettes } from "./load-palettes.ts";
import { colorOf, normalizeColor } from "./palette.ts";
import { parsePalette } from "./parse-palette.ts";

const rounds = { numRuns: process.env["DGX_PIXELS_ROUNDS"] === "full" ? 2000 : 150 };

describe("palette files", () => {
  test.for([
    ["Lospec .hex", "a.hex", "1a1c2c\nB13E53\r\n\n#ffcd75\n1a1c2c\n"],
    [
      "GIMP .gpl",
      "a.gpl",
      "GIMP Palette\nName: a\nColumns: 3\n# by someone\n 26  28  44\tblack\n177 62 83\n255 205 117 sand 2\n",
    ],
    [
      "Aseprite's .gpl with alpha",
      "a.GPL",
      "GIMP Palette\nChannels: RGBA\n26 28 44 255 x\n177 62 83 255\n255 205 117 255\n",
    ],
    ["JASC .pal", "a.pal", "JASC-PAL\r\n0100\r\n3\r\n26 28 44\r\n177 62 83\r\n255 205 117\r\n"],
    ["Paint.NET .txt", "a.txt", "\uFEFF; paint.net Palette File\nFF1A1C2C\nFFB13E53\n00FFFFFF\nFFFFCD75\n"],
  ])("%s", ([, name = "", text = ""]) => {
    expect(parsePalette(text, name)).toEqual(["#1a1c2c", "#b13e53", "#ffcd75"]);
  });

  test.for([
    ["a colour that is none", "a.hex", "1a1c2c\nred\n", 2],
    ["a component above 255", "a.pal", "JASC-PAL\n0100\n1\n256 0 0\n", 4],
    ["two components", "a.gpl", "GIMP Palette\n1 2\n", 2],
    ["no title", "a.gpl", "1 2 3\n", 1],
    ["no count", "a.pal", "JASC-PAL\n0100\nmany\n1 2 3\n", 1],
    ["nothing", "a.hex", "\n", 1],
    [
      "too many colours",
      "a.hex",
      Array.from({ length: 257 }, (_, i) => i.toString(16).padStart(6, "0")).join("\n"),
      257,
    ],
    ["five digits", "a.txt", "FF1A1\n", 1],
    ["another format", "a.ase", "ASEF", 1],
  ] as const)("%s is an error with its line", ([, name, text, line]) => {
    expect(() => parsePalette(text, name)).toThrow(
      expect.objectContaining({ code: "invalid_file", data: { path: name, line } }),
    );
  });

  test("any text gives colours or a PixelsError", () => {
    const names = fc.constantFrom("a.hex", "a.gpl", "a.pal", "a.txt", "a", "");
    const heads = fc.constantFrom("", "GIMP Palette\n", "JASC-PAL\n0100\n3\n");
    fc.assert(
      fc.property(names, heads, fc.string({ unit: "binary" }), (name, head, text) => {
        try {
          const colors = parsePalette(head + text, name);
          expect(pixelOptionsSchema.shape.palette.safeParse([...colors]).success).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PixelsError);
        }
      }),
      rounds,
    );
  });
});

test("colours are written one way", () => {
  expect(["#F00", "ff0000", "#FF0000", "#ff0000ff"].map(normalizeColor)).toEqual(Array(4).fill("#ff0000"));
  expect(["red", "#ff000", "", "#gg0000"].map(normalizeColor)).toEqual([null, null, null, null]);
  expect(colorOf(1, 2, 255)).toBe("#0102ff");
  expect(colorOf(1.5, 2, 3)).toBeNull();
});

test.for([...builtInPalettes])("the built-in palette %s is one the pixel stage takes", ([name, colors]) => {
  expect(pixelOptionsSchema.shape.palette.safeParse([...colors]).success).toBe(true);
  expect(new Set(colors).size).toBe(colors.length);
  const count = /(\d+)$/.exec(name)?.[1];
  if (count !== undefined && name !== "pico-8") expect(colors).toHaveLength(Number(count));
});

describe("a crate's palettes", () => {
  const toml = `[palettes.sand]
colors = ["#FC0", "#ffcc00", "#886600"]
[palettes.forest]
file = "art/forest.hex"
[palettes.pico-8]
colors = ["#000000"]
`;

  test("come from the list, from files, and win over the built-in ones", async () => {
    const lookup = new MemoryLookup({ "/w/game/art/forest.hex": "224422\n" });
    const { palettes, problems } = await loadPalettes(lookup, "/w/game", parsePixelsToml(toml));
    expect(problems).toEqual([]);
    expect(palettes.get("sand")).toEqual(["#ffcc00", "#886600"]);
    expect(palettes.get("forest")).toEqual(["#224422"]);
    expect(palettes.get("pico-8")).toEqual(["#000000"]);
    expect(palettes.get("sweetie-16")).toHaveLength(16);
  });

  test.for([
    ["missing", {}, "does not exist"],
    ["malformed", { "/w/game/art/forest.hex": "green" }, "is not a colour"],
  ] as const)("a %s file is told where it is named", async ([, files, why]) => {
    const { problems } = await loadPalettes(new MemoryLookup(files), "/w/game", parsePixelsToml(toml));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(why);
    expect(toml.slice(problems[0]?.start, problems[0]?.end)).toBe('"art/forest.hex"');
  });
});
