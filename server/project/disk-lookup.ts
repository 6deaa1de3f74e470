import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { PixelsError } from "../protocol/errors.ts";
import type { DirectoryEntry, FileLookup, FileStat } from "./lookup.ts";

/** Largest file read whole, in bytes. Source, RON and TOML files are far below it. */
const maxReadBytes = 8 << 20;

/** The one look-up that touches a disk: everything below `root`, links included only while they stay inside it. */
export class DiskLookup implements FileLookup {
  private readonly root: string;
  private readonly maxBytes: number;
  private realRoot: Promise<string> | undefined;

  constructor(root: string, maxBytes: number = maxReadBytes) {
    this.root = root;
    this.maxBytes = maxBytes;
  }

  async readText(path: string): Promise<string | null> {
    const bytes = await this.readBytes(path);
    if (bytes === null) return null;
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      throw new PixelsError(
        {
          code: "invalid_file",
          message: `${path} is not UTF-8 text`,
          remedy: "Save the file as UTF-8.",
          data: { path },
        },
        { cause: error },
      );
    }
  }

  async readBytes(path: string): Promise<Uint8Array | null> {
    return await this.orNull(path, async () => {
      const { size, kind } = await this.statInside(path);
      if (kind !== "file") return null;
      if (size > this.maxBytes) {
        throw new PixelsError({
          code: "invalid_file",
          message: `${path} is too large to read`,
          cause: `It has ${size} bytes; at most ${this.maxBytes} are read.`,
          remedy: "Split the file if directives or settings stand in it.",
          data: { path, size, limit: this.maxBytes },
        });
      }
      return await readFile(path);
    });
  }

  async list(path: string): Promise<readonly DirectoryEntry[] | null> {
    return await this.orNull(path, async () => {
      if ((await this.statInside(path)).kind !== "directory") return null;
      const entries = await Promise.all(
        (await readdir(path, { withFileTypes: true })).map(async (entry): Promise<DirectoryEntry> => {
          if (entry.isFile()) return { name: entry.name, kind: "file" };
          if (entry.isDirectory()) return { name: entry.name, kind: "directory" };
          return {
            name: entry.name,
            kind: entry.isSymbolicLink() ? await this.linkKind(`${path}/${entry.name}`) : "other",
          };
        }),
      );
      return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    });
  }

  async stat(path: string): Promise<FileStat | null> {
    return await this.orNull(path, async () => await this.statInside(path));
  }

  async hash(path: string): Promise<string | null> {
    return await this.orNull(path, async () => {
      if ((await this.statInside(path)).kind !== "file") return null;
      const hash = createHash("sha256");
      await pipeline(createReadStream(path), hash);
      return hash.digest("hex");
    });
  }

  private async linkKind(path: string): Promise<DirectoryEntry["kind"]> {
    const found = await stat(path).catch(() => null);
    if (found?.isFile() === true) return "file";
    return found?.isDirectory() === true ? "linked-directory" : "other";
  }

  private async statInside(path: string): Promise<FileStat> {
    this.realRoot ??= realpath(this.root);
    const [real, root] = [await realpath(path), await this.realRoot];
    if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw new PixelsError({
        code: "invalid_target",
        message: `${path} leads out of the workspace`,
        cause: `It is a link to ${real}.`,
        remedy: "Replace the link by a file or folder inside the workspace, or open the folder it leads to.",
        data: { path, real },
      });
    }
    const found = await stat(real);
    return { kind: found.isFile() ? "file" : found.isDirectory() ? "directory" : "other", size: found.size };
  }

  private async orNull<T>(path: string, read: () => Promise<T | null>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
        return null;
      throw PixelsError.from(error, `Reading ${path}`);
    }
  }
}
