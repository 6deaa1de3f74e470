import type { RgbaImage } from "./image.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest box around the opaque pixels of all images (equal sizes), so that motion between frames is kept; null when none has any. */
export function opaqueBox(images: readonly RgbaImage[]): Box | null {
  return boxOf(images.map(({ data, width }) => ({ width, isSet: maskOfAlpha(data) })));
}

/** The smallest box around the ones of all masks, each row by row of `width`. */
export function maskBox(masks: readonly Uint8Array[], width: number): Box | null {
  return boxOf(masks.map((isSet) => ({ width, isSet })));
}

function maskOfAlpha(data: Uint8ClampedArray): Uint8Array {
  return Uint8Array.from({ length: data.length / 4 }, (_, index) => (data[index * 4 + 3] === 0 ? 0 : 1));
}

function boxOf(pictures: readonly { width: number; isSet: Uint8Array }[]): Box | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  for (const { width, isSet } of pictures) {
    for (let y = 0; y * width < isSet.length; y++) {
      const row = isSet.subarray(y * width, (y + 1) * width);
      const first = row.indexOf(1);
      if (first < 0) continue;
      left = Math.min(left, first);
      right = Math.max(right, row.lastIndexOf(1));
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return right < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}
