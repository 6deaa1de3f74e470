import type { RgbaImage } from "../../sprite/image.ts";

/** What a generator is asked to draw: one sprite, on its own grid. */
export interface SpriteRequest {
  readonly prompt: string;
  readonly negative: string;
  /** 0 … 2⁵³−1. Equal requests give equal pixels. */
  readonly seed: number;
  /** Size of the sprite in its own pixels (cells), 1 … 4096. */
  readonly width: number;
  readonly height: number;
  /** How many times `onStep` is called, 1 … 10,000. */
  readonly steps: number;
  /** The picture repeats without a seam. */
  readonly tile: boolean;
  /** A sprite to start from, `width`×`height`; `strength` 0 keeps it, 1 forgets it. */
  readonly init?: { readonly image: RgbaImage; readonly strength: number };
}

export interface GenerateOptions {
  readonly signal: AbortSignal;
  /** Called after each step, 1 … steps; the generator goes on when the promise resolves. `preview` is drawn only when called. */
  readonly onStep: (step: number, preview: () => RgbaImage) => Promise<void>;
}

/** How a sprite moves when frames are asked for. */
export type Motion = "bob" | "walk" | "squash" | "spin" | "flicker" | "sway" | "float" | "scroll";

export interface Sprite {
  /** Straight-alpha RGBA, `width`×`height`; alpha is 0 or 255. */
  readonly image: RgbaImage;
  /** Words of the prompt that changed nothing. */
  readonly ignored: readonly string[];
  /** What a person should know about how it was drawn. */
  readonly notes: readonly string[];
  /** How poses of it are made: frames by its motion, directions by the way it faces. */
  readonly motion: Motion;
  readonly facing: "front" | "right";
}

/** Draws sprites from words. The embedded engine runs one; a trained model and the procedural artist both are one. */
export interface SpriteGenerator {
  readonly name: string;
  /** Drawn by rules, not by a trained model: told to the person wherever the sprite shows. */
  readonly procedural: boolean;
  /** Rejects with the signal's reason when it is aborted. */
  generate(request: SpriteRequest, options: GenerateOptions): Promise<Sprite>;
}
