import { decodeImage } from "../codec/decode.ts";
import { encodePng } from "../codec/encode.ts";
import { PixelsError, type ErrorInfo } from "../protocol/errors.ts";
import { imageHash } from "../protocol/hashing.ts";
import type { PixelOptions } from "../protocol/sprite-request.ts";
import type { RgbaImage } from "../sprite/image.ts";
import { makeSprite } from "../sprite/make-sprite.ts";
import { SpriteError } from "../sprite/sprite-error.ts";
import type { SpriteResult } from "../sprite/sprite-options.ts";

/** Most pixels of all sources of one sprite together: 1 GiB of RGBA. */
const maxSourcePixels = 1 << 28;

export interface PixelTask {
  /** Pictures by direction, then frame: absolute paths, or encoded bytes (which the pool takes over). */
  sources: (Uint8Array | string)[];
  options: PixelOptions;
  /** What errors call the source of a sprite with one; its path when left out. */
  name?: string;
}

export interface PixelTaskResult extends Omit<SpriteResult, "image"> {
  png: Uint8Array<ArrayBuffer>;
  /** `imageHash` of the decoded pixels: `output` in pixels.lock. */
  output: string;
  /** Size of the whole sheet in pixels. */
  width: number;
  height: number;
}

/** What a worker answers. */
export type PixelReply = { ok: true; result: PixelTaskResult } | { ok: false; error: ErrorInfo };

/** Decode, make the sprite, encode. Throws PixelsError. */
export async function runPixelTask(task: PixelTask): Promise<PixelTaskResult> {
  const images: RgbaImage[] = [];
  let pixels = 0;
  for (const source of task.sources) {
    const image = await decodeImage(source, task.sources.length === 1 ? task.name : undefined);
    pixels += image.width * image.height;
    if (pixels > maxSourcePixels) {
      throw new PixelsError({
        code: "invalid_image",
        message: `The ${task.sources.length} pictures of this sprite are too large together`,
        cause: `At most ${maxSourcePixels} pixels are worked on at once.`,
        remedy: "Make fewer frames, or render them smaller.",
      });
    }
    images.push(image);
  }
  const { image, ...facts } = makeSpriteOrExplain(images, task.options);
  // A buffer of its own, which the worker may hand over whole.
  const png = Uint8Array.from(await encodePng(image));
  return { png, output: imageHash(image), width: image.width, height: image.height, ...facts };
}

function makeSpriteOrExplain(images: readonly RgbaImage[], options: PixelOptions): SpriteResult {
  try {
    return makeSprite(images, options);
  } catch (error) {
    if (!(error instanceof SpriteError)) throw PixelsError.from(error, "Making the sprite");
    throw new PixelsError({ code: error.code, message: error.message, remedy: error.remedy }, { cause: error });
  }
}
