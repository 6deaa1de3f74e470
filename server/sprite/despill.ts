import { type Oklab, distance, rgbAt, toOklab } from "./color.ts";
import type { RgbaImage } from "./image.ts";

/** Share of matte in a cell's colour that is taken for spill. */
const spill = { least: 0.12, most: 0.95 };
/** OKLab distance from the line between neighbour and matte within which a colour is a mix of the two. */
const offLine = 0.05;

/** Edge cells whose colour is a mix of the matte and an inner neighbour's colour take that neighbour's; others stay. */
export function despill(cells: RgbaImage, matte: Oklab): RgbaImage {
  const { width, height } = cells;
  const data = cells.data.slice();
  const isOpaque = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && cells.data[(y * width + x) * 4 + 3] === 255;
  const isEdge = (x: number, y: number): boolean => around.some(([dx, dy]) => !isOpaque(x + dx, y + dy));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isOpaque(x, y) || !isEdge(x, y)) continue;
      const color = toOklab(rgbAt(cells, y * width + x));
      let best = { error: offLine, index: -1 };
      for (const [dx, dy] of around) {
        if (!isOpaque(x + dx, y + dy) || isEdge(x + dx, y + dy)) continue;
        const index = (y + dy) * width + x + dx;
        const error = mixError(color, toOklab(rgbAt(cells, index)), matte);
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

/** Distance of `color` to the line from `pure` to `matte`; infinite where its share of matte is no spill. */
function mixError(color: Oklab, pure: Oklab, matte: Oklab): number {
  const [dl, da, db] = [matte.l - pure.l, matte.a - pure.a, matte.b - pure.b];
  const length = dl * dl + da * da + db * db;
  if (length < 1e-6) return Infinity;
  const share = ((color.l - pure.l) * dl + (color.a - pure.a) * da + (color.b - pure.b) * db) / length;
  if (share < spill.least || share > spill.most) return Infinity;
  return distance(color, { l: pure.l + share * dl, a: pure.a + share * da, b: pure.b + share * db });
}
