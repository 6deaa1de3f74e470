import * as fc from "fast-check";
import { expect, it } from "vitest";
import { fromOklab, toOklab } from "./color.ts";

it.each([
  { name: "white", rgb: 0xffffff, lab: [1, 0, 0] },
  { name: "black", rgb: 0x000000, lab: [0, 0, 0] },
  { name: "red", rgb: 0xff0000, lab: [0.62796, 0.22486, 0.12585] },
  { name: "lime", rgb: 0x00ff00, lab: [0.86644, -0.23389, 0.1795] },
  { name: "blue", rgb: 0x0000ff, lab: [0.45201, -0.03246, -0.31153] },
])("$name is where the samples of CSS Color 4 have it", ({ rgb, lab }) => {
  const { l, a, b } = toOklab(rgb);
  expect([l, a, b]).toEqual(lab.map((value) => expect.closeTo(value, 4)));
});

it("comes back from OKLab to the same bytes", () => {
  fc.assert(
    fc.property(fc.nat(0xffffff), (rgb) => fromOklab(toOklab(rgb)) === rgb),
    { numRuns: 2000 },
  );
});

it("clips colours that no screen shows", () => {
  expect(fromOklab({ l: 1.2, a: 0, b: 0 })).toBe(0xffffff);
  expect(fromOklab({ l: -0.2, a: 0, b: 0 })).toBe(0);
});
