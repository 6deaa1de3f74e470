import { judgeOwnership, type LockEntry, lockKey, parseLock } from "../project/lock.ts";
import { applyEdits } from "../project/text-edits.ts";
import { PixelsError } from "../protocol/errors.ts";
import { imageHash, sha256 } from "../protocol/hashing.ts";
import { readPngSize, readTextChunk, withTextChunk } from "../sprite/png-text.ts";
import type { PlaceInput, PlacingContext } from "./context.ts";
import { codeOf, type Disk } from "./disk.ts";
import type { Change, Journal } from "./journal.ts";
import type { Listing } from "./listings.ts";
import type { Place } from "./places.ts";
import { chunkKeyword, provenanceText } from "./provenance.ts";

/** A change with all its bytes: `old` null where there is no file. */
export interface PlannedChange extends Change {
  readonly old: Uint8Array | null;
  readonly bytes: Uint8Array;
  /** SHA-256 of the file as it was when this was planned; null where there was none. */
  readonly now: string | null;
  /** An earlier run of the same placement began this change … */
  readonly isResumed: boolean;
  /** … and ended it. */
  readonly isDone: boolean;
}

/** The PNG as it is placed. Throws `invalid_image` when it is no whole PNG of the sprite's size. */
export function placedPng({ png, sprite, target }: PlaceInput): Uint8Array {
  try {
    const { width, height } = readPngSize(png);
    if (width !== sprite.width || height !== sprite.height) {
      throw new Error(
        `It is ${width}×${height}, not ${sprite.width}×${sprite.height}: the artifact is another sprite's.`,
      );
    }
    const text = provenanceText(sprite, target.metadata);
    if (text !== null) return withTextChunk(png, chunkKeyword, text);
    // Reading for a chunk walks them all, which shows a file that was cut off.
    readTextChunk(png, chunkKeyword);
    return png;
  } catch (error) {
    throw new PixelsError(
      {
        code: "invalid_image",
        message: `The picture for ${target.path} cannot be placed`,
        cause: error instanceof Error ? error.message : String(error),
        remedy: "Generate the sprite again.",
      },
      { cause: error },
    );
  }
}

/** Reads a file that is to be changed. Throws `invalid_target` when a folder lies there. */
export async function readFileAt(disk: Disk, place: Place): Promise<Uint8Array | null> {
  try {
    return await disk.read(place.realPath);
  } catch (error) {
    if (codeOf(error) !== "EISDIR") throw error;
    throw new PixelsError(
      { code: "invalid_target", message: `${place.path} is a folder`, remedy: "Move it away, then try again." },
      { cause: error },
    );
  }
}

/** Plans a file that is written as a whole; null when it has these bytes already and this placement did not write them. */
export async function planFile(
  disk: Disk,
  journal: Journal,
  role: "sprite" | "meta",
  place: Place,
  bytes: Uint8Array,
  inPlace: boolean,
): Promise<PlannedChange | null> {
  const now = await readFileAt(disk, place);
  const after = sha256(bytes);
  const earlier = await earlierChange(journal, role, now, bytes);
  const old = earlier ? earlier.old : now;
  const before = hashOf(old);
  const isDone = hashOf(now) === after;
  if (isDone && !earlier) return null;
  return {
    role,
    ...place,
    before,
    after,
    mode: await disk.mode(place.realPath),
    inPlace: inPlace && before !== null,
    edits: null,
    old,
    bytes,
    now: hashOf(now),
    isResumed: earlier !== null,
    isDone,
  };
}

/** The change an earlier run of this placement made or was making to the file, with the bytes from before it. */
export async function earlierChange(
  journal: Journal,
  role: Change["role"],
  now: Uint8Array | null,
  bytes: Uint8Array | null,
): Promise<{ readonly change: Change; readonly old: Uint8Array | null } | null> {
  const change = journal.record.changes.find((candidate) => candidate.role === role);
  if (!change || now === null) return null;
  const isWritten = sha256(now) === change.after;
  if (!isWritten && !change.inPlace) return null;
  const old = change.before === null ? null : await journal.kept(change.before);
  if (isWritten) return { change, old };
  if (old === null || bytes === null) return null;
  // It may have been cut off on its way there or on its way back.
  return isTorn(now, old, bytes) || isTorn(now, bytes, old) ? { change, old } : null;
}

/** Whether a file is what writing `after` over `before` leaves when it is cut off: a beginning of one, the rest of the other. */
export function isTorn(now: Uint8Array, before: Uint8Array, after: Uint8Array): boolean {
  let written = 0;
  while (written < now.length && written < after.length && now[written] === after[written]) written++;
  return (
    now.length === Math.max(written, before.length) &&
    Buffer.compare(now.subarray(written), before.subarray(written)) === 0
  );
}

/**
 * Throws `conflict` unless the sprite's file may be replaced: it is missing, the lock knows it as ours, it shows the
 * same pixels, or the person said so.
 */
export async function checkOwnership(
  context: Pick<PlacingContext, "decode">,
  input: PlaceInput,
  file: Uint8Array | null,
  lockText: string | null,
): Promise<void> {
  if (file === null || input.replace) return;
  const { sprite, target } = input;
  const output = await context.decode(file).then(imageHash, () => "");
  if (output === sprite.output) return;
  const entry: LockEntry | null = parseLock(lockText).get(lockKey(target)) ?? null;
  const owner = judgeOwnership(output, entry, sprite.engine.kind);
  if (owner === "ours" || owner === "absent") return;
  const isPerson = owner === "person";
  throw new PixelsError({
    code: "conflict",
    message: isPerson
      ? `${target.path} is your own file`
      : `${target.path} was made by another engine, and the embedded one does not replace it unasked`,
    ...(isPerson && {
      cause: entry === null ? "pixels.lock does not list it." : "Its pixels were changed since it was generated.",
    }),
    remedy: "Say that it may be replaced (`--replace`; undo brings it back), or choose another path.",
    data: { path: target.path, owner },
  });
}

/** Plans the edits of a listing on its bytes now; null when there is nothing to change and nothing was changed. */
export async function planListing(
  disk: Disk,
  journal: Journal,
  listing: Listing,
  place: Place,
): Promise<PlannedChange | null> {
  const now = await readFileAt(disk, place);
  const text = textOf(now, place);
  const edits = listing.plan(text);
  const bytes = Buffer.from(applyEdits(text ?? "", edits));
  const recorded = journal.record.changes.find(({ role }) => role === listing.role);
  if (edits.length === 0 && now !== null) {
    if (!recorded) return null;
    // Nothing is left to do, and an earlier run did it: undo needs what that run recorded.
    const old = recorded.before === null ? null : await journal.kept(recorded.before);
    return { ...recorded, old, bytes, now: hashOf(now), isResumed: true, isDone: true };
  }
  return {
    role: listing.role,
    ...place,
    before: hashOf(now),
    after: sha256(bytes),
    mode: await disk.mode(place.realPath),
    inPlace: false,
    edits: edits.map(({ start, end, text: inserted }) => ({ start, end, text: inserted })),
    old: now,
    bytes,
    now: hashOf(now),
    isResumed: false,
    isDone: false,
  };
}

function hashOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : sha256(bytes);
}

/** UTF-8 text of a file; null where there is none. Throws `invalid_file` for other bytes. */
export function textOf(bytes: Uint8Array | null, place: Pick<Place, "path">): string | null {
  if (bytes === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new PixelsError(
      { code: "invalid_file", message: `${place.path} is not UTF-8 text`, remedy: "Save the file as UTF-8." },
      { cause: error },
    );
  }
}
