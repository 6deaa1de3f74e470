import { mix, toRgb, type Lch } from "./color.ts";
import { toOklab } from "../../../sprite/color.ts";
import type { RgbaImage } from "../../../sprite/image.ts";
import type { Description } from "./words.ts";

/**
 * A picture in the colours a prompt names, its shapes and shading kept: each colour's lightness stays, hue and chroma go
 * over to the named colour by `strength`, 0 … 1. Greys, outlines and white stay as they are.
 */
export function recolor(image: RgbaImage, strength: number, { colors, substance }: Description): RgbaImage {
  const target = colors[0] ?? substance?.color;
  if (target === undefined || strength <= 0) return image;
  const known = new Map<number, readonly [number, number, number]>();
  const data = image.data.slice();
  for (let i = 0; i < data.length; i += 4) {
    if ((data[i + 3] ?? 0) < 128) continue;
    const rgb = ((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0);
    let color = known.get(rgb);
    if (color === undefined) {
      color = recolored(rgb, target, strength);
      known.set(rgb, color);
    }
    data.set(color, i);
  }
  return { ...image, data };
}

function recolored(rgb: number, target: Lch, strength: number): readonly [number, number, number] {
  const { l, a, b } = toOklab(rgb);
  const own: Lch = { l, c: Math.hypot(a, b), h: (Math.atan2(b, a) * 180) / Math.PI };
  if (own.c < 0.03 || l < 0.22 || l > 0.95) return [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
  const wanted = { l: l + (target.l - 0.6) * 0.4, c: target.c, h: target.h };
  return toRgb(mix(own, wanted, Math.min(1, strength * 1.4)));
}
