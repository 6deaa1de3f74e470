import type { Config } from "../../protocol/config.ts";
import type { Clock } from "../clock.ts";
import type { JobStore } from "../jobs/store.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import { enforceQuota } from "./retention.ts";

const firstMs = 60_000;
const everyMs = 60 * 60_000;
const dayMs = 24 * 60 * 60_000;

export interface UpkeepOptions {
  readonly store: JobStore;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  limits(): Config["artifacts"];
  log(level: "info" | "warn", message: string): void;
}

/** Removes artifacts beyond the quota, a while after the start and from then on every hour. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#runIn(firstMs);
  }

  /** Does it now. */
  async run(): Promise<void> {
    const { store, artifacts, clock } = this.#options;
    const { quotaGigabytes, keepDays } = this.#options.limits();
    const locked = store.lockedSince(clock.now() - keepDays * dayMs);
    const used = store.hashesInUse();
    const { removed, freedBytes } = await enforceQuota(artifacts, {
      quotaBytes: quotaGigabytes * 1e9,
      now: clock.now(),
      isKept: (hash) => locked.has(hash) || used.has(hash),
    });
    if (removed === 0) return;
    this.#options.log("info", `Removed ${removed} old artifacts, ${Math.round(freedBytes / 1e6)} MB.`);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #runIn(milliseconds: number): void {
    this.#cancel = this.#options.clock.after(milliseconds, () => {
      this.run()
        .catch((error: unknown) => this.#options.log("warn", `Old artifacts were not removed: ${String(error)}`))
        .finally(() => {
          if (!this.#closed) this.#runIn(everyMs);
        });
    });
  }
}
