import { constants } from "node:fs";
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
} from "node:fs/promises";
import { dirname } from "node:path";

/** The few things placing does to a disk, each one call that tests can make fail or be the last. */
export interface Disk {
  /** The file's bytes, or null when nothing is there. */
  read(path: string): Promise<Uint8Array | null>;
  /** Names in a folder; none when it is missing. */
  list(folder: string): Promise<string[]>;
  /** The path with every symbolic link followed, or null when nothing is there. */
  realPath(path: string): Promise<string | null>;
  /** A symbolic link lies at the path, whether or not it leads anywhere. */
  isLink(path: string): Promise<boolean>;
  /** The file's permission bits, or null when nothing is there. */
  mode(path: string): Promise<number | null>;
  /** Writes a whole new file and waits until it is on the disk; `mode` null leaves the permissions to the umask. */
  write(path: string, bytes: Uint8Array, mode: number | null): Promise<void>;
  /** Writes over an existing file without ever making it empty, and waits until it is on the disk. */
  overwrite(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes one folder; false when it was there. */
  makeFolder(path: string): Promise<boolean>;
  /** Waits until the names in the folder are on the disk. */
  syncFolder(path: string): Promise<void>;
  /** Removes a file, if it is there. */
  removeFile(path: string): Promise<void>;
  /** Removes a folder, if it is there and empty. */
  removeEmptyFolder(path: string): Promise<void>;
  /** Removes a folder and all in it. */
  removeTree(path: string): Promise<void>;
}

/** The system's code of a failed call, such as `ENOSPC`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

async function unless<T>(codes: readonly string[], otherwise: T, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (codes.includes(codeOf(error) ?? "")) return otherwise;
    throw error;
  }
}

async function withFile(path: string, flags: string | number, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags, 0o666);
  try {
    await use(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

const missing = ["ENOENT", "ENOTDIR"];

export const nodeDisk: Disk = {
  read: (path) => unless<Uint8Array | null>(missing, null, () => readFile(path)),
  list: (folder) => unless<string[]>(missing, [], () => readdir(folder)),
  realPath: (path) => unless<string | null>(missing, null, () => realpath(path)),
  isLink: (path) => unless(missing, false, async () => (await lstat(path)).isSymbolicLink()),
  mode: (path) => unless<number | null>(missing, null, async () => (await stat(path)).mode & 0o777),
  write: (path, bytes, mode) =>
    withFile(path, "w", async (file) => {
      await file.writeFile(bytes);
      if (mode !== null) await file.chmod(mode);
    }),
  overwrite: (path, bytes) =>
    withFile(path, constants.O_WRONLY, async (file) => {
      let written = 0;
      while (written < bytes.byteLength) {
        written += (await file.write(bytes, written, bytes.byteLength - written, written)).bytesWritten;
      }
      await file.truncate(bytes.byteLength);
    }),
  rename,
  makeFolder: (path) => unless(["EEXIST"], false, async () => mkdir(path).then(() => true)),
  syncFolder: (path) => withFile(path, constants.O_RDONLY | constants.O_DIRECTORY, async () => {}),
  removeFile: (path) => unless(missing, undefined, () => rm(path, { force: true })),
  removeEmptyFolder: (path) => unless([...missing, "ENOTEMPTY", "EEXIST"], undefined, () => rmdir(path)),
  removeTree: (path) => rm(path, { recursive: true, force: true }),
};

/** Makes a folder and those above it. Returns the ones that were missing, the outermost first. */
export async function makeFolders(disk: Disk, folder: string): Promise<string[]> {
  if ((await disk.realPath(folder)) !== null) return [];
  const above = await makeFolders(disk, dirname(folder));
  return (await disk.makeFolder(folder)) ? [...above, folder] : above;
}

/** Waits until all have ended, then throws the first error: nothing is still being written when one has failed. */
export async function allEnded(promises: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** The error is that of a rename from one file system to another. */
export function isAcrossFileSystems(error: unknown): boolean {
  return codeOf(error) === "EXDEV";
}
