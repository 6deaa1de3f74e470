import type { LabPlanes } from "./color.ts";
import { explains, toMoments } from "./explain.ts";
import { type Comb, type GridLines, fitComb, followLines, settleCount } from "./grid-lines.ts";
import { strongPitches, tune, whiten } from "./spectrum.ts";
import type { Size } from "./sprite-options.ts";

export interface Grid {
  /** Lines that follow the picture's drift. */
  readonly lines: GridLines;
  /** The regular grid nearest to them. */
  readonly x: Comb;
  readonly y: Comb;
  /** 0 … 1: how much better cells on this grid explain the picture than cells half a pitch away. */
  readonly confidence: number;
}

interface Hypothesis extends Grid {
  /** Its confidence, and what speaks for it before the picture does. */
  readonly score: number;
}

/** Finer grids leave too few pixels a cell to tell a grid from blur. */
const leastPitch = 3;
/** Fewest cells along the shorter side. */
const leastCells = 4;
/** Peaks of the spectrum that are tried, an octave. */
const peaks = 3;
/** Pixels that are measured: larger pictures are halved first, which their larger cells bear. */
const mostPixels = 2048 * 2048;
/** Scores this close to the best are as good; the coarsest of them is the grid, since its halves explain as much. */
const tie = 0.1;
/** Times a grid's pitch that a coarser one may have to be the grid that the finer one only halves, thirds, … */
const mostMultiple = 4;
/** What a grid of the wanted size gains on others that explain the picture about as well. */
const asked = 0.02;
/** A difference between neighbours beyond this is an edge, however strong it is. */
const edgeCap = 0.2;

/**
 * Finds the pixel grid that a picture was painted on, the same for all `pictures` (equal sizes, background flattened).
 * Hypotheses come from the spectra of the gradient profiles and from the wanted size; the one whose cells explain the
 * picture best wins. Always answers with the best there is, which `confidence` judges; null for pictures too small for any.
 */
export function detectGrid(pictures: readonly LabPlanes[], wanted: Size | null): Grid | null {
  const [first] = pictures;
  if (!first) return null;
  const { width, height } = first;
  if (width * height > mostPixels) return doubled(detectGrid(pictures.map(halve), wanted));
  const most = Math.min(width, height) / leastCells;
  if (most < leastPitch) return null;

  const profiles = { x: new Float64Array(width), y: new Float64Array(height) };
  for (const picture of pictures) addGradients(picture, profiles);
  const flat = { x: whiten(profiles.x, most), y: whiten(profiles.y, most) };
  const pitches = strongPitches([flat.x, flat.y], { least: leastPitch, most }, peaks);
  const combs = pitches.flatMap((pitch) => {
    const tuned = { x: tune(flat.x, pitch), y: tune(flat.y, pitch) };
    return [tuned, wholeCells(first, width / tuned.x.pitch, height / tuned.y.pitch)];
  });
  if (wanted) combs.push(wholeCells(first, wanted.width, wanted.height));

  const moments = pictures.map(toMoments);
  const hypotheses = combs
    .filter(({ x, y }) => Math.min(x.pitch, y.pitch) >= leastPitch && Math.max(x.pitch, y.pitch) <= most * 1.5)
    .map(({ x, y }): Hypothesis => {
      const lines = { x: followLines(x, profiles.x), y: followLines(y, profiles.y) };
      const confidence = explains(moments, lines);
      return { x, y, lines, confidence, score: confidence + (wanted && hasSize(lines, wanted) ? asked : 0) };
    });
  const best = pick(hypotheses);
  if (!best) return null;
  return {
    lines: wanted ? settled(best.lines, wanted, first) : best.lines,
    x: fitComb(best.lines.x, best.x),
    y: fitComb(best.lines.y, best.y),
    confidence: best.confidence,
  };
}

/** Half the size, each pixel the mean of four; an odd last row or column is left out. */
function halve(picture: LabPlanes): LabPlanes {
  const [width, height] = [picture.width >> 1, picture.height >> 1];
  const shrinkPlane = (plane: Float32Array): Float32Array => {
    const half = new Float32Array(width * height);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0, from = 2 * y * picture.width; x < width; x++, at++, from += 2) {
        half[at] =
          (plane[from]! + plane[from + 1]! + plane[from + picture.width]! + plane[from + picture.width + 1]!) / 4;
      }
    }
    return half;
  };
  return { width, height, l: shrinkPlane(picture.l), a: shrinkPlane(picture.a), b: shrinkPlane(picture.b) };
}

function doubled(grid: Grid | null): Grid | null {
  if (!grid) return null;
  const lines = { x: grid.lines.x.map((at) => at * 2), y: grid.lines.y.map((at) => at * 2) };
  return { ...grid, lines, x: twice(grid.x), y: twice(grid.y) };
}

function twice({ pitch, phase }: Comb): Comb {
  return { pitch: pitch * 2, phase: phase * 2 };
}

/** Sums of OKLab differences across every column and row boundary, added to `profiles`. */
function addGradients(picture: LabPlanes, profiles: { x: Float64Array; y: Float64Array }): void {
  const { width, height, l, a, b } = picture;
  const difference = (one: number, other: number): number => {
    const squared = (l[one]! - l[other]!) ** 2 + (a[one]! - a[other]!) ** 2 + (b[one]! - b[other]!) ** 2;
    return squared < 1e-8 ? 0 : Math.min(edgeCap, Math.sqrt(squared));
  };
  for (let y = 0, index = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++, index++) {
      if (x > 0) profiles.x[x]! += difference(index, index - 1);
      if (y > 0) row += difference(index, index - width);
    }
    profiles.y[y]! += row;
  }
}

/** The grid of about so many cells that divides the whole picture: most pictures are not cropped. */
function wholeCells({ width, height }: Size, columns: number, rows: number): { x: Comb; y: Comb } {
  return {
    x: { pitch: width / Math.max(1, Math.round(columns)), phase: 0 },
    y: { pitch: height / Math.max(1, Math.round(rows)), phase: 0 },
  };
}

function hasSize({ x, y }: GridLines, { width, height }: Size): boolean {
  return x.length - 1 === width && y.length - 1 === height;
}

/** A count that misses the wanted one by a drifting cell or two at the edges is the wanted one. */
function settled({ x, y }: GridLines, wanted: Size, { width, height }: Size): GridLines {
  return { x: settleCount(x, wanted.width, width), y: settleCount(y, wanted.height, height) };
}

/** The best hypothesis, or one that explains the picture as well with cells that are a few of the best one's each. */
function pick(hypotheses: readonly Hypothesis[]): Hypothesis | undefined {
  const [best, ...others] = hypotheses.toSorted((one, other) => other.score - one.score);
  if (!best) return undefined;
  const multiples = others
    .filter(({ score }) => score >= best.score - tie)
    .map((hypothesis) => ({ hypothesis, times: multipleOf(best.x.pitch, hypothesis.x.pitch) }));
  const coarsest = multiples.reduce((most, { times }) => Math.max(most, times), 1);
  return multiples.find(({ times }) => times === coarsest && times > 1)?.hypothesis ?? best;
}

/** How many of the finer cells make one of the coarser, 0 when that is no small whole number. */
function multipleOf(fine: number, coarse: number): number {
  const times = Math.round(coarse / fine);
  return times <= mostMultiple && Math.abs(coarse / fine - times) < 0.04 * times ? times : 0;
}
