import type { LabPlanes } from "./color.ts";
import type { GridLines } from "./grid-lines.ts";

/** Sums over every rectangle from the top left, so that any cell's variance costs four look-ups. */
export interface Moments {
  readonly width: number;
  readonly height: number;
  /** `(width + 1) × (height + 1)` times four sums: of L, a, b, and of their squares together. */
  readonly sums: Float64Array;
}

/** Part of a cell that blur from its neighbours hardly reaches. */
const core = 0.6;

/** Source: Crow, "Summed-area tables for texture mapping" (1984). */
export function toMoments({ width, height, l, a, b }: LabPlanes): Moments {
  const stride = (width + 1) * 4;
  const sums = new Float64Array(stride * (height + 1));
  for (let y = 0, index = 0; y < height; y++) {
    let [rowL, rowA, rowB, rowSquares] = [0, 0, 0, 0];
    for (let x = 0, at = (y + 1) * stride + 4; x < width; x++, index++, at += 4) {
      const pl = l[index]!;
      const pa = a[index]!;
      const pb = b[index]!;
      rowL += pl;
      rowA += pa;
      rowB += pb;
      rowSquares += pl * pl + pa * pa + pb * pb;
      sums[at] = sums[at - stride]! + rowL;
      sums[at + 1] = sums[at + 1 - stride]! + rowA;
      sums[at + 2] = sums[at + 2 - stride]! + rowB;
      sums[at + 3] = sums[at + 3 - stride]! + rowSquares;
    }
  }
  return { width, height, sums };
}

/**
 * How well one colour a cell explains the picture, 0 … 1. The variance inside the cells must be small against two others:
 * that inside cells moved by half a pitch, which a wrong pitch or phase does not beat whatever the picture shows,
 * and that of the whole picture, which a few huge cells do not beat by chance.
 */
export function explains(moments: readonly Moments[], lines: GridLines): number {
  const { width, height } = moments[0]!;
  const inside = residual(moments, lines.x, lines.y);
  const across = residual(moments, halfWay(lines.x), halfWay(lines.y));
  const whole = residual(moments, Float64Array.of(0, width), Float64Array.of(0, height));
  if (across < 1e-9 || whole < 1e-9) return 0;
  return Math.max(0, 1 - inside / across) * Math.max(0, 1 - inside / whole);
}

function halfWay(lines: Float64Array): Float64Array {
  return Float64Array.from({ length: lines.length - 1 }, (_, cell) => (lines[cell]! + lines[cell + 1]!) / 2);
}

/** Mean squared OKLab distance of pixels to the mean of their cell, over the cells' cores. */
function residual(moments: readonly Moments[], linesX: Float64Array, linesY: Float64Array): number {
  const [spansX, spansY] = [cores(linesX), cores(linesY)];
  let [error, pixels] = [0, 0];
  for (const { width, sums } of moments) {
    const stride = width + 1;
    for (const [top, bottom] of spansY) {
      for (const [left, right] of spansX) {
        const area = (right - left) * (bottom - top);
        const topLeft = (top * stride + left) * 4;
        const topRight = (top * stride + right) * 4;
        const bottomLeft = (bottom * stride + left) * 4;
        const bottomRight = (bottom * stride + right) * 4;
        let squared = 0;
        for (let channel = 0; channel < 3; channel++) {
          const below = sums[bottomRight + channel]! - sums[bottomLeft + channel]!;
          const sum = below - sums[topRight + channel]! + sums[topLeft + channel]!;
          squared += sum * sum;
        }
        const below = sums[bottomRight + 3]! - sums[bottomLeft + 3]!;
        const squares = below - sums[topRight + 3]! + sums[topLeft + 3]!;
        error += Math.max(0, squares - squared / area);
        pixels += area;
      }
    }
  }
  return pixels > 0 ? error / pixels : 0;
}

/** The middle of every span, in whole pixels and at least two wide. */
function cores(lines: Float64Array): [number, number][] {
  const spans: [number, number][] = [];
  for (let index = 1; index < lines.length; index++) {
    const [from, to] = [lines[index - 1]!, lines[index]!];
    const inset = ((to - from) * (1 - core)) / 2;
    const start = Math.round(from + inset);
    const end = Math.max(start + 2, Math.round(to - inset));
    if (end <= lines.at(-1)!) spans.push([start, end]);
  }
  return spans;
}
