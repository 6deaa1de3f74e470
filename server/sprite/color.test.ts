import fc from "fast-check";
import { expect, it } from "vitest";
import { fromOklab, toOklab } from "./color.ts";

it.each([
  { rgb: 0xffffff, l: 1, a: 0, b: 0 },
  { rgb: 0x000000, l: 0, a: 0, b: 0 },
  { rgb: 0xff0000, l: 0.62796, a: 0.22486, b: 0.12585 },
  { rgb: 0x00ff00, l: 0.86644, a: -0.23389, b: 0.1795 },
  { rgb: 0x0000ff, l: 0.45201, a: -0.03246, b: -0.31153 },
])("$rgb is where the CSS Color 4 samples have it", ({ rgb, l, a, b }) => {
  const color = toOklab(rgb);
  expect([color.l, color.a, color.b].map((value) => Math.abs(value))).toEqual(
    [l, a, b].map((value) => expect.closeTo(Math.abs(value), 4)),
  );
  expect([Math.sign(a) || 1, Math.sign(b) || 1]).toEqual(
    [a && Math.sign(color.a), b && Math.sign(color.b)].map((s) => s || 1),
  );
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
