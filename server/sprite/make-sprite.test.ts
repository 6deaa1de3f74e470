import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  colorAt,
  degradations,
  degrade,
  draw,
  drawCreature,
  flipped,
  magenta,
  onMatte,
  randomNumbers,
} from "../../test/pixels/pictures.ts";
import { plainOptions } from "./sprite-options.ts";
import { parseHex, toHex, rgbAt } from "./color.ts";
import { type RgbaImage, crop } from "./image.ts";
import { makeSprite } from "./make-sprite.ts";
import { enlarge, resample } from "./preview.ts";
import { joinSheet } from "./sheet.ts";
import { SpriteError } from "./sprite-error.ts";
import type { SpriteOptions } from "./sprite-options.ts";
import { wrapAround } from "./tile.ts";

const isFull = process.env["DGX_PIXELS_ROUNDS"] === "full";
const rounds = { numRuns: isFull ? 1000 : 60 };

function options(size: [number, number] | "auto", others: Partial<SpriteOptions> = {}): SpriteOptions {
  return { ...plainOptions, size: size === "auto" ? size : { width: size[0], height: size[1] }, ...others };
}

/** Any small sprite with a transparent ring around, so that its matte shows on the border. */
const anySprite = fc
  .record({
    width: fc.integer({ min: 1, max: 12 }),
    height: fc.integer({ min: 1, max: 9 }),
    colors: fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(100)), { minLength: 1, maxLength: 5 }),
    seed: fc.nat(),
  })
  .map(({ width, height, colors, seed }) => {
    const random = randomNumbers(seed);
    return draw(width + 2, height + 2, (x, y) => {
      const isRing = x === 0 || y === 0 || x > width || y > height;
      const isSolid = x === 1 && y === 1;
      return isRing || (!isSolid && random() < 0.3) ? null : (colors[Math.floor(random() * colors.length)] ?? null);
    });
  });

function expectSame(actual: RgbaImage, expected: RgbaImage): void {
  expect([actual.width, actual.height]).toEqual([expected.width, expected.height]);
  expect(Buffer.compare(Buffer.from(actual.data), Buffer.from(expected.data))).toBe(0);
}

/** Share of the sprite's opaque cells that came back in their colour, and of all cells that came back with their alpha. */
function likeness(actual: RgbaImage, expected: RgbaImage): { colors: number; alpha: number } {
  let [opaque, right, alike] = [0, 0, 0];
  for (let y = 0; y < expected.height; y++) {
    for (let x = 0; x < expected.width; x++) {
      const [is, should] = [colorAt(actual, x, y), colorAt(expected, x, y)];
      if ((is === null) === (should === null)) alike++;
      if (!should) continue;
      opaque++;
      if (is && Math.hypot(...should.map((value, channel) => value - (is[channel] ?? 0))) < 30) right++;
    }
  }
  return { colors: right / opaque, alpha: alike / (expected.width * expected.height) };
}

describe("pixel art that was enlarged", () => {
  it("comes back exactly, whatever whole number it was enlarged by", () => {
    fc.assert(
      fc.property(anySprite, fc.integer({ min: 1, max: 16 }), fc.boolean(), (sprite, factor, hasAlpha) => {
        const picture = enlarge(hasAlpha ? sprite : onMatte(sprite), factor);
        const made = makeSprite([picture], options([sprite.width, sprite.height]));
        expectSame(made.image, sprite);
        expect(made.confidence).toBe(factor === 1 ? null : 1);
      }),
      rounds,
    );
  });

  it("comes back exactly, mirrored when the picture is", () => {
    fc.assert(
      fc.property(anySprite, fc.integer({ min: 1, max: 8 }), (sprite, factor) => {
        const size = options([sprite.width, sprite.height]);
        const made = makeSprite([enlarge(onMatte(sprite), factor)], size);
        expectSame(makeSprite([flipped(enlarge(onMatte(sprite), factor))], size).image, flipped(made.image));
      }),
      rounds,
    );
  });

  it("comes back exactly from the middle of a larger picture", () => {
    fc.assert(
      fc.property(anySprite, fc.integer({ min: 60, max: 130 }), fc.integer({ min: 60, max: 130 }), (sprite, w, h) => {
        const pitch = Math.floor(Math.min(w / sprite.width, h / sprite.height));
        const [left, top] = [Math.floor((w - sprite.width * pitch) / 2), Math.floor((h - sprite.height * pitch) / 2)];
        const picture = onMatte(crop(enlarge(sprite, pitch), -left, -top, w, h));
        expectSame(makeSprite([picture], options([sprite.width, sprite.height])).image, sprite);
      }),
      rounds,
    );
  });

  it("comes back exactly when it was enlarged unevenly", () => {
    const sprite = drawCreature(48, 40, 1);
    const picture = resample(onMatte(sprite), 1024, 853);
    expectSame(makeSprite([picture], options([48, 40])).image, sprite);
  });

  it("tells its own size when none is asked for", () => {
    const sprite = drawCreature(57, 46, 2);
    const { cell, confidence, image } = makeSprite([enlarge(onMatte(sprite), 17)], options("auto"));
    expect({ cell, confidence }).toEqual({ cell: { width: 57, height: 46 }, confidence: 1 });
    expectSame(image, sprite);
  });

  it("keeps every colour up to 256", () => {
    const sprite = draw(18, 18, (x, y) =>
      x % 17 === 0 || y % 17 === 0 ? null : [(x - 1) * 8 + 40, (y - 1) * 8 + 40, ((x * y) % 7) * 4],
    );
    const made = makeSprite([enlarge(onMatte(sprite), 4)], options([18, 18]));
    expectSame(made.image, sprite);
    expect(made.palette.length).toBe(256);
  });

  it("fills a cell that is a multiple of its own grid, and says so", () => {
    const sprite = drawCreature(20, 20, 3);
    // Off the picture's corner, so that the wanted 47×47 does not fit it by itself.
    const made = makeSprite([enlarge(onMatte(sprite), 10)], options([47, 47]));
    expect(made.warnings.join()).toContain("20×20 cells: each became 2×2");
    expectSame(crop(made.image, 4, 4, 40, 40), enlarge(sprite, 2));
  });

  it("is trimmed and stands on its pivot in a cell its canvas does not fit", () => {
    const sprite = draw(40, 40, (x, y) => (x > 9 && x < 20 && y > 4 && y < 17 ? [10 + x, 200, 10 + y] : null));
    const made = makeSprite([enlarge(onMatte(sprite), 5)], options([32, 32], { pivot: { x: 0.5, y: 1 } }));
    expectSame(crop(made.image, 11, 20, 10, 12), crop(sprite, 10, 5, 10, 12));
    expect(made.warnings).toEqual([]);
  });

  it("is reduced when it is larger than the cell, and says so", () => {
    const sprite = draw(40, 40, (x, y) =>
      x > 2 && x < 37 && y > 2 && y < 37 ? [(x >> 3) * 40, (y >> 3) * 40, 0] : null,
    );
    const made = makeSprite([enlarge(onMatte(sprite), 5)], options([17, 17]));
    expect([made.image.width, made.image.height]).toEqual([17, 17]);
    expect(made.warnings.join()).toContain("34×34 cells, more than 17×17 holds");
    // Half of each side: no colour may appear that was not there.
    const before = new Set(Array.from({ length: 1600 }, (_, at) => toHex(rgbAt(sprite, at))));
    expect(made.palette.every((color) => before.has(color))).toBe(true);
  });
});

describe("pictures that were blurred, bent and compressed", () => {
  const sizes = isFull
    ? [16, 24, 32, 40, 48, 57, 64, 71, 80, 96, 110, 128].flatMap((w) => [
        [w, w] as const,
        [w, Math.round(w * 0.8)] as const,
      ])
    : [[32, 32] as const, [71, 57] as const];

  it.each(degradations.flatMap((level) => sizes.map(([w, h]) => ({ level, w, h }))))(
    "$level, $w×$h: the cells are found again",
    async ({ level, w, h }) => {
      const sprite = drawCreature(w, h, w + h);
      const made = makeSprite([await degrade(sprite, level, w)], options([w, h]));
      expect([made.image.width, made.image.height]).toEqual([w, h]);
      const { colors, alpha } = likeness(made.image, sprite);
      expect(colors).toBeGreaterThan(0.95);
      expect(alpha).toBeGreaterThan(0.98);
      expect(made.confidence).toBeGreaterThan(0.6);
      expect(made.palette.length).toBeLessThan(40);
    },
  );

  it("tell their own size when none is asked for", async () => {
    const sprite = drawCreature(64, 51, 7);
    const made = makeSprite([await degrade(sprite, "blur and noise", 7)], options("auto"));
    expect(made.cell).toEqual({ width: 64, height: 51 });
  });

  it("are resampled to the size asked for when they have no grid, and say so", () => {
    const picture = draw(300, 300, (x, y) => {
      const off = Math.hypot(x - 150, y - 150);
      return off < 120 ? [200 - off, 40 + off, (x + y) % 200] : magenta;
    });
    const made = makeSprite([picture], options([33, 17]));
    expect([made.image.width, made.image.height]).toEqual([33, 17]);
    expect(made.warnings.join()).toContain("No pixel grid was found");
    expect(made.confidence).toBeLessThan(0.6);
    // The disc stands in the middle, as tall as the cell.
    expect([colorAt(made.image, 16, 0), colorAt(made.image, 16, 16), colorAt(made.image, 2, 8)]).toEqual([
      expect.anything(),
      expect.anything(),
      null,
    ]);
  });

  it("keep their size when they have no grid and none is asked for", () => {
    const picture = draw(60, 50, (x, y) => [x * 4, y * 5, (x * y) % 256]);
    const made = makeSprite([picture], options("auto", { background: "keep" }));
    expect(made.cell).toEqual({ width: 60, height: 50 });
    expect(made.warnings.join()).toContain("its size was kept");
  });
});

describe("every sprite", () => {
  const anyPicture = fc
    .record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }), seed: fc.nat() })
    .chain(({ width, height, seed }) =>
      fc.integer({ min: 1, max: 4 }).map((coarse): RgbaImage => {
        const random = randomNumbers(seed);
        const data = Uint8ClampedArray.from({ length: width * height * 4 }, () => Math.floor(random() * 256));
        return coarse === 1 ? { width, height, data } : resample({ width, height, data }, width * coarse, height);
      }),
    );
  const anyOptions = fc.record({
    size: fc.oneof(
      fc.constant("auto" as const),
      fc.record({ width: fc.integer({ min: 1, max: 50 }), height: fc.integer({ min: 1, max: 50 }) }),
    ),
    frames: fc.constant(1),
    directions: fc.constant(1),
    colors: fc.option(fc.integer({ min: 2, max: 20 })),
    palette: fc.option(fc.array(fc.nat(0xffffff).map(toHex), { minLength: 1, maxLength: 8 })),
    dither: fc.constantFrom("none" as const, "bayer2" as const, "bayer4" as const, "bayer8" as const),
    background: fc.constantFrom("auto", "keep", "#ff00ff"),
    outline: fc.option(fc.constantFrom("#000000", "#ffffff")),
    pivot: fc.record({ x: fc.double({ min: 0, max: 1, noNaN: true }), y: fc.double({ min: 0, max: 1, noNaN: true }) }),
    tile: fc.boolean(),
  });

  it("has the size asked for, binary alpha, few enough colours, and is the same again", () => {
    fc.assert(
      fc.property(anyPicture, anyOptions, (picture, wanted) => {
        const before = picture.data.slice();
        const made = makeSprite([picture], wanted);
        expect(picture.data).toEqual(before);
        if (wanted.size !== "auto") expect(made.cell).toEqual(wanted.size);
        expect([made.image.width, made.image.height]).toEqual([made.cell.width, made.cell.height]);

        const used = new Set<string>();
        for (let at = 0; at < made.image.width * made.image.height; at++) {
          const alpha = made.image.data[at * 4 + 3];
          if (alpha === 255) used.add(toHex(rgbAt(made.image, at)));
          else expect([...made.image.data.subarray(at * 4, at * 4 + 4)]).toEqual([0, 0, 0, 0]);
        }
        expect(new Set(made.palette)).toEqual(used);
        if (wanted.palette) expect(wanted.palette).toEqual(expect.arrayContaining(made.palette));
        else expect(made.palette.length).toBeLessThanOrEqual(wanted.colors ?? 256);
        if (made.confidence !== null) expect(made.confidence).toBeGreaterThanOrEqual(0);
        expect(makeSprite([picture], wanted)).toEqual(made);
      }),
      { numRuns: isFull ? 2000 : 150 },
    );
  });

  it("is drawn with an outline that is one of its colours", () => {
    const sprite = draw(12, 12, (x, y) => (x > 3 && x < 8 && y > 3 && y < 8 ? [200, 10, 10] : null));
    const plain = makeSprite([onMatte(sprite)], options([12, 12], { outline: "#102030" }));
    expect(plain.palette).toEqual(["#102030", "#c80a0a"]);
    const [near, far] = ["#111111", "#eeeeee"];
    const fixed = makeSprite(
      [onMatte(sprite)],
      options([12, 12], { outline: "#102030", palette: [far, near, "#c00000"] }),
    );
    expect(fixed.palette).toEqual([near, "#c00000"]);
    expect(colorAt(fixed.image, 3, 5)).toEqual([17, 17, 17]);
    expect(colorAt(fixed.image, 3, 3)).toBeNull();
  });

  it("leaves room for its outline where it is trimmed", () => {
    const sprite = draw(60, 60, (x, y) =>
      x > 19 && x < 50 && y > 19 && y < 50 ? [200, (x % 7) * 20, (y % 5) * 30] : null,
    );
    const made = makeSprite([enlarge(onMatte(sprite), 3)], options([32, 32], { outline: "#000000" }));
    expect([colorAt(made.image, 0, 16), colorAt(made.image, 31, 16)]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expectSame(crop(made.image, 1, 1, 30, 30), crop(sprite, 20, 20, 30, 30));
  });

  it("mixes two colours where dithering is asked for", () => {
    const gray = draw(8, 8, () => [120, 120, 120]);
    const wanted = options([8, 8], { palette: ["#000000", "#ffffff"], background: "keep" });
    expect(makeSprite([gray], wanted).palette).toHaveLength(1);
    expect(makeSprite([gray], { ...wanted, dither: "bayer4" }).palette).toEqual(["#000000", "#ffffff"]);
  });
});

describe("background", () => {
  const ring = draw(9, 9, (x, y) => {
    const off = Math.max(Math.abs(x - 4), Math.abs(y - 4));
    return off > 3 || off < 2 ? null : [30, 90, 160];
  });

  it("is cut out inside the sprite too", () => {
    expectSame(makeSprite([enlarge(onMatte(ring), 6)], options([9, 9])).image, ring);
  });

  it("keeps small parts of the sprite that share a neutral matte's colour", () => {
    const white = [255, 255, 255] as const;
    const eyed = draw(40, 40, (x, y) =>
      x === 20 && y === 20 ? white : Math.hypot(x - 20, y - 20) < 12 ? [90, 30, 30] : null,
    );
    expect(colorAt(makeSprite([enlarge(onMatte(eyed, white), 4)], options([40, 40])).image, 20, 20)).toEqual(white);
  });

  it("stays when it is to be kept", () => {
    const { image, warnings } = makeSprite([enlarge(onMatte(ring), 6)], options([9, 9], { background: "keep" }));
    expectSame(image, onMatte(ring));
    expect(warnings).toEqual([]);
  });

  it("is cut by the colour named, though the border shows another", () => {
    const framed = draw(12, 12, (x, y) =>
      x === 0 || y === 0 || x === 11 || y === 11 ? [0, 255, 255] : (colorAt(ring, x - 2, y - 2) ?? magenta),
    );
    const { image } = makeSprite([framed], options([12, 12], { background: "#ff00ff" }));
    expect([colorAt(image, 0, 0), colorAt(image, 1, 1), colorAt(image, 3, 3)]).toEqual([
      [0, 255, 255],
      null,
      [30, 90, 160],
    ]);
  });

  it("is told missing where the border has no one colour", () => {
    const noisy = draw(20, 20, (x, y) => [(x * 53) % 256, (y * 97) % 256, (x * y * 31) % 256]);
    expect(makeSprite([noisy], options([20, 20])).warnings.join()).toContain("has no flat background");
  });

  it("that is all there is stays, with a warning", () => {
    const flat = makeSprite([draw(16, 16, () => [10, 200, 10])], options([1, 1]));
    expect(colorAt(flat.image, 0, 0)).toEqual([10, 200, 10]);
    expect(flat.warnings.join()).toContain("fills the whole picture");
  });
});

describe("frames", () => {
  const frames = [0, 1, 2, 3].map((step) =>
    draw(24, 24, (x, y) =>
      x > 3 + step && x < 12 + step && y > 6 && y < 18 ? [200 - step * 40, 40, 10 + step] : null,
    ),
  );

  it("share one canvas: motion between them is kept", () => {
    const pictures = frames.map((frame) => enlarge(onMatte(frame), 7));
    const made = makeSprite(pictures, options([24, 24], { frames: 4 }));
    expectSame(made.image, joinSheet(frames, 4));
    expect([made.columns, made.rows, made.palette.length]).toEqual([4, 1, 4]);

    const small = makeSprite(pictures, options([14, 14], { frames: 2, directions: 2 }));
    // The union is 11 wide, so each frame stands one pixel further right than the one before.
    expect(colorAt(small.image, 2, 5)).toEqual([200, 40, 10]);
    expect([colorAt(small.image, 16, 5), colorAt(small.image, 17, 5)]).toEqual([null, [160, 40, 11]]);
    expect([small.image.width, small.image.height, small.rows]).toEqual([28, 28, 2]);
  });

  it("share one palette", () => {
    const made = makeSprite(
      frames.map((frame) => onMatte(frame)),
      options([24, 24], { frames: 4, colors: 2 }),
    );
    expect(made.palette).toHaveLength(2);
  });

  it("may come as one sheet", () => {
    const sheet = joinSheet(
      frames.map((frame) => onMatte(frame)),
      2,
    );
    expectSame(makeSprite([sheet], options([24, 24], { frames: 2, directions: 2 })).image, joinSheet(frames, 2));
  });

  it("may be empty, with a warning", () => {
    const blank = draw(24, 24, () => magenta);
    const made = makeSprite([onMatte(frames[0] ?? blank), blank], options([24, 24], { frames: 2 }));
    expect(made.warnings).toEqual(["Frame 2 is empty: nothing stands out from the background."]);
  });

  it.each([
    {
      what: "of unequal size",
      pictures: [draw(8, 8, () => magenta), draw(8, 9, () => magenta)],
      message: "Frame 2 is 8×9",
    },
    { what: "too few", pictures: [], message: "need 2 pictures, not 0" },
    { what: "too many", pictures: [1, 2, 3].map(() => draw(8, 8, () => magenta)), message: "not 3" },
    { what: "in a sheet that does not divide", pictures: [draw(9, 8, () => magenta)], message: "does not divide" },
  ])("$what are refused", ({ pictures, message }) => {
    const making = (): unknown => makeSprite(pictures, options([8, 8], { frames: 2 }));
    expect(making).toThrow(SpriteError);
    expect(making).toThrow(message);
  });

  it("too large together are refused", () => {
    const dot = draw(1, 1, () => magenta);
    const making = (): unknown =>
      makeSprite(
        Array.from({ length: 8 }, () => dot),
        options([4096, 4096], { frames: 8 }),
      );
    expect(making).toThrow(/too large/);
  });
});

describe("tiles", () => {
  const tile = draw(16, 16, (x, y) => [((x * 7 + y * 3) % 16) * 15, ((x ^ y) % 4) * 60, (y % 5) * 40]);

  it("keep their background and reach every edge", () => {
    const made = makeSprite([enlarge(tile, 8)], options([16, 16], { tile: true }));
    expectSame(made.image, tile);
  });

  it("wrap a cell that the picture's edge cuts", async () => {
    const blurred = await degrade(wrapAround(enlarge(tile, 32), 0, 0), "integer", 1);
    const moved = wrapAround(blurred, 11, 20);
    // A speck keeps the exact grid from being found, so that the painted path is taken.
    const speck = { ...moved, data: moved.data.slice() };
    speck.data[4 * (200 * moved.width + 200)] = 1;
    const made = makeSprite([speck], options([16, 16], { tile: true }));
    expect(made.confidence).toBeGreaterThan(0.6);
    const columns = Array.from({ length: 16 }, (_, shift) => wrapAround(tile, shift, 0));
    const shifts = columns.flatMap((column) => Array.from({ length: 16 }, (_, shift) => wrapAround(column, 0, shift)));
    expect(Math.max(...shifts.map((shifted) => likeness(made.image, shifted).colors))).toBeGreaterThan(0.98);
  });

  it("of another grid are reduced or stretched to the edges, and say so", () => {
    const reduced = makeSprite([enlarge(tile, 5)], options([12, 12], { tile: true }));
    expect(reduced.warnings.join()).toContain("reduced");
    const stretched = makeSprite([enlarge(tile, 5)], options([50, 50], { tile: true }));
    expect(stretched.warnings.join()).toContain("stretched");
    expect(stretched.image.data.every((value, at) => at % 4 < 3 || value === 255)).toBe(true);
  });
});

it("reads hexadecimal colours both ways", () => {
  expect(toHex(parseHex("#0a0b0c"))).toBe("#0a0b0c");
});
