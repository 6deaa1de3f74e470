import { colorAt, type Picture } from "./picture.ts";

/** `truecolor`: 24 bits, `256`: the xterm palette, `none`: no colour at all (https://no-color.org). */
export type ColorDepth = "truecolor" | "256" | "none";

/**
 * A picture in text: one character shows two pixels, one above the other. Works in every terminal.
 * Each line ends with the colours reset; there is no line feed after the last.
 */
export function halfBlocks(picture: Picture, depth: ColorDepth): string {
  const lines: string[] = [];
  for (let y = 0; y < picture.height; y += 2) {
    lines.push(depth === "none" ? shadedLine(picture, y) : coloredLine(picture, y, depth));
  }
  return lines.join("\n");
}

function coloredLine(picture: Picture, y: number, depth: "truecolor" | "256"): string {
  let line = "";
  let style = "";
  for (let x = 0; x < picture.width; x++) {
    const [top, bottom] = [colorAt(picture, x, y), colorAt(picture, x, y + 1)];
    const [upper, lower] = top === null ? [bottom, null] : [top, bottom];
    const wanted =
      upper === null ? "0" : `0;38;${code(upper, depth)}${lower === null ? "" : `;48;${code(lower, depth)}`}`;
    if (wanted !== style) line += `\x1b[${wanted}m`;
    style = wanted;
    line += upper === null ? " " : top === null ? "▄" : "▀";
  }
  return style === "0" ? line : `${line}\x1b[0m`;
}

const shades = " ░▒▓█";

function shadedLine(picture: Picture, y: number): string {
  let line = "";
  for (let x = 0; x < picture.width; x++) {
    const light = (luma(colorAt(picture, x, y)) + luma(colorAt(picture, x, y + 1))) / 2;
    line += shades[Math.ceil(light * (shades.length - 1))] ?? " ";
  }
  return line.trimEnd();
}

/** 0 for transparent, else 0.15 … 1, so that black is told from nothing (weights of ITU-R BT.601). */
function luma(color: number | null): number {
  if (color === null) return 0;
  const [red, green, blue] = channels(color);
  return 0.15 + (0.85 * (0.299 * red + 0.587 * green + 0.114 * blue)) / 255;
}

/** The colour's part of an SGR sequence. */
function code(color: number, depth: "truecolor" | "256"): string {
  return depth === "truecolor" ? `2;${channels(color).join(";")}` : `5;${nearest256(color)}`;
}

function channels(color: number): [number, number, number] {
  return [color >> 16, (color >> 8) & 255, color & 255];
}

const cubeLevels = [0, 95, 135, 175, 215, 255];

/** Nearest of xterm's colour cube (16 … 231) and grey ramp (232 … 255). */
export function nearest256(color: number): number {
  const wanted = channels(color);
  const cube = wanted.map((value) => nearestIndex(cubeLevels, value));
  const grey = Math.min(23, Math.max(0, Math.round(((wanted[0] + wanted[1] + wanted[2]) / 3 - 8) / 10)));
  const greyLevel = 8 + 10 * grey;
  const cubeDistance = distance(
    wanted,
    cube.map((index) => cubeLevels[index] ?? 0),
  );
  if (distance(wanted, [greyLevel, greyLevel, greyLevel]) < cubeDistance) return 232 + grey;
  const [red = 0, green = 0, blue = 0] = cube;
  return 16 + 36 * red + 6 * green + blue;
}

function nearestIndex(levels: readonly number[], value: number): number {
  const gaps = levels.map((level) => Math.abs(level - value));
  return gaps.indexOf(Math.min(...gaps));
}

function distance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + (value - (b[index] ?? 0)) ** 2, 0);
}
