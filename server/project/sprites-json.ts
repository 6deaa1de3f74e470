import { z } from "zod";
import { PixelsError } from "../protocol/errors.ts";
import { relativePath, side } from "../protocol/sprite-request.ts";

/** The list's file name, in the asset root. A dot-file, since Bevy's `load_folder` fails on files it has no loader for. */
export const spritesJsonName = ".sprites.json";

const entrySchema = z.strictObject({
  cell: z.strictObject({ width: side, height: side }).describe("Size of one cell in pixels."),
  columns: z.int().min(1).max(256).describe("Frames, left to right."),
  rows: z.int().min(1).max(8).describe("Directions, from the top: down, left, right, up; with 8 clockwise from down."),
  fps: z.number().positive().max(240).nullable().describe("Frames a second; null for a sprite that does not move."),
});

/** `.sprites.json`: the sprites of an asset root that no RON manifest lists, with what slices them into frames. */
export const spritesJsonSchema = z.strictObject({
  version: z.literal(1),
  sprites: z.record(relativePath, entrySchema).describe("By path in the asset root."),
});

export type SpritesJson = z.output<typeof spritesJsonSchema>;
export type SpritesJsonEntry = z.output<typeof entrySchema>;

/** Reads the list; `null` or "" is an empty one. Throws `invalid_file` and changes nothing. `file` names it in errors. */
export function parseSpritesJson(text: string | null, file: string = spritesJsonName): SpritesJson {
  if (text === null || text.trim() === "") return { version: 1, sprites: {} };
  const parsed = spritesJsonSchema.safeParse(parseJson(text, file));
  if (parsed.success) return parsed.data;
  throw invalidList(file, z.prettifyError(parsed.error));
}

/** The one text of a list: sprites sorted by path, keys in a fixed order, two spaces, a line break at the end. */
function renderSpritesJson({ version, sprites }: SpritesJson): string {
  const sorted = Object.entries(sprites)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, { cell, columns, rows, fps }]) => {
      const { width, height } = cell;
      return [path, { cell: { width, height }, columns, rows, fps }];
    });
  return `${JSON.stringify({ version, sprites: Object.fromEntries(sorted) }, null, 2)}\n`;
}

/** The list's text with one sprite set, or with `null` removed. Throws like `parseSpritesJson`. */
export function mergeSpritesJson(
  text: string | null,
  path: string,
  entry: SpritesJsonEntry | null,
  file?: string,
): string {
  const { version, sprites } = parseSpritesJson(text, file);
  const { [path]: _before, ...others } = sprites;
  return renderSpritesJson({ version, sprites: entry === null ? others : { ...others, [path]: entry } });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidList(file, error instanceof Error ? error.message : String(error));
  }
}

function invalidList(file: string, cause: string): PixelsError {
  return new PixelsError({
    code: "invalid_file",
    message: `${file} cannot be read`,
    cause,
    remedy: "Restore the file from version control, or delete it: it is written anew with the next sprite.",
    data: { path: file },
  });
}
