import { expect, it } from "vitest";
import { colorAt, draw, magenta, randomNumbers } from "../../test/pixels/pictures.ts";
import { cellCore, sampleCells } from "./cells.ts";
import { toOklab } from "./color.ts";
import { despill } from "./despill.ts";
import { regularLines } from "./grid-lines.ts";
import type { RgbaImage } from "./image.ts";
import { shrink } from "./shrink.ts";

const lines = { x: regularLines(0, 10, 2), y: regularLines(0, 10, 1) };

function allOf({ width, height }: RgbaImage): Uint8Array {
  return new Uint8Array(width * height).fill(1);
}

it("takes the colour most of a cell's middle has, not a mean with its neighbour's", () => {
  const random = randomNumbers(1);
  const picture = draw(20, 10, (x, y) => {
    if (x > 7 && x < 12) return [128, 128, 128];
    if (y === 3) return [250, 250, 0];
    return x < 10 ? [20 + random() * 8, 40, 60] : [200, 180 + random() * 8, 160];
  });
  const cells = sampleCells(picture, allOf(picture), lines, cellCore);
  expect(colorAt(cells, 0, 0)).toEqual([expect.closeTo(24, -1), 40, 60]);
  expect(colorAt(cells, 1, 0)).toEqual([200, expect.closeTo(184, -1), 160]);
});

it("is opaque where most of a cell belongs to the sprite, and ignores pixels on the cut's edge", () => {
  const picture = draw(20, 10, (x) => (x < 7 ? [10, 200, 10] : x === 7 ? [130, 100, 130] : magenta));
  const mask = Uint8Array.from({ length: 200 }, (_, at) => (at % 20 < 8 ? 1 : 0));
  const cells = sampleCells(picture, mask, lines, 1);
  expect([colorAt(cells, 0, 0), colorAt(cells, 1, 0)]).toEqual([[10, 200, 10], null]);
  expect(cells.data.subarray(4)).toEqual(new Uint8ClampedArray(4));
});

it("takes the edge's own pixels where a part of the sprite has no others", () => {
  const picture = draw(20, 10, (x) => (x < 8 ? [10, 200, 10] : magenta));
  const speckled = Uint8Array.from({ length: 200 }, (_, at) => (at % 20 < 8 && (at % 2 === 0 || at % 3 === 0) ? 1 : 0));
  expect(colorAt(sampleCells(picture, speckled, lines, 1), 0, 0)).toEqual([10, 200, 10]);
});

it("reads lines beyond the picture from its edge", () => {
  const picture = draw(10, 10, () => [1, 2, 3]);
  const cells = sampleCells(picture, allOf(picture), { x: regularLines(-10, 10, 3), y: lines.y }, cellCore);
  expect([0, 1, 2].map((x) => colorAt(cells, x, 0))).toEqual([
    [1, 2, 3],
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

it("takes the matte out of edge cells, and leaves other colours alone", () => {
  const green = [20, 160, 40] as const;
  const mixed = [138, 80, 148] as const;
  const other = [240, 240, 80] as const;
  const cells = draw(5, 5, (x, y) => {
    if (x === 0 || y === 0 || x === 4 || y === 4) return null;
    if (y === 1) return x === 2 ? mixed : other;
    return green;
  });
  const clean = despill(cells, toOklab(0xff00ff));
  expect([colorAt(clean, 2, 1), colorAt(clean, 1, 1), colorAt(clean, 2, 2)]).toEqual([green, other, green]);
  // Where the sprite has the matte's own colour there is nothing to tell apart.
  expect(despill(cells, toOklab(0x14a028)).data).toEqual(cells.data);
});

it("shrinks by vote: like colours together, never a mix, clear where most is clear", () => {
  const image = draw(6, 3, (x, y) => {
    if (x < 3) return y === 0 ? [200, 0, 0] : y === 1 ? [196, 2, 2] : [0, 0, 200];
    return y < 2 ? null : [5, 5, 5];
  });
  const small = shrink(image, 2, 1);
  expect([colorAt(small, 0, 0), colorAt(small, 1, 0)]).toEqual([[200, 0, 0], null]);
  const uneven = shrink(
    draw(5, 1, (x) => [x * 50, 0, 0]),
    2,
    1,
  );
  expect([colorAt(uneven, 0, 0), colorAt(uneven, 1, 0)]).toEqual([
    [0, 0, 0],
    [150, 0, 0],
  ]);
});
