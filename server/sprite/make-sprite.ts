import { applyMask, cellCore, pickCells, sampleCells } from "./cells.ts";
import { colorFrames } from "./coloring.ts";
import { type FrameCuts, cutFrames } from "./cut-frames.ts";
import { isClean } from "./color.ts";
import { despill } from "./despill.ts";
import { findExactGrid } from "./exact-grid.ts";
import { type Fit, fitPicture, fitSprite, fitTile, place, roomIn } from "./fit.ts";
import { detectGrid, type Grid } from "./grid.ts";
import { type GridLines, regularLines } from "./grid-lines.ts";
import { type RgbaImage, checkSize } from "./image.ts";
import { opaqueMask } from "./matte.ts";
import { joinSheet, splitSheet } from "./sheet.ts";
import { SpriteError } from "./sprite-error.ts";
import type { Size, SpriteOptions, SpriteResult } from "./sprite-options.ts";
import { wrapAround } from "./tile.ts";
import { maskBox } from "./trim.ts";
import { linesAcross, linesAround } from "./wanted-grid.ts";

/** Confidence from which the picture's own grid is used. */
const trusted = 0.6;
/** Frames whose grid is measured: more of one set tell nothing new. */
const measuredFrames = 4;
/** Times the wanted size up to which a picture without a grid may be pixel art of its own size. */
const nearlyOwn = 4;

/** The frames as cells, all of one size, before they are fitted to the wanted cell. */
interface CellFrames {
  readonly frames: readonly RgbaImage[];
  /** The sprite stands on transparency, so that it may be trimmed and moved. */
  readonly isCut: boolean;
  /** Nothing was blurred: every colour is meant. */
  readonly isExact: boolean;
  readonly confidence: number | null;
  readonly warnings: readonly string[];
}

/**
 * Turns pictures into a true pixel-art sheet: cut out, on the picture's own grid or else the wanted size,
 * one colour a cell, one palette, canvas and pivot for all frames. `images` are `frames × directions` pictures of equal
 * size, row by row, or one picture that is the whole sheet. The same input always gives the same sprite.
 * Throws SpriteError `invalid_image` for pictures that cannot make up the sheet.
 */
export function makeSprite(images: readonly RgbaImage[], options: SpriteOptions): SpriteResult {
  const pictures = checkPictures(images, options);
  const cells = exactCells(pictures, options) ?? paintedCells(pictures, options);
  const fitted = fit(cells, options);
  const { frames, palette } = colorFrames(fitted.frames, options, cells.isExact);
  const { width, height } = frames[0]!;
  return {
    image: joinSheet(frames, options.frames),
    cell: { width, height },
    columns: options.frames,
    rows: options.directions,
    palette,
    confidence: cells.confidence,
    warnings: [...cells.warnings, ...fitted.warnings],
  };
}

function checkPictures(images: readonly RgbaImage[], options: SpriteOptions): RgbaImage[] {
  const { frames, directions } = options;
  const size = wantedSize(options);
  if (size) checkSize(size.width * frames, size.height * directions);
  const [first] = images;
  const count = frames * directions;
  if (!first || (images.length !== count && images.length !== 1)) {
    throw new SpriteError(
      "invalid_image",
      `${plural(frames, "frame")} in ${plural(directions, "direction")} ${frames === 1 ? "needs" : "need"} ${plural(count, "picture")}, not ${images.length}`,
      "Give one picture a frame, row by row, or one picture that holds them all.",
    );
  }
  const odd = images.findIndex(({ width, height }) => width !== first.width || height !== first.height);
  const other = images[odd];
  if (other) {
    throw new SpriteError(
      "invalid_image",
      `Frame ${odd + 1} is ${other.width}×${other.height}, frame 1 is ${first.width}×${first.height}`,
      "Make all frames of one sprite the same size.",
    );
  }
  const pictures = images.length === count ? images : splitSheet(first, frames, directions);
  // Pixels are read as words in place, which must be aligned.
  return pictures.map((image) => (image.data.byteOffset % 4 === 0 ? image : { ...image, data: image.data.slice() }));
}

/** Cells of pixel art at its own size, or enlarged by nearest neighbour and not touched since; null for anything else. */
function exactCells(pictures: readonly RgbaImage[], options: SpriteOptions): CellFrames | null {
  const lines = findExactGrid(pictures, wantedSize(options));
  return lines && flatCells(pictures, lines, options);
}

function flatCells(pictures: readonly RgbaImage[], lines: GridLines, options: SpriteOptions): CellFrames {
  const frames = pictures.map((picture) => pickCells(picture, lines));
  const isOwnSize = frames[0]!.width === pictures[0]!.width && frames[0]!.height === pictures[0]!.height;
  const { cuts, isCut, warnings } = cutFrames(frames, backgroundOf(options), 0);
  return {
    frames: frames.map((frame, index) => applyMask(frame, cuts[index]!.mask)),
    isCut,
    isExact: true,
    confidence: isOwnSize ? null : 1,
    warnings,
  };
}

/** Cells of painted, blurred or compressed pictures: on their own grid where one explains them, else on the wanted one. */
function paintedCells(pictures: readonly RgbaImage[], options: SpriteOptions): CellFrames {
  const cut = cutFrames(pictures, backgroundOf(options), measuredFrames);
  const grid = detectGrid(cut.planes, wantedSize(options));
  const { isCut, warnings } = cut;
  if (grid && grid.confidence >= trusted) {
    const frames = gridCells(pictures, cut, grid, options);
    return { frames, isCut, isExact: false, confidence: grid.confidence, warnings };
  }
  if (isPixelArt(pictures, options)) return flatCells(pictures, everyPixel(pictures[0]!), options);
  return {
    frames: wantedCells(pictures, cut, options),
    isCut,
    isExact: false,
    confidence: grid?.confidence ?? 0,
    warnings: [...warnings, noGrid(options)],
  };
}

/** Few colours and no grid, near the wanted size: its pixels are the cells. */
function isPixelArt(pictures: readonly RgbaImage[], options: SpriteOptions): boolean {
  const [{ width, height }, size] = [pictures[0]!, wantedSize(options)];
  const isNear = !size || (width <= size.width * nearlyOwn && height <= size.height * nearlyOwn);
  return isNear && pictures.every(isClean);
}

function gridCells(pictures: readonly RgbaImage[], cut: FrameCuts, grid: Grid, options: SpriteOptions): RgbaImage[] {
  if (!options.tile) return sample(pictures, cut, grid.lines, cellCore);
  const { width, height } = pictures[0]!;
  const [columns, rows] = [Math.round(width / grid.x.pitch), Math.round(height / grid.y.pitch)];
  const lines = { x: regularLines(0, width / columns, columns), y: regularLines(0, height / rows, rows) };
  // A tile has no edge: what the grid cuts off on one side belongs to the cell on the other.
  const wrapped = pictures.map((picture) => wrapAround(picture, Math.round(grid.x.phase), Math.round(grid.y.phase)));
  return wrapped.map((picture) => sampleCells(picture, opaqueMask(picture), lines, cellCore));
}

/** Cells where the picture has no grid of its own: a cut-out sprite is made to fill the wanted cell. */
function wantedCells(pictures: readonly RgbaImage[], cut: FrameCuts, options: SpriteOptions): RgbaImage[] {
  const picture = pictures[0]!;
  const size = wantedSize(options);
  if (!size) return sample(pictures, cut, everyPixel(picture), 1);
  const masks = cut.cuts.map(({ mask }) => mask);
  const box = cut.isCut ? maskBox(masks, picture.width) : null;
  if (box) {
    const lines = linesAround(box, roomIn(size, marginOf(options)));
    return sample(pictures, cut, lines, 1).map((frame) => place(frame, size, options.pivot));
  }
  const isSmaller = picture.width < size.width || picture.height < size.height;
  return sample(pictures, cut, isSmaller ? everyPixel(picture) : linesAcross(picture, size, !options.tile), 1);
}

function sample(pictures: readonly RgbaImage[], { cuts }: FrameCuts, lines: GridLines, core: number): RgbaImage[] {
  return pictures.map((picture, index) => {
    const { mask, matte } = cuts[index]!;
    const cells = sampleCells(picture, mask, lines, core);
    return matte ? despill(cells, matte) : cells;
  });
}

function everyPixel({ width, height }: Size): GridLines {
  return { x: regularLines(0, 1, width), y: regularLines(0, 1, height) };
}

function fit({ frames, isCut }: CellFrames, options: SpriteOptions): Fit {
  const size = wantedSize(options);
  if (!size) return { frames, warnings: [] };
  if (options.tile) return fitTile(frames, size);
  if (isCut) return fitSprite(frames, size, options.pivot, marginOf(options));
  return fitPicture(frames, size, options.pivot);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function wantedSize({ size }: SpriteOptions): Size | null {
  return size === "auto" ? null : size;
}

/** A tile has no background. */
function backgroundOf({ background, tile }: SpriteOptions): string {
  return tile ? "keep" : background;
}

function marginOf({ outline }: SpriteOptions): number {
  return outline === null ? 0 : 1;
}

function noGrid({ size }: SpriteOptions): string {
  return size === "auto"
    ? "No pixel grid was found in the picture, so its size was kept; ask for a size to have it reduced."
    : "No pixel grid was found in the picture: it was resampled to the size asked for.";
}
