import { expect, it } from "vitest";
import { colorAt, draw } from "../../test/pixels/pictures.ts";
import { plainOptions } from "./sprite-options.ts";
import { fitPicture, fitSprite, fitTile, place } from "./fit.ts";
import { makeSprite } from "./make-sprite.ts";
import { linesAcross, linesAround } from "./wanted-grid.ts";

const middle = { x: 0.5, y: 0.5 };

it("reduces a scene to its cell, cropping evenly where the proportions differ", () => {
  const scene = draw(40, 20, (x) => [x * 6, 0, 0]);
  const { frames, warnings } = fitPicture([scene], { width: 10, height: 10 }, middle);
  // The middle 20 columns are left, two to a pixel; of two equal shares the first wins.
  expect(Array.from({ length: 10 }, (_, x) => colorAt(frames[0] ?? scene, x, 5)?.[0])).toEqual(
    Array.from({ length: 10 }, (_, x) => (10 + 2 * x) * 6),
  );
  expect(warnings.join()).toContain("40×20 cells: it was reduced to 10×10");
});

it("stretches a scene whose proportions are nearly the cell's", () => {
  const scene = draw(41, 40, (x, y) => [x * 6, y * 6, 0]);
  const { frames } = fitPicture([scene], { width: 20, height: 20 }, middle);
  expect(colorAt(frames[0] ?? scene, 19, 19)?.[0]).toBeGreaterThan(38 * 6);
});

it("enlarges a scene by the whole number that fits, and pads the rest", () => {
  const scene = draw(10, 6, () => [9, 9, 9]);
  const { frames, warnings } = fitPicture([scene], { width: 24, height: 20 }, middle);
  const [frame = scene] = frames;
  expect([colorAt(frame, 1, 10), colorAt(frame, 2, 10), colorAt(frame, 21, 10), colorAt(frame, 22, 10)]).toEqual([
    null,
    [9, 9, 9],
    [9, 9, 9],
    null,
  ]);
  expect(warnings.join()).toContain("does not fill 24×20 evenly");
});

it("leaves what has the cell's size as it is", () => {
  const frames = [draw(4, 4, () => [1, 2, 3])];
  const size = { width: 4, height: 4 };
  for (const fit of [fitPicture(frames, size, middle), fitSprite(frames, size, middle, 1), fitTile(frames, size)]) {
    expect(fit).toEqual({ frames, warnings: [] });
  }
});

it("gives an empty sprite an empty cell", () => {
  const { frames } = fitSprite([draw(9, 9, () => null)], { width: 5, height: 7 }, middle, 0);
  expect(frames).toEqual([draw(5, 7, () => null)]);
});

it.each([
  { box: 40, room: 21, reduced: 20, why: "by a whole number where that nearly fills the cell" },
  { box: 41, room: 40, reduced: 40, why: "by less where a whole number would waste the cell" },
])("reduces a sprite $why", ({ box, room, reduced }) => {
  const sprite = draw(box + 2, box + 2, (x, y) => (x > 0 && y > 0 && x <= box && y <= box ? [x, y, 0] : null));
  const { frames, warnings } = fitSprite([sprite], { width: room, height: room }, { x: 0, y: 0 }, 0);
  const [frame = sprite] = frames;
  expect([frame.width, frame.height]).toEqual([room, room]);
  expect(colorAt(frame, reduced - 1, reduced - 1)).not.toBeNull();
  if (reduced < room) expect(colorAt(frame, reduced, reduced)).toBeNull();
  expect(warnings.join()).toContain(`reduced to ${reduced}×${reduced}`);
});

it("places by the pivot, to the edge", () => {
  const dot = draw(1, 1, () => [1, 1, 1]);
  const corner = place(dot, { width: 5, height: 5 }, { x: 1, y: 0 });
  expect(colorAt(corner, 4, 0)).toEqual([1, 1, 1]);
});

it("covers a sprite's box with its proportions kept", () => {
  const { x, y } = linesAround({ x: 100, y: 50, width: 400, height: 100 }, { width: 40, height: 40 });
  expect([x.length - 1, x[0], x.at(-1), y.length - 1, y[0], y.at(-1)]).toEqual([40, 100, 500, 10, 50, 150]);
  const tiny = linesAround({ x: 0, y: 0, width: 7, height: 3 }, { width: 40, height: 40 });
  expect([tiny.x.length - 1, tiny.y.length - 1]).toEqual([7, 3]);
});

it("covers a picture, or its middle where it may be cropped", () => {
  const [picture, size] = [
    { width: 200, height: 100 },
    { width: 10, height: 10 },
  ];
  const cropped = linesAcross(picture, size, true);
  expect([cropped.x[0], cropped.x.at(-1), cropped.y[0], cropped.y.at(-1)]).toEqual([50, 150, 0, 100]);
  const stretched = linesAcross(picture, size, false);
  expect([stretched.x[0], stretched.x.at(-1), stretched.y.at(-1)]).toEqual([0, 200, 100]);
});

it("makes a scene without a grid fill its cell, or stand in it unscaled when it is smaller", () => {
  const scene = draw(90, 60, (x, y) => [x * 2, y * 4, (x * y) % 251]);
  const fill = makeSprite([scene], { ...plainOptions, background: "keep", size: { width: 20, height: 20 } });
  expect(fill.image.data.every((value, at) => at % 4 < 3 || value === 255)).toBe(true);
  const pad = makeSprite([scene], { ...plainOptions, background: "keep", size: { width: 100, height: 70 } });
  expect([colorAt(pad.image, 4, 30), colorAt(pad.image, 5, 30)]).toEqual([null, expect.anything()]);
});
