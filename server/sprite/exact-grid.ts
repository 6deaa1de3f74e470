import { type GridLines, regularLines } from "./grid-lines.ts";
import type { RgbaImage } from "./image.ts";
import type { Size } from "./sprite-options.ts";

/** Where neighbouring columns (rows) differ anywhere: 1 at x when column x differs from column x − 1. */
interface Changes {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

/** Fewest changes an axis must show for a grid that does not start at the picture's edge. */
const leastChanges = 4;

/**
 * The grid of a picture that was enlarged by nearest neighbour and not touched since, or null.
 * The wanted size comes first, in the middle or over the whole picture; else the greatest common divisor of all distances between changes decides.
 */
export function findExactGrid(images: readonly RgbaImage[], wanted: Size | null): GridLines | null {
  const [first] = images;
  if (!first) return null;
  const { width, height } = first;
  const changes = findChanges(images);
  if (wanted && wanted.width <= width && wanted.height <= height) {
    const lines = centeredLines(changes, wanted) ?? filledLines(changes, wanted);
    if (lines) return lines;
  }
  const [atX, atY] = [positions(changes.x), positions(changes.y)];
  const aligned = [...atX, ...atY].reduce(gcd, gcd(width, height));
  if (aligned > 1) return { x: steps(0, aligned, width), y: steps(0, aligned, height) };
  if (Math.min(atX.length, atY.length) < leastChanges) return null;
  const apart = [...atX.map((x) => x - atX[0]!), ...atY.map((y) => y - atY[0]!)].reduce(gcd, 0);
  return apart > 1 ? { x: steps(atX[0]! % apart, apart, width), y: steps(atY[0]! % apart, apart, height) } : null;
}

function findChanges(images: readonly RgbaImage[]): Changes {
  const { width, height } = images[0]!;
  const [x, y] = [new Uint8Array(width), new Uint8Array(height)];
  for (const image of images) {
    const pixels = new Int32Array(image.data.buffer, image.data.byteOffset, width * height);
    for (let row = 0, index = 0; row < height; row++) {
      for (let column = 0; column < width; column++, index++) {
        if (column > 0 && x[column] === 0 && differ(pixels[index]!, pixels[index - 1]!)) x[column] = 1;
        if (row > 0 && y[row] === 0 && differ(pixels[index]!, pixels[index - width]!)) y[row] = 1;
      }
    }
  }
  return { x, y };
}

/** Transparent pixels are equal whatever colour they hide; alpha is the highest byte on every platform we run on. */
function differ(one: number, other: number): boolean {
  return one !== other && ((one >>> 24) | (other >>> 24)) !== 0;
}

/** The wanted cells as large as whole pixels allow, in the middle of the picture. */
function centeredLines(changes: Changes, wanted: Size): GridLines | null {
  const pitch = Math.floor(Math.min(changes.x.length / wanted.width, changes.y.length / wanted.height));
  const x = regularLines(Math.floor((changes.x.length - wanted.width * pitch) / 2), pitch, wanted.width);
  const y = regularLines(Math.floor((changes.y.length - wanted.height * pitch) / 2), pitch, wanted.height);
  return lieOn(changes.x, x) && lieOn(changes.y, y) ? { x, y } : null;
}

/** The wanted cells over the whole picture. */
function filledLines(changes: Changes, wanted: Size): GridLines | null {
  const x = nearestLines(changes.x, wanted.width);
  const y = nearestLines(changes.y, wanted.height);
  return x && y && { x, y };
}

function lieOn(changes: Uint8Array, lines: Float64Array): boolean {
  const isLine = new Uint8Array(changes.length + 1);
  for (const line of lines) isLine[line] = 1;
  return changes.every((change, at) => change === 0 || isLine[at] === 1);
}

/** Lines of a nearest-neighbour enlargement of `cells` cells, if every change lies on one. Both usual roundings are tried. */
function nearestLines(changes: Uint8Array, cells: number): Float64Array | null {
  const pitch = changes.length / cells;
  for (const offset of [0.5, 0]) {
    const lines = Float64Array.from({ length: cells + 1 }, (_, cell) => Math.max(0, Math.ceil(cell * pitch - offset)));
    lines[cells] = changes.length;
    if (lieOn(changes, lines)) return lines;
  }
  return null;
}

function positions(changes: Uint8Array): number[] {
  return Array.from(changes.keys()).filter((at) => changes[at] === 1);
}

function gcd(one: number, other: number): number {
  return other === 0 ? one : gcd(other, one % other);
}

/** Every `pitch` from `phase`, with the cut cells at both ends. */
function steps(phase: number, pitch: number, length: number): Float64Array {
  const lines = phase > 0 ? [0] : [];
  for (let at = phase; at < length; at += pitch) lines.push(at);
  lines.push(length);
  return Float64Array.from(lines);
}
