import { distance, fromOklab, parseHex, toOklab } from "../../../sprite/color.ts";

/** OKLCH (Ottosson 2020): lightness 0 … 1, chroma 0 … ~0.37, hue in degrees. */
export interface Lch {
  readonly l: number;
  readonly c: number;
  readonly h: number;
}

export type Rgb = readonly [r: number, g: number, b: number];

/**
 * Shades of one material, dark to light: the outline, five tones, and a glint. Pixel artists shift the hue along:
 * shadows lean to blue and violet, lights to yellow.
 */
export interface Ramp {
  readonly outline: Rgb;
  /** Five tones, the middle one being the colour itself. */
  readonly tones: readonly [Rgb, Rgb, Rgb, Rgb, Rgb];
  readonly glint: Rgb;
}

const shadowHue = 285;
const lightHue = 95;

/** The ramp around a colour. `contrast` 1 is usual; less is flatter. */
export function ramp(base: Lch, contrast = 1): Ramp {
  const tone = (step: number): Rgb => {
    const towards = step < 0 ? shadowHue : lightHue;
    const l = step < 0 ? base.l + step * 0.105 * contrast : base.l + step * (0.4 * (1 - base.l) + 0.025) * contrast;
    // Grey has no hue to shift, so it takes on a little of the light's.
    const c = Math.max(base.c * (1 - 0.07 * Math.abs(step)), 0.012 * Math.abs(step));
    const h = base.c < 0.02 ? towards : turn(base.h, towards, Math.min(14 * Math.abs(step), 26));
    return toRgb({ l: Math.min(0.97, Math.max(0.08, l)), c, h });
  };
  return {
    outline: toRgb({
      l: Math.max(0.13, Math.min(0.3, base.l * 0.36)),
      c: Math.min(0.09, base.c * 0.55 + 0.012),
      h: base.c < 0.02 ? shadowHue : turn(base.h, shadowHue, 30),
    }),
    tones: [tone(-2), tone(-1), tone(0), tone(1), tone(1.7)],
    glint: toRgb({ l: 0.97, c: Math.min(0.03, base.c), h: base.h }),
  };
}

/** Hue `from` turned towards `to` by at most `by` degrees, the short way round. */
function turn(from: number, to: number, by: number): number {
  const way = ((to - from + 540) % 360) - 180;
  return from + Math.sign(way) * Math.min(Math.abs(way), by);
}

/** The colour with other lightness, chroma factor or hue. */
export function adjust(color: Lch, change: { l?: number; c?: number; h?: number }): Lch {
  return {
    l: Math.min(0.96, Math.max(0.12, color.l + (change.l ?? 0))),
    c: color.c * (change.c ?? 1),
    h: color.h + (change.h ?? 0),
  };
}

export function mix(a: Lch, b: Lch, t: number): Lch {
  const [x, y] = [vector(a), vector(b)];
  const at = (i: 0 | 1): number => x[i] * (1 - t) + y[i] * t;
  return { l: a.l * (1 - t) + b.l * t, c: Math.hypot(at(0), at(1)), h: (Math.atan2(at(1), at(0)) * 180) / Math.PI };
}

function vector({ c, h }: Lch): [number, number] {
  return [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
}

export function fromHex(hex: string): Lch {
  const { l, a, b } = toOklab(parseHex(hex));
  return { l, c: Math.hypot(a, b), h: (Math.atan2(b, a) * 180) / Math.PI };
}

/** sRGB, with less chroma where the colour lies outside of it. */
export function toRgb({ l, c, h }: Lch): Rgb {
  for (let chroma = Math.max(0, c); ; chroma -= 0.006) {
    const [a, b] = vector({ l, c: Math.max(0, chroma), h });
    const rgb = fromOklab({ l, a, b });
    if (chroma <= 0 || distance(toOklab(rgb), { l, a, b }) < 0.008) return [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
  }
}
