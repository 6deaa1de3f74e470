import { crc32, deflateSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawCreature } from "../../test/pixels/pictures.ts";
import { decodeImage } from "../codec/decode.ts";
import { encodePng } from "../codec/encode.ts";
import { readPngSize, readTextChunk, withTextChunk } from "./png-text.ts";
import { SpriteError } from "./sprite-error.ts";

const sprite = drawCreature(33, 17, 1);
const png = await encodePng(sprite);

/** One chunk as the specification lays it out. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** The picture with a chunk after its header, which ends at byte 33. */
function withChunk(type: string, data: Uint8Array): Uint8Array {
  return Buffer.concat([png.subarray(0, 33), chunk(type, data), png.subarray(33)]);
}

function withHeader(header: number[]): Uint8Array {
  return Buffer.concat([png.subarray(0, 8), chunk("IHDR", Uint8Array.from(header)), png.subarray(33)]);
}

function withCompressedText(body: Uint8Array): Uint8Array {
  return withChunk("iTXt", Buffer.concat([Buffer.from("k\0\x01\0\0\0", "latin1"), body]));
}

describe("text", () => {
  it("comes back whole, short or long, and a later one takes its place", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 4000 }), fc.string({ maxLength: 9 }), (text, before) => {
        const marked = withTextChunk(withTextChunk(png, "dgx-pixels", before), "dgx-pixels", text);
        expect(readTextChunk(marked, "dgx-pixels")).toBe(text);
        expect(Buffer.from(marked).toString("latin1").split("iTXtdgx-pixels").length).toBe(2);
      }),
    );
  });

  it("leaves the picture as it is", async () => {
    expect((await decodeImage(withTextChunk(png, "dgx-pixels", "x".repeat(5000)))).data).toEqual(sprite.data);
  });

  it("is null where there is none of that keyword", () => {
    expect(readTextChunk(withTextChunk(png, "Title", "dragon"), "dgx-pixels")).toBeNull();
    expect(readTextChunk(withChunk("iTXt", Buffer.from("\0nothing")), "dgx-pixels")).toBeNull();
  });

  it("is read from plain text chunks too", () => {
    expect(readTextChunk(withChunk("tEXt", Buffer.from("Title\0caf\xe9", "latin1")), "Title")).toBe("café");
  });

  it.each(["", " x", "a  b", "é", "x".repeat(80)])("refuses the keyword %j", (keyword) => {
    expect(() => withTextChunk(png, keyword, "x")).toThrow(/is no PNG keyword/);
  });

  it("is refused when it is cut short, damaged or a bomb", () => {
    expect(() => readTextChunk(withChunk("iTXt", Buffer.from("k\0\0\0")), "k")).toThrow(/ends early/);
    expect(() => readTextChunk(withCompressedText(Buffer.from("junk")), "k")).toThrow(/cannot be unpacked/);
    expect(() => readTextChunk(withCompressedText(deflateSync(Buffer.alloc(1 << 23))), "k")).toThrow(
      /cannot be unpacked/,
    );
  });
});

describe("header", () => {
  it("tells size and pixel format", () => {
    expect(readPngSize(png)).toEqual({ width: 33, height: 17, bitDepth: 8, colorType: 6 });
    expect(readPngSize(withHeader([0, 0, 1, 0, 0, 0, 0, 2, 16, 2, 0, 0, 0])).width).toBe(256);
  });

  it.each([
    { what: "no PNG", bytes: Buffer.from("GIF89a, and then some more"), why: "first bytes" },
    { what: "nothing", bytes: new Uint8Array(), why: "first bytes" },
    { what: "cut short", bytes: png.subarray(0, 20), why: "ends early" },
    { what: "cut in its header", bytes: png.subarray(0, 30), why: "ends early" },
    { what: "without a header", bytes: Buffer.concat([png.subarray(0, 8), png.subarray(33)]), why: "no header" },
    { what: "of no size", bytes: withHeader([0, 0, 0, 0, 0, 0, 0, 2, 8, 6, 0, 0, 0]), why: "size is impossible" },
    {
      what: "of no known format",
      bytes: withHeader([0, 0, 0, 1, 0, 0, 0, 2, 4, 6, 0, 0, 0]),
      why: "format does not exist",
    },
    { what: "damaged", bytes: png.map((byte, at) => (at === 20 ? byte ^ 1 : byte)), why: "checksum is wrong" },
  ])("of a picture that is $what is refused", ({ bytes, why }) => {
    expect(() => readPngSize(bytes)).toThrow(SpriteError);
    expect(() => readPngSize(bytes)).toThrow(why);
  });

  it("of any mutated picture is read or refused, nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(png.length - 1), fc.nat(255)), { maxLength: 4 }), (changes) => {
        const mutated = Uint8Array.from(png);
        for (const [at, byte] of changes) mutated[at] = byte;
        for (const read of [() => readPngSize(mutated), () => readTextChunk(mutated, "x")]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(SpriteError);
          }
        }
      }),
    );
  });
});
