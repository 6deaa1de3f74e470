import { execFileSync } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import * as fc from "fast-check";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { colorAt, draw, drawCreature, randomNumbers, toSharp } from "../../test/pixels/pictures.ts";
import { PixelsError } from "../protocol/errors.ts";
import type { RgbaImage } from "../sprite/image.ts";
import { readPngSize } from "../sprite/png-text.ts";
import { decodeImage } from "./decode.ts";
import { encodePng, encodePreview } from "./encode.ts";
import { maxFileBytes } from "./picture-file.ts";

const isFull = process.env["DGX_PIXELS_ROUNDS"] === "full";
const folder = await mkdtemp(join(tmpdir(), "dgx-pixels-codec-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const anyImage = fc
  .record({ width: fc.integer({ min: 1, max: 20 }), height: fc.integer({ min: 1, max: 20 }), seed: fc.nat() })
  .map(({ width, height, seed }): RgbaImage => {
    const random = randomNumbers(seed);
    const data = Uint8ClampedArray.from({ length: width * height * 4 }, () => Math.floor(random() * 256));
    for (let at = 0; at < data.length; at += 4) if (random() < 0.3) data.fill(0, at, at + 4);
    return { width, height, data };
  });

function noise(width: number, height: number): RgbaImage {
  const random = randomNumbers(1);
  return { width, height, data: Uint8ClampedArray.from({ length: width * height * 4 }, () => random() * 256) };
}

async function failure(work: Promise<unknown>): Promise<PixelsError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PixelsError)) throw new Error(`Expected a PixelsError, got ${String(error)}`);
  return error;
}

describe("PNG", () => {
  it("keeps every byte of straight alpha, and is always 32-bit RGBA", async () => {
    await fc.assert(
      fc.asyncProperty(anyImage, async (image) => {
        const png = await encodePng(image);
        expect(readPngSize(png)).toEqual({ width: image.width, height: image.height, bitDepth: 8, colorType: 6 });
        expect(await decodeImage(png)).toEqual(image);
      }),
      { numRuns: isFull ? 500 : 40 },
    );
  });

  it("is the same for the same pixels", async () => {
    expect(await encodePng(drawCreature(40, 40, 1))).toEqual(await encodePng(drawCreature(40, 40, 1)));
  });
});

describe("decoding", () => {
  const colors = draw(4, 2, (x, y) => [x * 80, y * 200, 90]);

  it("reads a file by its path", async () => {
    const path = join(folder, "colors.png");
    await writeFile(path, await encodePng(colors));
    expect(await decodeImage(path)).toEqual(colors);
  });

  it("reads lossless WebP, and the first frame alone", async () => {
    expect(await decodeImage(await toSharp(colors).webp({ lossless: true }).toBuffer())).toEqual(colors);
  });

  it("reads palette, gray and 16-bit pictures as sRGB bytes", async () => {
    expect(await decodeImage(await toSharp(colors).png({ palette: true }).toBuffer())).toEqual(colors);
    const gray = await sharp(Buffer.from([0, 77, 255]), { raw: { width: 3, height: 1, channels: 1 } })
      .png()
      .toBuffer();
    const levels = await decodeImage(gray);
    expect([0, 1, 2].map((x) => colorAt(levels, x, 0))).toEqual([
      [0, 0, 0],
      [77, 77, 77],
      [255, 255, 255],
    ]);
    const deep = await toSharp(colors).toColourspace("rgb16").png().toBuffer();
    expect(readPngSize(deep).bitDepth).toBe(16);
    expect(await decodeImage(deep)).toEqual(colors);
  });

  it("turns a photograph upright", async () => {
    const upright = draw(16, 8, (x) => (x < 8 ? [250, 0, 0] : [0, 0, 250]));
    // Orientation 6: the stored picture must be turned clockwise to be seen.
    const stored = await toSharp(upright)
      .rotate(-90)
      .flatten()
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toBuffer();
    const seen = await decodeImage(stored);
    expect([seen.width, seen.height]).toEqual([16, 8]);
    expect(colorAt(seen, 1, 4)?.[0]).toBeGreaterThan(200);
    expect(colorAt(seen, 14, 4)?.[2]).toBeGreaterThan(200);
  });

  it("takes bytes that lie inside a larger buffer", async () => {
    const png = await encodePng(colors);
    const around = new Uint8Array(png.length + 9);
    around.set(png, 5);
    expect(await decodeImage(around.subarray(5, 5 + png.length))).toEqual(colors);
  });
});

describe("what is refused, with the reason", () => {
  it.each([
    { what: "nothing", bytes: new Uint8Array(), cause: "It is empty" },
    { what: "text", bytes: Buffer.from("not a picture"), cause: "first bytes" },
    {
      what: "SVG",
      bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      cause: "first bytes",
    },
    { what: "GIF", bytes: Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1"), cause: "first bytes" },
  ])("$what", async ({ bytes, cause }) => {
    const error = await failure(decodeImage(bytes));
    expect([error.code, error.why]).toEqual(["invalid_image", expect.stringContaining(cause)]);
    expect(error.remedy).toContain("Save it as a PNG");
  });

  const formats = {
    png: toSharp(noise(200, 200)).png(),
    jpeg: toSharp(noise(200, 200)).jpeg(),
    webp: toSharp(noise(200, 200)).webp(),
  };

  it.each(["png", "jpeg", "webp"] as const)("a %s that is cut short", async (format) => {
    const bytes = await formats[format].clone().toBuffer();
    for (const share of [0.05, 0.5, 0.9]) {
      const error = await failure(decodeImage(bytes.subarray(0, Math.floor(bytes.length * share))));
      expect([error.code, error.remedy]).toEqual(["invalid_image", expect.stringContaining("cut short")]);
    }
  });

  it("a file of 200 MB, without reading it", async () => {
    const path = join(folder, "huge.png");
    const file = await open(path, "w");
    // Sparse: it takes no room on the disk.
    await file.truncate(200 << 20);
    await file.close();
    const before = process.memoryUsage().arrayBuffers;
    const error = await failure(decodeImage(path));
    expect([error.code, error.message]).toEqual(["invalid_image", expect.stringContaining("200 MiB")]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 << 20);
    expect((await failure(decodeImage(new Uint8Array(maxFileBytes + 1)))).message).toContain("too large");
  });

  it.each([
    [30_000, 30_000],
    [20_000, 10],
  ])("a small file that unpacks to %d×%d pixels, by its header alone", async (width, height) => {
    const error = await failure(decodeImage(claimingSize(width, height)));
    expect(error.code).toBe("invalid_image");
    expect(error.message).toContain(`too large: ${width}×${height}`);
  });

  it("a folder, and a file that is not there", async () => {
    expect((await failure(decodeImage(folder))).code).toBe("invalid_image");
    expect((await failure(decodeImage(join(folder, "missing.png")))).code).toBe("not_found");
  });

  it("a pipe and a device, without waiting for them", async () => {
    const pipe = join(folder, "pipe.png");
    execFileSync("mkfifo", [pipe]);
    for (const path of [pipe, "/dev/zero"]) {
      expect((await failure(decodeImage(path))).why).toContain("pipe or a device");
    }
  });

  it("under another name, where one is given", async () => {
    expect((await failure(decodeImage(new Uint8Array(), "cat.png"))).message).toMatch(/^cat\.png is not/);
  });

  it("any damage, or it is read: no crash, no hang", async () => {
    const seeds = await Promise.all([
      encodePng(noise(12, 9)),
      toSharp(noise(12, 9)).jpeg().toBuffer(),
      toSharp(noise(12, 9)).webp().toBuffer(),
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        fc.uint8Array({ maxLength: 20 }),
        async (seed, changes, tail) => {
          const bytes = Buffer.concat([seed, tail]);
          for (const [at, byte] of changes) bytes[4 + (at % (bytes.length - 4))] = byte;
          const outcome: unknown = await decodeImage(bytes).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toMatchObject({ name: "PixelsError", code: "invalid_image" });
          else expect(outcome).toMatchObject({ data: expect.any(Uint8ClampedArray) });
        },
      ),
      { numRuns: isFull ? 5000 : 150 },
    );
  });
});

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** A PNG of a few bytes whose header claims that size. */
function claimingSize(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  const pixels = deflateSync(Buffer.alloc(1 << 20));
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

describe("previews", () => {
  it("are PNGs where those fit, so that pixels stay crisp", async () => {
    const sprite = drawCreature(64, 64, 1);
    const { mediaType, bytes } = await encodePreview(sprite, 64 << 10);
    expect(mediaType).toBe("image/png");
    expect(await decodeImage(bytes)).toEqual(sprite);
  });

  it.each([
    { width: 1024, height: 1024, most: 64 << 10 },
    { width: 300, height: 20, most: 4096 },
    { width: 40, height: 3000, most: 2048 },
  ])("are JPEGs of at most $most bytes for $width×$height", async ({ width, height, most }) => {
    const { mediaType, bytes } = await encodePreview(noise(width, height), most);
    expect(mediaType).toBe("image/jpeg");
    expect(bytes.byteLength).toBeLessThanOrEqual(most);
    const shown = await decodeImage(bytes);
    expect(Math.abs(Math.log((shown.width / shown.height) * (height / width)))).toBeLessThan(1);
  });
});
