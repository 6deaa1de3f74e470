import { colorAt, type Picture } from "./picture.ts";

/** Registers that every Sixel terminal has. */
const maxColors = 256;

/**
 * A picture as one Sixel sequence (DEC STD 070, "Video Systems Reference Manual"; VT330/340 manual, chapter 14).
 * Transparent pixels leave the background. Of more than 256 colours, each is rounded to 6×7×6 levels.
 */
export function sixel(picture: Picture): string {
  const { registers, indexes } = indexColors(picture);
  const definitions = registers.map((color, index) => `#${index};2;${percents(color).join(";")}`);
  const bands: string[] = [];
  for (let y = 0; y < picture.height; y += 6) bands.push(band(picture, indexes, y));
  // 1 as the second parameter leaves undrawn pixels as they are.
  return `\x1bP0;1q"1;1;${picture.width};${picture.height}${definitions.join("")}${bands.join("-")}\x1b\\`;
}

/** Six rows: one pass for each of their colours, each back at the left edge. */
function band(picture: Picture, indexes: Int16Array, top: number): string {
  const { width, height } = picture;
  const rows = new Map<number, Uint8Array>();
  for (let y = top; y < Math.min(top + 6, height); y++) {
    for (let x = 0; x < width; x++) {
      const index = indexes[y * width + x] ?? -1;
      if (index < 0) continue;
      const bits = rows.get(index) ?? new Uint8Array(width);
      bits[x] = (bits[x] ?? 0) | (1 << (y - top));
      rows.set(index, bits);
    }
  }
  return [...rows].map(([index, bits]) => `#${index}${runs(bits)}`).join("$");
}

/** Sixels with runs of four and more shortened; empty ones at the end are left out. */
function runs(bits: Uint8Array): string {
  const end = bits.findLastIndex((value) => value !== 0) + 1;
  let text = "";
  for (let x = 0; x < end;) {
    const value = bits[x] ?? 0;
    let length = 1;
    while (x + length < end && bits[x + length] === value) length++;
    const character = String.fromCharCode(63 + value);
    text += length > 3 ? `!${length}${character}` : character.repeat(length);
    x += length;
  }
  return text;
}

/** The picture's colours, and for each pixel its colour's index, -1 where nothing is drawn. */
function indexColors(picture: Picture): { registers: number[]; indexes: Int16Array } {
  for (const reduce of [(color: number) => color, toLevels]) {
    const registers = new Map<number, number>();
    const indexes = new Int16Array(picture.width * picture.height).fill(-1);
    for (let at = 0; at < indexes.length && registers.size <= maxColors; at++) {
      const color = colorAt(picture, at % picture.width, Math.floor(at / picture.width));
      if (color === null) continue;
      const reduced = reduce(color);
      const index = registers.get(reduced) ?? registers.size;
      registers.set(reduced, index);
      indexes[at] = index;
    }
    if (registers.size <= maxColors) return { registers: [...registers.keys()], indexes };
  }
  throw new RangeError("252 levels are more than 256 colours");
}

/** Six levels of red and blue, seven of green: 252 colours. */
function toLevels(color: number): number {
  return (
    (nearestLevel(color >> 16, 5) << 16) | (nearestLevel((color >> 8) & 255, 6) << 8) | nearestLevel(color & 255, 5)
  );
}

function nearestLevel(value: number, steps: number): number {
  return Math.round((Math.round((value / 255) * steps) / steps) * 255);
}

/** Sixel colours are per cent of each channel. */
function percents(color: number): number[] {
  return [color >> 16, (color >> 8) & 255, color & 255].map((value) => Math.round((value / 255) * 100));
}
