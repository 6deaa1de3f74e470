import { dirname, relative } from "node:path";
import { PixelsError } from "../protocol/errors.ts";
import { sha256 } from "../protocol/hashing.ts";
import type { Placement } from "../protocol/job.ts";
import { reloadsOnRename } from "./bevy-version.ts";
import type { PlaceInput, PlacingContext } from "./context.ts";
import { allEnded, type Disk } from "./disk.ts";
import { type EditPlan, editUnsaved } from "./editor-edit.ts";
import { makeWatchedFolders, missingFolders, settle } from "./fresh-folders.ts";
import { unifiedDiff } from "./hunks.ts";
import type { Change, Journal } from "./journal.ts";
import { isListing, type Listing, lockListing, manifestListing } from "./listings.ts";
import { withPaths } from "./path-mutex.ts";
import type { Place, Places } from "./places.ts";
import { checkOwnership, planFile, planListing, type PlannedChange, readFileAt, textOf } from "./plan.ts";
import { syncFolders } from "./restore.ts";
import { takeBack } from "./rollback.ts";
import { Staging } from "./staging.ts";

/** Order in which files come: `.meta` before PNG makes one reload of it, and what names the sprite follows it. */
const order: Record<Change["role"], number> = { meta: 0, sprite: 1, manifest: 2, "sprites-json": 2, lock: 3 };

/** One run of one placement, from its journal on. */
export class PlacementRun {
  private readonly context: PlacingContext;
  private readonly input: PlaceInput;
  private readonly disk: Disk;
  private readonly journal: Journal;
  private readonly places: Places;
  private readonly png: Uint8Array;
  private readonly staging: Staging;
  private readonly touched: readonly Place[];
  private readonly listings: readonly { readonly listing: Listing; readonly place: Place }[];

  constructor(context: PlacingContext, input: PlaceInput, journal: Journal, places: Places, png: Uint8Array) {
    this.context = context;
    this.input = input;
    this.disk = journal.disk;
    this.journal = journal;
    this.places = places;
    this.png = png;
    this.staging = new Staging(this.disk, places, context.id);
    const manifest = manifestListing(input.target, input.sprite);
    this.listings = [
      ...(manifest && places.manifest ? [{ listing: manifest, place: places.manifest }] : []),
      { listing: lockListing(input.target, input.sprite, input.prompt ?? null), place: places.lock },
    ];
    this.touched = [places.sprite, places.meta, ...this.listings.map(({ place }) => place)];
  }

  async run(): Promise<Placement> {
    const paths = this.touched.map(({ realPath }) => realPath);
    try {
      await this.makeFolders();
      // Waiting for a watcher holds nobody else up.
      return await withPaths(paths, async () => {
        try {
          return await this.write();
        } catch (error) {
          throw await takeBack(this.disk, this.journal, this.staging, this.failure(error));
        }
      });
    } catch (error) {
      if (error instanceof PixelsError) throw error;
      const failure = this.failure(error);
      throw await withPaths(paths, () => takeBack(this.disk, this.journal, this.staging, failure));
    }
  }

  private failure(error: unknown): PixelsError {
    const doing = `Placing ${this.input.target.path}`;
    if (!this.input.signal.aborted || error instanceof PixelsError) return PixelsError.from(error, doing);
    return new PixelsError({ code: "cancelled", message: `${doing} was cancelled` }, { cause: error });
  }

  private async makeFolders(): Promise<void> {
    const folders = [...new Set(this.touched.map(({ realPath }) => dirname(realPath)))];
    const missing = (await Promise.all(folders.map((folder) => missingFolders(this.disk, folder)))).flat();
    if (missing.length > 0) {
      const all = new Set([...this.journal.record.folders, ...missing]);
      await this.journal.save({ folders: [...all].toSorted((a, b) => a.length - b.length) });
    }
    for (const folder of folders) await makeWatchedFolders(this.disk, folder);
    await settle(dirname(this.places.sprite.realPath), this.input.signal);
  }

  private async write(): Promise<Placement> {
    const { disk, journal, staging } = this;
    // An undo may have removed the folder while this waited for its turn.
    await this.makeFolders();
    await staging.clear(journal.record.changes);
    const { changes, inEditor } = await this.throughEditor(await this.plan());
    const pending = changes.filter(({ isDone }) => !isDone);
    await this.prepare(changes, pending);
    this.input.signal.throwIfAborted();
    const written: PlannedChange[] = [];
    for (const change of changes) {
      const current = change.isDone ? change : await this.current(change, changes);
      if (current === null) continue;
      if (!current.isDone) await staging.install(current);
      written.push(current);
    }
    await syncFolders(disk, written);
    const placement: Placement = {
      id: this.context.id,
      files: written.map(({ path, role }) => ({ path, role })),
      manifestDiff: this.diffOf(inEditor ?? written.find(isManifest)),
      notes: inEditor ? [`${this.nameOf(inEditor)} waits for your save`] : [],
    };
    await staging.clear(written);
    await journal.save({ state: "placed", placement });
    return placement;
  }

  private async plan(): Promise<PlannedChange[]> {
    const { disk, journal, places, input } = this;
    const hasSprite = (await disk.realPath(places.sprite.realPath)) !== null;
    const inPlace = hasSprite && !(await reloadsOnRename(disk, input.target));
    const sprite = await planFile(disk, journal, "sprite", places.sprite, this.png, inPlace);
    if (sprite && !sprite.isResumed) {
      const lockText = textOf(await readFileAt(disk, places.lock), places.lock);
      await checkOwnership(this.context, input, sprite.old, lockText);
    }
    const hasMeta = (await disk.realPath(places.meta.realPath)) !== null;
    // A `.meta` of the person's stays as it is.
    const isOwnMeta = !hasMeta || journal.record.changes.some(({ role }) => role === "meta");
    const meta =
      input.meta !== undefined && isOwnMeta
        ? await planFile(disk, journal, "meta", places.meta, Buffer.from(input.meta), false)
        : null;
    const listed = await Promise.all(
      this.listings.map(({ listing, place }) => planListing(disk, journal, listing, place)),
    );
    return [meta, sprite, ...listed]
      .filter((change) => change !== null)
      .toSorted((a, b) => order[a.role] - order[b.role]);
  }

  /** Lets the editor that holds the manifest unsaved make its edits. */
  private async throughEditor(
    changes: readonly PlannedChange[],
  ): Promise<{ changes: readonly PlannedChange[]; inEditor: PlannedChange | null }> {
    const manifest = changes.find(isManifest);
    if (!manifest || manifest.isDone) return { changes, inEditor: null };
    const planAnew = async () => {
      const anew = await this.planAnew(manifest);
      return anew && editPlanOf(anew);
    };
    const outcome = await editUnsaved(this.context.editors, manifest, editPlanOf(manifest), planAnew);
    if (outcome === "write") return { changes, inEditor: null };
    const rest = changes.filter((change) => change !== manifest);
    return { changes: rest, inEditor: outcome === "applied" ? manifest : null };
  }

  private diffOf(manifest: PlannedChange | undefined): string {
    if (!manifest) return "";
    const { text, edits } = editPlanOf(manifest);
    return unifiedDiff(text, edits, this.nameOf(manifest), manifest.before === null);
  }

  private nameOf(change: PlannedChange): string {
    return relative(this.input.target.workspace, change.path);
  }

  /** Everything that can fail for want of space or permission, before the first file changes. */
  private async prepare(changes: readonly PlannedChange[], pending: readonly PlannedChange[]): Promise<void> {
    const copies = pending.flatMap((change) => [
      ...(change.old === null || change.isResumed ? [] : [change.old]),
      // What is written in place can be found half written: only its bytes tell.
      ...(change.inPlace ? [change.bytes] : []),
    ]);
    await allEnded([
      ...copies.map((bytes) => this.journal.keep(bytes)),
      this.staging.stage(pending.map((change) => ({ change, bytes: change.bytes }))),
    ]);
    await this.journal.save({ changes: changes.map(recordOf) });
  }

  /** The change, planned anew if the file is no longer what it was planned on; null when nothing is left to do. */
  private async current(change: PlannedChange, changes: readonly PlannedChange[]): Promise<PlannedChange | null> {
    if (await this.isUnchanged(change)) return change;
    if (isListing(change.role)) {
      const anew = await this.planAnew(change);
      const isNeeded = anew !== null && !anew.isDone;
      const replaced = changes.flatMap((other) => (other === change ? (isNeeded ? [anew] : []) : [other]));
      await this.prepare(replaced, isNeeded ? [anew] : []);
      if (!isNeeded) return null;
      if (await this.isUnchanged(anew)) return anew;
    }
    throw new PixelsError({
      code: "conflict",
      message: `${change.path} is being changed by another program`,
      remedy: "Let that program finish, then retry.",
      data: { path: change.path },
    });
  }

  private async isUnchanged(change: PlannedChange): Promise<boolean> {
    const now = await readFileAt(this.disk, change);
    return (now === null ? null : sha256(now)) === change.now;
  }

  private async planAnew(change: PlannedChange): Promise<PlannedChange | null> {
    const found = this.listings.find(({ listing }) => listing.role === change.role);
    return found ? await planListing(this.disk, this.journal, found.listing, found.place) : null;
  }
}

function isManifest({ role }: PlannedChange): boolean {
  return role === "manifest" || role === "sprites-json";
}

function editPlanOf(change: PlannedChange): EditPlan {
  return { text: textOf(change.old, change) ?? "", edits: change.edits ?? [] };
}

/** What of a planned change goes to the journal. */
function recordOf(change: PlannedChange): Change {
  const { role, path, realPath, before, after, mode, inPlace, edits } = change;
  return { role, path, realPath, before, after, mode, inPlace, edits };
}
