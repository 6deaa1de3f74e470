import { inflateSync } from "node:zlib";
import * as fc from "fast-check";
import { Decoder } from "sixel";
import { describe, expect, test } from "vitest";
import { drawPicture } from "./draw.ts";
import { type ColorDepth, halfBlocks, nearest256 } from "./half-blocks.ts";
import { kitty } from "./kitty.ts";
import { colorAt, fitPicture, type Picture } from "./picture.ts";
import { sixel } from "./sixel.ts";

/** A picture of 0xrrggbb rows; null is transparent. */
function picture(...rows: readonly (readonly (number | null)[])[]): Picture {
  const width = rows[0]?.length ?? 0;
  const data = new Uint8ClampedArray(width * rows.length * 4);
  for (const [index, color] of rows.flat().entries()) {
    if (color !== null) data.set([color >> 16, (color >> 8) & 255, color & 255, 255], index * 4);
  }
  return { width, height: rows.length, data };
}

const anyPicture = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })).chain(([width, height]) =>
  fc
    .array(fc.option(fc.integer({ min: 0, max: 0xff_ff_ff }), { nil: null, freq: 4 }), {
      minLength: width * height,
      maxLength: width * height,
    })
    .map((colors) =>
      picture(...Array.from({ length: height }, (_, row) => colors.slice(row * width, (row + 1) * width))),
    ),
);

const red = 0xff0000;
const blue = 0x0000ff;

describe("half blocks", () => {
  test.each<[ColorDepth, string]>([
    ["truecolor", "\x1b[0;38;2;255;0;0;48;2;0;0;255m▀\x1b[0;38;2;255;0;0m▀\x1b[0;38;2;0;0;255m▄\x1b[0m "],
    ["256", "\x1b[0;38;5;196;48;5;21m▀\x1b[0;38;5;196m▀\x1b[0;38;5;21m▄\x1b[0m "],
    ["none", "▒░░"],
  ])("%s: both pixels, the upper, the lower, none", (depth, line) => {
    expect(halfBlocks(picture([red, red, null, null], [blue, null, blue, null]), depth)).toBe(line);
  });

  test("an odd height ends in upper halves, and equal colours are said once", () => {
    expect(halfBlocks(picture([red, red], [red, red], [blue, blue]), "truecolor")).toBe(
      "\x1b[0;38;2;255;0;0;48;2;255;0;0m▀▀\x1b[0m\n\x1b[0;38;2;0;0;255m▀▀\x1b[0m",
    );
  });

  test("without colour there is no escape at all, and light is told from dark", () => {
    const text = halfBlocks(
      picture([0xffffff, 0x808080, 0x000000, null], [0xffffff, 0x808080, 0x000000, null]),
      "none",
    );
    expect(text).toBe("█▓░");
  });

  test("read back, they show every pixel of any picture", () => {
    fc.assert(
      fc.property(anyPicture, (shown) => {
        expect(readHalfBlocks(halfBlocks(shown, "truecolor"), shown)).toEqual(colorsOf(shown));
      }),
    );
  });

  test.each([
    [0x000000, 16],
    [0xffffff, 231],
    [0xff0000, 196],
    [0x080808, 232],
    [0x767676, 243],
    [0x5f87af, 67],
  ])("0x%s is colour %i of 256", (color, index) => {
    expect(nearest256(color)).toBe(index);
  });
});

describe("Sixel", () => {
  test("read back by another decoder, it shows every pixel of any picture", () => {
    fc.assert(
      fc.property(
        anyPicture.filter((shown) => colorsOf(shown).some((color) => color !== null)),
        (shown) => {
          const { width, height, colors } = readSixel(sixel(shown));
          expect([width, height]).toEqual([shown.width, shown.height]);
          for (const [index, color] of colorsOf(shown).entries()) expectNear(colors[index], color, 3);
        },
      ),
    );
  });

  test("of more than 256 colours is near to them", () => {
    const rows = Array.from({ length: 32 }, (_, y) =>
      Array.from({ length: 32 }, (_y, x) => (x << 19) | (y << 11) | 77),
    );
    const shown = picture(...rows);
    const { colors } = readSixel(sixel(shown));
    for (const [index, color] of colorsOf(shown).entries()) expectNear(colors[index], color, 28);
  });

  test("shortens runs", () => {
    const text = sixel(picture(Array.from({ length: 500 }, () => red)));
    expect(text).toContain("!500@");
    expect(text.length).toBeLessThan(60);
  });

  test("of nothing draws nothing", () => {
    expect(sixel(picture([null, null]))).toBe('\x1bP0;1q"1;1;2;1\x1b\\');
  });
});

describe("Kitty", () => {
  test("carries every byte, in chunks that are short enough", () => {
    fc.assert(
      fc.property(anyPicture, (shown) => {
        expect(readKitty(kitty(shown))).toEqual({
          width: shown.width,
          height: shown.height,
          data: Buffer.from(shown.data),
        });
      }),
    );
  });

  test("more than one chunk", () => {
    const data = noise(64 * 64 * 4);
    const text = kitty({ width: 64, height: 64, data });
    expect(text.split("\x1b\\").length).toBeGreaterThan(3);
    expect(readKitty(text).data).toEqual(Buffer.from(data));
  });
});

describe("fitting", () => {
  test("makes pixels a whole number of times larger", () => {
    const fitted = fitPicture(picture([red, blue]), { width: 7, height: 100 });
    expect([fitted.width, fitted.height]).toEqual([6, 3]);
    expect(colorsOf(fitted)).toEqual(Array.from({ length: 3 }, () => [red, red, red, blue, blue, blue]).flat());
  });

  test("makes a large picture smaller, and nothing vanish", () => {
    const wide = fitPicture({ width: 1000, height: 1, data: new Uint8Array(4000) }, { width: 10, height: 10 });
    expect([wide.width, wide.height]).toEqual([10, 1]);
  });

  test("leaves one that fits as it is, also when its bytes lie within others", () => {
    const bytes = new Uint8Array([9, 255, 0, 0, 255]);
    const part: Picture = { width: 1, height: 1, data: bytes.subarray(1) };
    expect(fitPicture(part, { width: 1, height: 1 })).toBe(part);
    expect(colorsOf(fitPicture(part, { width: 2, height: 2 }))).toEqual([red, red, red, red]);
  });

  test("a drawn picture is bounded, whatever the room", () => {
    const data = noise(2048 * 2048 * 4);
    const cell = { width: 10, height: 20 };
    for (const protocol of ["kitty", "sixel"] as const) {
      const graphics = { protocol, colors: "truecolor" as const, cell };
      const text = drawPicture({ width: 2048, height: 2048, data }, graphics, { columns: 1000, rows: 1000 });
      expect(text.length).toBeLessThan(4 << 20);
    }
    const blocks = { protocol: "blocks", colors: "none", cell } as const;
    const lines = drawPicture({ width: 2048, height: 1024, data }, blocks, { columns: 80, rows: 24 }).split("\n");
    expect([lines.length, Math.max(...lines.map((line) => line.length))]).toEqual([20, 80]);
  });
});

/** Bytes without a pattern (xorshift32, G. Marsaglia, 2003), all opaque. */
function noise(length: number): Uint8Array {
  let state = 1;
  return new Uint8Array(length).map((_, index) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return index % 4 === 3 ? 255 : state;
  });
}

function colorsOf(shown: Picture): (number | null)[] {
  return Array.from({ length: shown.width * shown.height }, (_, index) =>
    colorAt(shown, index % shown.width, Math.floor(index / shown.width)),
  );
}

function expectNear(seen: number | null | undefined, color: number | null, far: number): void {
  if (color === null || seen === null || seen === undefined) {
    expect(seen).toBe(color);
    return;
  }
  for (const shift of [16, 8, 0]) {
    expect(Math.abs(((seen >> shift) & 255) - ((color >> shift) & 255))).toBeLessThanOrEqual(far);
  }
}

const escape = "\x1b";
const sequenceOrCharacter = new RegExp(`${escape}\\[([\\d;]*)m|(.)`, "gu");

/** What a terminal would show of half blocks, without the row an odd height leaves. */
function readHalfBlocks(text: string, { width, height }: Picture): (number | null)[] {
  const colors: (number | null)[] = Array.from({ length: width * height }, () => null);
  for (const [row, line] of text.split("\n").entries()) {
    let [front, back]: (number | null)[] = [null, null];
    let x = 0;
    for (const [, style, character] of line.matchAll(sequenceOrCharacter)) {
      if (style !== undefined) {
        const values = style.split(";").map(Number);
        const color = (kind: number) => {
          // After the reset each colour takes five numbers; a colour's own numbers may look like another's beginning.
          const at = values.findIndex((value, index) => index % 5 === 1 && value === kind);
          const [r = 0, g = 0, b = 0] = values.slice(at + 2, at + 5);
          return at < 0 ? null : (r << 16) | (g << 8) | b;
        };
        [front, back] = [color(38), color(48)];
        continue;
      }
      const [top, bottom] = character === "▀" ? [front, back] : character === "▄" ? [back, front] : [back, back];
      colors[row * 2 * width + x] = top ?? null;
      if (row * 2 + 1 < height) colors[(row * 2 + 1) * width + x] = bottom ?? null;
      x++;
    }
  }
  return colors;
}

function readSixel(text: string): { width: number; height: number; colors: (number | null)[] } {
  expect(text.startsWith("\x1bP0;1q") && text.endsWith("\x1b\\")).toBe(true);
  const decoder = new Decoder();
  decoder.init(0);
  decoder.decodeString(text.slice("\x1bP0;1q".length, -"\x1b\\".length));
  const { width, height, data32 } = decoder;
  const colors = Array.from(data32.subarray(0, width * height), (pixel) =>
    pixel >>> 24 === 0 ? null : ((pixel & 255) << 16) | (pixel & 0xff00) | ((pixel >> 16) & 255),
  );
  return { width, height, colors };
}

function readKitty(text: string): { width: number; height: number; data: Buffer } {
  const parts = text
    .split("\x1b\\")
    .slice(0, -1)
    .map((part) => part.split(";"));
  for (const [index, [control = "", payload = ""]] of parts.entries()) {
    expect(control.startsWith("\x1b_G")).toBe(true);
    expect(payload.length).toBeLessThanOrEqual(4096);
    expect(control.endsWith(index === parts.length - 1 ? "m=0" : "m=1")).toBe(true);
  }
  const [, width = "", height = ""] = /a=T,f=32,o=z,s=(\d+),v=(\d+),q=2/.exec(parts[0]?.[0] ?? "") ?? [];
  const data = inflateSync(Buffer.from(parts.map(([, payload]) => payload).join(""), "base64"));
  return { width: Number(width), height: Number(height), data };
}
