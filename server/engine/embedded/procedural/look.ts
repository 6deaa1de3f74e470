import { adjust, fromHex, ramp, toRgb, type Lch, type Rgb } from "./color.ts";
import { noise, type Random } from "./random.ts";
import type { Material } from "./pen.ts";
import type { Mood, Part, Subject } from "./vocabulary.ts";
import type { Description } from "./words.ts";

/** A material of one colour. */
export function material(
  color: Lch | string,
  options: Partial<Omit<Material, "ramp">> & { contrast?: number } = {},
): Material {
  const { gloss = 0, texture = null, contrast = 1 } = options;
  return { ramp: ramp(typeof color === "string" ? fromHex(color) : color, contrast), gloss, texture };
}

/** Materials that are what they are, whatever the prompt says. */
export const stuff = {
  gold: material("#dfae34", { gloss: 1 }),
  steel: material("#8f9cad", { gloss: 1 }),
  iron: material("#666f7d", { gloss: 0.6 }),
  wood: material("#946338"),
  darkWood: material("#6b452b"),
  leather: material("#83532f"),
  bone: material("#e2d9bd"),
  stone: material("#85858f"),
  leaf: material("#4c9a45"),
  paper: material("#eadfbd", { contrast: 0.7 }),
  white: material("#e6e7ee", { contrast: 0.8 }),
  dark: material("#3a3644"),
  glow: material("#fff0a8", { contrast: 0.5 }),
} as const;

export const ink: Rgb = [29, 24, 36];
export const white: Rgb = [250, 248, 242];

/** How a subject shall look: its materials, what is said of it, and chance. */
export class Look {
  readonly random: Random;
  readonly #description: Description;
  readonly #base: Lch;
  readonly #gloss: number;
  readonly #named: boolean;

  /** `usual` are the colours a subject of its kind may have when the prompt names none. */
  constructor(description: Description, random: Random, usual: readonly string[], gloss: number) {
    this.#description = description;
    this.#named = description.colors.length > 0 || description.substance !== null;
    this.random = random;
    const chance = usual[Math.floor(random.next() * usual.length)] ?? "#8a8a94";
    const said = description.colors[0] ?? impliedColor(description) ?? description.substance?.color;
    // A little of its own in every seed, less where the prompt named the colour.
    const drift = said === undefined ? 1 : 0.4;
    this.#base = adjust(said ?? fromHex(chance), {
      l: random.between(-0.03, 0.03) * drift,
      h: random.between(-9, 9) * drift,
    });
    this.#gloss = description.substance?.gloss ?? gloss;
  }

  get kind(): string {
    return this.#description.kind;
  }

  has(mood: Mood): boolean {
    return this.#description.moods.has(mood);
  }

  /** Whether the prompt names a further subject: the sword of "knight with sword". */
  with(...subjects: readonly Subject[]): boolean {
    return subjects.some((subject) => this.#description.others.includes(subject));
  }

  /** Whether the prompt says what colour it has. */
  get isNamed(): boolean {
    return this.#named;
  }

  /** The main colour. */
  get base(): Lch {
    return this.#base;
  }

  /** The main material. */
  main(options: Partial<Omit<Material, "ramp">> & { contrast?: number } = {}): Material {
    return material(this.#base, { gloss: this.#gloss, ...options });
  }

  /** The main colour changed, unless the prompt gives this part a colour. */
  shade(part: Part | null, change: { l?: number; c?: number; h?: number }, gloss = this.#gloss): Material {
    return material(this.said(part) ?? adjust(this.#base, change), { gloss });
  }

  /** A part's own material, unless the prompt gives it a colour. */
  part(part: Part | null, usual: Material): Material {
    const said = this.said(part);
    return said === null ? usual : material(said, { gloss: usual.gloss, texture: usual.texture });
  }

  /** A second colour: the one the prompt names second, or one that goes with the first. */
  second(part: Part | null = null, turn = 150): Material {
    const vivid = ["#d2304a", "#3f7fe0", "#2fa868", "#a850d0", "#e8b43a"] as const;
    // Grey has no colour to turn.
    const own =
      this.#description.colors[1] ??
      (this.#base.c < 0.05 ? fromHex(this.random.pick(vivid)) : adjust(this.#base, { h: turn, c: 0.85, l: 0.04 }));
    return material(this.said(part) ?? own, { gloss: this.#gloss });
  }

  said(part: Part | null): Lch | null {
    return part === null ? null : (this.#description.partColors.get(part) ?? null);
  }

  /** Eyes: dark and friendly, or glowing. */
  get eyes(): { white: Rgb; pupil: Rgb } {
    const said = this.said("eyes");
    if (this.has("evil")) return { white: toRgb(said ?? fromHex("#f2c63a")), pupil: [120, 16, 24] };
    return { white, pupil: said === null ? ink : toRgb(said) };
  }

  skin(): Material {
    const tones = ["#f2c9a0", "#e0ac7c", "#c68c5c", "#9a6540", "#6f4630"] as const;
    return this.part("skin", material(this.random.pick(tones), { contrast: 0.75 }));
  }

  hair(): Material {
    const tones = ["#5a3822", "#2f2a30", "#b5742e", "#d9b25a", "#8d3b22", "#8b8794"] as const;
    return this.part("hair", material(this.random.pick(tones)));
  }
}

/** What a further noun says of the colour: a water potion is blue. */
const implied: Partial<Record<Subject, string>> = {
  fire: "#e2602a",
  lava: "#d8481f",
  water: "#3f86d8",
  grass: "#56a03c",
  leaves: "#4c9a45",
  tree: "#5b8f3f",
  sand: "#d9b870",
  snow: "#cfe2f0",
  lightning: "#ecc83a",
  heart: "#d23b48",
  rock: "#8a8992",
  metal: "#8793a3",
  cobble: "#8a8992",
  brick: "#a85a44",
  flower: "#e06a9a",
  skull: "#b9b29c",
  dirt: "#8a5f3c",
  mushroom: "#c8473f",
};

const moodColors: Partial<Record<Mood, string>> = {
  poison: "#7cc23a",
  burning: "#e2602a",
  frozen: "#86c8ec",
  electric: "#ecc83a",
};

function impliedColor({ others, moods, substance }: Description): Lch | undefined {
  for (const other of others) {
    const hex = implied[other];
    if (hex !== undefined) return fromHex(hex);
  }
  if (substance !== null) return undefined;
  for (const mood of moods) {
    const hex = moodColors[mood];
    if (hex !== undefined) return fromHex(hex);
  }
  return undefined;
}

/** Rows of scales. */
export function scales(strength = 0.5): NonNullable<Material["texture"]> {
  return (x, y) => ((x + (Math.floor(y / 2) % 2) * 2) % 4 === 0 && y % 2 === 0 ? -strength : 0);
}

/** Speckles that stay where they are. */
export function speckled(seed: number, size: number, strength = 0.8): NonNullable<Material["texture"]> {
  return (x, y) => noise(seed, x / size, y / size) * strength;
}

/** Lines along the grain, level or upright. */
export function grain(seed: number, upright: boolean, strength = 0.55): NonNullable<Material["texture"]> {
  return (x, y) => {
    const [along, across] = upright ? [y, x] : [x, y];
    return noise(seed, along / 9, across / 1.3) > 0.15 ? -strength : 0;
  };
}

export { adjust, fromHex, toRgb };
