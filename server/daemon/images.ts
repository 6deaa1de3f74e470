import { imageHash } from "../protocol/hashing.ts";
import type { ParsedParams, Result } from "../protocol/requests.ts";
import type { RgbaImage } from "../sprite/image.ts";

/** Decodes a picture for a client without a decoder. Throws `invalid_image`, `not_found`. */
export async function readImage(
  path: string,
  { maxWidth, maxHeight }: Pick<ParsedParams<"images.read">, "maxWidth" | "maxHeight">,
): Promise<Result<"images.read">> {
  // A daemon at rest needs no decoder in memory.
  const { decodeImage } = await import("../codec/decode.ts");
  const image = await decodeImage(path);
  const { width, height } = image;
  return { width, height, output: imageHash(image), view: shrunk(image, maxWidth, maxHeight) };
}

/** The picture by nearest neighbour, no larger than it is, with its proportions. */
function shrunk(image: RgbaImage, maxWidth: number, maxHeight: number): Result<"images.read">["view"] {
  const scale = Math.min(1, maxWidth / image.width, maxHeight / image.height);
  const width = Math.max(1, Math.floor(image.width * scale));
  const height = Math.max(1, Math.floor(image.height * scale));
  const from = new Uint32Array(image.data.buffer, image.data.byteOffset, image.width * image.height);
  const to = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * image.height) / height) * image.width;
    for (let x = 0; x < width; x++) to[y * width + x] = from[row + Math.floor(((x + 0.5) * image.width) / width)] ?? 0;
  }
  return { width, height, rgba: new Uint8Array(to.buffer) };
}
