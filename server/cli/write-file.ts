import { randomUUID } from "node:crypto";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf, PixelsError } from "../protocol/errors.ts";

/** Throws where a file cannot or must not be (`conflict`) written, before any work is done for it. */
export async function checkWritable(to: string, options: { replace: boolean }): Promise<void> {
  const found = await stat(to).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return null;
    throw PixelsError.from(error, `Writing ${to}`);
  });
  if (found === null || (options.replace && !found.isDirectory())) return;
  throw new PixelsError({
    code: "conflict",
    message: found.isDirectory() ? `${to} is a folder` : `${to} is already there`,
    remedy: `Choose another name${found.isDirectory() ? "" : ", or add `--replace`"}.`,
  });
}

/** Copies a file to where the person asked for it, whole or not at all. An existing file needs `replace`. */
export async function copyWhole(from: string, to: string, options: { replace: boolean }): Promise<void> {
  await checkWritable(to, options);
  const staged = `${to}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, staged);
    await rename(staged, to);
  } catch (error) {
    await rm(staged, { force: true }).catch(() => undefined);
    throw PixelsError.from(error, `Writing ${to}`);
  }
}
