import type { RgbaImage } from "../../sprite/image.ts";

/** Flat colours a sprite may stand on, the usual ones of pixel art's chroma keys first. */
const mattes = [
  [255, 0, 255],
  [0, 255, 0],
  [0, 255, 255],
  [255, 255, 0],
  [0, 0, 255],
  [255, 0, 0],
  [255, 128, 0],
  [128, 0, 255],
] as const;

/** What a prompt can call its background. */
const matteWords: Readonly<Record<string, Rgb>> = {
  magenta: [255, 0, 255],
  pink: [255, 0, 255],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  cyan: [0, 255, 255],
  yellow: [255, 255, 0],
  white: [255, 255, 255],
  black: [0, 0, 0],
  gray: [128, 128, 128],
  grey: [128, 128, 128],
};

/** Distances in RGB, 0 … 441, from which a matte is taken: what is asked for is kept longer. */
const askedMatteDistance = 60;
const usualMatteDistance = 120;

export type Rgb = readonly [number, number, number];

/** The background that a prompt names: `on a plain solid green background`. */
export function matteInWords(prompt: string): Rgb | null {
  const name = /\b([a-z]+) (?:back(?:ground|drop)|matte)\b/i.exec(prompt)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(matteWords, name) ? (matteWords[name] ?? null) : null;
}

/** How a sprite lies in a picture. */
export interface Layout {
  /** A tile fills the picture and has no background: a seam would end where a matte begins. */
  readonly tile: boolean;
  /** The matte that the prompt asks for, taken where the sprite has no colour near it. */
  readonly matte: Rgb | null;
}

/**
 * A sprite as a diffusion model would deliver it: an opaque `width`×`height` picture in which every sprite pixel is a
 * square of whole pixels, as large as fits, centred on a flat matte that the sprite does not contain. So the ordinary
 * pixel stage finds its grid again, and the sprite exactly. A sprite larger than the picture is reduced by
 * dropping pixels.
 */
export function toPicture(sprite: RgbaImage, width: number, height: number, layout: Layout): RgbaImage {
  const { data } = sprite;
  const matte = pickMatte(sprite, layout.matte);
  const { across, down, left, top } = placement(sprite, width, height, layout.tile);
  const source = new Uint32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
  const flat = word(matte);
  for (let i = 0; i < source.length; i += 1) if ((data[i * 4 + 3] ?? 0) < 128) source[i] = flat;

  const target = new Uint32Array(width * height).fill(flat);
  const columns = Int32Array.from({ length: width }, (_, x) => Math.floor((x - left) / across));
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y - top) / down);
    if (row < 0 || row >= sprite.height) continue;
    for (let x = 0; x < width; x += 1) {
      const column = columns[x] ?? -1;
      if (column >= 0 && column < sprite.width) target[y * width + x] = source[row * sprite.width + column] ?? flat;
    }
  }
  return { width, height, data: new Uint8ClampedArray(target.buffer) };
}

/**
 * The sprite of `width`×`height` pixels in a picture laid out as `toPicture` does: the middle of each square, with the
 * colour of the corners cut out where all four agree, unless it is a tile. A picture of another origin is sampled in
 * the same places.
 */
export function fromPicture(picture: RgbaImage, width: number, height: number, tile: boolean): RgbaImage {
  const { across, down, left, top } = placement({ width, height }, picture.width, picture.height, tile);
  const at = (x: number, y: number): number =>
    4 *
    (Math.min(picture.height - 1, Math.max(0, Math.floor(y))) * picture.width +
      Math.min(picture.width - 1, Math.max(0, Math.floor(x))));
  const corners = [at(0, 0), at(picture.width, 0), at(0, picture.height), at(picture.width, picture.height)];
  const [first = 0] = corners;
  const same = (a: number, b: number): boolean =>
    [0, 1, 2].every((channel) => Math.abs((picture.data[a + channel] ?? 0) - (picture.data[b + channel] ?? 0)) <= 8);
  const hasMatte = !tile && corners.every((corner) => same(corner, first));
  // A tile that was rolled by half its width has its lines in the middle of odd cells: a pixel beside is inside one.
  const beside = (size: number): number => (tile && size >= 4 ? size / 2 + 1 : size / 2);

  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = at(left + x * across + beside(across), top + y * down + beside(down));
      if ((picture.data[from + 3] ?? 0) < 128 || (hasMatte && same(from, first))) continue;
      const to = (y * width + x) * 4;
      data.set(picture.data.subarray(from, from + 3), to);
      data[to + 3] = 255;
    }
  }
  return { width, height, data };
}

/** Nearest-neighbour resize to exactly `width`×`height`. */
export function resizeNearest(image: RgbaImage, width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(((y + 0.5) * image.height) / height);
    for (let x = 0; x < width; x += 1) {
      const from = (row * image.width + Math.floor(((x + 0.5) * image.width) / width)) * 4;
      data.set(image.data.subarray(from, from + 4), (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** Pixels a sprite pixel is wide and high (below 1 when the sprite is the larger), and where the sprite begins. */
function placement(
  sprite: { width: number; height: number },
  width: number,
  height: number,
  tile: boolean,
): { across: number; down: number; left: number; top: number } {
  if (tile) return { across: width / sprite.width, down: height / sprite.height, left: 0, top: 0 };
  const fit = Math.min(width / sprite.width, height / sprite.height);
  const scale = fit >= 1 ? Math.floor(fit) : fit;
  return {
    across: scale,
    down: scale,
    left: Math.floor((width - sprite.width * scale) / 2),
    top: Math.floor((height - sprite.height * scale) / 2),
  };
}

/** The first matte that is far from all of the sprite's colours, else the one that is farthest from the nearest. */
function pickMatte(sprite: RgbaImage, asked: Rgb | null): Rgb {
  const colors = new Set<number>();
  for (let i = 0; i < sprite.data.length; i += 4) {
    if ((sprite.data[i + 3] ?? 0) >= 128) {
      colors.add(((sprite.data[i] ?? 0) << 16) | ((sprite.data[i + 1] ?? 0) << 8) | (sprite.data[i + 2] ?? 0));
    }
  }
  const nearest = ([r, g, b]: Rgb): number => {
    let least = Infinity;
    for (const color of colors) {
      const distance = (r - (color >> 16)) ** 2 + (g - ((color >> 8) & 255)) ** 2 + (b - (color & 255)) ** 2;
      least = Math.min(least, distance);
    }
    return Math.sqrt(least);
  };
  if (asked !== null && nearest(asked) > askedMatteDistance) return asked;
  const [usual] = mattes;
  if (nearest(usual) > usualMatteDistance) return usual;
  return mattes.reduce<Rgb>((best, matte) => (nearest(matte) > nearest(best) ? matte : best), usual);
}

/** The colour, opaque, as one little-endian RGBA word. */
function word([r, g, b]: Rgb): number {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}
