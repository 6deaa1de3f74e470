import { describe, expect, test } from "vitest";
import type { Motion, Sprite } from "./generator.ts";
import { poseInWords, poseOf, posed } from "./poses.ts";

const grid = { cell: null, frames: 3, directions: 4, tile: false } as const;

function sprite(motion: Motion, facing: Sprite["facing"] = "front"): Sprite {
  const [width, height] = [24, 24];
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 4; y < 22; y += 1) {
    for (let x = 6; x < 18; x += 1) data.set([x * 9, y * 9, 120, 255], (y * width + x) * 4);
  }
  return { image: { width, height, data }, ignored: [], notes: ["a note"], motion, facing };
}

test("a batch goes row by row: frames, then directions", () => {
  expect(poseOf(0, grid)).toEqual({ frame: 0, frames: 3, direction: "down" });
  expect(poseOf(4, grid)).toEqual({ frame: 1, frames: 3, direction: "left" });
  expect(poseOf(11, grid)).toEqual({ frame: 2, frames: 3, direction: "up" });
  expect(poseOf(12, grid)).toEqual(poseOf(0, grid));
});

describe("words of a pose", () => {
  test("are taken out of the prompt", () => {
    expect(poseInWords("pixel art, red dragon, flat shading, side view, facing left, animation frame 2 of 4")).toEqual({
      rest: "pixel art, red dragon, flat shading",
      direction: "left",
      frame: { index: 1, count: 4 },
    });
    expect(poseInWords("knight, three-quarter back view, facing up right")).toMatchObject({
      rest: "knight",
      direction: "up-right",
      frame: null,
    });
  });

  test("that say nothing leave the prompt as it is", () => {
    expect(poseInWords("a ,, dragon  in side view")).toEqual({
      rest: "a ,, dragon  in side view",
      direction: null,
      frame: null,
    });
  });
});

const motions: Motion[] = ["bob", "walk", "squash", "spin", "flicker", "sway", "float", "scroll"];

test.each(motions)("%s: the first frame is the drawing, others are not, and no colour is new", (motion) => {
  const drawn = sprite(motion);
  const colours = (image: Sprite["image"]): Set<number> => new Set(new Uint32Array(image.data.buffer.slice(0)));
  const first = posed(drawn, { frame: 0, frames: 4, direction: "down" });
  expect(first.image).toEqual(drawn.image);
  const second = posed(drawn, { frame: 1, frames: 4, direction: "down" });
  expect(second.image.data).not.toEqual(drawn.image.data);
  const known = colours(drawn.image).add(0);
  expect([...colours(second.image)].every((colour) => known.has(colour))).toBe(true);
  expect(second.notes).toEqual(["a note", `The frames are one drawing, moved: ${motion}.`]);
});

test("directions mirror, narrow and darken, and say so", () => {
  const drawn = sprite("bob", "right");
  const looking = (direction: "left" | "right" | "up"): Sprite => posed(drawn, { frame: 0, frames: 1, direction });
  expect(looking("right").image).toEqual(drawn.image);
  const left = looking("left").image;
  expect(left.data.subarray((5 * 24 + 17) * 4, (5 * 24 + 17) * 4 + 4)).toEqual(
    drawn.image.data.subarray((5 * 24 + 6) * 4, (5 * 24 + 6) * 4 + 4),
  );
  expect(Math.max(...looking("up").image.data.filter((_, i) => i % 4 === 0))).toBeLessThan(153);
  expect(looking("left").notes.join()).toContain("directions are one drawing");
  const narrow = posed(sprite("bob"), { frame: 0, frames: 1, direction: "right" }).image;
  const count = (data: Uint8ClampedArray): number => data.filter((value, i) => i % 4 === 3 && value > 0).length;
  expect(count(narrow.data)).toBeLessThan(count(drawn.image.data));
});

test("an empty picture stays empty", () => {
  const nothing = { ...sprite("walk"), image: { width: 2, height: 2, data: new Uint8ClampedArray(16) } };
  expect(posed(nothing, { frame: 1, frames: 2, direction: "up" }).image.data).toEqual(new Uint8ClampedArray(16));
});
