import { type LabPlanes, type Oklab, distance, parseHex, rgbAt, toOklab } from "./color.ts";
import type { RgbaImage } from "./image.ts";

export interface Cutout {
  /** 1 where a pixel belongs to the sprite, 0 where it is background. */
  readonly mask: Uint8Array;
  /** The colour that was cut out, null when the picture's own alpha or nothing was. */
  readonly matte: Oklab | null;
  /** False when the whole picture is kept as it is. */
  readonly isCut: boolean;
}

/** A flat colour along the border, and how far its pixels stray from it. */
interface Matte {
  readonly color: Oklab;
  readonly spread: number;
}

/** Part of the border that must agree on a colour for it to count as a matte; less for a colour chosen as one. */
const borderShare = { any: 0.5, key: 0.15 };
/** OKLab distance within which border pixels agree. */
const borderReach = 0.08;
/** Flood tolerance over pictures of few, flat colours. */
const cleanTolerance = 0.008;
/** Flood tolerance over painted, blurred or compressed pictures. */
const tolerance = { least: 0.04, most: 0.12 };
/** A slope gentler than this from one pixel to the next is a shaded background, not an edge. */
const gentleStep = 0.012;
/** From this chroma on, a matte is a colour chosen to be absent from the sprite. */
const keyChroma = 0.15;
/** Smallest hole, as a share of the picture, cut where the matte might be one of the sprite's own colours. */
const neutralHole = 0.005;

/**
 * Tells sprite from background at the picture's full size: by its own alpha, else by flooding the matte from the border,
 * then clearing the enclosed holes that match it. `isClean` says that the picture has few, flat colours.
 */
export function cutOut(image: RgbaImage, planes: LabPlanes, background: string, isClean: boolean): Cutout {
  const mask = opaqueMask(image);
  const hasAlpha = mask.includes(0);
  if (background === "keep" || (background === "auto" && hasAlpha)) return { mask, matte: null, isCut: hasAlpha };

  const border = borderIndices(image.width, image.height).filter((index) => mask[index] === 1);
  const found = (isClean ? findFlatMatte(image, border) : null) ?? findMatte(planes, border);
  const asked = background === "auto" ? null : toOklab(parseHex(background));
  // What was asked for and what the border shows may differ slightly: engines do not hit a colour exactly.
  const isBorder = found !== null && (asked === null || distance(asked, found.color) <= borderReach);
  const matte = isBorder ? found : asked && { color: asked, spread: 0 };
  if (matte === null) return { mask, matte: null, isCut: hasAlpha };

  const isFlat = isClean && matte.spread === 0;
  const reach = isFlat
    ? cleanTolerance
    : Math.min(tolerance.most, Math.max(tolerance.least, tolerance.least / 2 + 4 * matte.spread));
  const far = distances(planes, matte.color);
  floodFromBorder(planes, mask, far, reach, isFlat ? 0 : gentleStep);
  const isKey = asked !== null || isKeyColor(matte.color);
  const speck = isFlat ? 1 : 16;
  clearHoles(planes, mask, far, reach, isKey ? speck : Math.max(speck, neutralHole * mask.length));
  return { mask, matte: matte.color, isCut: mask.includes(0) };
}

/** 1 where alpha is at least half. */
export function opaqueMask(image: RgbaImage): Uint8Array {
  const mask = new Uint8Array(image.width * image.height);
  for (let index = 0; index < mask.length; index++) mask[index] = image.data[index * 4 + 3]! >= 128 ? 1 : 0;
  return mask;
}

/** The one colour that enough of the border has exactly, or null. */
function findFlatMatte(image: RgbaImage, border: readonly number[]): Matte | null {
  const counts = new Map<number, number>();
  for (const index of border) counts.set(rgbAt(image, index), (counts.get(rgbAt(image, index)) ?? 0) + 1);
  const [rgb, count] = [...counts].reduce((kept, next) => (next[1] > kept[1] ? next : kept), [0, 0]);
  const color = toOklab(rgb);
  return isEnough(color, count, border) ? { color, spread: 0 } : null;
}

/** The colour that enough of the border is near to, or null. */
function findMatte(planes: LabPlanes, border: readonly number[]): Matte | null {
  const bins = new Map<number, number[]>();
  for (const index of border) {
    const bin = binOf(planes.l[index]!, planes.a[index]!, planes.b[index]!);
    const members = bins.get(bin);
    if (members) members.push(index);
    else bins.set(bin, [index]);
  }
  let members: readonly number[] = [];
  for (const bin of bins.values()) if (bin.length > members.length) members = bin;
  let color: Oklab = { l: 0, a: 0, b: 0 };
  // Mean shift, so that a bin's edge through the matte does no harm.
  for (let round = 0; round < 3 && members.length > 0; round++) {
    color = meanOf(planes, members);
    members = border.filter((index) => distanceAt(planes, index, color) <= borderReach);
  }
  if (!isEnough(color, members.length, border)) return null;
  const spread = members.reduce((sum, index) => sum + distanceAt(planes, index, color), 0) / members.length;
  return { color, spread: spread < 1e-4 ? 0 : spread };
}

function isEnough(color: Oklab, count: number, border: readonly number[]): boolean {
  return count > 0 && count >= (isKeyColor(color) ? borderShare.key : borderShare.any) * border.length;
}

function isKeyColor({ a, b }: Oklab): boolean {
  return Math.hypot(a, b) >= keyChroma;
}

function borderIndices(width: number, height: number): number[] {
  const indices: number[] = [];
  for (let x = 0; x < width; x++) indices.push(x, (height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) indices.push(y * width, y * width + width - 1);
  return indices;
}

function binOf(l: number, a: number, b: number): number {
  return (Math.floor(l * 16) * 64 + Math.floor((a + 0.5) * 32)) * 64 + Math.floor((b + 0.5) * 32);
}

function meanOf(planes: LabPlanes, indices: readonly number[]): Oklab {
  let [l, a, b] = [0, 0, 0];
  for (const index of indices) {
    l += planes.l[index]!;
    a += planes.a[index]!;
    b += planes.b[index]!;
  }
  return { l: l / indices.length, a: a / indices.length, b: b / indices.length };
}

function distanceAt(planes: LabPlanes, index: number, color: Oklab): number {
  return Math.sqrt(
    (planes.l[index]! - color.l) ** 2 + (planes.a[index]! - color.a) ** 2 + (planes.b[index]! - color.b) ** 2,
  );
}

function distances(planes: LabPlanes, color: Oklab): Float32Array {
  const far = new Float32Array(planes.l.length);
  for (let index = 0; index < far.length; index++) far[index] = distanceAt(planes, index, color);
  return far;
}

/** Clears the mask from the border inwards, over 4-connected pixels within `reach`, or twice that along gentle slopes. */
function floodFromBorder(planes: LabPlanes, mask: Uint8Array, far: Float32Array, reach: number, slope: number): void {
  const { width, height } = planes;
  const stack = new Int32Array(mask.length);
  let top = 0;
  const visit = (index: number, from: number): void => {
    if (mask[index] === 0) return;
    const isMatte = far[index]! <= reach;
    const isShade = slope > 0 && from >= 0 && far[index]! <= 2 * reach && stepBetween(planes, index, from) <= slope;
    if (!isMatte && !isShade) return;
    mask[index] = 0;
    stack[top++] = index;
  };
  for (const index of borderIndices(width, height)) visit(index, -1);
  while (top > 0) {
    const index = stack[--top]!;
    const x = index % width;
    if (x > 0) visit(index - 1, index);
    if (x < width - 1) visit(index + 1, index);
    if (index >= width) visit(index - width, index);
    if (index < width * (height - 1)) visit(index + width, index);
  }
}

function stepBetween(planes: LabPlanes, one: number, other: number): number {
  return Math.sqrt(
    (planes.l[one]! - planes.l[other]!) ** 2 +
      (planes.a[one]! - planes.a[other]!) ** 2 +
      (planes.b[one]! - planes.b[other]!) ** 2,
  );
}

/** Clears enclosed 4-connected regions within `reach` of the matte that have at least `least` pixels. */
function clearHoles(planes: LabPlanes, mask: Uint8Array, far: Float32Array, reach: number, least: number): void {
  const { width, height } = planes;
  const seen = new Uint8Array(mask.length);
  const region = new Int32Array(mask.length);
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || seen[start] === 1 || far[start]! > reach) continue;
    let size = 0;
    const visit = (index: number): void => {
      if (mask[index] === 0 || seen[index] === 1 || far[index]! > reach) return;
      seen[index] = 1;
      region[size++] = index;
    };
    visit(start);
    for (let next = 0; next < size; next++) {
      const index = region[next]!;
      const x = index % width;
      if (x > 0) visit(index - 1);
      if (x < width - 1) visit(index + 1);
      if (index >= width) visit(index - width);
      if (index < width * (height - 1)) visit(index + width);
    }
    if (size >= least) for (let next = 0; next < size; next++) mask[region[next]!] = 0;
  }
}
