import type { ArtifactFile, ArtifactStore } from "./artifact-store.ts";

/** An artifact younger than this is left alone: the job it was made for may not have stored its name yet. */
const settlingMs = 10 * 60_000;

/**
 * Removes what was used longest ago until the rest fits the quota.
 * Whatever a lock or a live job names stays, even when that alone is more than the quota.
 */
export async function enforceQuota(
  store: ArtifactStore,
  options: { quotaBytes: number; now: number; isKept: (hash: string) => boolean },
): Promise<{ removed: number; freedBytes: number; keptBytes: number }> {
  const loose: ArtifactFile[] = [];
  let total = 0;
  for await (const file of store.files()) {
    total += file.bytes;
    const settled = Math.abs(options.now - file.usedAt) > settlingMs;
    if (settled && !options.isKept(file.hash)) loose.push(file);
  }
  loose.sort((a, b) => a.usedAt - b.usedAt);
  const outcome = { removed: 0, freedBytes: 0, keptBytes: total };
  for (const file of loose) {
    if (outcome.keptBytes <= options.quotaBytes) break;
    if (store.isHeld(file.hash)) continue;
    await store.remove(file);
    outcome.removed++;
    outcome.freedBytes += file.bytes;
    outcome.keptBytes -= file.bytes;
  }
  return outcome;
}
