import { expect, it } from "vitest";
import { draw, drawCreature, magenta, onMatte, randomNumbers } from "../../test/pixels/pictures.ts";
import { toPlanes } from "./color.ts";
import { detectGrid } from "./grid.ts";
import { combLines, fitComb, followLines, settleCount } from "./grid-lines.ts";
import { crop } from "./image.ts";
import { enlarge, resample } from "./preview.ts";
import { whiten, strongPitches, tune } from "./spectrum.ts";

const creature = onMatte(drawCreature(40, 40, 5));

it.each([
  { what: "whole", pitch: 12, left: 0, top: 0 },
  { what: "cut at its edges", pitch: 12, left: 5, top: 8 },
  { what: "uneven", pitch: 9.7, left: 0, top: 0 },
])("finds a grid that is $what, by its own evidence alone", ({ pitch, left, top }) => {
  const large = resample(creature, Math.round(40 * pitch), Math.round(40 * pitch));
  const picture = crop(large, left, top, large.width - left, large.height - top);
  const grid = detectGrid([toPlanes(picture)], null);
  expect(grid?.confidence).toBeGreaterThan(0.9);
  expect(grid?.x.pitch).toBeCloseTo(pitch, 0);
  // Lines lie where the cells really begin.
  for (const [index, line] of (grid?.lines.x ?? []).entries()) {
    const isEnd = index === 0 || line >= picture.width - 1;
    const off = Math.abs((line + left) / pitch - Math.round((line + left) / pitch)) * pitch;
    if (!isEnd) expect(off).toBeLessThanOrEqual(pitch * 0.35);
  }
});

it("finds the coarser of two grids where each explains the picture", () => {
  const doubled = enlarge(enlarge(onMatte(drawCreature(24, 24, 2)), 2), 8);
  expect(detectGrid([toPlanes(doubled)], { width: 48, height: 48 })?.x.pitch).toBeCloseTo(16, 1);
});

it("measures pictures larger than it needs at half their size", () => {
  const picture = enlarge(onMatte(drawCreature(34, 34, 9)), 64);
  const grid = detectGrid([toPlanes(picture)], null);
  expect([grid?.lines.x.length, grid?.x.pitch]).toEqual([35, expect.closeTo(64, 0)]);
});

it("does not trust what has no grid", () => {
  const random = randomNumbers(3);
  const discs = Array.from({ length: 20 }, () => ({
    x: random() * 400,
    y: random() * 400,
    r: 10 + random() * 50,
    c: Math.floor(random() * 200),
  }));
  const picture = draw(400, 400, (x, y) => {
    const disc = discs.find((one) => Math.hypot(x - one.x, y - one.y) < one.r);
    return disc ? [disc.c, 200 - disc.c, (disc.c * 7) % 100] : magenta;
  });
  expect(detectGrid([toPlanes(picture)], null)?.confidence ?? 0).toBeLessThan(0.6);
});

it("answers nothing for pictures that are too small, and no confidence for flat ones", () => {
  expect(detectGrid([], null)).toBeNull();
  expect(detectGrid([toPlanes(draw(8, 8, () => magenta))], null)).toBeNull();
  expect(detectGrid([toPlanes(draw(64, 64, () => magenta))], { width: 8, height: 8 })?.confidence).toBe(0);
});

it("draws lines over the whole length, with the cut cells that count", () => {
  expect([...combLines({ pitch: 10, phase: 0 }, 40)]).toEqual([0, 10, 20, 30, 40]);
  expect([...combLines({ pitch: 10, phase: 6 }, 40)]).toEqual([0, 6, 16, 26, 36]);
  expect([...combLines({ pitch: 10, phase: 3 }, 40)]).toEqual([3, 13, 23, 33, 40]);
  expect([...combLines({ pitch: 90, phase: 50 }, 40)]).toEqual([0, 40]);
});

it("follows lines that drift, and keeps the distance where nothing shows", () => {
  const profile = new Float64Array(101);
  const strong = [10, 21, 32, 42, 70, 79, 89];
  for (const at of strong) profile[at] = 1;
  expect([...followLines({ pitch: 10, phase: 0 }, profile)]).toEqual([0, 10, 21, 32, 42, 51, 60, 70, 79, 89, 101]);
});

it("fits a regular grid to lines that were moved", () => {
  const lines = Float64Array.of(0, 4, 15, 23, 34, 40);
  const { pitch, phase } = fitComb(lines, { pitch: 1, phase: 0 });
  expect([pitch, phase]).toEqual([expect.closeTo(9.8), expect.closeTo(4.3)]);
  expect(fitComb(lines.subarray(0, 3), { pitch: 7, phase: 2 })).toEqual({ pitch: 7, phase: 2 });
});

it("comes to the count that is wanted when it is near", () => {
  const lines = Float64Array.of(3, 13, 23, 33, 40);
  expect([...settleCount(lines, 4, 40)]).toEqual([...lines]);
  expect([...settleCount(lines, 3, 40)]).toEqual([3, 13, 23, 33]);
  expect([...settleCount(lines, 5, 43)]).toEqual([3, 13, 23, 33, 40, 49.25]);
  expect([...settleCount(lines, 5, 41)]).toEqual([-6.25, 3, 13, 23, 33, 40]);
  expect([...settleCount(lines, 9, 40)]).toEqual([...lines]);
});

it("reads pitch and phase from a profile with a slope and two equal gradients a line", () => {
  const profile = Float64Array.from({ length: 600 }, (_, at) => at / 2000 + (at % 13 === 4 || at % 13 === 5 ? 1 : 0));
  const flat = whiten(profile, 150);
  const [pitch = 0] = strongPitches([flat, flat], { least: 3, most: 150 }, 5);
  const tuned = tune(flat, pitch);
  expect(tuned.pitch).toBeCloseTo(13, 1);
  expect(tuned.phase).toBeCloseTo(4.5, 0);
  expect([...whiten(new Float64Array(9), 3)]).toEqual([...new Float64Array(9)]);
});
