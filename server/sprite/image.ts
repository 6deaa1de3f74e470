import { SpriteError } from "./sprite-error.ts";

/** Straight-alpha sRGB pixels, row by row from the top left, four bytes each. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Longest side of a picture read or a sheet written: the texture limit of common GPUs. */
export const maxImageSide = 16_384;
/** Most pixels of a picture read or a sheet written: 256 MiB of RGBA. */
export const maxImagePixels = 8192 * 8192;

/** Throws `invalid_image` for a size beyond the limits. */
export function checkSize(width: number, height: number): void {
  if (width <= maxImageSide && height <= maxImageSide && width * height <= maxImagePixels) return;
  throw new SpriteError(
    "invalid_image",
    `A picture of ${width}×${height} pixels is too large`,
    `Ask for a smaller cell or fewer frames: at most ${maxImageSide} pixels a side and ${maxImagePixels} in all.`,
  );
}

/** A fully transparent image. Throws `invalid_image` beyond the limits. */
export function createImage(width: number, height: number): RgbaImage {
  checkSize(width, height);
  return { width, height, data: new Uint8ClampedArray(width * height * 4) };
}

/** Copies `source` whole into `target` with its top left at (x, y); what falls outside is left out. */
export function paste(target: RgbaImage, source: RgbaImage, x: number, y: number): void {
  const left = Math.max(0, -x);
  const right = Math.min(source.width, target.width - x);
  if (right <= left) return;
  for (let row = Math.max(0, -y); row < Math.min(source.height, target.height - y); row++) {
    const from = (row * source.width + left) * 4;
    target.data.set(source.data.subarray(from, from + (right - left) * 4), ((y + row) * target.width + x + left) * 4);
  }
}

/** The part of `image` whose top left is (x, y). */
export function crop(image: RgbaImage, x: number, y: number, width: number, height: number): RgbaImage {
  const part = createImage(width, height);
  paste(part, image, -x, -y);
  return part;
}
