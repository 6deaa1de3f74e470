import { type Oklab, type Rgb, distance, rgbAt, toOklab } from "./color.ts";
import { type RgbaImage, createImage } from "./image.ts";

/** OKLab distance within which colours vote together. */
const together = 0.06;
/** Colours of a pixel that stand for election, the most frequent ones. */
const candidates = 64;

interface Vote {
  readonly color: Oklab;
  /** A pixel of that colour. */
  readonly index: number;
  weight: number;
}

/**
 * Fewer pixels (width × height, at most the image's own): each takes the colour most of its area has, never a mix,
 * and is opaque where at least half of its area is.
 */
export function shrink(image: RgbaImage, width: number, height: number): RgbaImage {
  const target = createImage(width, height);
  const [columns, rows] = [overlaps(image.width, width), overlaps(image.height, height)];
  for (const [y, row] of rows.entries()) {
    for (const [x, column] of columns.entries()) {
      const votes = new Map<Rgb, Vote>();
      let clear = 0;
      for (const [sourceY, tall] of row) {
        for (const [sourceX, wide] of column) {
          const index = sourceY * image.width + sourceX;
          if (image.data[index * 4 + 3] === 0) clear += tall * wide;
          else vote(votes, rgbAt(image, index), index, tall * wide);
        }
      }
      const opaque = [...votes.values()].reduce((sum, { weight }) => sum + weight, 0);
      if (opaque === 0 || opaque < clear - 1e-9) continue;
      const from = winner([...votes.values()]).index * 4;
      target.data.set(image.data.subarray(from, from + 4), (y * width + x) * 4);
    }
  }
  return target;
}

function vote(votes: Map<Rgb, Vote>, rgb: Rgb, index: number, weight: number): void {
  const same = votes.get(rgb);
  if (same) same.weight += weight;
  else votes.set(rgb, { color: toOklab(rgb), index, weight });
}

/** For each of `to` spans over `from` pixels: the pixels it covers, with how much of each. */
function overlaps(from: number, to: number): [number, number][][] {
  const scale = from / to;
  return Array.from({ length: to }, (_, span) => {
    const [start, end] = [span * scale, (span + 1) * scale];
    const covered: [number, number][] = [];
    for (let pixel = Math.floor(start); pixel < end - 1e-9; pixel++) {
      covered.push([pixel, Math.min(end, pixel + 1) - Math.max(start, pixel)]);
    }
    return covered;
  });
}

/** The candidate with the most area in its own and like colours. */
function winner(votes: readonly Vote[]): Vote {
  const standing = votes.toSorted((one, other) => other.weight - one.weight).slice(0, candidates);
  const support = standing.map((one) =>
    votes.reduce((sum, other) => (distance(one.color, other.color) <= together ? sum + other.weight : sum), 0),
  );
  return standing[support.indexOf(Math.max(...support))]!;
}
