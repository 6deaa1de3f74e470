import sharp from "sharp";
import { PixelsError } from "../protocol/errors.ts";
import { maxImagePixels, maxImageSide, type RgbaImage } from "../sprite/image.ts";
import { maxFileBytes, readPictureFile, tooLong } from "./picture-file.ts";

/**
 * Decodes a PNG, JPEG or WebP (its first frame) to straight-alpha sRGB, upright as its EXIF orientation says.
 * Size and format are judged from the header, before any pixel is decoded. `name` is what errors call the picture.
 * Throws `invalid_image` for what is no such picture, is damaged or too large; file-system errors keep their own codes.
 */
export async function decodeImage(
  source: Uint8Array | string,
  name: string = typeof source === "string" ? source : "The picture",
): Promise<RgbaImage> {
  const bytes = typeof source === "string" ? await readPictureFile(source) : source;
  if (bytes.byteLength > maxFileBytes) throw tooLong(name, bytes.byteLength);
  if (!isKnownFormat(bytes)) {
    throw new PixelsError({
      code: "invalid_image",
      message: `${name} is not a PNG, JPEG or WebP picture`,
      cause: bytes.byteLength === 0 ? "It is empty." : "Its first bytes are not one's.",
      remedy: "Save it as a PNG, then try again.",
    });
  }
  try {
    // A view of its own: sharp keeps reading the buffer while it works.
    const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const limits = { limitInputPixels: maxImagePixels, failOn: "error" } as const;
    // The header alone, however large it says the picture is: the limits' own message would not say so.
    const { width, height } = await sharp(input, { ...limits, limitInputPixels: false }).metadata();
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

/** By the first bytes: sharp alone would also open formats that are none of ours. */
function isKnownFormat(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  return (
    head.startsWith("\x89PNG\r\n\x1a\n") ||
    head.startsWith("\xff\xd8\xff") ||
    (head.startsWith("RIFF") && head.endsWith("WEBP"))
  );
}
