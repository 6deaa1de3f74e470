import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { PixelsError } from "../protocol/errors.ts";

/** Largest file read: an incompressible 16-bit RGBA picture of 4096×4096 fits. */
export const maxFileBytes = 160 << 20;

/**
 * The bytes of a picture's file. Throws `invalid_image` for what is no file or too large, before anything is read;
 * file-system errors keep their own codes.
 */
export async function readPictureFile(path: string): Promise<Uint8Array> {
  try {
    // Without waiting: opening a pipe that nobody writes to would never end.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) {
        throw new PixelsError({
          code: "invalid_image",
          message: `${path} is not a file`,
          cause: stat.isDirectory() ? "It is a folder." : "It is a pipe or a device.",
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

export function tooLong(name: string, bytes: number): PixelsError {
  return new PixelsError({
    code: "invalid_image",
    message: `${name} is too large: ${Math.ceil(bytes / 2 ** 20)} MiB`,
    cause: `At most ${maxFileBytes / 2 ** 20} MiB are read.`,
    remedy: "Shrink or crop it, then try again.",
  });
}
