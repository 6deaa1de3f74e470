/** Colours as `#rrggbb` in lower case, without repetitions, in the order they were given; 1 to 256 of them. */
export type Palette = readonly string[];

export const maxPaletteColors = 256;

/** `#F00`, `ff0000`, `#FF0000` and `#ff0000ff` as `#ff0000`; null for anything else. */
export function normalizeColor(text: string): string | null {
  const digits = /^#?([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(text.trim())?.[1]?.toLowerCase();
  if (digits === undefined) return null;
  if (digits.length === 3) return `#${digits.replace(/./g, "$&$&")}`;
  return `#${digits.slice(0, 6)}`;
}

/** `#rrggbb` of three components 0 … 255; null when one is no such number. */
export function colorOf(red: number, green: number, blue: number): string | null {
  const components = [red, green, blue];
  if (!components.every((value) => Number.isInteger(value) && value >= 0 && value <= 255)) return null;
  return `#${components.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
