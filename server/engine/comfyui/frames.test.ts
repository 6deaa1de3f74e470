import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parsePreviewFrame } from "./frames.ts";

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4);
  return bytes;
}

function withMetadata(metadata: string, image: Buffer): Buffer {
  return Buffer.concat([u32(4, Buffer.byteLength(metadata)), Buffer.from(metadata), image]);
}

test("type 1 holds an image and names no prompt; its own bytes say what it is", () => {
  expect(parsePreviewFrame(Buffer.concat([u32(1, 1), jpeg]))).toEqual({
    mediaType: "image/jpeg",
    bytes: jpeg,
    promptId: null,
  });
  expect(parsePreviewFrame(Buffer.concat([u32(1, 1), png]))?.mediaType).toBe("image/png");
});

test("type 4 names its prompt", () => {
  const frame = withMetadata('{"prompt_id": "p1", "node_id": "3", "image_type": "image/png", "x": NaN}', png);
  expect(parsePreviewFrame(frame)).toEqual({ mediaType: "image/png", bytes: png, promptId: "p1" });
  expect(parsePreviewFrame(withMetadata("{}", jpeg))?.promptId).toBeNull();
});

test.for([
  ["text", Buffer.concat([u32(3, 1), Buffer.from("5hello")])],
  ["an unknown type", Buffer.concat([u32(9, 1), jpeg])],
  ["a length beyond the frame", Buffer.concat([u32(4, 4096), jpeg])],
  ["metadata that is no JSON", withMetadata("nonsense", jpeg)],
  ["a picture that is none", Buffer.concat([u32(1, 1), Buffer.from("oops")])],
  ["too short a frame", Buffer.from([0, 0])],
] as const)("%s is no preview", ([, frame]) => {
  expect(parsePreviewFrame(frame)).toBeNull();
});

test("no bytes make it throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(1, 3, 4, 5), (bytes, type) => {
      parsePreviewFrame(Buffer.concat([u32(type), bytes]));
    }),
  );
});
