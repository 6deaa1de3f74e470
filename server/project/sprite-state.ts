import { pixelsHash, requestHash } from "../protocol/hashing.ts";
import { judgeOwnership, staleReasons, type EngineKind, type LockEntry, type StaleReason } from "./lock.ts";
import type { ResolvedSprite } from "./resolve.ts";

/** How a sprite's file stands to its directive. */
export type SpriteState =
  /** There is no file. */
  | { readonly kind: "missing" }
  | { readonly kind: "fresh" }
  /** It was made from something else; when `reasons` is `pixels` alone, the pixel stage alone has to run. */
  | { readonly kind: "stale"; readonly reasons: readonly StaleReason[] }
  /** The file is the person's own: replacing it takes an explicit yes. */
  | { readonly kind: "person" }
  /** Stale, but another engine made it, which the embedded one does not replace unasked. */
  | { readonly kind: "other-engine"; readonly engine: EngineKind; readonly reasons: readonly StaleReason[] };

/**
 * Judges a sprite by its lock entry and the file.
 * @param output `imageHash` of the file; null when there is none, "" when it is no readable picture
 * @param engine the engine that would make it; null when that is open
 */
export function judgeState(
  sprite: ResolvedSprite,
  entry: LockEntry | null,
  output: string | null,
  engine: EngineKind | null,
): SpriteState {
  const owner = judgeOwnership(output, entry, engine);
  if (owner === "absent") return { kind: "missing" };
  if (owner === "person" || entry === null) return { kind: "person" };
  const { seed } = sprite.request.engine;
  const request = seed === null ? "" : requestHash({ ...sprite.request.engine, seed });
  const reasons = staleReasons(entry, { request, pixels: pixelsHash(sprite.request.pixels) });
  if (reasons.length === 0) return { kind: "fresh" };
  return owner === "other-engine"
    ? { kind: "other-engine", engine: entry.engine, reasons }
    : { kind: "stale", reasons };
}

/** The sprite with the seed of its lock entry, unless the directive gives one. */
export function withLockedSeed(sprite: ResolvedSprite, entry: LockEntry | null): ResolvedSprite {
  const { engine, pixels } = sprite.request;
  if (engine.seed !== null || entry === null || entry.seed === null) return sprite;
  return { ...sprite, request: { engine: { ...engine, seed: entry.seed }, pixels } };
}
