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

type Rgb = readonly [number, number, number];

/**
 * A sprite as a diffusion model would deliver it: an opaque `width`×`height` picture in which every sprite pixel is a
 * square of whole pixels, as large as fits, centred on a flat matte that the sprite does not contain. So the ordinary
 * pixel stage finds its grid again, and the sprite exactly. A sprite larger than the picture is reduced by
 * dropping pixels.
 */
export function toPicture(sprite: RgbaImage, width: number, height: number): RgbaImage {
  const matte = pickMatte(sprite);
  const { scale, left, top } = placement(sprite, width, height);
  const source = new Uint32Array(sprite.width * sprite.height);
  new Uint8ClampedArray(source.buffer).set(sprite.data);
  const flat = pixel(matte);
  for (let i = 0; i < source.length; i += 1) if ((sprite.data[i * 4 + 3] ?? 0) < 128) source[i] = flat;

  const target = new Uint32Array(width * height).fill(flat);
  const columns = Array.from({ length: width }, (_, x) => Math.floor((x - left) / scale));
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y - top) / scale);
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
 * colour of the corners cut out where all four agree, unless it is a tile, which has no background.
 * A picture of another origin is sampled in the same places.
 */
export function fromPicture(picture: RgbaImage, width: number, height: number, tile: boolean): RgbaImage {
  const { scale, left, top } = placement({ width, height }, picture.width, picture.height);
  const at = (x: number, y: number): number =>
    4 *
    (Math.min(picture.height - 1, Math.max(0, Math.floor(y))) * picture.width +
      Math.min(picture.width - 1, Math.max(0, Math.floor(x))));
  const corners = [at(0, 0), at(picture.width, 0), at(0, picture.height), at(picture.width, picture.height)];
  const [first = 0] = corners;
  const same = (a: number, b: number): boolean =>
    [0, 1, 2].every((channel) => Math.abs((picture.data[a + channel] ?? 0) - (picture.data[b + channel] ?? 0)) <= 8);
  const hasMatte = !tile && corners.every((corner) => same(corner, first));

  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = at(left + (x + 0.5) * scale, top + (y + 0.5) * scale);
      if ((picture.data[from + 3] ?? 0) < 128 || (hasMatte && same(from, first))) continue;
      data.set([...picture.data.subarray(from, from + 3), 255], (y * width + x) * 4);
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

/** Pixels a sprite pixel is wide (below 1 when the sprite is the larger), and where the sprite begins. */
function placement(
  sprite: { width: number; height: number },
  width: number,
  height: number,
): { scale: number; left: number; top: number } {
  const fit = Math.min(width / sprite.width, height / sprite.height);
  const scale = fit >= 1 ? Math.floor(fit) : fit;
  return {
    scale,
    left: Math.floor((width - sprite.width * scale) / 2),
    top: Math.floor((height - sprite.height * scale) / 2),
  };
}

/** The matte that is farthest from the sprite's nearest colour. */
function pickMatte(sprite: RgbaImage): Rgb {
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
    return least;
  };
  // Magenta stays where it is far enough: a constant matte is what a person expects to see.
  const [usual] = mattes;
  if (nearest(usual) > 120 ** 2) return usual;
  return mattes.reduce<Rgb>((best, matte) => (nearest(matte) > nearest(best) ? matte : best), usual);
}

/** The colour, opaque, as one little-endian RGBA word. */
function pixel([r, g, b]: Rgb): number {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}
