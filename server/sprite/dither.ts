import { type Oklab, type Rgb, rgbAt, toOklab } from "./color.ts";
import type { RgbaImage } from "./image.ts";
import { nearestIndex } from "./palette.ts";
import type { SpriteOptions } from "./sprite-options.ts";

/** How much a pair of far colours is held back against one of near colours that mixes less exactly. */
const contrastCost = 0.1;

/** A colour as a mix of two palette entries. `share` of `second`, 0 … 0.5. */
interface Mix {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

const matrixSide = { none: 1, bayer2: 2, bayer4: 4, bayer8: 8 } as const;

/** Every opaque pixel in one of the palette's colours (at least one): the nearest, or an ordered mix of two where dithering is asked. */
export function applyPalette(image: RgbaImage, palette: readonly Rgb[], dither: SpriteOptions["dither"]): RgbaImage {
  const colors = palette.map(toOklab);
  const side = matrixSide[dither];
  const thresholds = bayer(side);
  const mixes = new Map<Rgb, Mix>();
  const data = new Uint8ClampedArray(image.data.length);
  for (let index = 0; index < image.width * image.height; index++) {
    if (image.data[index * 4 + 3] === 0) continue;
    const rgb = rgbAt(image, index);
    let mix = mixes.get(rgb);
    if (!mix) mixes.set(rgb, (mix = side === 1 ? plain(toOklab(rgb), colors) : mixOf(toOklab(rgb), colors)));
    const x = index % image.width;
    const y = (index - x) / image.width;
    const threshold = thresholds[(y % side) * side + (x % side)]!;
    const chosen = palette[mix.share > threshold ? mix.second : mix.first]!;
    data[index * 4] = chosen >> 16;
    data[index * 4 + 1] = (chosen >> 8) & 255;
    data[index * 4 + 2] = chosen & 255;
    data[index * 4 + 3] = 255;
  }
  return { width: image.width, height: image.height, data };
}

function plain(color: Oklab, palette: readonly Oklab[]): Mix {
  const first = nearestIndex(color, palette);
  return { first, second: first, share: 0 };
}

/** The nearest entry and the one that, mixed with it, comes closest to the colour. */
function mixOf(color: Oklab, palette: readonly Oklab[]): Mix {
  const { first } = plain(color, palette);
  const from = palette[first]!;
  let best = { error: squared(color, from), mix: { first, second: first, share: 0 } };
  for (const [second, to] of palette.entries()) {
    const length = squared(from, to);
    if (length < 1e-9) continue;
    const along =
      (color.l - from.l) * (to.l - from.l) +
      (color.a - from.a) * (to.a - from.a) +
      (color.b - from.b) * (to.b - from.b);
    const share = Math.min(0.5, Math.max(0, along / length));
    const mixed = {
      l: from.l + share * (to.l - from.l),
      a: from.a + share * (to.a - from.a),
      b: from.b + share * (to.b - from.b),
    };
    const error = squared(color, mixed) + contrastCost * length * share * (1 - share);
    if (error < best.error) best = { error, mix: { first, second, share } };
  }
  return best.mix;
}

function squared(one: Oklab, other: Oklab): number {
  return (one.l - other.l) ** 2 + (one.a - other.a) ** 2 + (one.b - other.b) ** 2;
}

/** Thresholds of the Bayer matrix, 0 < t < 1, row by row. Source: Bayer (1973), by its recursion. */
function bayer(side: number): number[] {
  let matrix = [[0]];
  while (matrix.length < side) {
    const quadrant = (add: number): number[][] => matrix.map((row) => row.map((value) => value * 4 + add));
    const [a, b, c, d] = [quadrant(0), quadrant(2), quadrant(3), quadrant(1)];
    matrix = [...a.map((row, y) => [...row, ...b[y]!]), ...c.map((row, y) => [...row, ...d[y]!])];
  }
  return matrix.flat().map((value) => (value + 0.5) / (side * side));
}
