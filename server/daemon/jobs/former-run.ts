import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SpriteArtifact } from "../../protocol/job.ts";
import type { SubmissionItem } from "../../protocol/requests.ts";
import { lockFileName, lockKey, parseLock } from "../../project/lock.ts";

/** What the lock says of the run that left a sprite's sources. */
export interface FormerRun {
  readonly request: string | null;
  readonly seed: number | null;
  readonly engine: SpriteArtifact["engine"];
}

/**
 * By the index of the item: where the pixel stage alone runs, what made its sources stays true and is carried on.
 * An item whose sources its lock does not know has none. A lock that cannot be read is the placing's to complain about.
 */
export async function formerRuns(items: readonly SubmissionItem[]): Promise<Map<number, FormerRun>> {
  const locks = new Map<string, ReturnType<typeof readLock>>();
  const found = new Map<number, FormerRun>();
  for (const [i, { sources, target }] of items.entries()) {
    if (!sources || !target) continue;
    const path = join(target.workspace, target.crate, lockFileName);
    const reading = locks.get(path) ?? readLock(path);
    locks.set(path, reading);
    const entry = (await reading)?.get(lockKey(target));
    if (!entry || entry.sources.join() !== sources.join()) continue;
    const engine = { kind: entry.engine, name: entry.engine, checkpoint: entry.model, ignored: [], notes: [] };
    found.set(i, { request: entry.request, seed: entry.seed, engine });
  }
  return found;
}

async function readLock(path: string) {
  try {
    return parseLock(await readFile(path, "utf8"), path);
  } catch {
    return null;
  }
}
