import type { Motion } from "../../generator.ts";
import type { Look } from "../look.ts";
import type { Pen } from "../pen.ts";

/** How one kind of thing is drawn. */
export interface SubjectDrawing {
  /** Colours it may have when the prompt names none; by the word that named it where they differ. */
  readonly colors: readonly string[] | ((kind: string) => readonly string[]);
  readonly gloss?: number;
  readonly motion: Motion;
  /** Seen from the side, looking right; else it looks at us. */
  readonly facing?: "right";
  /** Width over height of its box, 1 unless said; a box as wide as the grid lets it be. */
  readonly aspect?: number;
  draw(pen: Pen, look: Look): void;
}
