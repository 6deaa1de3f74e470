import { type RgbaImage, createImage, crop, paste } from "./image.ts";
import { enlarge, resample } from "./preview.ts";
import { shrink } from "./shrink.ts";
import type { Size, SpriteOptions } from "./sprite-options.ts";
import { opaqueBox } from "./trim.ts";

/** A whole-number reduction that fills at least this part of the room is preferred: it treats all pixels alike. */
const leastFill = 0.75;

/** Sides whose proportions differ by more than this are cropped rather than stretched. */
const leastCrop = 0.05;

export interface Fit {
  readonly frames: readonly RgbaImage[];
  readonly warnings: readonly string[];
}

/**
 * Frames of a cut-out sprite (equal sizes) on a canvas of exactly `size`, all moved alike. True pixels are kept:
 * a canvas that is the cell stays as it is, a smaller one is enlarged by a whole number or padded around the pivot,
 * a larger one is trimmed to the sprite and reduced only if that is still too large. `margin` pixels stay free where trimmed.
 */
export function fitSprite(
  frames: readonly RgbaImage[],
  size: Size,
  pivot: SpriteOptions["pivot"],
  margin: number,
): Fit {
  const [first] = frames;
  if (!first || isSize(first, size)) return { frames, warnings: [] };
  const factor = Math.floor(Math.min(size.width / first.width, size.height / first.height));
  if (factor >= 2) {
    const enlarged = frames.map((frame) => enlarge(frame, factor));
    return {
      frames: enlarged.map((frame) => place(frame, size, pivot)),
      warnings: [`The picture has ${text(first)} cells: each became ${factor}×${factor} pixels of ${text(size)}.`],
    };
  }
  const box = opaqueBox(frames);
  if (!box) return { frames: frames.map(() => createImage(size.width, size.height)), warnings: [] };
  const trimmed = frames.map((frame) => crop(frame, box.x, box.y, box.width, box.height));
  const room = roomIn(size, margin);
  if (box.width <= room.width && box.height <= room.height) {
    return { frames: trimmed.map((frame) => place(frame, size, pivot)), warnings: [] };
  }
  const target = reducedSize(box, room);
  return {
    frames: trimmed.map((frame) => place(shrink(frame, target.width, target.height), size, pivot)),
    warnings: [`The sprite has ${text(box)} cells, more than ${text(size)} holds: it was reduced to ${text(target)}.`],
  };
}

/**
 * Frames of a whole picture on exactly `size`: a larger grid is reduced, its sides cropped evenly where the proportions
 * differ; a smaller one is enlarged by the whole number that fits and padded around the pivot.
 */
export function fitPicture(frames: readonly RgbaImage[], size: Size, pivot: SpriteOptions["pivot"]): Fit {
  const [first] = frames;
  if (!first || isSize(first, size)) return { frames, warnings: [] };
  const own = `The picture has ${text(first)} cells`;
  if (first.width >= size.width && first.height >= size.height) {
    const part = sameProportions(first, size);
    const [x, y] = [Math.floor((first.width - part.width) / 2), Math.floor((first.height - part.height) / 2)];
    return {
      frames: frames.map((frame) => shrink(crop(frame, x, y, part.width, part.height), size.width, size.height)),
      warnings: [`${own}: it was reduced to ${text(size)}.`],
    };
  }
  const factor = Math.max(1, Math.floor(Math.min(size.width / first.width, size.height / first.height)));
  return {
    frames: frames.map((frame) => place(enlarge(frame, factor), size, pivot)),
    warnings: [`${own}, which does not fill ${text(size)} evenly: the rest is transparent or cut off.`],
  };
}

/** Frames of a tile on exactly `size`, filled to its edges, so that it still repeats without a seam. */
export function fitTile(frames: readonly RgbaImage[], size: Size): Fit {
  const [first] = frames;
  if (!first || isSize(first, size)) return { frames, warnings: [] };
  const own = `The tile has ${text(first)} cells`;
  if (first.width >= size.width && first.height >= size.height) {
    return {
      frames: frames.map((frame) => shrink(frame, size.width, size.height)),
      warnings: [`${own}: it was reduced to ${text(size)}.`],
    };
  }
  return {
    frames: frames.map((frame) => resample(frame, size.width, size.height)),
    warnings: [`${own}: it was stretched to ${text(size)}, so its pixels may be uneven.`],
  };
}

/** The image on a transparent canvas, its pivot on the canvas's. */
export function place(image: RgbaImage, size: Size, pivot: SpriteOptions["pivot"]): RgbaImage {
  const canvas = createImage(size.width, size.height);
  const [x, y] = [(size.width - image.width) * pivot.x, (size.height - image.height) * pivot.y];
  paste(canvas, image, Math.round(x), Math.round(y));
  return canvas;
}

/** The cell without its margins; a cell too small for margins is used whole. */
export function roomIn(size: Size, margin: number): Size {
  const inner = { width: size.width - 2 * margin, height: size.height - 2 * margin };
  return inner.width >= 1 && inner.height >= 1 ? inner : size;
}

/** The largest part of the picture with the cell's proportions; nearly equal ones are not worth a crop. */
function sameProportions(picture: Size, size: Size): Size {
  const least = Math.min(picture.width / size.width, picture.height / size.height);
  const part = { width: Math.round(size.width * least), height: Math.round(size.height * least) };
  const cropped = Math.max(picture.width / part.width, picture.height / part.height) - 1;
  return cropped > leastCrop ? part : picture;
}

function reducedSize(box: Size, room: Size): Size {
  const exact = Math.max(box.width / room.width, box.height / room.height);
  const whole = Math.ceil(exact);
  const factor = exact / whole >= leastFill ? whole : exact;
  return {
    width: Math.min(room.width, Math.max(1, Math.round(box.width / factor))),
    height: Math.min(room.height, Math.max(1, Math.round(box.height / factor))),
  };
}

function isSize(image: Size, size: Size): boolean {
  return image.width === size.width && image.height === size.height;
}

function text({ width, height }: Size): string {
  return `${width}×${height}`;
}
