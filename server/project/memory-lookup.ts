import { sha256 } from "../protocol/hashing.ts";
import type { DirectoryEntry, FileLookup, FileStat } from "./lookup.ts";

/** A look-up over files held in memory, by absolute path: for tests and for texts an editor has not saved. */
export class MemoryLookup implements FileLookup {
  private readonly files: Map<string, Uint8Array>;

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    this.files = new Map(
      Object.entries(files).map(([path, content]) => [
        path,
        typeof content === "string" ? new TextEncoder().encode(content) : content,
      ]),
    );
  }

  async readText(path: string): Promise<string | null> {
    const bytes = this.files.get(path);
    return bytes === undefined ? null : new TextDecoder().decode(bytes);
  }

  async readBytes(path: string): Promise<Uint8Array | null> {
    return this.files.get(path) ?? null;
  }

  async list(path: string): Promise<readonly DirectoryEntry[] | null> {
    const prefix = path === "/" ? "/" : `${path}/`;
    const entries = new Map<string, DirectoryEntry>();
    for (const file of this.files.keys()) {
      if (!file.startsWith(prefix)) continue;
      const [name = "", ...rest] = file.slice(prefix.length).split("/");
      entries.set(name, { name, kind: rest.length > 0 ? "directory" : "file" });
    }
    if (entries.size === 0) return null;
    return [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async stat(path: string): Promise<FileStat | null> {
    const bytes = this.files.get(path);
    if (bytes !== undefined) return { kind: "file", size: bytes.byteLength };
    return (await this.list(path)) === null ? null : { kind: "directory", size: 0 };
  }

  async hash(path: string): Promise<string | null> {
    const bytes = this.files.get(path);
    return bytes === undefined ? null : sha256(bytes);
  }
}
