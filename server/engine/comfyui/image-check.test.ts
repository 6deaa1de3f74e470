import { expect, test } from "vitest";
import { wholeImageType } from "./image-check.ts";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function chunk(type: string, data: readonly number[]): number[] {
  return [0, 0, 0, data.length, ...Buffer.from(type), ...data, 0, 0, 0, 0];
}

const png = Uint8Array.from([...signature, ...chunk("IHDR", [1, 2, 3]), ...chunk("IDAT", [9]), ...chunk("IEND", [])]);

test("a whole PNG is one, cut anywhere it is none", () => {
  expect(wholeImageType(png)).toBe("image/png");
  for (let length = 0; length < png.length; length++) expect(wholeImageType(png.subarray(0, length))).toBeNull();
});

test("JPEG needs its end marker, WebP its length", () => {
  const jpeg = Uint8Array.from([0xff, 0xd8, ...Array<number>(12).fill(0), 0xff, 0xd9]);
  expect(wholeImageType(jpeg)).toBe("image/jpeg");
  expect(wholeImageType(jpeg.subarray(0, 14))).toBeNull();
  const webp = Uint8Array.from([...Buffer.from("RIFF"), 8, 0, 0, 0, ...Buffer.from("WEBP"), 1, 2, 3, 4]);
  expect(wholeImageType(webp)).toBe("image/webp");
  expect(wholeImageType(webp.subarray(0, 15))).toBeNull();
});

test("a page of HTML is no picture", () => {
  expect(wholeImageType(Buffer.from("<!doctype html><title>502</title>"))).toBeNull();
});
