import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toOklab } from "../../../sprite/color.ts";
import { ProceduralArtist } from "./artist.ts";
import { grounds } from "./ground.ts";
import { moods, parts, subjects as subjectWords } from "./vocabulary.ts";
import { drawings } from "./subjects/registry.ts";
import type { Sprite, SpriteRequest } from "../generator.ts";
import type { RgbaImage } from "../../../sprite/image.ts";

const artist = new ProceduralArtist();

async function draw(prompt: string, change: Partial<SpriteRequest> = {}): Promise<Sprite> {
  return artist.generate(
    { prompt, negative: "", seed: 1, width: 32, height: 32, steps: 1, tile: false, ...change },
    { signal: new AbortController().signal, onStep: async () => undefined },
  );
}

function opaque({ data }: RgbaImage): number {
  return data.filter((value, i) => i % 4 === 3 && value === 255).length;
}

function colours(image: RgbaImage): number[] {
  const found = new Set<number>();
  for (let i = 0; i < image.data.length; i += 4) {
    const [r = 0, g = 0, b = 0, a = 0] = image.data.subarray(i, i + 4);
    if (a > 0) found.add((r << 16) | (g << 8) | b);
  }
  return [...found];
}

/** Mean hue of the coloured pixels, in degrees. */
function meanHue(image: RgbaImage): number {
  let [x, y] = [0, 0];
  for (const colour of colours(image)) {
    const { a, b } = toOklab(colour);
    [x, y] = [x + a, y + b];
  }
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}

const subjects = [...Object.keys(drawings), ...grounds];

test.each(subjects)("%s is drawn, as a sprite and alike for equal seeds", async (subject) => {
  const { image, ignored, notes } = await draw(subject);
  expect(ignored).toEqual([]);
  expect(notes).toEqual([]);
  expect(opaque(image)).toBeGreaterThan(60);
  expect(image.data.every((value, i) => i % 4 !== 3 || value === 0 || value === 255)).toBe(true);
  expect(colours(image).length).toBeGreaterThan(3);
  expect(colours(image).length).toBeLessThan(64);
  expect((await draw(subject)).image.data).toEqual(image.data);
});

test("every word for a subject is drawn, whatever is said of it", async () => {
  const said = [...moods.keys()].filter((mood) => mood !== "small").join(" ");
  const withThings = `with red ${[...parts.keys()].join(" and blue ")} and sword and shield and skull and coin`;
  for (const word of subjectWords.keys()) {
    for (const prompt of [word, `${said} ${word}`, `${word} ${withThings}`, `cute sad ${word}`]) {
      const { image } = await draw(prompt, { seed: word.length });
      expect(opaque(image), prompt).toBeGreaterThan(40);
    }
  }
});

test("seeds differ", async () => {
  const drawn = await Promise.all(
    [1, 2, 3, 4].map(async (seed) => Buffer.from((await draw("monster", { seed })).image.data).toString("base64")),
  );
  expect(new Set(drawn).size).toBe(4);
  const large = await draw("monster", { seed: Number.MAX_SAFE_INTEGER });
  expect(large.image.data).not.toEqual((await draw("monster", { seed: Number.MAX_SAFE_INTEGER - 1 })).image.data);
});

test("the words for colours show", async () => {
  const hue = async (prompt: string): Promise<number> => meanHue((await draw(prompt)).image);
  expect(await hue("red slime")).toBeLessThan(60);
  const green = await hue("green slime");
  expect(green).toBeGreaterThan(110);
  expect(green).toBeLessThan(190);
  const blue = await hue("blue slime");
  expect(blue).toBeGreaterThan(220);
  expect(blue).toBeLessThan(300);
});

test("moods, parts and things in the hand change the drawing", async () => {
  const plain = (await draw("knight")).image.data;
  for (const prompt of [
    "tiny knight",
    "magic knight",
    "evil knight",
    "knight with red cape",
    "knight with axe",
    "fat knight",
  ]) {
    expect((await draw(prompt)).image.data).not.toEqual(plain);
  }
});

describe("sizes", () => {
  test.each([
    [1, 1],
    [2, 3],
    [8, 8],
    [16, 32],
    [33, 17],
    [100, 70],
    [4096, 3],
    [128, 128],
  ])("%d×%d is that size, and not empty", async (width, height) => {
    const { image, notes } = await draw("red dragon", { width, height });
    expect([image.width, image.height, image.data.length]).toEqual([width, height, width * height * 4]);
    expect(opaque(image)).toBeGreaterThan(0);
    expect(notes.some((note) => note.includes("64"))).toBe(Math.min(width, height) > 64);
  });

  test("above 64 a pixel is a square of pixels", async () => {
    const { image } = await draw("red dragon", { width: 128, height: 128 });
    const at = (x: number, y: number): string => image.data.subarray((y * 128 + x) * 4, (y * 128 + x) * 4 + 4).join();
    for (let y = 0; y < 128; y += 2) for (let x = 0; x < 128; x += 2) expect(at(x + 1, y + 1)).toBe(at(x, y));
  });
});

describe("tiles", () => {
  test.each(grounds)("%s fills its cell and has no seam", async (ground) => {
    const { image } = await draw(ground, { tile: true });
    expect(opaque(image)).toBe(32 * 32);
    const lightness = (x: number, y: number): number => {
      const [r = 0, g = 0, b = 0] = image.data.subarray((y * 32 + x) * 4, (y * 32 + x) * 4 + 3);
      return toOklab((r << 16) | (g << 8) | b).l;
    };
    const step = (x: number, y: number, dx: number, dy: number): number =>
      Math.abs(lightness(x, y) - lightness((x + dx) % 32, (y + dy) % 32));
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const all = Array.from({ length: 32 }, (_, i) => i);
    const inner = Math.max(...all.slice(0, 31).map((x) => mean(all.map((y) => step(x, y, 1, 0)))));
    const lower = Math.max(...all.slice(0, 31).map((y) => mean(all.map((x) => step(x, y, 0, 1)))));
    // The step over the border is no larger than the largest within.
    expect(mean(all.map((y) => step(31, y, 1, 0)))).toBeLessThanOrEqual(inner * 1.3 + 0.02);
    expect(mean(all.map((x) => step(x, 31, 0, 1)))).toBeLessThanOrEqual(lower * 1.3 + 0.02);
  });

  test("a tile of what is no ground is the ground that goes with it, and says so", async () => {
    const { image, notes } = await draw("oak tree", { tile: true });
    expect(opaque(image)).toBe(32 * 32);
    expect(notes).toEqual(["A tile was asked for, so it drew grass."]);
  });
});

test("what it cannot draw is told", async () => {
  const { ignored, notes } = await draw("glorbnax");
  expect(ignored).toEqual(["glorbnax"]);
  expect(notes.join()).toContain("invented a creature");
});

test("every step is called once, in order, with a preview that grows", async () => {
  const seen: [number, number][] = [];
  const sprite = await artist.generate(
    { prompt: "slime", negative: "", seed: 1, width: 32, height: 32, steps: 5, tile: false },
    {
      signal: new AbortController().signal,
      onStep: async (step, preview) => {
        seen.push([step, opaque(preview())]);
      },
    },
  );
  expect(seen.map(([step]) => step)).toEqual([1, 2, 3, 4, 5]);
  expect(seen.map(([, shown]) => shown)).toEqual(seen.map(([, shown]) => shown).toSorted((a, b) => a - b));
  expect(seen.at(-1)?.[1]).toBe(opaque(sprite.image));
});

test("an abort ends it within a step", async () => {
  const controller = new AbortController();
  let steps = 0;
  const drawing = artist.generate(
    { prompt: "slime", negative: "", seed: 1, width: 16, height: 16, steps: 1000, tile: false },
    {
      signal: controller.signal,
      onStep: async (step) => {
        steps = step;
        if (step === 3) controller.abort(new Error("enough"));
      },
    },
  );
  await expect(drawing).rejects.toThrow("enough");
  expect(steps).toBe(3);
});

describe("a picture to start from", () => {
  test("keeps its pixels at strength 0 and without a colour, and its shape always", async () => {
    const { image } = await draw("blue slime");
    const kept = await draw("red slime", { init: { image, strength: 0 } });
    expect(kept.image.data).toEqual(image.data);
    expect((await draw("slime", { init: { image, strength: 0.7 } })).image.data).toEqual(image.data);
    const red = await draw("red slime", { init: { image, strength: 0.7 } });
    expect(opaque(red.image)).toBe(opaque(image));
    expect(meanHue(red.image)).toBeLessThan(60);
    expect(red.notes.join()).toContain("reference picture was kept");
  });
});

test("anything that people may write is drawn", async () => {
  const words = [
    "red",
    "dragon",
    "golden",
    "of",
    "with",
    "tiny",
    "wings",
    "tile",
    "evil",
    "open",
    "🐉",
    "ß",
    "background",
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constantFrom(...words, ...subjects), fc.string({ maxLength: 6 })), { maxLength: 6 }),
      fc.nat(),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      async (prompt, seed, width, height, tile) => {
        const { image } = await draw(prompt.join(" "), { seed, width, height, tile });
        expect(image.data.length).toBe(width * height * 4);
        expect(opaque(image)).toBeGreaterThan(0);
      },
    ),
    { numRuns: process.env["DGX_PIXELS_ROUNDS"] === "full" ? 2000 : 100 },
  );
});
