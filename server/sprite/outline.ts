import type { Rgb } from "./color.ts";
import type { RgbaImage } from "./image.ts";

/** A one-pixel outline on the transparent pixels that touch the sprite by a side; it is cut at the image's edge. */
export function drawOutline(image: RgbaImage, color: Rgb): RgbaImage {
  const { width, height } = image;
  const data = image.data.slice();
  const isOpaque = (index: number): boolean => image.data[index * 4 + 3] === 255;
  for (let y = 0, index = 0; y < height; y++) {
    for (let x = 0; x < width; x++, index++) {
      const touches =
        (x > 0 && isOpaque(index - 1)) ||
        (x < width - 1 && isOpaque(index + 1)) ||
        (y > 0 && isOpaque(index - width)) ||
        (y < height - 1 && isOpaque(index + width));
      if (!touches || isOpaque(index)) continue;
      data.set([color >> 16, (color >> 8) & 255, color & 255, 255], index * 4);
    }
  }
  return { width, height, data };
}
