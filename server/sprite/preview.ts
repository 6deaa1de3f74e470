import { type RgbaImage, createImage } from "./image.ts";

/** Every pixel as a block of `factor × factor` (a whole number ≥ 1). Throws `invalid_image` beyond the largest picture. */
export function enlarge(image: RgbaImage, factor: number): RgbaImage {
  return resample(image, image.width * factor, image.height * factor);
}

/** Shrunk by nearest neighbour to fit the given size, sides in proportion; a picture that fits is returned as it is. */
export function shrinkToFit(image: RgbaImage, maxWidth: number, maxHeight: number): RgbaImage {
  const scale = Math.min(maxWidth / image.width, maxHeight / image.height);
  if (scale >= 1) return image;
  return resample(image, Math.max(1, Math.floor(image.width * scale)), Math.max(1, Math.floor(image.height * scale)));
}

/** Any size by nearest neighbour: pixels come out uneven unless the sides are multiples. */
export function resample(image: RgbaImage, width: number, height: number): RgbaImage {
  const target = createImage(width, height);
  const pixels = new Uint32Array(target.data.buffer);
  const source = new DataView(image.data.buffer, image.data.byteOffset);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * image.height) / height) * image.width;
    for (let x = 0; x < width; x++, at++) {
      const column = Math.floor(((x + 0.5) * image.width) / width);
      pixels[at] = source.getUint32((row + column) * 4, true);
    }
  }
  return target;
}
