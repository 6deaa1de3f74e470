import { type Oklab, type Rgb, fromOklab, rgbAt } from "./color.ts";
import type { RgbaImage } from "./image.ts";

/** Share of matte in a cell's colour that is taken for spill. */
const spill = { least: 0.12, most: 0.95 };
/** Distance in sRGB bytes from the line between neighbour and matte within which a colour is a mix of the two. */
const offLine = 20;

/** Edge cells whose colour is a mix of the matte and an inner neighbour's colour take that neighbour's; others stay. */
export function despill(cells: RgbaImage, matte: Oklab): RgbaImage {
  const { width, height } = cells;
  const data = cells.data.slice();
  const rgb = fromOklab(matte);
  const isOpaque = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && cells.data[(y * width + x) * 4 + 3] === 255;
  const isEdge = (x: number, y: number): boolean => around.some(([dx, dy]) => !isOpaque(x + dx, y + dy));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isOpaque(x, y) || !isEdge(x, y)) continue;
      const color = rgbAt(cells, y * width + x);
      let best = { error: offLine, index: -1 };
      for (const [dx, dy] of around) {
        if (!isOpaque(x + dx, y + dy) || isEdge(x + dx, y + dy)) continue;
        const index = (y + dy) * width + x + dx;
        const error = mixError(color, rgbAt(cells, index), rgb);
        if (error < best.error) best = { error, index };
      }
      if (best.index >= 0) data.copyWithin((y * width + x) * 4, best.index * 4, best.index * 4 + 3);
    }
  }
  return { width, height, data };
}

const around = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
] as const;

/**
 * Distance of `color` to the line from `pure` to `matte`, infinite where its share of matte is no spill.
 * In sRGB bytes, since it is in those that pictures are blurred.
 */
function mixError(color: Rgb, pure: Rgb, matte: Rgb): number {
  const along = channels.map((shift) => channel(matte, shift) - channel(pure, shift));
  const off = channels.map((shift) => channel(color, shift) - channel(pure, shift));
  const length = along.reduce((sum, value) => sum + value * value, 0);
  if (length === 0) return Infinity;
  const share = along.reduce((sum, value, index) => sum + value * off[index]!, 0) / length;
  if (share < spill.least || share > spill.most) return Infinity;
  return Math.hypot(...along.map((value, index) => share * value - off[index]!));
}

const channels = [16, 8, 0] as const;

function channel(rgb: Rgb, shift: number): number {
  return (rgb >> shift) & 255;
}
