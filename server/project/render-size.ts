import type { Size } from "./directive-keys.ts";

/** SDXL was trained on pictures of about this many pixels (Podell et al. 2023, appendix I). */
const area = 1024 * 1024;
const step = 64;
/** Its training sizes reach from 1:4 to 4:1. */
const smallest = 512;
const largest = 2048;

/** The size SDXL draws best at for a cell: multiples of 64 with an area near 1024², in the nearest shape. */
export function renderSize(cell: Size): Size {
  const wanted = Math.log(cell.width / cell.height);
  let best: Size = { width: 1024, height: 1024 };
  let bestError = Number.POSITIVE_INFINITY;
  for (let width = smallest; width <= largest; width += step) {
    const height = Math.min(largest, Math.max(smallest, Math.floor(area / width / step) * step));
    const error = Math.abs(Math.log(width / height) - wanted);
    if (error < bestError) {
      best = { width, height };
      bestError = error;
    }
  }
  return best;
}
