import { type RgbaImage, createImage, paste } from "./image.ts";
import { SpriteError } from "./sprite-error.ts";
import type { SpriteOptions, SpriteResult } from "./sprite-options.ts";

export function makeSprite(images: readonly RgbaImage[], options: SpriteOptions): SpriteResult {
  const [first] = images;
  if (!first || images.length !== options.frames * options.directions) {
    throw new SpriteError(
      "invalid_image",
      `Expected ${options.frames * options.directions} pictures`,
      "Make them again.",
    );
  }
  const cell = options.size === "auto" ? { width: first.width, height: first.height } : options.size;
  const sheet = createImage(cell.width * options.frames, cell.height * options.directions);
  for (const [index, image] of images.entries()) {
    const shrunk = createImage(cell.width, cell.height);
    const [from, to] = [new Int32Array(image.data.slice().buffer), new Int32Array(shrunk.data.buffer)];
    for (let y = 0; y < cell.height; y++) {
      for (let x = 0; x < cell.width; x++) {
        const sy = Math.floor(((y + 0.5) * image.height) / cell.height);
        const sx = Math.floor(((x + 0.5) * image.width) / cell.width);
        to[y * cell.width + x] = from[sy * image.width + sx]!;
      }
    }
    paste(sheet, shrunk, (index % options.frames) * cell.width, Math.floor(index / options.frames) * cell.height);
  }
  return {
    image: sheet,
    cell,
    columns: options.frames,
    rows: options.directions,
    palette: [],
    confidence: null,
    warnings: [],
  };
}
