import * as fc from "fast-check";
import { expect, test } from "vitest";
import { colors, type Subject } from "./vocabulary.ts";
import { describe as read } from "./words.ts";

test.each<[prompt: string, subject: Subject | null]>([
  ["red dragon, side view", "dragon"],
  ["a fierce dragon with sword", "dragon"],
  ["fire dragon", "dragon"],
  ["stone golem", "monster"],
  ["goblin enemy", "goblin"],
  ["pine tree", "pine"],
  ["cherry tree", "tree"],
  ["grass tile", "grass"],
  ["stone floor", "cobble"],
  ["wooden floor", "planks"],
  ["steel wall", "metal"],
  ["bag of coins", "bag"],
  ["lightning bolt", "lightning"],
  ["health potion", "potion"],
  ["treasure chests", "chest"],
  ["wolves", null],
  ["a red rose", "flower"],
  ["ruby", "gem"],
  ["flowers", "flower"],
  ["RED DRAGÓN", "dragon"],
  ["", null],
])("%s is %s", (prompt, subject) => {
  expect(read(prompt).subject).toBe(subject);
});

test("a colour belongs to the noun after it", () => {
  const { colors: own, partColors } = read("blue knight with red cape and golden horns");
  expect(own).toEqual([colors.get("blue")]);
  expect(partColors.get("cape")).toBe(colors.get("red"));
  expect(partColors.get("horns")).toBe(colors.get("golden"));
});

test("the background is no part of the subject", () => {
  for (const prompt of [
    "knight on a plain solid magenta background",
    "knight, plain white background",
    "knight, transparent background, centered",
  ]) {
    expect(read(prompt)).toMatchObject({ subject: "knight", colors: [], ignored: [] });
  }
});

test("words it does not know are told, once each and in order; words of the craft are not", () => {
  const prompt = "pixel art sprite, xyzzy dragon of the quux, xyzzy, 64x64, crisp pixels, game asset";
  expect(read(prompt).ignored).toEqual(["xyzzy", "quux"]);
});

test("moods and materials are heard", () => {
  const { moods, substance } = read("cute angry golden slime with wings");
  expect([...moods].toSorted()).toEqual(["cute", "evil", "winged"]);
  expect(substance?.gloss).toBe(1);
  expect(read("slime with golden wings").substance).toBeNull();
  expect(read("wooden shield").substance?.gloss).toBe(0);
});

test("any text is read, long ones quickly", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (prompt) => {
      expect(read(prompt).ignored).toEqual([...new Set(read(prompt).ignored)]);
    }),
  );
  expect(read("a ".repeat(200_000)).subject).toBeNull();
  expect(read("background ".repeat(20_000)).ignored).toEqual([]);
});
