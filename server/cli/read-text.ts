import { open } from "node:fs/promises";
import { PixelsError } from "../protocol/errors.ts";

/** Largest text that a command line names, in bytes: lists of prompts and palettes are far below it. */
const maxBytes = 4 << 20;

/**
 * A text that the person named: a file, or a pipe such as `/dev/stdin`. Throws `invalid_file` for what is too long or
 * no UTF-8, file-system errors with their own codes.
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readStart(path).catch((error: unknown) => {
    throw PixelsError.from(error, `Reading ${path}`);
  });
  if (bytes.byteLength > maxBytes) {
    throw new PixelsError({
      code: "invalid_file",
      message: `${path} is too large`,
      cause: `At most ${maxBytes >> 20} MiB of text are read.`,
      remedy: "Name another file, or split it.",
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new PixelsError(
      { code: "invalid_file", message: `${path} is not UTF-8 text`, remedy: "Save the file as UTF-8." },
      { cause: error },
    );
  }
}

/** Everything, or one byte more than may be there: a device never ends. */
async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    while (length <= maxBytes) {
      const { bytesRead, buffer } = await file.read({ buffer: new Uint8Array(64 << 10) });
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}
