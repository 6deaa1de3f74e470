import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { lockFileName } from "../../project/lock.ts";
import type { Target } from "../../protocol/sprite-request.ts";
import type { Clock } from "../clock.ts";
import type { JobStore } from "../jobs/store.ts";

/** An unchanged lock is written down again only after this long: what it keeps, it keeps for months. */
const againAfterMs = 60 * 60_000;

/** Remembers which artifacts the lock files of projects name, whenever a job touches such a project. */
export class LockSightings {
  readonly #store: JobStore;
  readonly #clock: Clock;
  readonly #seen = new Map<string, { modified: number; at: number }>();

  constructor(store: JobStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Looks at the locks of these targets. A lock that is missing or unreadable keeps nothing. */
  async look(targets: Iterable<Pick<Target, "workspace" | "crate">>): Promise<void> {
    const paths = new Set<string>();
    for (const { workspace, crate } of targets) paths.add(join(workspace, crate, lockFileName));
    for (const path of paths) await this.lookAt(path).catch(() => undefined);
  }

  async lookAt(path: string): Promise<void> {
    const { mtimeMs } = await stat(path);
    const seen = this.#seen.get(path);
    const at = this.#clock.monotonic();
    if (seen && seen.modified === mtimeMs && at - seen.at < againAfterMs) return;
    const text = await readFile(path, "utf8");
    // Any hash counts, also in a lock of a later version: to keep too much does no harm.
    const hashes = new Set(Array.from(text.matchAll(/\b[0-9a-f]{64}\b/g), ([hash]) => hash));
    this.#store.sawLocked(hashes, this.#clock.now());
    this.#seen.set(path, { modified: mtimeMs, at });
  }
}
