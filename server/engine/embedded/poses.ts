import type { RgbaImage } from "../../sprite/image.ts";
import type { Motion, Sprite } from "./generator.ts";
import type { SpriteGrid } from "./nodes/node-class.ts";

/** One cell of a sheet: its frame (from 0), and the way it looks. */
export interface Pose {
  readonly frame: number;
  readonly frames: number;
  readonly direction: Direction;
}

export type Direction = "down" | "down-left" | "left" | "up-left" | "up" | "up-right" | "right" | "down-right";

/** The rows of a sheet, top to bottom. */
const rows: Readonly<Record<SpriteGrid["directions"], readonly Direction[]>> = {
  1: ["down"],
  4: ["down", "left", "right", "up"],
  8: ["down", "down-left", "left", "up-left", "up", "up-right", "right", "down-right"],
};

/** The pose of the `index`-th picture of a batch: frames first, then directions. */
export function poseOf(index: number, grid: SpriteGrid): Pose {
  const row = Math.floor(index / grid.frames) % grid.directions;
  return { frame: index % grid.frames, frames: grid.frames, direction: rows[grid.directions][row] ?? "down" };
}

/**
 * The pose that a prompt asks for in words, and the prompt without them: `facing up left`, `animation frame 2 of 4`.
 * A field is null where the words say nothing of it.
 */
export function poseInWords(prompt: string): {
  rest: string;
  direction: Direction | null;
  frame: { index: number; count: number } | null;
} {
  const facing = /\bfacing (?:to )?(?:the )?(up|down|left|right)(?:[ -](left|right))?\b/i.exec(prompt);
  const step = /\b(?:animation )?frame (\d{1,3}) of (\d{1,3})\b/i.exec(prompt);
  const count = Math.max(1, Number(step?.[2] ?? 1));
  if (facing === null && step === null) return { rest: prompt, direction: null, frame: null };
  let rest = prompt;
  for (const match of [facing, step]) if (match !== null) rest = rest.replace(match[0], "");
  if (facing !== null) rest = rest.replaceAll(/\b(?:three-quarter |front |back |side )+view\b/gi, "");
  const clauses = rest.split(",").map((clause) => clause.trim());
  return {
    // Clauses that held nothing else are gone, so that the prompt is as it was before they joined it.
    rest: clauses.filter((clause) => clause !== "").join(", "),
    direction: facing === null ? null : directionNamed(`${facing[1] ?? ""} ${facing[2] ?? ""}`),
    frame: step === null ? null : { index: Math.max(0, Number(step[1]) - 1) % count, count },
  };
}

function directionNamed(words: string): Direction | null {
  const name = words.trim().toLowerCase().replace(" ", "-");
  return rows[8].find((direction) => direction === name) ?? null;
}

/** The sprite in a pose: a transform of its pixels, which its notes say. The first frame looking down is the sprite itself. */
export function posed(sprite: Sprite, pose: Pose): Sprite {
  const notes = [...sprite.notes];
  if (pose.frames > 1) notes.push(`The frames are one drawing, moved: ${sprite.motion}.`);
  if (pose.direction !== "down") notes.push("The directions are one drawing, mirrored, narrowed and darkened.");
  const turned = turn(sprite.image, pose.direction, sprite.facing);
  return { ...sprite, notes, image: move(turned, sprite.motion, pose.frame / pose.frames) };
}

/** Where a pixel of the new picture comes from in the old one; null is transparent. */
type Lookup = (x: number, y: number) => readonly [x: number, y: number] | null;

function remap({ width, height, data }: RgbaImage, lookup: Lookup): RgbaImage {
  const target = new Uint8ClampedArray(data.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [fromX, fromY] = lookup(x, y) ?? [-1, -1];
      if (fromX < 0 || fromY < 0 || fromX >= width || fromY >= height) continue;
      const from = (fromY * width + fromX) * 4;
      target.set(data.subarray(from, from + 4), (y * width + x) * 4);
    }
  }
  return { width, height, data: target };
}

/** What a motion goes by: the box of the opaque pixels, and where in its cycle it is. */
interface Moment {
  readonly box: Box;
  readonly middle: number;
  /** Height of the box, at least 1. */
  readonly tall: number;
  /** 0 … 1 of one cycle; 0 is the drawing itself. */
  readonly phase: number;
  /** sin of the cycle. */
  readonly wave: number;
  /** Pixels of a small move. */
  readonly step: number;
}

const motions: Readonly<Record<Motion, (image: RgbaImage, moment: Moment) => RgbaImage>> = {
  // Breathing: the feet stay, the upper part sinks and rises.
  bob: (image, { box, tall, phase, step }) => {
    // Two pixels where there is room, so that four frames are three drawings at least.
    const reach = Math.max(tall >= 18 ? 2 : 1, step);
    const drop = Math.round((reach * (1 - Math.cos(phase * 2 * Math.PI))) / 2 + 1e-9);
    const waist = Math.round(box.top + tall * 0.7);
    return remap(image, (x, y) => [x, y - drop < waist ? y - drop : y]);
  },
  // The legs lift one after the other.
  walk: (image, { box, tall, middle, wave, step }) => {
    const knee = box.top + tall * 0.72;
    const lift = Math.round(step * Math.abs(wave));
    return remap(image, (x, y) => [x, y >= knee && x < middle === wave > 0 ? y + lift : y]);
  },
  squash: (image, { box, middle, wave }) => {
    const wide = 1 + 0.14 * wave;
    return remap(image, (x, y) => [
      Math.round(middle + (x - middle) / wide),
      Math.round(box.bottom - (box.bottom - y) * wide),
    ]);
  },
  spin: (image, { middle, phase }) => {
    const turned = Math.cos(phase * 2 * Math.PI);
    const wide = Math.max(0.12, Math.abs(turned)) * (turned < 0 ? -1 : 1);
    return remap(image, (x, y) => [Math.round(middle + (x - middle) / wide), y]);
  },
  flicker: (image, { box, tall, phase, step }) =>
    remap(image, (x, y) => {
      const up = (box.bottom - y) / tall;
      return [x + Math.round(step * up * (Math.sin(phase * 2 * Math.PI + up * 4) - Math.sin(up * 4))), y];
    }),
  sway: (image, { box, tall, wave, step }) =>
    remap(image, (x, y) => [x + Math.round(step * wave * ((box.bottom - y) / tall) ** 2), y]),
  float: (image, { wave, step }) => remap(image, (x, y) => [x, y + Math.round(step * wave)]),
  scroll: (image, { phase }) => remap(image, (x, y) => [(x + Math.round(phase * image.width)) % image.width, y]),
};

function move(image: RgbaImage, motion: Motion, phase: number): RgbaImage {
  const box = boundsOf(image);
  if (phase === 0 || box === null) return image;
  return motions[motion](image, {
    box,
    middle: (box.left + box.right) / 2,
    tall: Math.max(1, box.bottom - box.top),
    phase,
    wave: Math.sin(phase * 2 * Math.PI),
    step: Math.max(1, Math.round(image.height / 24)),
  });
}

/** Turns the sprite by mirroring and narrowing it; one that looks up shows its dark side. */
function turn(image: RgbaImage, direction: Direction, facing: Sprite["facing"]): RgbaImage {
  const toLeft = direction.endsWith("left");
  const sideways = toLeft || direction.endsWith("right");
  let turned = image;
  if (sideways && facing === "front") turned = narrow(turned, direction.includes("-") ? 0.9 : 0.8);
  // A sprite drawn from the side looks right.
  if (toLeft) turned = remap(turned, (x, y) => [turned.width - 1 - x, y]);
  if (direction.startsWith("up")) turned = darken(turned);
  return turned;
}

function narrow(image: RgbaImage, factor: number): RgbaImage {
  const middle = (image.width - 1) / 2;
  return remap(image, (x, y) => [Math.round(middle + (x - middle) / factor), y]);
}

function darken(image: RgbaImage): RgbaImage {
  const data = image.data.map((value, index) => (index % 4 === 3 ? value : value * (index % 4 === 2 ? 0.78 : 0.68)));
  return { ...image, data };
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The box around the opaque pixels, its ends included; null when there are none. */
function boundsOf({ width, height, data }: RgbaImage): Box | null {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if ((data[(y * width + x) * 4 + 3] ?? 0) === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? null : { left, right, top, bottom };
}
