import type { LabPlanes } from "./color.ts";
import { explains, toMoments } from "./explain.ts";
import { type Comb, type GridLines, followLines, settleCount } from "./grid-lines.ts";
import { strongPitches, tune, whiten } from "./spectrum.ts";
import type { Size } from "./sprite-options.ts";

export interface Grid {
  /** Lines that follow the picture's drift. */
  readonly lines: GridLines;
  /** The regular grid they belong to. */
  readonly x: Comb;
  readonly y: Comb;
  /** 0 … 1: how much better cells on this grid explain the picture than cells half a pitch away. */
  readonly confidence: number;
}

interface Hypothesis {
  readonly x: Comb;
  readonly y: Comb;
  readonly lines: GridLines;
  readonly score: number;
}

/** Finer grids leave too few pixels a cell to tell a grid from blur. */
const leastPitch = 3;
/** Fewest cells along the shorter side. */
const leastCells = 4;
const peaks = 10;
/** Pixels that are measured: larger pictures are halved first, which their larger cells bear. */
const mostPixels = 2048 * 2048;
/** Scores this close to the best are as good; the coarsest of them is the grid, since its halves explain as much. */
const tie = 0.1;
/** From this ratio on, two pitches are different grids and not two readings of one. */
const coarserStep = 1.4;
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
  if (wanted) pitches.push(Math.max(width / wanted.width, height / wanted.height));

  const moments = pictures.map(toMoments);
  const hypotheses = pitches
    .filter((pitch) => pitch >= leastPitch && pitch <= most)
    .flatMap((pitch) => {
      const tuned = { x: tune(flat.x, pitch), y: tune(flat.y, pitch) };
      return [tuned, whole(tuned, width, height)];
    })
    .map(({ x, y }): Hypothesis => {
      const lines = { x: followLines(x, profiles.x), y: followLines(y, profiles.y) };
      return { x, y, lines, score: explains(moments, lines) };
    });
  const best = pick(hypotheses);
  if (!best) return null;
  return {
    lines: wanted ? settled(best.lines, wanted, first) : best.lines,
    x: best.x,
    y: best.y,
    confidence: best.score,
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

/** The nearest grid that divides the whole picture: most pictures are not cropped. */
function whole({ x, y }: { x: Comb; y: Comb }, width: number, height: number): { x: Comb; y: Comb } {
  return {
    x: { pitch: width / Math.round(width / x.pitch), phase: 0 },
    y: { pitch: height / Math.round(height / y.pitch), phase: 0 },
  };
}

/** A count that misses the wanted one by a drifting cell or two at the edges is the wanted one. */
function settled({ x, y }: GridLines, wanted: Size, { width, height }: Size): GridLines {
  return { x: settleCount(x, wanted.width, width), y: settleCount(y, wanted.height, height) };
}

/** The best hypothesis, or the best of those that are coarser by a whole step and explain the picture as well. */
function pick(hypotheses: readonly Hypothesis[]): Hypothesis | undefined {
  const [best, ...others] = hypotheses.toSorted((one, other) => other.score - one.score);
  if (!best) return undefined;
  const coarser = others.find(({ x, score }) => x.pitch > best.x.pitch * coarserStep && score >= best.score - tie);
  return coarser ? pick([coarser, ...others.filter(({ x }) => x.pitch > coarser.x.pitch * coarserStep)]) : best;
}
