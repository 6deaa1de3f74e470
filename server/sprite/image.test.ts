import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { colorAt, draw, flipped } from "../../test/pixels/pictures.ts";
import { crop } from "./image.ts";
import { drawOutline } from "./outline.ts";
import { enlarge, shrinkToFit } from "./preview.ts";
import { wrapAround } from "./tile.ts";
import { opaqueBox } from "./trim.ts";

const anyImage = fc
  .record({
    width: fc.integer({ min: 1, max: 9 }),
    height: fc.integer({ min: 1, max: 9 }),
    bits: fc.bigInt(0n, 2n ** 81n),
  })
  .map(({ width, height, bits }) =>
    draw(width, height, (x, y) => ((bits >> BigInt(y * 9 + x)) & 1n ? [x + 1, y + 1, 9] : null)),
  );

describe("outline", () => {
  it("surrounds the sprite and touches nothing of it, the same when mirrored", () => {
    fc.assert(
      fc.property(anyImage, (image) => {
        const outlined = drawOutline(image, 0xa0b0c0);
        for (let y = 0; y < image.height; y++) {
          for (let x = 0; x < image.width; x++) {
            const before = colorAt(image, x, y);
            const beside = [
              [1, 0],
              [-1, 0],
              [0, 1],
              [0, -1],
            ].some(([dx = 0, dy = 0]) => {
              const [nx, ny] = [x + dx, y + dy];
              return nx >= 0 && ny >= 0 && nx < image.width && ny < image.height && colorAt(image, nx, ny);
            });
            expect(colorAt(outlined, x, y)).toEqual(before ?? (beside ? [0xa0, 0xb0, 0xc0] : null));
          }
        }
        expect(drawOutline(flipped(image), 0xa0b0c0)).toEqual(flipped(outlined));
      }),
    );
  });
});

describe("box", () => {
  it("holds every opaque pixel of all images, and no empty side", () => {
    fc.assert(
      fc.property(anyImage, (image) => {
        const box = opaqueBox([image, draw(image.width, image.height, () => null)]);
        if (!box) {
          expect(image.data.every((value) => value === 0)).toBe(true);
          return;
        }
        const opaque: [number, number][] = [];
        for (let y = 0; y < image.height; y++) {
          for (let x = 0; x < image.width; x++) if (colorAt(image, x, y)) opaque.push([x, y]);
        }
        const [xs, ys] = [opaque.map(([x]) => x), opaque.map(([, y]) => y)];
        expect(box).toEqual({
          x: Math.min(...xs),
          y: Math.min(...ys),
          width: Math.max(...xs) - Math.min(...xs) + 1,
          height: Math.max(...ys) - Math.min(...ys) + 1,
        });
      }),
    );
  });
});

describe("preview", () => {
  it("enlarges and shrinks back without a change", () => {
    fc.assert(
      fc.property(anyImage, fc.integer({ min: 1, max: 7 }), (image, factor) => {
        const large = enlarge(image, factor);
        expect([large.width, large.height]).toEqual([image.width * factor, image.height * factor]);
        expect(shrinkToFit(large, image.width, image.height)).toEqual(image);
        expect(shrinkToFit(image, 100, 100)).toBe(image);
      }),
    );
  });

  it("keeps the proportions, and at least one pixel", () => {
    const wide = draw(100, 3, () => [1, 2, 3]);
    const small = shrinkToFit(wide, 10, 10);
    expect([small.width, small.height]).toEqual([10, 1]);
  });

  it("refuses what no GPU shows", () => {
    expect(() =>
      enlarge(
        draw(2, 2, () => null),
        9000,
      ),
    ).toThrow(/too large/);
    expect(() =>
      enlarge(
        draw(100, 100, () => null),
        100,
      ),
    ).toThrow(/too large/);
  });
});

it("wraps around, and back", () => {
  fc.assert(
    fc.property(anyImage, fc.nat(8), fc.nat(8), (image, x, y) => {
      const [dx, dy] = [x % image.width, y % image.height];
      const moved = wrapAround(image, dx, dy);
      expect(colorAt(moved, 0, 0)).toEqual(colorAt(image, dx, dy));
      expect(wrapAround(moved, (image.width - dx) % image.width, (image.height - dy) % image.height)).toEqual(image);
    }),
  );
});

it("crops beyond its edges to transparency", () => {
  const image = draw(2, 2, (x, y) => [x, y, 7]);
  const part = crop(image, -1, 1, 3, 2);
  expect([colorAt(part, 0, 0), colorAt(part, 1, 0), colorAt(part, 2, 0), colorAt(part, 1, 1)]).toEqual([
    null,
    [0, 1, 7],
    [1, 1, 7],
    null,
  ]);
  expect(crop(image, 5, 5, 1, 1).data).toEqual(new Uint8ClampedArray(4));
});
