import { chmodSync, existsSync, renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { PixelsError } from "../../protocol/errors.ts";
import { migrations } from "./migrations.ts";

/** Pages of the write-ahead log between two checkpoints (16 MB): fewer checkpoints stall fewer submissions. */
const checkpointPages = 4000;

export interface OpenedDatabase {
  readonly db: DatabaseSync;
  /** Where a damaged database was put aside, else null. */
  readonly setAside: string | null;
}

/**
 * Opens the jobs' database, made anew when missing, brought to the newest schema.
 * A damaged file is renamed to `<path>.corrupt-<time>` and a new one started.
 * Throws `unsupported` when a newer DGX-Pixels wrote it, `storage_failed` when the folder cannot be used.
 */
export function openDatabase(path: string, now: () => number = Date.now): OpenedDatabase {
  try {
    return { db: openSound(path), setAside: null };
  } catch (error) {
    if (!isDamage(error)) throw toPixelsError(error, path);
  }
  const setAside = `${path}.corrupt-${new Date(now()).toISOString().replaceAll(":", "-")}`;
  // The log belongs to the file it was written for: beside a new one it would be replayed into it.
  for (const suffix of ["-wal", "-shm", ""]) {
    if (existsSync(path + suffix)) renameSync(path + suffix, setAside + suffix);
  }
  return { db: openSound(path), setAside };
}

function openSound(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 });
  try {
    db.exec("PRAGMA journal_mode = WAL");
    // NORMAL: a killed process loses nothing that was committed. A power cut may lose the last moments, and
    // with them the GPU's work; FULL would make each submission wait for the disk.
    db.exec("PRAGMA synchronous = NORMAL");
    db.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
    const check = db.prepare("PRAGMA quick_check(1)").get();
    if (check?.["quick_check"] !== "ok") throw new DamagedError(String(check?.["quick_check"]));
    migrate(db);
    if (path !== ":memory:") chmodSync(path, 0o600);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync): void {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > migrations.length) {
    throw new PixelsError({
      code: "unsupported",
      message: "The job database was written by a newer DGX-Pixels",
      cause: `Its version is ${version}; this program knows ${migrations.length}.`,
      remedy: "Update DGX-Pixels.",
    });
  }
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    db.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}

class DamagedError extends Error {}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
function isDamage(error: unknown): boolean {
  return error instanceof DamagedError || [11, 26].includes(sqliteCode(error));
}

/** SQLite's primary result code; 0 for other errors. */
function sqliteCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}

/** An error of a statement, so that a person knows what to do about it; other errors stay as they are. */
export function storageError(error: unknown): unknown {
  const code = sqliteCode(error);
  if (error instanceof PixelsError || code === 0) return error;
  const isFull = code === 13;
  return new PixelsError(
    {
      code: isFull ? "storage_full" : "storage_failed",
      message: isFull ? "The disk of the job database is full" : "The job database failed",
      cause: error instanceof Error ? error.message : String(error),
      remedy: isFull
        ? "Free some space on the disk of the state folder; jobs go on by themselves."
        : "Run `dgx-pixels doctor`; if it stays, restart the daemon with `dgx-pixels daemon restart`.",
    },
    { cause: error },
  );
}

function toPixelsError(error: unknown, path: string): PixelsError {
  if (error instanceof PixelsError) return error;
  return new PixelsError(
    {
      code: "storage_failed",
      message: "The job database cannot be opened",
      cause: `${path}: ${String(error)}`,
      remedy: "Check that the state folder is yours, writable, and on a disk with free space.",
    },
    { cause: error },
  );
}
