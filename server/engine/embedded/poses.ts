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
  let rest = prompt;
  for (const match of [facing, step]) if (match !== null) rest = rest.replace(match[0], " ");
  return {
    rest: facing === null ? rest : rest.replaceAll(/\b(?:three-quarter |front |back |side )+view\b/gi, " "),
    direction: facing === null ? null : ([facing[1], facing[2]].filter(Boolean).join("-").toLowerCase() as Direction),
    frame: step === null ? null : { index: Math.max(0, Number(step[1]) - 1) % count, count },
  };
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

/** Moves the pixels by `phase`, 0 … 1 of one cycle; phase 0 changes nothing. */
function move(image: RgbaImage, motion: Motion, phase: number): RgbaImage {
  if (phase === 0) return image;
  const { width, height } = image;
  const box = bounds(image);
  if (box === null) return image;
  const wave = Math.sin(phase * 2 * Math.PI);
  const step = Math.max(1, Math.round(height / 24));
  const middle = (box.left + box.right) / 2;
  const tall = Math.max(1, box.bottom - box.top);
  switch (motion) {
    case "bob": {
      // Down and up again, as breathing does: the feet stay, the upper part moves.
      const lift = Math.round((step * (1 - Math.cos(phase * 2 * Math.PI))) / 2);
      const waist = box.top + tall * 0.7;
      return remap(image, (x, y) => [x, y - lift < waist ? y - lift : Math.max(y, Math.round(waist))]);
    }
    case "walk": {
      const knee = box.top + tall * 0.72;
      const lift = Math.round(step * Math.abs(wave));
      const lifted = wave > 0 ? "left" : "right";
      return remap(image, (x, y) => {
        if (y < knee) return [x, y];
        const raised = lift > 0 && x < middle === (lifted === "left");
        return raised ? [x, y + lift] : [x, y];
      });
    }
    case "squash": {
      const across = 1 + 0.14 * wave;
      return remap(image, (x, y) => [
        Math.round(middle + (x - middle) / across),
        Math.round(box.bottom - (box.bottom - y) * across),
      ]);
    }
    case "spin": {
      const across = Math.cos(phase * Math.PI * 2);
      const width2 = Math.max(0.12, Math.abs(across));
      const side = across < 0 ? -1 : 1;
      return remap(image, (x, y) => [Math.round(middle + (side * (x - middle)) / width2), y]);
    }
    case "flicker":
      return remap(image, (x, y) => {
        const height01 = (box.bottom - y) / tall;
        return [x + Math.round(step * height01 * Math.sin(phase * 2 * Math.PI + height01 * 4)), y];
      });
    case "sway":
      return remap(image, (x, y) => [x + Math.round(step * wave * ((box.bottom - y) / tall) ** 2), y]);
    case "float": {
      const lift = Math.round(step * wave);
      return remap(image, (x, y) => [x, y + lift]);
    }
    case "scroll": {
      const by = Math.round(phase * width);
      return remap(image, (x, y) => [(x + by) % width, y]);
    }
  }
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

function bounds({
  width,
  height,
  data,
}: RgbaImage): { left: number; right: number; top: number; bottom: number } | null {
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
