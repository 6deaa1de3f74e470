import { PixelsError } from "../protocol/errors.ts";
import type { Disk } from "./disk.ts";
import type { Journal } from "./journal.ts";
import { planRestore, restore } from "./restore.ts";
import type { Staging } from "./staging.ts";

/**
 * Takes back what a failed placement wrote and forgets it; what somebody else changed meanwhile is left alone.
 * When that fails too, the journal stays, so that a retry or an undo can end it, and the returned error says so.
 */
export async function takeBack(
  disk: Disk,
  journal: Journal,
  staging: Staging,
  failure: PixelsError,
): Promise<PixelsError> {
  try {
    // Staged files are of no more use, and on a full disk their space is needed.
    await staging.clear(journal.record.changes);
    const planned = await planRestore(disk, journal, () => "leave");
    await restore(disk, staging, planned, journal.record.folders);
    await staging.clear(journal.record.changes);
    await journal.remove();
    return failure;
  } catch (error) {
    const info = failure.toInfo();
    return new PixelsError(
      {
        ...info,
        cause: [info.cause, `What was written could not be taken back: ${String(error)}`].filter(Boolean).join(" "),
        remedy: [info.remedy, "Then retry the job to complete it, or undo it."].filter(Boolean).join(" "),
      },
      { cause: failure },
    );
  }
}
