import { statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { PixelsError } from "../protocol/errors.ts";

/** SQLite's result codes (sqlite.org/rescode.html). */
const sqliteBusy = 5;
const sqliteNotADatabase = 26;
const lookMs = 50;

/**
 * The exclusive lock that makes one daemon of a state folder: an SQLite transaction that stays open, since the system
 * lets go of it however the process ends. A ZeroMQ bind could not do it: a second one takes the path over.
 */
export class InstanceLock {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #inode: number;

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
    this.#inode = statSync(path).ino;
  }

  /** Takes the lock; null when `giveUp` says so while someone else holds it. */
  static async acquire(stateFolder: string, giveUp: () => boolean): Promise<InstanceLock | null> {
    const path = join(stateFolder, "daemon.lock");
    for (;;) {
      const database = tryLock(path);
      if (database) return new InstanceLock(path, database);
      if (giveUp()) return null;
      await sleep(lookMs);
    }
  }

  /** Whether the file is still the one that was locked. It is never opened for that: closing it would free the lock. */
  isHeld(): boolean {
    try {
      return statSync(this.#path).ino === this.#inode;
    } catch {
      return false;
    }
  }

  release(): void {
    this.#database.close();
  }
}

function tryLock(path: string, isSecondTry = false): DatabaseSync | null {
  const database = new DatabaseSync(path);
  try {
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database.close();
    const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
    if (code === sqliteBusy) return null;
    // Nothing is ever written to it, so whatever it holds is nobody's. Emptied, not removed: the lock is the file's.
    if (code === sqliteNotADatabase && !isSecondTry) {
      truncateSync(path);
      return tryLock(path, true);
    }
    throw PixelsError.from(error, `Locking ${path}`);
  }
}
