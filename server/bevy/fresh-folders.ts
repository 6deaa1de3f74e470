import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Disk, makeFolders } from "./disk.ts";

/** Milliseconds a recursive watcher may need until it sees renames into a new folder (measured: 100 ms always sufficed). */
const settleMs = 150;

/** When this process made a folder, by its path; entries go once they have settled. */
const madeAt = new Map<string, number>();

/** The folders that are missing above and including `folder`, the outermost first. */
export async function missingFolders(disk: Disk, folder: string): Promise<string[]> {
  if ((await disk.realPath(folder)) !== null) return [];
  return [...(await missingFolders(disk, dirname(folder))), folder];
}

/** Makes a folder and those above it, and notes when. */
export async function makeWatchedFolders(disk: Disk, folder: string): Promise<void> {
  for (const made of await makeFolders(disk, folder)) madeAt.set(made, performance.now());
}

/** Waits until a watcher has had the time to notice a folder that was made a moment ago, by whichever placement. */
export async function settle(folder: string, signal: AbortSignal): Promise<void> {
  const made = madeAt.get(folder);
  if (made === undefined) return;
  const left = made + settleMs - performance.now();
  if (left > 0) await sleep(left, undefined, { signal });
  madeAt.delete(folder);
}
