import { open } from "node:fs/promises";
import sharp from "sharp";
import { PixelsError } from "../protocol/errors.ts";
import { maxImagePixels, maxImageSide, type RgbaImage } from "../sprite/image.ts";

/** Largest file read: an incompressible 16-bit RGBA picture of 4096×4096 fits. */
export const maxFileBytes = 160 << 20;

/**
 * Decodes a PNG, JPEG or WebP (its first frame) to straight-alpha sRGB, upright as its EXIF orientation says.
 * Size and format are judged from the header, before any pixel is decoded.
 * Throws `invalid_image` for what is no such picture, is damaged or too large; file-system errors keep their own codes.
 */
export async function decodeImage(source: Uint8Array | string): Promise<RgbaImage> {
  const name = typeof source === "string" ? source : "The picture";
  const bytes = typeof source === "string" ? await readPicture(source) : source;
  if (bytes.byteLength > maxFileBytes) throw tooLong(name, bytes.byteLength);
  if (!isKnownFormat(bytes)) {
    throw new PixelsError({
      code: "invalid_image",
      message: `${name} is not a PNG, JPEG or WebP picture`,
      cause: bytes.byteLength === 0 ? "it is empty" : "its first bytes are not one's",
      remedy: "Save it as a PNG, then try again.",
    });
  }
  try {
    // A view of its own: sharp keeps reading the buffer while it works.
    const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const limits = { limitInputPixels: maxImagePixels, failOn: "error" } as const;
    const { width, height } = await sharp(input, limits).metadata();
    if (width > maxImageSide || height > maxImageSide || width * height > maxImagePixels) {
      throw new PixelsError({
        code: "invalid_image",
        message: `${name} is too large: ${width}×${height} pixels`,
        cause: `At most ${maxImageSide} pixels a side and ${maxImagePixels} in all are read.`,
        remedy: "Shrink or crop it, then try again.",
      });
    }
    const { data, info } = await sharp(input, limits)
      .autoOrient()
      .toColourspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return {
      width: info.width,
      height: info.height,
      data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.byteLength),
    };
  } catch (error) {
    if (error instanceof PixelsError) throw error;
    throw new PixelsError(
      {
        code: "invalid_image",
        message: `${name} cannot be decoded`,
        cause: error instanceof Error ? error.message.trim() : String(error),
        remedy: "The file is damaged or cut short: save or download it again.",
      },
      { cause: error },
    );
  }
}

async function readPicture(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, "r");
    try {
      const stat = await file.stat();
      if (!stat.isFile()) {
        throw new PixelsError({
          code: "invalid_image",
          message: `${path} is not a file`,
          remedy: "Name a PNG, JPEG or WebP file.",
        });
      }
      if (stat.size > maxFileBytes) throw tooLong(path, stat.size);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw PixelsError.from(error, `Reading ${path}`);
  }
}

function tooLong(name: string, bytes: number): PixelsError {
  return new PixelsError({
    code: "invalid_image",
    message: `${name} is too large: ${Math.ceil(bytes / 2 ** 20)} MiB`,
    cause: `At most ${maxFileBytes / 2 ** 20} MiB are read.`,
    remedy: "Shrink or crop it, then try again.",
  });
}

/** By the first bytes: sharp alone would also open formats that are none of ours. */
function isKnownFormat(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  return (
    head.startsWith("\x89PNG\r\n\x1a\n") ||
    head.startsWith("\xff\xd8\xff") ||
    (head.startsWith("RIFF") && head.endsWith("WEBP"))
  );
}
