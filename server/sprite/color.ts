import type { RgbaImage } from "./image.ts";

/** sRGB byte → linear light, 0 … 1. */
const linear = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** One colour as bytes in a number: 0xrrggbb. */
export type Rgb = number;

/** A colour in OKLab: L 0 … 1, a and b about ±0.4. A difference of 0.02 is just visible. */
export interface Oklab {
  readonly l: number;
  readonly a: number;
  readonly b: number;
}

/** Source: Björn Ottosson, "A perceptual color space for image processing" (2020). */
export function toOklab(rgb: Rgb): Oklab {
  const r = linear[rgb >> 16]!;
  const g = linear[(rgb >> 8) & 255]!;
  const b = linear[rgb & 255]!;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {
    l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    a: 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    b: 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  };
}

/** The nearest sRGB bytes; colours out of gamut are clipped. */
export function fromOklab({ l, a, b }: Oklab): Rgb {
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const red = toByte(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short);
  const green = toByte(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short);
  const blue = toByte(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short);
  return (red << 16) | (green << 8) | blue;
}

function toByte(value: number): number {
  const clipped = Math.min(1, Math.max(0, value));
  const encoded = clipped <= 0.0031308 ? clipped * 12.92 : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(encoded * 255);
}

/** Euclidean distance in OKLab. */
export function distance(one: Oklab, other: Oklab): number {
  return Math.hypot(one.l - other.l, one.a - other.a, one.b - other.b);
}

/** `#rrggbb` → 0xrrggbb. */
export function parseHex(hex: string): Rgb {
  return Number.parseInt(hex.slice(1), 16);
}

export function toHex(rgb: Rgb): string {
  return `#${rgb.toString(16).padStart(6, "0")}`;
}

/** Colour of the pixel at `index` (counted in pixels), its alpha left out. */
export function rgbAt(image: RgbaImage, index: number): Rgb {
  const { data } = image;
  const at = index * 4;
  return (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
}

/** A picture's OKLab channels, each `width × height`, row by row. */
export interface LabPlanes {
  readonly width: number;
  readonly height: number;
  readonly l: Float32Array;
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** OKLab of every pixel, alpha left out. Repeated colours are looked up in a small cache, not computed again. */
export function toPlanes(image: RgbaImage): LabPlanes {
  const count = image.width * image.height;
  const [l, a, b] = [new Float32Array(count), new Float32Array(count), new Float32Array(count)];
  const keys = new Int32Array(1 << 16).fill(-1);
  const cached = new Float32Array(3 << 16);
  for (let index = 0; index < count; index++) {
    const rgb = rgbAt(image, index);
    const slot = Math.imul(rgb, 0x9e3779b1) >>> 16;
    if (keys[slot] !== rgb) {
      const color = toOklab(rgb);
      keys[slot] = rgb;
      cached[slot * 3] = color.l;
      cached[slot * 3 + 1] = color.a;
      cached[slot * 3 + 2] = color.b;
    }
    l[index] = cached[slot * 3]!;
    a[index] = cached[slot * 3 + 1]!;
    b[index] = cached[slot * 3 + 2]!;
  }
  return { width: image.width, height: image.height, l, a, b };
}

/** From this many colours on, a picture was painted or compressed rather than drawn. */
const manyColors = 257;

/** Whether a picture has the few, flat colours of one that was drawn pixel by pixel. Transparency counts as one. */
export function isClean(image: RgbaImage): boolean {
  const seen = new Set<number>();
  let last = -1;
  for (let index = 0; index < image.width * image.height && seen.size < manyColors; index++) {
    const color = image.data[index * 4 + 3] === 0 ? 0x1000000 : rgbAt(image, index);
    if (color !== last) seen.add(color);
    last = color;
  }
  return seen.size < manyColors;
}
