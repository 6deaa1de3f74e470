import { constants } from "node:fs";
import { access, copyFile, link, mkdir, readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Copies the files of a folder that `keep` wants, each by its path in the folder. Links are followed. */
export async function copyTree(from: string, to: string, keep: (file: string) => boolean): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const file = path.slice(from.length).replace(/^\//, "");
    if (!entry.isDirectory() && keep(file)) await place(path, join(to, file));
  }
}

/** A hard link costs nothing and outlives the original's removal; where there can be none, a copy. */
export async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const source = await realpath(from);
  try {
    await link(source, to);
  } catch {
    await copyFile(source, to, constants.COPYFILE_FICLONE);
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
