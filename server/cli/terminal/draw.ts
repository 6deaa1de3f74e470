import type { TerminalGraphics } from "./detect.ts";
import { halfBlocks } from "./half-blocks.ts";
import { kitty } from "./kitty.ts";
import { fitPicture, type Picture } from "./picture.ts";
import { sixel } from "./sixel.ts";

/** Largest side of a drawn picture in pixels: kilobytes for an enlarged sprite, and below 4 MB even for noise. */
const maxSide = 768;

/** Characters a picture may take; about a quarter of a large terminal. */
export interface TextRoom {
  readonly columns: number;
  readonly rows: number;
}

/** A picture as text for this terminal, without a line feed at the end: as large as the room lets whole pixels be. */
export function drawPicture(picture: Picture, graphics: TerminalGraphics, room: TextRoom): string {
  if (graphics.protocol === "blocks") {
    return halfBlocks(fitPicture(picture, { width: room.columns, height: room.rows * 2 }), graphics.colors);
  }
  const fitted = fitPicture(picture, {
    width: Math.min(maxSide, room.columns * graphics.cell.width),
    height: Math.min(maxSide, room.rows * graphics.cell.height),
  });
  return graphics.protocol === "kitty" ? kitty(fitted) : sixel(fitted);
}
