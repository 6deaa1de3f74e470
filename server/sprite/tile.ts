import { type RgbaImage, createImage, paste } from "./image.ts";

/** The picture moved left by x and up by y pixels (0 ≤ x < width, 0 ≤ y < height); what leaves one side enters at the other. */
export function wrapAround(image: RgbaImage, x: number, y: number): RgbaImage {
  if (x === 0 && y === 0) return image;
  const moved = createImage(image.width, image.height);
  for (const top of [-y, image.height - y]) for (const left of [-x, image.width - x]) paste(moved, image, left, top);
  return moved;
}
