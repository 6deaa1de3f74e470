import { z } from "zod";
import { side } from "../../protocol/sprite-request.ts";
import type { SpriteGrid } from "./nodes/node-class.ts";

/** `extra_data.extra_pnginfo["dgx-pixels"]`: the grid a sprite is wanted on. Whatever does not fit is left alone. */
const gridSchema = z.looseObject({
  cell: z.looseObject({ width: side, height: side }).nullable().catch(null),
  frames: z.int().min(1).max(256).catch(1),
  directions: z.union([z.literal(1), z.literal(4), z.literal(8)]).catch(1),
  tile: z.boolean().catch(false),
});

const extraDataSchema = z.looseObject({
  extra_pnginfo: z.record(z.string(), z.unknown()).catch({}),
  preview_method: z.string().optional().catch(undefined),
});

/** What the engine reads of a prompt's `extra_data`: the wanted grid, the PNG's texts, and whether previews are wanted. */
export function readExtraData(extraData: unknown): {
  grid: SpriteGrid;
  pngInfo: Readonly<Record<string, unknown>>;
  sendPreviews: boolean;
} {
  const { extra_pnginfo: pngInfo, preview_method } = extraDataSchema.parse(extraData ?? {});
  const { cell, frames, directions, tile } = gridSchema
    .catch({ cell: null, frames: 1, directions: 1, tile: false })
    .parse(pngInfo["dgx-pixels"]);
  return {
    grid: { cell: cell === null ? null : { width: cell.width, height: cell.height }, frames, directions, tile },
    pngInfo,
    sendPreviews: preview_method !== "none",
  };
}
