import { isDeepStrictEqual } from "node:util";
import { type LockEntry, lockKey, mergeLockEntry, parseLock } from "../project/lock.ts";
import { type ManifestSprite, planManifestEdit } from "../project/manifest.ts";
import { readManifestEntries } from "../project/manifest-entries.ts";
import { parseRon } from "../project/ron/parse.ts";
import { applyEdits } from "../project/text-edits.ts";
import { PixelsError } from "../protocol/errors.ts";
import type { TextEdit } from "../protocol/events.ts";
import type { SpriteArtifact } from "../protocol/job.ts";
import type { Target } from "../protocol/sprite-request.ts";
import { revertEdits, singleEdit } from "./hunks.ts";
import type { Change } from "./journal.ts";

export type ListingRole = Extract<Change["role"], "manifest" | "sprites-json" | "lock">;

export function isListing(role: Change["role"]): role is ListingRole {
  return role !== "sprite" && role !== "meta";
}

/** A text file that lists the sprite: how it comes to do so, and how that is taken back. */
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
  return {
    role: "lock",
    plan: (text) => singleEdit(text ?? "", mergeLockEntry(text, lockKey(target), entry)),
  };
}

/** The manifest the target names, or null when it is to be in none. */
export function manifestListing(target: Target, sprite: SpriteArtifact): Listing | null {
  const { manifest, path } = target;
  const { cell, columns, rows } = sprite;
  if (manifest.kind === "none") return null;
  if (manifest.kind === "ron") {
    const { key, layoutKey, file } = manifest;
    const wanted: ManifestSprite = { key, layoutKey, path, cell, columns, rows };
    return { role: "manifest", plan: (text) => planManifestEdit(text, wanted, file).edits };
  }
  return null;
}

/**
 * The edits that take a placement's own edits back in what a listing became since; none when nothing is left of them.
 * Throws `conflict` when the sprite's lines were changed too, and `invalid_file` when the listing cannot be read.
 */
export function revertListing(
  role: ListingRole,
  target: Target,
  placed: { readonly before: string | null; readonly edits: readonly TextEdit[] },
  current: string,
): readonly TextEdit[] {
  const reverted = reverters[role](target, placed, current);
  if (reverted !== null) return reverted;
  throw new PixelsError({
    code: "conflict",
    message: `What the placement of ${target.path} wrote in ${role === "lock" ? "the lock" : "the manifest"} was changed since`,
    remedy: "Take the entry out by hand, then undo again; or undo the later placement first.",
  });
}

type Reverter = (
  target: Target,
  placed: { readonly before: string | null; readonly edits: readonly TextEdit[] },
  current: string,
) => readonly TextEdit[] | null;

const reverters: Record<ListingRole, Reverter> = {
  lock(target, { before, edits }, current) {
    const key = lockKey(target);
    const entry = (text: string | null) => parseLock(text).get(key) ?? null;
    const [old, written, now] = [entry(before), entry(applyEdits(before ?? "", edits)), entry(current)];
    if (isDeepStrictEqual(now, old)) return [];
    if (!isDeepStrictEqual(now, written)) return null;
    return singleEdit(current, mergeLockEntry(current, key, old));
  },
  manifest(target, { before, edits }, current) {
    if (target.manifest.kind !== "ron") return [];
    const { key } = target.manifest;
    const entry = readManifestEntries(parseRon(current))?.find((candidate) => candidate.key === key);
    if (entry?.path !== target.path) return [];
    return revertEdits(before ?? "", edits, current, JSON.stringify(key));
  },
  "sprites-json": () => [],
};
