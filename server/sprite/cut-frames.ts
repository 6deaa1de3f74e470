import { type LabPlanes, type Oklab, isClean, toPlanes } from "./color.ts";
import type { RgbaImage } from "./image.ts";
import { type Cutout, cutOut } from "./matte.ts";

export interface FrameCuts {
  readonly cuts: readonly Cutout[];
  /** The first frames, as many as were asked for, with their background flattened to one colour. */
  readonly planes: readonly LabPlanes[];
  /** At least one frame stands on transparency. */
  readonly isCut: boolean;
  readonly warnings: readonly string[];
}

/** What a background with no colour of its own is flattened to: hardly ever a sprite's colour. */
const absent: Oklab = { l: 0.7, a: 0.27, b: -0.17 };

/** Cuts every frame out of its background; `background` is `auto`, `keep` or the matte as #rrggbb. */
export function cutFrames(pictures: readonly RgbaImage[], background: string, planesKept: number): FrameCuts {
  const cut = cutEach(pictures, background, planesKept);
  if (background === "keep") return { ...cut, warnings: [] };
  const isEmpty = cut.cuts.map(({ mask }) => !mask.includes(1));
  if (cut.cuts.some(({ matte }) => matte) && isEmpty.every(Boolean)) {
    const warnings = ["The background's colour fills the whole picture, so nothing was cut out."];
    return { ...cutEach(pictures, "keep", planesKept), warnings };
  }
  const isWhole = cut.cuts.map(({ isCut }) => !isCut);
  const warnings = [
    ...aboutFrames(isEmpty, "is empty: nothing stands out from the background"),
    ...aboutFrames(isWhole, "has no flat background, so none was cut out"),
  ];
  return { ...cut, warnings };
}

function cutEach(pictures: readonly RgbaImage[], background: string, planesKept: number): Omit<FrameCuts, "warnings"> {
  const planes: LabPlanes[] = [];
  const cuts = pictures.map((picture) => {
    const plane = toPlanes(picture);
    const cut = cutOut(picture, plane, background, isClean(picture));
    // Planes of many large frames would not fit in memory.
    if (planes.length < planesKept) planes.push(flatten(plane, cut));
    return cut;
  });
  return { cuts, planes, isCut: cuts.some(({ isCut }) => isCut) };
}

function aboutFrames(flags: readonly boolean[], what: string): string[] {
  const frames = flags.flatMap((flag, index) => (flag ? [index + 1] : []));
  if (frames.length === 0) return [];
  const who = frames.length === flags.length ? "The picture" : `Frame ${frames.join(", ")}`;
  return [`${who} ${what}.`];
}

/** Gives the background one flat colour, in place, so that only the sprite's own edges speak of a grid. */
function flatten(plane: LabPlanes, { mask, matte }: Cutout): LabPlanes {
  const { l, a, b } = matte ?? absent;
  for (let index = 0; index < mask.length; index++) {
    if (mask[index] === 1) continue;
    plane.l[index] = l;
    plane.a[index] = a;
    plane.b[index] = b;
  }
  return plane;
}
