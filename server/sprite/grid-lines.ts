/** Where cells begin and end, in pixels: cell i of an axis spans line i to line i + 1. */
export interface GridLines {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** One axis of a regular grid: lines at `phase + k·pitch`, in pixels, 0 ≤ phase < pitch. */
export interface Comb {
  readonly pitch: number;
  readonly phase: number;
}

/** How far a line may leave its place, and how stiffly its distance to the line before is kept. */
const reach = 0.3;
const stiffness = 12;
/** Cut cells at the picture's edge count when at least this much of them is there. */
const leastPart = 0.5;

/** `count` cells of `pitch` pixels from `start`. */
export function regularLines(start: number, pitch: number, count: number): Float64Array {
  return Float64Array.from({ length: count + 1 }, (_, index) => start + index * pitch);
}

/** The comb's lines inside 0 … length, with the cut cells at both ends that are large enough to count. */
export function combLines({ pitch, phase }: Comb, length: number): Float64Array {
  const lines: number[] = [];
  for (let at = phase; at <= length + 1e-6; at += pitch) lines.push(Math.min(at, length));
  return withEnds(lines, pitch, length);
}

/**
 * The comb's lines, each moved to where the gradient is strongest, by dynamic programming over whole pixels:
 * the sum of gradients is weighed against uneven distances, so that lines follow drift but hold over flat parts.
 */
export function followLines(comb: Comb, profile: Float64Array): Float64Array {
  const { pitch, phase } = comb;
  const length = profile.length;
  const inner: number[] = [];
  for (let at = phase; at < length - pitch * 0.25; at += pitch) if (at > pitch * 0.25) inner.push(at);
  const radius = Math.max(1, Math.floor(pitch * reach));
  const places = 2 * radius + 1;
  const scale = meanPeak(profile, inner, radius) || 1;
  const cost = new Float64Array(inner.length * places);
  const cameFrom = new Int32Array(inner.length * places);
  for (const [line, ideal] of inner.entries()) {
    const center = Math.round(ideal);
    for (let place = 0; place < places; place++) {
      const at = center + place - radius;
      // A saturating reward: one glaring edge must not bend its neighbours.
      const reward = Math.min(2, (profile[at] ?? 0) / scale);
      const off = (at - ideal) / pitch;
      let best = line === 0 ? 0 : Infinity;
      for (let before = 0; before < (line === 0 ? 0 : places); before++) {
        const previous = Math.round(inner[line - 1]!) + before - radius;
        const stretch = (at - previous) / pitch - 1;
        const total = cost[(line - 1) * places + before]! + stiffness * stretch * stretch;
        if (total < best) {
          best = total;
          cameFrom[line * places + place] = before;
        }
      }
      cost[line * places + place] = best - reward + off * off;
    }
  }
  const lines: number[] = [];
  for (let line = inner.length - 1, place = -1; line >= 0; line--) {
    if (place < 0) {
      const last = cost.subarray(line * places, (line + 1) * places);
      place = last.indexOf(last.reduce((least, value) => Math.min(least, value), Infinity));
    }
    lines.unshift(Math.round(inner[line]!) + place - radius);
    place = cameFrom[line * places + place]!;
  }
  return withEnds(lines, pitch, length);
}

/** The regular grid nearest to the inner lines, by least squares; `comb` where they are too few to tell. */
export function fitComb(lines: Float64Array, comb: Comb): Comb {
  const inner = lines.subarray(1, -1);
  const middle = (inner.length - 1) / 2;
  const mean = inner.reduce((sum, line) => sum + line, 0) / inner.length;
  let [slope, spread] = [0, 0];
  for (const [index, line] of inner.entries()) {
    slope += (index - middle) * (line - mean);
    spread += (index - middle) ** 2;
  }
  if (spread === 0) return comb;
  const pitch = slope / spread;
  const phase = mean - middle * pitch;
  return { pitch, phase: phase - Math.floor(phase / pitch) * pitch };
}

/**
 * Lines for exactly `count` cells where that misses what was found by 5 % and two cells at most: cells are added or
 * dropped at the ends, where a picture shows least, so that what lies between stays. Other lines come back as they are.
 */
export function settleCount(lines: Float64Array, count: number, length: number): Float64Array {
  if (Math.abs(lines.length - 1 - count) > Math.min(2, Math.ceil(count * 0.05))) return lines;
  const all = [...lines];
  const pitch = (all.at(-1)! - all[0]!) / (all.length - 1);
  while (all.length - 1 > count) {
    if (all[1]! - all[0]! < all.at(-1)! - all.at(-2)!) all.shift();
    else all.pop();
  }
  while (all.length - 1 < count) {
    if (all[0]! > length - all.at(-1)!) all.unshift(all[0]! - pitch);
    else all.push(all.at(-1)! + pitch);
  }
  return Float64Array.from(all);
}

function meanPeak(profile: Float64Array, ideals: readonly number[], radius: number): number {
  let sum = 0;
  for (const ideal of ideals) {
    let peak = 0;
    for (let at = Math.round(ideal) - radius; at <= Math.round(ideal) + radius; at++) {
      peak = Math.max(peak, profile[at] ?? 0);
    }
    sum += peak;
  }
  return ideals.length > 0 ? sum / ideals.length : 0;
}

/** Adds the picture's edges where at least `leastPart` of a cell lies before the first or after the last line. */
function withEnds(lines: readonly number[], pitch: number, length: number): Float64Array {
  const all = [...lines];
  if (all.length === 0) return Float64Array.of(0, length);
  if (all[0]! >= pitch * leastPart) all.unshift(0);
  if (length - all.at(-1)! >= pitch * leastPart) all.push(length);
  return Float64Array.from(all.length > 1 ? all : [0, length]);
}
