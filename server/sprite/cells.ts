import type { GridLines } from "./grid-lines.ts";
import { type RgbaImage, createImage } from "./image.ts";

/** Part of a cell, in the middle, that is looked at: blur from the neighbours hardly reaches it. */
export const cellCore = 0.6;
/** Colours this near in sRGB bytes (squared distance) are one colour of a cell. */
const sameColor = 40 ** 2;
/** Least share of a cell's sprite pixels that must lie off the cut's edge for those on it to be ignored. */
const innerShare = 0.25;
/** Histogram bins: four bits a channel. */
const bins = 1 << 12;

/**
 * One pixel a cell: opaque where most of the cell's middle belongs to the sprite, in the colour most of that has.
 * `mask` is 1 on the sprite; `core` (0 … 1] is the part of a cell's sides that counts. Transparent cells are all 0.
 */
export function sampleCells(image: RgbaImage, mask: Uint8Array, lines: GridLines, core: number): RgbaImage {
  const [columns, rows] = [spans(lines.x, core, image.width), spans(lines.y, core, image.height)];
  const cells = createImage(columns.length, rows.length);
  const inner = erode(mask, image.width, image.height);
  const dominant = new DominantColor();
  let at = 0;
  for (const [top, bottom] of rows) {
    for (const [left, right] of columns) {
      let [sprite, clear] = [0, 0];
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          sprite += mask[y * image.width + x]!;
          clear += inner[y * image.width + x]!;
        }
      }
      if (sprite > 0 && sprite * 2 >= (right - left) * (bottom - top)) {
        // Pixels on the cut's edge are mixed with the background.
        const counted = clear >= innerShare * sprite ? inner : mask;
        dominant.start();
        for (let y = top; y < bottom; y++) {
          for (let x = left; x < right; x++) {
            const index = y * image.width + x;
            if (counted[index] === 1) dominant.add(image.data, index * 4);
          }
        }
        dominant.write(cells.data, at);
      }
      at += 4;
    }
  }
  return cells;
}

/** Whole pixels of the middle of each cell, at least one, inside the picture. */
function spans(lines: Float64Array, core: number, length: number): [number, number][] {
  return Array.from({ length: lines.length - 1 }, (_, index) => {
    const [from, to] = [lines[index]!, lines[index + 1]!];
    const inset = ((to - from) * (1 - core)) / 2;
    const start = Math.min(length - 1, Math.max(0, Math.round(from + inset)));
    return [start, Math.min(length, Math.max(start + 1, Math.round(to - inset)))];
  });
}

/** The mask without the pixels that touch its edge. */
function erode(mask: Uint8Array, width: number, height: number): Uint8Array {
  const inner = mask.slice();
  for (let y = 0, index = 0; y < height; y++) {
    for (let x = 0; x < width; x++, index++) {
      if (mask[index] === 1) continue;
      if (x > 0) inner[index - 1] = 0;
      if (x < width - 1) inner[index + 1] = 0;
      if (y > 0) inner[index - width] = 0;
      if (y < height - 1) inner[index + width] = 0;
    }
  }
  return inner;
}

/** The fullest histogram bin of the colours added, moved by mean shift to the middle of its cloud. */
class DominantColor {
  readonly #counts = new Uint32Array(bins);
  #used: number[] = [];
  #colors: number[] = [];

  start(): void {
    for (const bin of this.#used) this.#counts[bin] = 0;
    this.#used = [];
    this.#colors = [];
  }

  add(data: Uint8ClampedArray, at: number): void {
    const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!];
    const bin = ((r >> 4) << 8) | ((g >> 4) << 4) | (b >> 4);
    if (this.#counts[bin] === 0) this.#used.push(bin);
    this.#counts[bin]!++;
    this.#colors.push((r << 16) | (g << 8) | b);
  }

  write(data: Uint8ClampedArray, at: number): void {
    let fullest = this.#used[0]!;
    for (const bin of this.#used) if (this.#counts[bin]! > this.#counts[fullest]!) fullest = bin;
    let [r, g, b] = [((fullest >> 8) << 4) + 8, (((fullest >> 4) & 15) << 4) + 8, ((fullest & 15) << 4) + 8];
    for (let round = 0; round < 3; round++) {
      let [sumR, sumG, sumB, count] = [0, 0, 0, 0];
      for (const color of this.#colors) {
        const [cr, cg, cb] = [color >> 16, (color >> 8) & 255, color & 255];
        if ((cr - r) ** 2 + (cg - g) ** 2 + (cb - b) ** 2 > sameColor) continue;
        sumR += cr;
        sumG += cg;
        sumB += cb;
        count++;
      }
      [r, g, b] = [sumR / count, sumG / count, sumB / count];
    }
    data[at] = Math.round(r);
    data[at + 1] = Math.round(g);
    data[at + 2] = Math.round(b);
    data[at + 3] = 255;
  }
}

/** One pixel a cell of a picture whose cells are flat already: the one at the cell's top left, binary alpha. */
export function pickCells(image: RgbaImage, lines: GridLines): RgbaImage {
  const cells = createImage(lines.x.length - 1, lines.y.length - 1);
  let at = 0;
  for (const y of lines.y.subarray(0, -1)) {
    for (const x of lines.x.subarray(0, -1)) {
      const from = (y * image.width + x) * 4;
      cells.data.set(image.data.subarray(from, from + 4), at);
      at += 4;
    }
  }
  return cells;
}

/** The cells with everything outside the mask cleared to 0 and everything inside opaque. */
export function applyMask(cells: RgbaImage, mask: Uint8Array): RgbaImage {
  const data = cells.data.slice();
  for (let index = 0; index < mask.length; index++) {
    if (mask[index] === 1) data[index * 4 + 3] = 255;
    else data.fill(0, index * 4, index * 4 + 4);
  }
  return { ...cells, data };
}
