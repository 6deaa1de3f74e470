import { dirname } from "node:path";
import { PixelsError } from "../protocol/errors.ts";
import { sha256 } from "../protocol/hashing.ts";
import type { Disk } from "./disk.ts";
import type { Change, Journal } from "./journal.ts";
import { isListing, revertListing } from "./listings.ts";
import { earlierChange, readFileAt, textOf } from "./plan.ts";
import type { Staging } from "./staging.ts";

/** How one file gets back what it was. */
export interface Restoring {
  readonly change: Change;
  /** What is there now, and what comes instead: null removes the file. */
  readonly now: Uint8Array | null;
  readonly bytes: Uint8Array | null;
}

/** Says what becomes of a file that somebody changed since it was placed, or throws the problem. */
export type OnChanged = (change: Change, problem: PixelsError) => "restore" | "leave";

/** Order in which files go back: what names the sprite first, and `.meta` before PNG, as when they came. */
const order: Record<Change["role"], number> = { manifest: 0, "sprites-json": 0, meta: 1, sprite: 2, lock: 3 };

/** Plans how all files of a placement get back what they were; files that are as before are left out. */
export async function planRestore(disk: Disk, journal: Journal, onChanged: OnChanged): Promise<Restoring[]> {
  const planned: Restoring[] = [];
  for (const change of journal.record.changes.toSorted((a, b) => order[a.role] - order[b.role])) {
    const now = await readFileAt(disk, change);
    if ((now === null ? null : sha256(now)) === change.before) continue;
    const kept = change.before === null ? null : await journal.kept(change.before);
    if (await isAsPlaced(journal, change, now)) {
      planned.push({ change, now, bytes: kept });
      continue;
    }
    try {
      if (!isListing(change.role)) throw changedSince(change, now);
      // A listing that is gone lists nothing.
      const text = textOf(now, change);
      if (text === null) continue;
      const placed = { before: textOf(kept, change), edits: change.edits ?? [] };
      const reverted = revertListing(change.role, journal.record.target, placed, text);
      if (reverted !== text) planned.push({ change, now, bytes: reverted === null ? null : Buffer.from(reverted) });
    } catch (error) {
      const decision = onChanged(change, PixelsError.from(error, `Taking back ${change.path}`));
      if (decision === "restore") planned.push({ change, now, bytes: kept });
    }
  }
  return planned;
}

/** Gives files back what they were, and removes those of the folders that are empty then, the last first. */
export async function restore(
  disk: Disk,
  staging: Staging,
  planned: readonly Restoring[],
  folders: readonly string[],
): Promise<void> {
  await staging.stage(planned.flatMap(({ change, bytes }) => (bytes === null ? [] : [{ change, bytes }])));
  for (const { change, bytes, now } of planned) {
    if (bytes === null) await disk.removeFile(change.realPath);
    // Nothing can be written over a file that is gone.
    else await staging.install({ ...change, inPlace: change.inPlace && now !== null });
  }
  for (const folder of folders.toReversed()) await disk.removeEmptyFolder(folder);
  await syncFolders(
    disk,
    planned.map(({ change }) => change),
  );
}

/** Waits until the names of these files are on the disk, where their folders are still there. */
export async function syncFolders(disk: Disk, changes: readonly Pick<Change, "realPath">[]): Promise<void> {
  const folders = new Set(changes.map(({ realPath }) => dirname(realPath)));
  await Promise.all(
    [...folders].map(async (folder) => {
      if ((await disk.realPath(folder)) !== null) await disk.syncFolder(folder);
    }),
  );
}

/** The file is what the placement wrote, or what it was writing in place when it was cut off. */
async function isAsPlaced(journal: Journal, change: Change, now: Uint8Array | null): Promise<boolean> {
  if (now === null) return false;
  if (sha256(now) === change.after) return true;
  if (!change.inPlace) return false;
  return (await earlierChange(journal, change.role, now, await journal.kept(change.after))) !== null;
}

function changedSince(change: Change, now: Uint8Array | null): PixelsError {
  return new PixelsError({
    code: "conflict",
    message: `${change.path} was ${now === null ? "removed" : "changed"} since it was placed`,
    cause: "An undo would lose that change.",
    remedy: "Undo the later placement of this file first, or put the file back by hand.",
    data: { path: change.path },
  });
}
