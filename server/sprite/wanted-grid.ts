import { type GridLines, regularLines } from "./grid-lines.ts";
import type { Size } from "./sprite-options.ts";
import type { Box } from "./trim.ts";

/** Sides whose proportions differ by more than this are cropped rather than stretched. */
const leastCrop = 0.05;

/** Cells that cover `box` with its proportions kept, as many as `room` holds but never smaller than a pixel. */
export function linesAround(box: Box, room: Size): GridLines {
  const pitch = Math.max(1, box.width / room.width, box.height / room.height);
  const cells = (length: number, most: number): number => Math.min(most, Math.max(1, Math.round(length / pitch)));
  const [columns, rows] = [cells(box.width, room.width), cells(box.height, room.height)];
  return {
    x: regularLines(box.x, box.width / columns, columns),
    y: regularLines(box.y, box.height / rows, rows),
  };
}

/** Exactly `size` cells over the picture, or over its middle where its proportions differ and it may be cropped. */
export function linesAcross(picture: Size, size: Size, mayCrop: boolean): GridLines {
  const [pitchX, pitchY] = [picture.width / size.width, picture.height / size.height];
  const least = Math.min(pitchX, pitchY);
  const isCropped = mayCrop && Math.max(pitchX, pitchY) / least > 1 + leastCrop;
  const axis = (length: number, pitch: number, count: number): Float64Array =>
    isCropped ? regularLines((length - least * count) / 2, least, count) : regularLines(0, pitch, count);
  return { x: axis(picture.width, pitchX, size.width), y: axis(picture.height, pitchY, size.height) };
}
