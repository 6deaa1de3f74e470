import { type Oklab, type Rgb, distance, fromOklab, rgbAt, toOklab } from "./color.ts";
import type { RgbaImage } from "./image.ts";

/** Most colours of a learned palette. */
export const maxColors = 256;
/** OKLab distance of a cluster's colours to their mean (root mean square) below which they are one colour with noise. */
const noise = 0.012;
const rounds = 12;
/** More different colours than this are grouped by their high bits before they are clustered. */
const manyColors = 1 << 15;

interface Swatch extends Oklab {
  readonly count: number;
}

interface Cluster {
  readonly members: readonly Swatch[];
  readonly mean: Oklab;
  /** Sum of squared distances to the mean, weighted by count. */
  readonly error: number;
  readonly count: number;
}

/** Different colours of the opaque pixels, with how often each occurs. */
export function countByColor(images: readonly RgbaImage[]): Map<Rgb, number> {
  const counts = new Map<Rgb, number>();
  for (const image of images) {
    for (let index = 0; index < image.width * image.height; index++) {
      if (image.data[index * 4 + 3] === 0) continue;
      const rgb = rgbAt(image, index);
      counts.set(rgb, (counts.get(rgb) ?? 0) + 1);
    }
  }
  return counts;
}

/**
 * Learns at most `most` colours (1 … 256): splits where the variance in OKLab is largest, then k-means from there.
 * `merge` stops splitting once what is left is noise; without it, colours that are few enough stay as they are.
 * The same counts always give the same palette. Source of the seeding: Wu, "Color quantization by dynamic programming
 * and principal analysis" (1992), here on swatches rather than a histogram.
 */
export function learnPalette(counts: ReadonlyMap<Rgb, number>, most: number, merge: boolean): Rgb[] {
  if (counts.size <= (merge ? 1 : most)) return [...counts.keys()];
  const swatches = toSwatches(counts);
  const clusters = [clusterOf(swatches)];
  while (clusters.length < most) {
    const worst = clusters.reduce((kept, next) => (splitGain(next, merge) > splitGain(kept, merge) ? next : kept));
    const halves = splitGain(worst, merge) > 0 ? split(worst) : null;
    if (!halves) break;
    clusters.splice(clusters.indexOf(worst), 1, ...halves);
  }
  const seeds = clusters.map(({ mean }) => mean);
  return [...new Set(refine(swatches, seeds).map(fromOklab))];
}

function toSwatches(counts: ReadonlyMap<Rgb, number>): Swatch[] {
  // The order colours were met in must not matter.
  const colors = [...counts].toSorted(([one], [other]) => one - other);
  if (colors.length <= manyColors) return colors.map(([rgb, count]) => ({ ...toOklab(rgb), count }));
  const groups = new Map<number, { l: number; a: number; b: number; count: number }>();
  for (const [rgb, count] of colors) {
    const { l, a, b } = toOklab(rgb);
    const key = rgb & 0xf8f8f8;
    const group = groups.get(key) ?? { l: 0, a: 0, b: 0, count: 0 };
    group.l += l * count;
    group.a += a * count;
    group.b += b * count;
    group.count += count;
    groups.set(key, group);
  }
  return [...groups.values()].map(({ l, a, b, count }) => ({ l: l / count, a: a / count, b: b / count, count }));
}

function clusterOf(members: readonly Swatch[]): Cluster {
  let [count, l, a, b] = [0, 0, 0, 0];
  for (const swatch of members) {
    count += swatch.count;
    l += swatch.l * swatch.count;
    a += swatch.a * swatch.count;
    b += swatch.b * swatch.count;
  }
  const mean = { l: l / count, a: a / count, b: b / count };
  const error = members.reduce((sum, swatch) => sum + distance(swatch, mean) ** 2 * swatch.count, 0);
  return { members, mean, error, count };
}

/** What a split of the cluster is worth; 0 when it needs none. */
function splitGain({ members, error, count }: Cluster, merge: boolean): number {
  if (members.length < 2) return 0;
  return merge && error / count < noise ** 2 ? 0 : error;
}

/** Splits where the two halves' errors are least, along the channel that varies most. */
function split({ members, mean }: Cluster): [Cluster, Cluster] | null {
  const channels = ["l", "a", "b"] as const;
  const variance = channels.map((channel) =>
    members.reduce((sum, swatch) => sum + (swatch[channel] - mean[channel]) ** 2 * swatch.count, 0),
  );
  const channel = channels[variance.indexOf(Math.max(...variance))] ?? "l";
  const sorted = members.toSorted((one, other) => one[channel] - other[channel]);
  const totals = prefix(sorted);
  let best = { gain: 0, at: -1 };
  const all = totals.at(-1)!;
  for (let at = 1; at < sorted.length; at++) {
    const left = totals[at]!;
    const right = { count: all.count - left.count, l: all.l - left.l, a: all.a - left.a, b: all.b - left.b };
    const gain = between(left) + between(right);
    if (gain > best.gain) best = { gain, at };
  }
  return best.at > 0 ? [clusterOf(sorted.slice(0, best.at)), clusterOf(sorted.slice(best.at))] : null;
}

type Total = Oklab & { count: number };

function prefix(swatches: readonly Swatch[]): Total[] {
  const totals: Total[] = [{ count: 0, l: 0, a: 0, b: 0 }];
  for (const { l, a, b, count } of swatches) {
    const last = totals.at(-1)!;
    totals.push({
      count: last.count + count,
      l: last.l + l * count,
      a: last.a + a * count,
      b: last.b + b * count,
    });
  }
  return totals;
}

/** The larger the squared mean of a part, the less error is left inside it. */
function between({ count, l, a, b }: Total): number {
  return (l * l + a * a + b * b) / count;
}

/** Lloyd's k-means. */
function refine(swatches: readonly Swatch[], seeds: readonly Oklab[]): Oklab[] {
  let means = [...seeds];
  for (let round = 0; round < rounds; round++) {
    const sums = means.map(() => ({ l: 0, a: 0, b: 0, count: 0 }));
    for (const swatch of swatches) {
      const sum = sums[nearestIndex(swatch, means)]!;
      sum.l += swatch.l * swatch.count;
      sum.a += swatch.a * swatch.count;
      sum.b += swatch.b * swatch.count;
      sum.count += swatch.count;
    }
    const next = sums.map(({ l, a, b, count }, index) =>
      count > 0 ? { l: l / count, a: a / count, b: b / count } : means[index]!,
    );
    const moved = next.reduce((most, mean, index) => Math.max(most, distance(mean, means[index]!)), 0);
    means = next;
    if (moved < 1e-4) break;
  }
  return means;
}

/** Index of the nearest colour by OKLab distance, the first of equals. */
export function nearestIndex(color: Oklab, palette: readonly Oklab[]): number {
  let best = 0;
  let least = Infinity;
  for (let index = 0; index < palette.length; index++) {
    const { l, a, b } = palette[index]!;
    const squared = (l - color.l) ** 2 + (a - color.a) ** 2 + (b - color.b) ** 2;
    if (squared < least) {
      least = squared;
      best = index;
    }
  }
  return best;
}
