import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink, utimes } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { readPictureFile } from "../../codec/picture-file.ts";
import { PixelsError } from "../../protocol/errors.ts";
import { sha256 } from "../../protocol/hashing.ts";
import { mediaTypeOf, mediaTypes, otherType } from "./media-type.ts";

export interface StoredArtifact {
  readonly hash: string;
  readonly path: string;
  readonly mediaType: string;
  readonly bytes: number;
}

export interface ArtifactFile {
  readonly hash: string;
  readonly path: string;
  readonly bytes: number;
  /** Unix milliseconds of its last use. */
  readonly usedAt: number;
}

/** Writes the bytes of a new artifact; tests put a full disk in its place. */
export type WriteFile = (file: FileHandle, bytes: Uint8Array) => Promise<void>;

/**
 * Files named by the SHA-256 of what they hold: `<folder>/<first two digits>/<hash>.<extension>`, 0600 in 0700.
 * The folder is the only record; a file's modification time is when it was last written or asked for.
 */
export class ArtifactStore {
  readonly #folder: string;
  readonly #staging: string;
  readonly #write: WriteFile;
  /** What was found whole, by the modification time it had: another time means another look. */
  readonly #verified = new Map<string, number>();
  /** Hashes being used by work that no job names yet, such as an import before its submission. */
  readonly #held = new Map<string, number>();

  private constructor(folder: string, write: WriteFile) {
    this.#folder = folder;
    this.#staging = join(folder, "tmp");
    this.#write = write;
  }

  /** Makes the folder where it is missing, and throws away what an earlier daemon had not finished. */
  static async open(folder: string, write: WriteFile = (file, bytes) => file.writeFile(bytes)): Promise<ArtifactStore> {
    const store = new ArtifactStore(folder, write);
    await rm(store.#staging, { recursive: true, force: true });
    await mkdir(store.#staging, { recursive: true, mode: 0o700 });
    return store;
  }

  /** Stores the bytes, once however often they come. Throws `storage_full`, `permission_denied`. */
  async put(bytes: Uint8Array): Promise<StoredArtifact> {
    const hash = sha256(bytes);
    const type = mediaTypeOf(bytes);
    const shard = join(this.#folder, hash.slice(0, 2));
    const path = join(shard, `${hash}.${type.extension}`);
    const stored = { hash, path, mediaType: type.name, bytes: bytes.byteLength };
    if (await this.#isWhole(path, hash)) {
      await this.#touch(path);
      return stored;
    }
    const staged = join(this.#staging, randomUUID());
    try {
      const file = await open(staged, "wx", 0o600);
      try {
        await this.#write(file, bytes);
        // Before the rename: else a power cut could leave the name without the bytes.
        await file.sync();
      } finally {
        await file.close();
      }
      await mkdir(shard, { recursive: true, mode: 0o700 });
      await rename(staged, path);
      await syncFolder(shard);
    } catch (error) {
      await rm(staged, { force: true });
      throw PixelsError.from(error, "Storing an image");
    }
    return stored;
  }

  /** Takes in a person's file. Throws `invalid_image` when it is no file or too large, `not_found`. */
  async import(path: string): Promise<StoredArtifact> {
    return await this.put(await readPictureFile(path));
  }

  /** Throws `not_found` when it is gone or damaged. */
  async stat(hash: string): Promise<StoredArtifact> {
    for (const type of [...mediaTypes, otherType]) {
      const path = join(this.#folder, hash.slice(0, 2), `${hash}.${type.extension}`);
      if (!(await this.#isWhole(path, hash))) continue;
      return { hash, path, mediaType: type.name, bytes: (await stat(path)).size };
    }
    throw missing(hash);
  }

  async has(hash: string): Promise<boolean> {
    return this.stat(hash).then(
      () => true,
      () => false,
    );
  }

  /** The whole artifact, its hash checked. Throws `not_found`. */
  async read(hash: string): Promise<Uint8Array> {
    const { path } = await this.stat(hash);
    await this.#touch(path);
    try {
      return await readFile(path);
    } catch (error) {
      throw isGone(error) ? missing(hash) : PixelsError.from(error, "Reading an image");
    }
  }

  /** At most `length` bytes from `offset`. */
  async readChunk(
    hash: string,
    offset: number,
    length: number,
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; total: number }> {
    const { path, bytes: total } = await this.stat(hash);
    const chunk = new Uint8Array(Math.max(0, Math.min(length, total - offset)));
    const file = await open(path, "r");
    try {
      const { bytesRead } = await file.read(chunk, 0, chunk.byteLength, offset);
      return { bytes: chunk.subarray(0, bytesRead), total };
    } finally {
      await file.close();
    }
  }

  /** Keeps artifacts from being removed until the function it gives is called. */
  hold(hashes: readonly string[]): () => void {
    for (const hash of hashes) this.#held.set(hash, (this.#held.get(hash) ?? 0) + 1);
    return () => {
      for (const hash of hashes) {
        const left = (this.#held.get(hash) ?? 1) - 1;
        if (left > 0) this.#held.set(hash, left);
        else this.#held.delete(hash);
      }
    };
  }

  isHeld(hash: string): boolean {
    return this.#held.has(hash);
  }

  /** Every artifact, in no order. */
  async *files(): AsyncGenerator<ArtifactFile> {
    for (const shard of await readdir(this.#folder)) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue;
      for (const name of await readdir(join(this.#folder, shard))) {
        const hash = /^([0-9a-f]{64})\.\w+$/.exec(name)?.[1];
        const path = join(this.#folder, shard, name);
        const about = hash === undefined ? null : await stat(path).catch(() => null);
        if (hash !== undefined && about) yield { hash, path, bytes: about.size, usedAt: about.mtimeMs };
      }
    }
  }

  async remove(file: ArtifactFile): Promise<void> {
    this.#verified.delete(file.path);
    await rm(file.path, { force: true });
  }

  /** Whether the file is there and holds what its name says; a damaged one is removed so that it can be made anew. */
  async #isWhole(path: string, hash: string): Promise<boolean> {
    try {
      const { mtimeMs } = await stat(path);
      if (this.#verified.get(path) === mtimeMs) return true;
      if (sha256(await readFile(path)) !== hash) {
        await unlink(path);
        return false;
      }
      this.#verified.set(path, mtimeMs);
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw PixelsError.from(error, "Reading an image");
    }
  }

  async #touch(path: string): Promise<void> {
    const now = new Date();
    await utimes(path, now, now).then(
      () => this.#verified.set(path, now.getTime()),
      // Only the order of removal hangs on it.
      () => this.#verified.delete(path),
    );
  }
}

function missing(hash: string): PixelsError {
  return new PixelsError({
    code: "not_found",
    message: "The image is no longer stored",
    cause: `Artifact ${hash.slice(0, 12)}… was removed to make room, or its file was damaged.`,
    remedy: "Regenerate to edit: the same seed makes it anew.",
    data: { hash },
  });
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
