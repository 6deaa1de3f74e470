import type { EditRequest } from "../protocol/events.ts";
import type { SpriteArtifact } from "../protocol/job.ts";
import type { Target } from "../protocol/sprite-request.ts";
import type { Disk } from "./disk.ts";

/** Straight-alpha RGBA of a picture, `width × height × 4` bytes. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** The editors that may hold a manifest unsaved. */
export interface Editors {
  /** The client that holds this absolute path unsaved, else null. */
  unsavedBy(path: string): string | null;
  /** Asks that client's editor to apply the spans to its unsaved document. */
  apply(edit: EditRequest): Promise<"applied" | "text-changed" | "refused" | "no-editor">;
}

/** What placing and undoing need of the daemon. */
export interface BevyContext {
  /** Absolute folder of the journals and of the copies of what was replaced; made when missing. */
  readonly backups: string;
  readonly editors: Editors;
  /** The disk; tests make it fail. */
  readonly disk?: Disk;
}

export interface PlacingContext extends BevyContext {
  /** The placement's id. A second run with the same id goes on where the first one ended. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly now: number;
  /** Pixels of a PNG that is already there, to tell whether it is still what a placement wrote. */
  decode(png: Uint8Array): Promise<DecodedImage>;
}

export interface PlaceInput {
  /** The finished sprite sheet, a whole PNG file. */
  readonly png: Uint8Array;
  readonly sprite: SpriteArtifact;
  readonly target: Target;
  /** Replace a file that is the person's own, or another engine's sprite. */
  readonly replace: boolean;
  /** The prompt, for the lock; null or left out for a sprite made of a picture. */
  readonly prompt?: string | null;
  /** Text of a `.png.meta` to write beside the sprite, where the project wants one. */
  readonly meta?: string;
  readonly signal: AbortSignal;
}
