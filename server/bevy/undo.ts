import { PixelsError } from "../protocol/errors.ts";
import type { BevyContext } from "./context.ts";
import { type Disk, nodeDisk } from "./disk.ts";
import { editUnsaved } from "./editor-edit.ts";
import { singleEdit } from "./hunks.ts";
import { findJournal, type Journal, journalsOf } from "./journal.ts";
import { isListing } from "./listings.ts";
import { placementKey, withPaths } from "./path-mutex.ts";
import { findPlaces } from "./places.ts";
import { textOf } from "./plan.ts";
import { type OnChanged, planRestore, restore, type Restoring } from "./restore.ts";
import { Staging } from "./staging.ts";

export interface Undone {
  readonly placement: string;
  /** Absolute paths of files that have their former content again, and of files that are gone again. */
  readonly restored: string[];
  readonly removed: string[];
}

export interface UndoOptions {
  /** Take the sprite back although its file was changed since; a copy of the change is kept in the journal's folder. */
  readonly force?: boolean;
}

/**
 * Gives every file of a placement back what it was, also after a restart, and also of a placement that was cut off.
 * Where other text of a manifest or lock changed since, only the placement's own lines go. Undoing twice reports the same.
 *
 * Throws `not_found` for an unknown placement (the last 200 of a workspace are kept), and `conflict`, with nothing
 * changed, when somebody changed the sprite or its lines since.
 */
export async function undoPlacement(
  context: BevyContext,
  placementId: string,
  options: UndoOptions = {},
): Promise<Undone> {
  const disk = context.disk ?? nodeDisk;
  try {
    return await withPaths([placementKey(placementId)], async () => {
      const journal = await open(disk, context, placementId);
      const paths = journal.record.changes.map(({ realPath }) => realPath);
      return withPaths(paths, () => undo(context, journal, options));
    });
  } catch (error) {
    throw PixelsError.from(error, "Undoing the placement");
  }
}

async function open(disk: Disk, context: BevyContext, id: string): Promise<Journal> {
  const journal = await findJournal(disk, context.backups, id);
  if (journal !== null) return journal;
  throw new PixelsError({
    code: "not_found",
    message: `There is no placement ${id} to undo`,
    cause: "It never was, or it is older than those that are kept.",
    remedy: "Restore the files from your version control.",
  });
}

async function undo(context: BevyContext, journal: Journal, options: UndoOptions): Promise<Undone> {
  const { disk, record } = journal;
  const placement = record.id;
  if (record.state === "undone" && record.undo) return { placement, ...record.undo };
  const places = await findPlaces(disk, record.target);
  const staging = new Staging(disk, places, placement);
  await staging.clear(record.changes);
  const planned = await throughEditor(context, await planRestore(disk, journal, onChanged(record.state, options)));
  if (options.force === true) {
    for (const { now } of planned) if (now !== null) await journal.keep(now);
  }
  // A run that was cut off had more to do than is left.
  const done = record.undo ?? {
    restored: planned.filter(({ bytes }) => bytes !== null).map(({ change }) => change.path),
    removed: planned.filter(({ bytes }) => bytes === null).map(({ change }) => change.path),
  };
  await journal.save({ state: "undoing", undo: done });
  await restore(disk, staging, planned, await emptiedFolders(context, journal, planned));
  await staging.clear(record.changes);
  await journal.save({ state: "undone" });
  return { placement, ...done };
}

/** Folders that any placement of the workspace made and that this undo may leave empty, the outermost first. */
async function emptiedFolders(
  context: BevyContext,
  { disk, record }: Journal,
  planned: readonly Restoring[],
): Promise<string[]> {
  const removed = planned.filter(({ bytes }) => bytes === null).map(({ change }) => change.realPath);
  const folders = new Set(record.folders);
  for await (const other of journalsOf(disk, context.backups, record.target.workspace)) {
    for (const folder of other.record.folders) {
      if (removed.some((path) => path.startsWith(`${folder}/`))) folders.add(folder);
    }
  }
  return [...folders].toSorted((a, b) => a.length - b.length);
}

/** A placement that never ended is taken back as far as it is still there. */
function onChanged(state: Journal["record"]["state"], { force = false }: UndoOptions): OnChanged {
  return (change, problem) => {
    if (force && !isListing(change.role)) return "restore";
    if (force || state === "writing") return "leave";
    throw problem;
  };
}

/** Lets editors that hold a listing unsaved take the lines out; what they did is not written again. */
async function throughEditor(context: BevyContext, planned: readonly Restoring[]): Promise<Restoring[]> {
  const rest: Restoring[] = [];
  for (const restoring of planned) {
    const { change, now, bytes } = restoring;
    const text = isListing(change.role) ? textOf(now, change) : null;
    if (text !== null && bytes !== null) {
      const plan = { text, edits: singleEdit(text, textOf(bytes, change) ?? "") };
      const outcome = await editUnsaved(context.editors, change, plan, () => Promise.resolve(plan));
      if (outcome === "applied") continue;
    }
    rest.push(restoring);
  }
  return rest;
}
