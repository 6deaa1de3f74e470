import type { Lora } from "../protocol/sprite-request.ts";

export const presetNames = ["quality", "lcm", "lightning"] as const;
export type PresetName = (typeof presetNames)[number];

/** Sampler settings that belong together. */
export interface Preset {
  readonly sampler: string;
  readonly scheduler: string;
  readonly steps: number;
  readonly cfg: number;
  /** LoRA that makes so few steps enough; its name is a pattern. */
  readonly lora: Lora | null;
  /** Checkpoints that have the LoRA built in. */
  readonly builtInto: RegExp | null;
}

/**
 * `quality` is plain SDXL sampling. The distilled ones trade some of it for speed: LCM-LoRA (Luo et al. 2023) and
 * SDXL-Lightning (Lin et al. 2024), each with the settings its authors give.
 */
export const presets: Readonly<Record<PresetName, Preset>> = {
  quality: { sampler: "euler_ancestral", scheduler: "karras", steps: 20, cfg: 8, lora: null, builtInto: null },
  lcm: {
    sampler: "lcm",
    scheduler: "sgm_uniform",
    steps: 8,
    cfg: 1.5,
    lora: { name: "*lcm*lora*sdxl*", strength: 1 },
    builtInto: /lcm/i,
  },
  lightning: {
    sampler: "euler",
    scheduler: "sgm_uniform",
    steps: 4,
    cfg: 1,
    lora: { name: "*lightning*4step*lora*", strength: 1 },
    builtInto: /lightning/i,
  },
};

export const defaultPreset: PresetName = "quality";

/** What a pixel-art picture should not be. */
export const defaultNegative =
  "blurry, smooth gradient, anti-aliasing, photo, 3d render, realistic, drop shadow, text, watermark, signature, frame, jpeg artifacts";

/** How far img2img departs from its reference, and further frames from the first one. */
export const defaultDenoise = { reference: 0.6, frames: 0.45 } as const;

/** Words around a prompt. The embedded engine, which draws pixel art anyway, takes them off again by `subjectOf`. */
interface Scaffold {
  readonly before: string;
  readonly after: string;
}

const plain: Scaffold = { before: "pixel art, ", after: ", crisp pixels, flat shading" };
const tile: Scaffold = {
  before: "pixel art texture, ",
  after: ", seamless tileable pattern, evenly lit, crisp pixels, flat shading",
};

function onMatte(matte: string): Scaffold {
  return {
    before: "pixel art sprite, ",
    after: `, single subject, centered, crisp pixels, flat shading, on a plain solid ${matte} background`,
  };
}

/** Colours a matte can have, the best first, with the words of a prompt that rule each out. */
const mattes: readonly { name: string; rgb: readonly [number, number, number]; words: RegExp }[] = [
  { name: "magenta", rgb: [255, 0, 255], words: /\b(?:magenta|pink|purple|violet|fuchsia|lilac|orchid|rose)/i },
  { name: "green", rgb: [0, 255, 0], words: /\b(?:green|lime|grass|leaf|leaves|tree|plant|emerald|goblin|orc)/i },
  { name: "blue", rgb: [0, 0, 255], words: /\b(?:blue|azure|navy|water|ocean|sea|sky|sapphire|ice)/i },
];

export interface ScaffoldOptions {
  readonly tile: boolean;
  /** `auto` and a colour ask for a flat matte that the pixel stage can cut out; `keep` does not. */
  readonly background: string;
  /** The sprite's palette, which the matte should not occur in. */
  readonly palette: readonly string[] | null;
}

/** The prompt an image model gets: pixel art, and on a flat matte that occurs neither in the subject nor the palette. */
export function scaffoldPrompt(prompt: string, options: ScaffoldOptions): string {
  const { before, after } = scaffoldFor(prompt, options);
  return before + prompt + after;
}

/** The prompt without the words of `scaffoldPrompt`; other prompts as they are. */
export function subjectOf(prompt: string): string {
  const found = [plain, tile, ...mattes.map(({ name }) => onMatte(name))].find(
    ({ before, after }) =>
      prompt.startsWith(before) && prompt.endsWith(after) && prompt.length >= before.length + after.length,
  );
  return found ? prompt.slice(found.before.length, prompt.length - found.after.length) : prompt;
}

function scaffoldFor(prompt: string, options: ScaffoldOptions): Scaffold {
  if (options.tile) return tile;
  if (options.background === "keep") return plain;
  const asked = rgbOf(options.background);
  if (asked) return onMatte(nearestMatte(asked));
  const colors = (options.palette ?? []).map(rgbOf).filter((color) => color !== null);
  const free = mattes.find(
    ({ rgb, words }) => !words.test(prompt) && colors.every((color) => distance(rgb, color) > 120),
  );
  return onMatte((free ?? mattes.find(({ words }) => !words.test(prompt)) ?? mattes[0])?.name ?? "magenta");
}

function nearestMatte(rgb: readonly number[]): string {
  return mattes.toSorted((a, b) => distance(a.rgb, rgb) - distance(b.rgb, rgb))[0]?.name ?? "magenta";
}

function rgbOf(color: string): readonly number[] | null {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(color);
  return parts ? parts.slice(1).map((part) => Number.parseInt(part, 16)) : null;
}

/** Euclidean, in 8-bit sRGB: coarse, and enough to keep a matte away from a palette. */
function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, index) => value - (b[index] ?? 0)));
}
