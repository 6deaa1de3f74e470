import { lattice } from "./random.ts";
import type { RgbaImage } from "../../../sprite/image.ts";

/** The sprite as it looks after so much (0 … 1) of its steps: pixels appear in the order of their noise. */
export function reveal(image: RgbaImage, progress: number, seed: number): RgbaImage {
  if (progress >= 1) return image;
  const { width, height } = image;
  const data = image.data.slice();
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if ((lattice(seed, x, y) + 1) / 2 > progress) data[(y * width + x) * 4 + 3] = 0;
    }
  }
  return { width, height, data };
}
