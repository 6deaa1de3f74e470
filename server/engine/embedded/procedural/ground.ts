import { fromHex, ramp, toRgb, type Lch, type Rgb } from "./color.ts";
import { lattice, noise, type Random } from "./random.ts";
import type { RgbaImage } from "../../../sprite/image.ts";
import type { Subject } from "./vocabulary.ts";
import type { Description } from "./words.ts";

/** Subjects that are a ground or a wall: they fill their cell and repeat without a seam. */
export const grounds = [
  "grass",
  "dirt",
  "water",
  "sand",
  "lava",
  "brick",
  "cobble",
  "planks",
  "snow",
  "leaves",
  "metal",
] as const satisfies readonly Subject[];

export type Ground = (typeof grounds)[number];

export function isGround(subject: Subject | null): subject is Ground {
  return grounds.some((ground) => ground === subject);
}

/** What a ground is drawn by: a tone 0 … 4 for each pixel, and what lies on it. */
interface GroundKind {
  readonly color: string;
  readonly contrast?: number;
  readonly tone: (at: Place) => number;
  /** Colours of things strewn on it: flowers, pebbles. */
  readonly strewn?: { readonly colors: readonly string[]; readonly share: number };
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  /** Noise that repeats with the tile; `size` is that of its grains in pixels. */
  readonly grains: (size: number, layer: number) => number;
}

/** Stones of irregular shape: the distance to the border of the nearest two, and which stone it is. */
function stones({ x, y, width, height, seed }: Place, size: number): { edge: number; id: number; up: number } {
  const [columns, rows] = [Math.max(1, Math.round(width / size)), Math.max(1, Math.round(height / size))];
  const [u, v] = [((x + 0.5) / width) * columns, ((y + 0.5) / height) * rows];
  let [first, second, id, up] = [Infinity, Infinity, 0, 0];
  for (let j = Math.floor(v) - 1; j <= Math.floor(v) + 1; j += 1) {
    for (let i = Math.floor(u) - 1; i <= Math.floor(u) + 1; i += 1) {
      const [ci, cj] = [(i + columns) % columns, (j + rows) % rows];
      const cx = i + 0.5 + 0.32 * lattice(seed, ci, cj);
      const cy = j + 0.5 + 0.32 * lattice(seed + 1, ci, cj);
      const distance = Math.max(Math.abs(u - cx), Math.abs(v - cy)) * 0.5 + Math.hypot(u - cx, v - cy) * 0.5;
      if (distance < first) [second, first, id, up] = [first, distance, ci * 131 + cj, u - cx + (v - cy)];
      else second = Math.min(second, distance);
    }
  }
  return { edge: second - first, id, up };
}

const kinds: Readonly<Record<Ground, GroundKind>> = {
  grass: {
    color: "#57a045",
    contrast: 0.75,
    tone: (at) => {
      const blade = lattice(at.seed + 3, at.x, at.y);
      const lower = lattice(at.seed + 3, at.x, (at.y + 1) % at.height);
      if (blade > 0.72) return 4;
      if (lower > 0.72) return 3;
      return at.grains(6, 0) + 0.5 * blade > 0.34 ? 3 : at.grains(6, 0) < -0.55 ? 1 : 2;
    },
    strewn: { colors: ["#f4f0e4", "#f0c84a", "#e07a9a"], share: 0.008 },
  },
  dirt: {
    color: "#8d6240",
    contrast: 0.75,
    tone: (at) => {
      const grain = at.grains(5, 0) + 0.45 * lattice(at.seed + 4, at.x, at.y);
      return grain > 0.62 ? 4 : grain > 0.25 ? 3 : grain < -0.5 ? 1 : 2;
    },
    strewn: { colors: ["#a9a29a", "#6e5138"], share: 0.02 },
  },
  water: {
    color: "#3f86cf",
    contrast: 0.8,
    tone: (at) => {
      const wave = Math.sin(
        ((at.y / at.height) * Math.max(2, Math.round(at.height / 6)) + 0.55 * at.grains(7, 0)) * 2 * Math.PI,
      );
      if (wave > 0.86 && at.grains(5, 2) > 0) return 4;
      return wave > 0.45 ? 3 : wave < -0.62 ? 1 : 2;
    },
  },
  sand: {
    color: "#dcbd78",
    contrast: 0.65,
    tone: (at) => {
      const dune = Math.sin(
        (((at.y + 0.4 * at.x * (at.height / at.width)) / at.height) * Math.max(2, Math.round(at.height / 8)) +
          0.4 * at.grains(9, 0)) *
          2 *
          Math.PI,
      );
      const speck = lattice(at.seed, at.x, at.y);
      return speck > 0.9 ? 4 : dune > 0.7 ? 3 : dune < -0.75 || speck < -0.92 ? 1 : 2;
    },
  },
  lava: {
    color: "#d8481f",
    tone: (at) => {
      const { edge } = stones(at, 8);
      const flow = edge + 0.08 * at.grains(4, 1);
      return flow < 0.1 ? 4 : flow < 0.2 ? 3 : flow < 0.3 ? 2 : 0;
    },
  },
  brick: {
    color: "#a85a44",
    tone: (at) => {
      const rows = Math.max(2, 2 * Math.round(at.height / 12));
      const columns = Math.max(1, Math.round(at.width / 11));
      const v = (at.y / at.height) * rows;
      const row = Math.floor(v);
      const u = (at.x / at.width) * columns + (row % 2) * 0.5;
      const [left, top] = [(u - Math.floor(u)) * (at.width / columns), (v - row) * (at.height / rows)];
      if (left < 1 || top < 1) return 0;
      const own = lattice(at.seed, Math.floor(u) % columns, row);
      if (top < 2) return 4;
      if (left >= at.width / columns - 1 || top >= at.height / rows - 1) return 1;
      return 2 + (own > 0.4 ? 1 : 0) - (own < -0.5 || lattice(at.seed + 1, at.x, at.y) > 0.88 ? 1 : 0);
    },
  },
  cobble: {
    color: "#878a96",
    tone: (at) => {
      const { edge, id, up } = stones(at, 9);
      if (edge < 0.09) return 0;
      const own = lattice(at.seed, id, 7);
      return Math.min(
        4,
        Math.max(1, Math.round(2.3 - up * 1.9 + own * 0.5 + (edge < 0.2 ? -0.4 : 0) + 0.35 * at.grains(3, 1))),
      );
    },
  },
  planks: {
    color: "#a06c3e",
    tone: (at) => {
      const rows = Math.max(2, Math.round(at.height / 8));
      const v = (at.y / at.height) * rows;
      const row = Math.floor(v);
      const inside = (v - row) * (at.height / rows);
      const joint = Math.floor(((lattice(at.seed, row, 1) + 1) / 2) * at.width);
      if (inside < 1) return 0;
      if (at.x === joint) return 0;
      if (inside < 2) return 3;
      if ((at.x === (joint + 2) % at.width || at.x === (joint - 2 + at.width) % at.width) && inside > 2 && inside < 4)
        return 1;
      const fibre = noise(
        at.seed + row * 31,
        (at.x / at.width) * Math.max(2, Math.round(at.width / 9)),
        inside * 0.9,
        Math.max(2, Math.round(at.width / 9)),
      );
      return fibre > 0.35 ? 3 : fibre < -0.4 ? 1 : 2;
    },
  },
  snow: {
    color: "#cbdff6",
    contrast: 0.6,
    tone: (at) =>
      lattice(at.seed, at.x, at.y) > 0.93 ? 4 : at.grains(9, 0) > 0.25 ? 3 : at.grains(7, 1) < -0.45 ? 1 : 2,
  },
  leaves: {
    color: "#4a8f3f",
    tone: (at) => {
      const { edge, id, up } = stones(at, 5);
      const own = lattice(at.seed, id, 3);
      return edge < 0.07 ? 0 : Math.min(4, Math.max(1, Math.round(2.2 - up * 1.6 + own * 0.8)));
    },
  },
  metal: {
    color: "#7f8a9a",
    tone: (at) => {
      const panel = Math.max(
        6,
        Math.round(Math.min(at.width, at.height) / Math.max(1, Math.round(Math.min(at.width, at.height) / 16))),
      );
      const [x, y] = [at.x % panel, at.y % panel];
      if (x === 0 || y === 0) return 0;
      if (x === 1 || y === 1) return 4;
      if (x === panel - 1 || y === panel - 1) return 1;
      const rivet = (x === 3 || x === panel - 3) && (y === 3 || y === panel - 3);
      return rivet ? 4 : lattice(at.seed, at.x >> 2, at.y) > 0.75 ? 3 : 2;
    },
  },
};

/** A tile of a ground, all of it opaque; its left edge goes on at its right, its top at its bottom. */
export function drawGround(
  kind: Ground,
  width: number,
  height: number,
  description: Description,
  random: Random,
): RgbaImage {
  const { color, contrast = 1, tone, strewn } = kinds[kind];
  const base: Lch = description.colors[0] ?? description.substance?.color ?? fromHex(color);
  const { tones } = ramp(base, contrast);
  const seed = random.integer(0, 1_000_000);
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const grains = (size: number, layer: number): number => {
        const [columns, rows] = [Math.max(1, Math.round(width / size)), Math.max(1, Math.round(height / size))];
        return tiledNoise(seed + layer * 977, (x / width) * columns, (y / height) * rows, columns, rows);
      };
      const level = tone({ x, y, width, height, seed, grains });
      let pixel: Rgb = tones[Math.min(4, Math.max(0, level))] ?? tones[2];
      // Glowing cracks are the bright part of lava, its crust the dark one.
      if (kind === "lava" && level === 0) pixel = toRgb({ l: 0.27, c: 0.03, h: 20 });
      if (kind === "lava" && level === 4) pixel = toRgb({ l: 0.88, c: 0.14, h: 92 });
      if (kind === "brick" && level === 0) pixel = toRgb({ l: Math.max(0.2, base.l - 0.26), c: 0.02, h: base.h });
      data.set([...pixel, 255], (y * width + x) * 4);
    }
  }
  if (strewn !== undefined) {
    const things = strewn.colors.map((hex) => toRgb(fromHex(hex)));
    for (let left = Math.round(width * height * strewn.share); left > 0; left -= 1) {
      const thing = things[random.integer(0, things.length - 1)] ?? tones[2];
      data.set([...thing, 255], (random.integer(0, height - 1) * width + random.integer(0, width - 1)) * 4);
    }
  }
  return { width, height, data };
}

/** Noise with its own period on each axis. */
function tiledNoise(seed: number, x: number, y: number, columns: number, rows: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const fade = (t: number): number => t * t * (3 - 2 * t);
  const [u, v] = [fade(x - left), fade(y - top)];
  const at = (i: number, j: number): number => lattice(seed, i % columns, j % rows);
  const upper = at(left, top) * (1 - u) + at(left + 1, top) * u;
  const lower = at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u;
  return upper * (1 - v) + lower * v;
}
