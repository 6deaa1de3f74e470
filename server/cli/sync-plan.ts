import type { LockEntry } from "../project/lock.ts";
import type { ProjectSprite } from "../project/workspace.ts";
import type { JsonResults } from "./json-results.ts";

/** What `sync` does about one sprite, and why, in a person's words. */
export interface SyncStep {
  readonly sprite: ProjectSprite;
  /** `pixels`: the picture is kept, the pixel stage alone runs. */
  readonly action: JsonResults["sync"]["sprites"][number]["action"];
  readonly reason: string;
}

export interface SyncRules {
  /** Replace a person's files and other engines' sprites too. */
  readonly replace: boolean;
  /** Sprites with several variants are made to choose from, which only makes sense where somebody chooses. */
  readonly variants: boolean;
  /** Whether the pictures that a sprite was made of are still stored. */
  readonly isKept: (entry: LockEntry) => boolean;
}

/** Whether nothing but the pixel stage's options changed since the sprite was made. */
export function onlyPixelsChanged({ state }: ProjectSprite): boolean {
  return (
    (state.kind === "stale" || state.kind === "other-engine") &&
    state.reasons.length === 1 &&
    state.reasons[0] === "pixels"
  );
}

export function planSync(sprites: readonly ProjectSprite[], rules: SyncRules): SyncStep[] {
  return sprites.map((sprite) => ({ sprite, ...planOne(sprite, rules) }));
}

function planOne(planned: ProjectSprite, rules: SyncRules): Omit<SyncStep, "sprite"> {
  const { sprite, state, entry } = planned;
  if (state.kind === "fresh") return { action: "none", reason: "is up to date" };
  if (state.kind === "person" && !rules.replace) {
    const why = entry === null ? "was not written by DGX-Pixels" : "was changed by hand";
    return { action: "skip", reason: `is your own file (it ${why}); --replace overwrites it` };
  }
  const isSamePicture = onlyPixelsChanged(planned);
  const isKept = entry !== null && rules.isKept(entry);
  // Its own engine's picture stays where only the pixel stage runs: no engine replaces another then.
  if (state.kind === "other-engine" && !rules.replace && !(isSamePicture && isKept)) {
    return {
      action: "skip",
      reason: `was made by ${state.engine}, which the embedded engine replaces only with --replace`,
    };
  }
  if (sprite.variants > 1 && !rules.variants) {
    return {
      action: "skip",
      reason: `has ${sprite.variants} variants to choose from: run \`dgx-pixels sync\` yourself`,
    };
  }
  if (state.kind === "missing") return { action: "make", reason: "is missing" };
  if (isSamePicture && isKept) return { action: "pixels", reason: "has new pixel settings" };
  if (isSamePicture) return { action: "make", reason: "has new pixel settings, and its picture is not stored here" };
  return { action: "make", reason: state.kind === "stale" ? "is out of date with its directive" : "is replaced" };
}
