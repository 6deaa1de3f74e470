import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { presetNames, presets, scaffoldPrompt, subjectOf } from "./presets.ts";
import { renderSize } from "./render-size.ts";

const plain = { tile: false, background: "auto", palette: null };

describe("the words around a prompt", () => {
  test("ask for pixel art on a flat matte", () => {
    expect(scaffoldPrompt("red dragon", plain)).toBe(
      "pixel art sprite, red dragon, single subject, centered, crisp pixels, flat shading, on a plain solid magenta background",
    );
  });

  test.for([
    ["a pink slime", [], "green"],
    ["a knight", ["#ff00ff", "#000000"], "green"],
    ["a purple tree", [], "blue"],
    ["a knight", ["#f010f0", "#00ff20"], "blue"],
    ["a pink tree in the sea", [], "magenta"],
  ] as const)("a matte is a colour that is neither in %j nor in %j: %s", ([prompt, palette, matte]) => {
    expect(scaffoldPrompt(prompt, { ...plain, palette })).toContain(`plain solid ${matte} background`);
  });

  test("a given background is the matte, and none is asked for where it is kept or tiled", () => {
    expect(scaffoldPrompt("a pink slime", { ...plain, background: "#f00ff0" })).toContain("solid magenta background");
    expect(scaffoldPrompt("a room", { ...plain, background: "keep" })).not.toContain("background");
    expect(scaffoldPrompt("grass", { ...plain, tile: true })).toMatch(/seamless tileable/);
  });

  test("are taken off again by the engine that does not need them", () => {
    const options = fc.record({
      tile: fc.boolean(),
      background: fc.constantFrom("auto", "keep", "#00ff00", "#123456"),
      palette: fc.option(fc.array(fc.constantFrom("#ff00ff", "#00ff00", "#0000ff"))),
    });
    fc.assert(
      fc.property(fc.string(), options, (prompt, chosen) => {
        expect(subjectOf(scaffoldPrompt(prompt, chosen))).toBe(prompt);
      }),
    );
    expect(subjectOf("pixel art, by hand")).toBe("pixel art, by hand");
  });
});

test("distilled presets need few steps and hardly any guidance", () => {
  for (const name of presetNames) {
    const { steps, cfg, lora } = presets[name];
    if (lora === null) expect(steps).toBeGreaterThanOrEqual(20);
    else expect([steps <= 8, cfg <= 2]).toEqual([true, true]);
  }
});

describe("the size an SDXL model draws at", () => {
  test.for([
    [
      { width: 64, height: 64 },
      { width: 1024, height: 1024 },
    ],
    [
      { width: 1, height: 1 },
      { width: 1024, height: 1024 },
    ],
    [
      { width: 33, height: 17 },
      { width: 1408, height: 704 },
    ],
    [
      { width: 16, height: 32 },
      { width: 704, height: 1472 },
    ],
    [
      { width: 4096, height: 1 },
      { width: 2048, height: 512 },
    ],
    [
      { width: 1, height: 4096 },
      { width: 512, height: 2048 },
    ],
  ] as const)("%j is drawn as %j", ([cell, render]) => {
    expect(renderSize(cell)).toEqual(render);
  });

  test("is a multiple of 64 near 1024², nearer the cell's shape than any other can be by more than a step", () => {
    const side = fc.integer({ min: 1, max: 4096 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const render = renderSize({ width, height });
        expect([render.width % 64, render.height % 64]).toEqual([0, 0]);
        expect(render.width * render.height).toBeLessThanOrEqual(1024 * 1024);
        expect(render.width * render.height).toBeGreaterThan(0.87 * 1024 * 1024);
        const wanted = Math.min(4, Math.max(0.25, width / height));
        expect(Math.abs(Math.log(render.width / render.height / wanted))).toBeLessThan(0.15);
      }),
    );
  });
});
