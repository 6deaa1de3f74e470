import * as fc from "fast-check";
import { expect, it } from "vitest";
import { randomNumbers } from "../../test/pixels/pictures.ts";
import { distance, fromOklab, toOklab } from "./color.ts";
import { learnPalette } from "./palette.ts";

const anyCounts = fc
  .uniqueArray(fc.tuple(fc.nat(0xffffff), fc.integer({ min: 1, max: 50 })), { maxLength: 60, selector: ([rgb]) => rgb })
  .map((entries) => new Map(entries));

it("has no more colours than asked for, and those of the picture where they suffice", () => {
  fc.assert(
    fc.property(anyCounts, fc.integer({ min: 1, max: 20 }), (counts, most) => {
      const palette = learnPalette(counts, most, false);
      expect(palette.length).toBeLessThanOrEqual(most);
      if (counts.size <= most) expect(new Set(palette)).toEqual(new Set(counts.keys()));
    }),
  );
});

it("is the same whatever order the colours were met in", () => {
  fc.assert(
    fc.property(anyCounts, (counts) => {
      const backwards = new Map([...counts].toReversed());
      expect(new Set(learnPalette(backwards, 5, true))).toEqual(new Set(learnPalette(counts, 5, true)));
    }),
  );
});

/** Counts of `centers`, each scattered `samples` times by up to `reach` in OKLab. */
function scattered(centers: readonly number[], samples: number, reach: number): Map<number, number> {
  const random = randomNumbers(1);
  const shift = (): number => (random() - 0.5) * 2 * reach;
  const counts = new Map<number, number>();
  for (const center of centers) {
    for (let sample = 0; sample < samples; sample++) {
      const { l, a, b } = toOklab(center);
      const rgb = fromOklab({ l: l + shift(), a: a + shift(), b: b + shift() });
      counts.set(rgb, (counts.get(rgb) ?? 0) + 1);
    }
  }
  return counts;
}

const centers = [0x804020, 0x208040, 0x3050c0, 0xd0c040, 0x303030];

it.each([
  { what: "as many as are asked for", most: 5, merge: false },
  { what: "as many as there are under noise", most: 256, merge: true },
])("finds the colours of noisy clusters: $what", ({ most, merge }) => {
  const palette = learnPalette(scattered(centers, 200, 0.009), most, merge);
  expect(palette).toHaveLength(centers.length);
  for (const center of centers) {
    expect(Math.min(...palette.map((rgb) => distance(toOklab(rgb), toOklab(center))))).toBeLessThan(0.01);
  }
});

it("stays quick and within bounds over very many colours", () => {
  const counts = new Map(Array.from({ length: 60_000 }, (_, index) => [(index * 279) % 0x1000000, 1 + (index % 3)]));
  expect(learnPalette(counts, 32, false)).toHaveLength(32);
});
