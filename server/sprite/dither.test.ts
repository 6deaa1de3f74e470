import * as fc from "fast-check";
import { expect, it } from "vitest";
import { draw } from "../../test/pixels/pictures.ts";
import { rgbAt } from "./color.ts";
import { applyPalette } from "./dither.ts";

const blackAndWhite = [0x000000, 0xffffff];
const sides = { bayer2: 2, bayer4: 4, bayer8: 8 } as const;

it("takes the nearest colour where nothing is to be dithered", () => {
  const image = draw(3, 1, (x) => (x === 2 ? null : [x * 200 + 20, 30, 30]));
  const painted = applyPalette(image, [0xff2020, 0x101010], "none");
  expect([rgbAt(painted, 0), rgbAt(painted, 1)]).toEqual([0x101010, 0xff2020]);
  expect(painted.data[11]).toBe(0);
});

it.each(["bayer2", "bayer4", "bayer8"] as const)("%s mixes more white the lighter the gray, evenly", (dither) => {
  const side = sides[dither];
  const whites = Array.from({ length: 26 }, (_, step) => {
    const image = draw(side, side, () => [step * 10, step * 10, step * 10]);
    const painted = applyPalette(image, blackAndWhite, dither);
    return Array.from({ length: side * side }, (__, at) => rgbAt(painted, at)).filter((rgb) => rgb > 0).length;
  });
  expect(whites).toEqual(whites.toSorted((one, other) => one - other));
  expect([whites[0], whites.at(-1)]).toEqual([0, side * side]);
  expect(new Set(whites).size).toBeGreaterThan(2);
});

it("leaves the palette's own colours as they are", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(0xffffff), { minLength: 1, maxLength: 8 }),
      fc.constantFrom("bayer2" as const, "bayer4" as const, "bayer8" as const),
      (palette, dither) => {
        const image = draw(palette.length, 8, (x) => {
          const rgb = palette[x] ?? 0;
          return [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
        });
        expect(applyPalette(image, palette, dither).data).toEqual(image.data);
      },
    ),
  );
});
