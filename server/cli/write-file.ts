import { randomUUID } from "node:crypto";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { PixelsError } from "../protocol/errors.ts";

/** Copies a file to where the person asked for it, whole or not at all. An existing file needs `replace`. */
export async function copyWhole(from: string, to: string, options: { replace: boolean }): Promise<void> {
  if (!options.replace && (await exists(to))) {
    throw new PixelsError({
      code: "conflict",
      message: `${to} is already there`,
      remedy: "Choose another name, or add `--replace`.",
    });
  }
  const staged = `${to}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, staged);
    await rename(staged, to);
  } catch (error) {
    await rm(staged, { force: true });
    throw PixelsError.from(error, `Writing ${to}`);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
