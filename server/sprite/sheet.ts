import { type RgbaImage, createImage, crop, paste } from "./image.ts";
import { SpriteError } from "./sprite-error.ts";

/** Frames (equal sizes), row by row, as one sheet. Throws `invalid_image` when the sheet is too large. */
export function joinSheet(frames: readonly RgbaImage[], columns: number): RgbaImage {
  const { width, height } = frames[0]!;
  const sheet = createImage(width * columns, height * Math.ceil(frames.length / columns));
  for (const [index, frame] of frames.entries()) {
    paste(sheet, frame, (index % columns) * width, Math.floor(index / columns) * height);
  }
  return sheet;
}

/** One picture that holds all frames, as its cells row by row. Throws `invalid_image` when it does not divide. */
export function splitSheet(sheet: RgbaImage, columns: number, rows: number): RgbaImage[] {
  const [width, height] = [sheet.width / columns, sheet.height / rows];
  if (!Number.isInteger(width) || !Number.isInteger(height)) {
    throw new SpriteError(
      "invalid_image",
      `A picture of ${sheet.width}×${sheet.height} does not divide into ${columns}×${rows} frames`,
      "Give one picture a frame, or a sheet whose sides are multiples of the number of frames and directions.",
    );
  }
  return Array.from({ length: columns * rows }, (_, index) =>
    crop(sheet, (index % columns) * width, Math.floor(index / columns) * height, width, height),
  );
}
