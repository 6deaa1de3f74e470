import { relativePath, seed } from "../protocol/sprite-request.ts";
import type { DirectiveKey, DirectiveValues } from "./directive-keys.ts";
import type { WordFault } from "./directive-size.ts";
import { normalizeColor } from "./palettes/palette.ts";

export type Reading<T> = { readonly value: T } | { readonly fault: WordFault };

/** What a key is for and how it is written: completion and hover show it. */
interface KeyReader<T> {
  readonly about: string;
  readonly example: string;
  readonly read: (word: string) => Reading<T>;
  /** For keys that may repeat: their values together. */
  readonly join?: (before: T, after: T) => T;
}

/** A named anchor: x and y, 0 … 1 from the top left. */
const anchors: ReadonlyMap<string, { x: number; y: number }> = new Map([
  ["top-left", { x: 0, y: 0 }],
  ["top", { x: 0.5, y: 0 }],
  ["top-right", { x: 1, y: 0 }],
  ["left", { x: 0, y: 0.5 }],
  ["center", { x: 0.5, y: 0.5 }],
  ["right", { x: 1, y: 0.5 }],
  ["bottom-left", { x: 0, y: 1 }],
  ["bottom", { x: 0.5, y: 1 }],
  ["bottom-right", { x: 1, y: 1 }],
]);

/** Every key of a directive (contract: an unknown key is an error), in the order they are offered. */
export const directiveKeys: { readonly [K in DirectiveKey]: KeyReader<DirectiveValues[K]> } = {
  path: { about: "Target file in the asset root", example: "sprites/dragon.png", read: readPath },
  key: { about: "Target by its key in a RON manifest", example: "dragon.image", read: text("a key") },
  frames: { about: "Frames of an animation, left to right", example: "4", read: whole(1, 256) },
  directions: { about: "Rows of a sheet: down, left, right, up; or eight", example: "4", read: readDirections },
  fps: { about: "Frames a second", example: "8", read: readFps },
  palette: { about: "A palette's name, or its colours", example: "sweetie-16", read: readPalette },
  colors: { about: "Number of colours to learn", example: "16", read: whole(2, 256) },
  seed: { about: "Fixed seed: the same picture again", example: "42", read: whole(0, seed.maxValue ?? 0) },
  style: { about: "A style of pixels.toml", example: "boss", read: text("a style's name") },
  model: { about: "Checkpoint by file name or pattern", example: "pixel-art-xl*", read: text("a model's name") },
  lora: {
    about: "LoRAs with their strengths",
    example: "pixel-art:0.8",
    read: readLoras,
    join: (before, after) => [...before, ...after],
  },
  negative: { about: "What the picture must not hold", example: '"blurry, text"', read: (value) => ({ value }) },
  steps: { about: "Sampling steps", example: "30", read: whole(1, 500) },
  cfg: { about: "How closely the prompt is followed", example: "7", read: decimal(0, 100) },
  sampler: { about: "Sampler by ComfyUI's name", example: "euler", read: text("a sampler's name") },
  workflow: { about: "Workflow by its name", example: "single_sprite", read: text("a workflow's name") },
  from: { about: "Reference image to start from", example: "sketches/dragon.png", read: text("an image's path") },
  strength: { about: "How far to depart from the reference", example: "0.6", read: decimal(0, 1) },
  variants: { about: "Pictures to choose from", example: "4", read: whole(1, 64) },
  background: { about: "Cut out (auto), keep, or a matte's colour", example: "auto", read: readBackground },
  outline: { about: "Colour of a one-pixel outline, or none", example: "#000000", read: readOutline },
  pivot: { about: "Anchor in the cell", example: "bottom", read: readPivot },
  tile: { about: "The picture repeats without a seam", example: "true", read: readFlag },
};

export function isDirectiveKey(name: string): name is DirectiveKey {
  return Object.hasOwn(directiveKeys, name);
}

function fault<T>(word: string, message: string, remedy?: string, start = 0, end = word.length): Reading<T> {
  return { fault: { start, end, message, ...(remedy !== undefined && { remedy }) } };
}

function text(what: string): (word: string) => Reading<string> {
  return (word) => (word.trim() === "" ? fault(word, `Expected ${what}, found nothing`) : { value: word });
}

function whole(least: number, most: number): (word: string) => Reading<number> {
  return (word) => {
    const value = Number(word);
    if (/^\d+$/.test(word) && value >= least && value <= most) return { value };
    return fault(word, `Expected a whole number from ${least} to ${most}, found \`${word}\``);
  };
}

/** A decimal number as a person writes it, NaN for anything else: no hexadecimal, exponents or infinities. */
function toDecimal(word: string): number {
  return /^(?:\d+(?:\.\d*)?|\.\d+)$/.test(word) ? Number(word) : Number.NaN;
}

function decimal(least: number, most: number): (word: string) => Reading<number> {
  return (word) => {
    const value = toDecimal(word);
    if (value >= least && value <= most) return { value };
    return fault(word, `Expected a number from ${least} to ${most}, found \`${word}\``);
  };
}

function readFps(word: string): Reading<number> {
  const value = toDecimal(word);
  if (value > 0 && value <= 240) return { value };
  return fault(word, `Expected frames a second, above 0 and at most 240, found \`${word}\``);
}

function readDirections(word: string): Reading<1 | 4 | 8> {
  if (word === "1") return { value: 1 };
  if (word === "4") return { value: 4 };
  if (word === "8") return { value: 8 };
  return fault(word, `Expected 1, 4 or 8 directions, found \`${word}\``);
}

function readPath(word: string): Reading<string> {
  const scheme = word.indexOf("://");
  if (scheme >= 0) {
    const remedy = "Write the path from the asset root, such as `sprites/dragon.png`.";
    return fault(word, "Sprites are written to the default asset source only", remedy, 0, scheme + 3);
  }
  if (relativePath.safeParse(word).success) return { value: word };
  const remedy = "Write a relative path with `/`, without `..`, such as `sprites/dragon.png`.";
  return fault(word, `\`${word}\` is not a path inside the asset root`, remedy);
}

function readFlag(word: string): Reading<boolean> {
  if (word === "true" || word === "false") return { value: word === "true" };
  return fault(word, `Expected true or false, found \`${word}\``);
}

/** A colour as `#rrggbb` in lower case; `#rgb` is its short form. Null for anything else, transparency too. */
function toHexColor(word: string): string | null {
  return /^#(?:.{3}|.{6})$/.test(word) ? normalizeColor(word) : null;
}

function readBackground(word: string): Reading<string> {
  const value = word === "auto" || word === "keep" ? word : toHexColor(word);
  if (value !== null) return { value };
  return fault(word, `Expected auto, keep or a colour such as #ff00ff, found \`${word}\``);
}

function readOutline(word: string): Reading<string | null> {
  if (word === "none") return { value: null };
  const value = toHexColor(word);
  return value === null ? fault(word, `Expected a colour such as #000000 or none, found \`${word}\``) : { value };
}

function readPalette(word: string): Reading<string | readonly string[]> {
  if (!word.startsWith("#")) return text("a palette's name")(word);
  const colors: string[] = [];
  for (const item of items(word)) {
    const color = toHexColor(item.value);
    if (color === null) {
      return fault(word, `\`${item.value}\` is not a colour such as #1a1c2c`, undefined, item.start, item.end);
    }
    colors.push(color);
  }
  if (colors.length <= 256) return { value: colors };
  return fault(word, `A palette has at most 256 colours, not ${colors.length}`);
}

function readLoras(word: string): Reading<DirectiveValues["lora"]> {
  const loras: { name: string; strength: number }[] = [];
  for (const item of items(word, /,/)) {
    // The strength follows the last colon, since a name may hold colons itself.
    const colon = item.value.lastIndexOf(":");
    const name = colon < 0 ? item.value : item.value.slice(0, colon);
    const written = colon < 0 ? "1" : item.value.slice(colon + 1);
    const strength = toDecimal(written.replace(/^-/, "")) * (written.startsWith("-") ? -1 : 1);
    if (name.trim() === "") return fault(word, "A LoRA has no name", undefined, item.start, item.end);
    if (!(Math.abs(strength) <= 10)) {
      const message = `Expected a strength from -10 to 10, found \`${written}\``;
      return fault(word, message, `Write \`${name}:0.8\`.`, item.start + colon + 1, item.end);
    }
    loras.push({ name: name.trim(), strength });
  }
  return { value: loras };
}

function readPivot(word: string): Reading<{ x: number; y: number }> {
  const anchor = anchors.get(word);
  if (anchor) return { value: { ...anchor } };
  const [x = "", y = "", more] = word.split(",").map((part) => part.trim());
  const pivot = { x: toDecimal(x), y: toDecimal(y) };
  if (more === undefined && pivot.x <= 1 && pivot.y <= 1) return { value: pivot };
  const remedy = `Names: ${[...anchors.keys()].join(", ")}; or x,y from 0 to 1, such as 0.5,1.`;
  return fault(word, `\`${word}\` is not an anchor`, remedy);
}

interface Item {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** The parts of a list with their places; the empty word has one empty part. */
function items(word: string, separator = /[\s,]+/): Item[] {
  let start = 0;
  return word.split(separator).map((value, index, all) => {
    if (index > 0) start = word.indexOf(value, start + (all[index - 1]?.length ?? 0));
    return { value, start, end: start + value.length };
  });
}
