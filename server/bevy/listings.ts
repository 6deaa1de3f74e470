import { isDeepStrictEqual } from "node:util";
import { type LockEntry, lockKey, mergeLockEntry, parseLock } from "../project/lock.ts";
import { type ManifestSprite, planManifestEdit } from "../project/manifest.ts";
import { mergeSpritesJson, parseSpritesJson, type SpritesJsonEntry } from "../project/sprites-json.ts";
import { applyEdits } from "../project/text-edits.ts";
import { PixelsError } from "../protocol/errors.ts";
import type { TextEdit } from "../protocol/events.ts";
import type { SpriteArtifact } from "../protocol/job.ts";
import type { Target } from "../protocol/sprite-request.ts";
import { singleEdit } from "./hunks.ts";
import type { Change } from "./journal.ts";
import { type ListedChange, revertManifest } from "./manifest-revert.ts";

export type ListingRole = Extract<Change["role"], "manifest" | "sprites-json" | "lock">;

export function isListing(role: Change["role"]): role is ListingRole {
  return role !== "sprite" && role !== "meta";
}

/** A text file that lists the sprite. */
export interface Listing {
  readonly role: ListingRole;
  /** Edits after which the text lists the sprite; none when it does. `text` is null where there is no file. */
  plan(text: string | null): readonly TextEdit[];
}

/** pixels.lock, which always lists the sprite. `prompt` is null where there was none. */
export function lockListing(target: Target, sprite: SpriteArtifact, prompt: string | null): Listing {
  const { request, pixels, sources, output, seed, engine } = sprite;
  const entry: LockEntry = {
    request,
    pixels,
    sources,
    output,
    seed,
    engine: engine.kind,
    model: engine.checkpoint,
    prompt,
  };
  return { role: "lock", plan: (text) => singleEdit(text ?? "", lockTable(target).merge(text, entry)) };
}

/** The manifest the target names, or null when it is to be in none. */
export function manifestListing(target: Target, sprite: SpriteArtifact): Listing | null {
  const { manifest, path, fps } = target;
  const { cell, columns, rows } = sprite;
  if (manifest.kind === "none") return null;
  if (manifest.kind === "ron") {
    const { key, layoutKey, file } = manifest;
    const wanted: ManifestSprite = { key, layoutKey, path, cell, columns, rows };
    return { role: "manifest", plan: (text) => planManifestEdit(text, wanted, file).edits };
  }
  const entry: SpritesJsonEntry = { cell, columns, rows, fps };
  return { role: "sprites-json", plan: (text) => singleEdit(text ?? "", spritesTable(target).merge(text, entry)) };
}

/**
 * A listing as it is now without what a placement wrote in it: the same text when nothing is left of that, null when
 * the file lists nothing any more and goes.
 * Throws `conflict` when the sprite's lines were changed too, and `invalid_file` when the listing cannot be read.
 */
export function revertListing(role: ListingRole, target: Target, placed: ListedChange, current: string): string | null {
  if (role === "manifest") {
    if (target.manifest.kind !== "ron") return current;
    const { key, layoutKey, file } = target.manifest;
    const keys = layoutKey === null ? [key] : [key, layoutKey];
    const reverted = revertManifest(keys, placed, current);
    if (reverted === null) throw changedSince(target, file);
    return reverted;
  }
  return role === "lock"
    ? revertEntry(lockTable(target), target, placed, current)
    : revertEntry(spritesTable(target), target, placed, current);
}

/** A file of the project's own that maps sprites to entries. */
interface Table<E> {
  readonly name: string;
  entry(text: string | null): E | null;
  isEmpty(text: string): boolean;
  merge(text: string | null, entry: E | null): string;
}

function lockTable(target: Target): Table<LockEntry> {
  const key = lockKey(target);
  return {
    name: "pixels.lock",
    entry: (text) => parseLock(text).get(key) ?? null,
    isEmpty: (text) => parseLock(text).size === 0,
    merge: (text, entry) => mergeLockEntry(text, key, entry),
  };
}

function spritesTable({ path }: Target): Table<SpritesJsonEntry> {
  return {
    name: ".sprites.json",
    entry: (text) => parseSpritesJson(text).sprites[path] ?? null,
    isEmpty: (text) => Object.keys(parseSpritesJson(text).sprites).length === 0,
    merge: (text, entry) => mergeSpritesJson(text, path, entry),
  };
}

function revertEntry<E>(table: Table<E>, target: Target, { before, edits }: ListedChange, current: string) {
  const written = table.entry(applyEdits(before ?? "", edits));
  const [old, now] = [table.entry(before), table.entry(current)];
  if (isDeepStrictEqual(now, old)) return current;
  if (!isDeepStrictEqual(now, written)) throw changedSince(target, table.name);
  const text = table.merge(current, old);
  return table.isEmpty(text) ? null : text;
}

function changedSince(target: Target, file: string): PixelsError {
  return new PixelsError({
    code: "conflict",
    message: `What the placement of ${target.path} wrote in ${file} was changed since`,
    remedy: "Undo the later placement first, or take the entry out by hand and undo again.",
    data: { path: target.path, file },
  });
}
