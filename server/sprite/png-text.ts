import { crc32, deflateSync, inflateSync } from "node:zlib";
import { SpriteError } from "./sprite-error.ts";

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Longest text read back: a compressed chunk may not grow without end. */
const maxTextBytes = 1 << 20;
/** Longer texts are stored deflated. */
const compressAbove = 1024;

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a channel: 1, 2, 4, 8 or 16. */
  readonly bitDepth: number;
  /** 0 gray, 2 RGB, 3 palette, 4 gray with alpha, 6 RGBA. */
  readonly colorType: number;
}

/** Size and pixel format from the header alone. Throws `invalid_image` when the bytes are no PNG. */
export function readPngSize(bytes: Uint8Array): PngHeader {
  const header = chunks(bytes).next().value;
  if (header?.type !== "IHDR" || header.data.length !== 13) throw notPng("it has no header");
  const view = viewOf(header.data);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [bitDepth, colorType] = [view.getUint8(8), view.getUint8(9)];
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff) throw notPng("its size is impossible");
  if (!bitDepths[colorType]?.includes(bitDepth)) throw notPng("its pixel format does not exist");
  return { width, height, bitDepth, colorType };
}

const bitDepths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** The PNG with one iTXt chunk of that keyword (1 … 79 printable ASCII characters) after its header; an older one goes. */
export function withTextChunk(png: Uint8Array, keyword: string, text: string): Uint8Array {
  if (!/^[!-~](?:[ -~]{0,77}[!-~])?$/.test(keyword) || /\s{2}/.test(keyword)) {
    throw new SpriteError(
      "invalid_request",
      `"${keyword}" is no PNG keyword`,
      "Use 1 to 79 printable ASCII characters.",
    );
  }
  readPngSize(png);
  const parts: Uint8Array[] = [signature];
  for (const chunk of chunks(png)) {
    if (textOf(chunk)?.keyword === keyword) continue;
    parts.push(chunk.whole);
    if (chunk.type === "IHDR") parts.push(textChunk(keyword, text));
  }
  return Buffer.concat(parts);
}

/** The text of the first iTXt or tEXt chunk of that keyword, or null. Throws `invalid_image` when the bytes are no PNG. */
export function readTextChunk(png: Uint8Array, keyword: string): string | null {
  readPngSize(png);
  for (const chunk of chunks(png)) {
    const found = textOf(chunk);
    if (found?.keyword === keyword) return found.read();
  }
  return null;
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** Length, type, data and CRC. */
  readonly whole: Uint8Array;
}

/** Walks the chunks up to IEND. Source: PNG specification, third edition, §5. */
function* chunks(bytes: Uint8Array): Generator<Chunk, undefined> {
  if (!signature.every((byte, index) => bytes[index] === byte)) throw notPng("its first bytes are not a PNG's");
  const view = viewOf(bytes);
  for (let at = signature.length; ;) {
    if (at + 12 > bytes.length) throw notPng("it ends early");
    const length = view.getUint32(at);
    const end = at + 12 + length;
    if (end > bytes.length) throw notPng("it ends early");
    if (view.getUint32(end - 4) !== crc32(bytes.subarray(at + 4, end - 4))) throw notPng("a checksum is wrong");
    const type = latin1(bytes.subarray(at + 4, at + 8));
    yield { type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) };
    if (type === "IEND") return undefined;
    at = end;
  }
}

function textOf({ type, data }: Chunk): { keyword: string; read(): string } | null {
  if (type !== "iTXt" && type !== "tEXt") return null;
  const end = data.indexOf(0);
  if (end < 1) return null;
  const keyword = latin1(data.subarray(0, end));
  if (type === "tEXt") return { keyword, read: () => latin1(data.subarray(end + 1)) };
  return {
    keyword,
    read() {
      const compressed = data[end + 1] === 1;
      const language = data.indexOf(0, end + 3);
      const translated = data.indexOf(0, language + 1);
      if (language < 0 || translated < 0) throw notPng("a text chunk ends early");
      const body = data.subarray(translated + 1);
      try {
        return Buffer.from(compressed ? inflateSync(body, { maxOutputLength: maxTextBytes }) : body).toString("utf8");
      } catch {
        throw notPng("a text chunk cannot be unpacked");
      }
    },
  };
}

function textChunk(keyword: string, text: string): Uint8Array {
  const plain = Buffer.from(text, "utf8");
  const compress = plain.length > compressAbove;
  // Keyword, 0, compression flag, method 0, empty language, 0, empty translated keyword, 0, text.
  const body = Buffer.concat([
    Buffer.from(`iTXt${keyword}\0`, "latin1"),
    Uint8Array.of(compress ? 1 : 0, 0, 0, 0),
    compress ? deflateSync(plain) : plain,
  ]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  chunk.set(body, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function notPng(why: string): SpriteError {
  return new SpriteError("invalid_image", `This is no readable PNG: ${why}`, "Export the picture again as a PNG.");
}
