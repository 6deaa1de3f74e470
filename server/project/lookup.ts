/** What a path leads to; links are followed. */
export interface FileStat {
  readonly kind: "file" | "directory" | "other";
  /** Bytes. */
  readonly size: number;
}

export interface DirectoryEntry {
  readonly name: string;
  /** `linked-directory`: a link to a folder, which a walk does not enter, since it may lead back or out. */
  readonly kind: FileStat["kind"] | "linked-directory";
}

/**
 * The files a project is read from, so that reading and planning stay pure. Paths are absolute, with forward slashes.
 *
 * `null` means that nothing is there. Everything else that stands in the way is thrown as a `PixelsError` with a
 * remedy: a file that is too large, text that is not UTF-8, a link that leaves the workspace, a missing permission.
 */
export interface FileLookup {
  readText(path: string): Promise<string | null>;
  readBytes(path: string): Promise<Uint8Array | null>;
  /** Sorted by name. */
  list(path: string): Promise<readonly DirectoryEntry[] | null>;
  stat(path: string): Promise<FileStat | null>;
  /** SHA-256 of the file's bytes, lower-case hex. */
  hash(path: string): Promise<string | null>;
}
