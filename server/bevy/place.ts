import { PixelsError } from "../protocol/errors.ts";
import type { Placement } from "../protocol/job.ts";
import type { PlaceInput, PlacingContext } from "./context.ts";
import { nodeDisk } from "./disk.ts";
import { openJournal } from "./journal.ts";
import { placementKey, withPaths } from "./path-mutex.ts";
import { findPlaces } from "./places.ts";
import { PlacementRun } from "./placement-run.ts";
import { placedPng } from "./plan.ts";

/**
 * Puts a finished sprite into a Bevy project, so that a running game loads it exactly once: the PNG, its entry in the
 * manifest and in pixels.lock, each file whole or not at all, with a copy of everything replaced.
 *
 * A run that was cut off anywhere is completed by another with the same id; one that has ended is only reported again.
 * Throws `invalid_target`, `invalid_image`, `invalid_file`, `conflict`, `permission_denied`, `storage_full` or
 * `cancelled`, each after taking back what it had written.
 */
export async function placeSprite(context: PlacingContext, input: PlaceInput): Promise<Placement> {
  const disk = context.disk ?? nodeDisk;
  const { target } = input;
  const doing = `Placing ${target.path}`;
  const place = async () => {
    const png = placedPng(input);
    const places = await findPlaces(disk, target);
    const journal = await openJournal(disk, context.backups, { id: context.id, at: context.now, target });
    const { state, placement } = journal.record;
    if (state === "undoing" || state === "undone") {
      throw new PixelsError({
        code: "conflict",
        message: `The placement of ${target.path} was undone`,
        remedy: "Place the sprite anew.",
      });
    }
    return placement ?? (await new PlacementRun(context, input, journal, places, png).run());
  };
  try {
    return await withPaths([placementKey(context.id)], place);
  } catch (error) {
    throw PixelsError.from(error, doing);
  }
}
