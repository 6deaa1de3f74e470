import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PixelsError } from "../protocol/errors.ts";
import { mergeSpritesJson, parseSpritesJson, type SpritesJsonEntry } from "./sprites-json.ts";

const still: SpritesJsonEntry = { cell: { width: 33, height: 17 }, columns: 1, rows: 1, fps: null };
const moving: SpritesJsonEntry = { cell: { width: 32, height: 32 }, columns: 4, rows: 8, fps: 12 };

test("sprites are listed by path, in one fixed text", () => {
  const text = mergeSpritesJson(mergeSpritesJson(null, "sprites/b.png", still), "sprites/a.png", moving);
  expect(text).toBe(
    `${JSON.stringify({ version: 1, sprites: { "sprites/a.png": moving, "sprites/b.png": still } }, null, 2)}\n`,
  );
  expect(mergeSpritesJson(text, "sprites/b.png", still)).toBe(text);
  expect(parseSpritesJson(mergeSpritesJson(text, "sprites/a.png", null)).sprites).toEqual({ "sprites/b.png": still });
});

test.for([
  ["no JSON", "{"],
  ["another version", `{"version":2,"sprites":{}}`],
  ["a path that leads out", `{"version":1,"sprites":{"../a.png":${JSON.stringify(still)}}}`],
  ["a size of 0", `{"version":1,"sprites":{"a.png":${JSON.stringify({ ...still, cell: { width: 0, height: 1 } })}}}`],
])("a malformed list is an error and stays as it is: %s", ([, text = ""]) => {
  expect(() => mergeSpritesJson(text, "a.png", still, "assets/.sprites.json")).toThrow(
    expect.objectContaining({ code: "invalid_file", data: { path: "assets/.sprites.json" } }),
  );
});

test("any text is a list or a PixelsError", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
      try {
        parseSpritesJson(text);
      } catch (error) {
        expect(error).toBeInstanceOf(PixelsError);
      }
    }),
  );
});
