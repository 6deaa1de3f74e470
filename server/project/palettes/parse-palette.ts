import { PixelsError } from "../../protocol/errors.ts";
import { colorOf, maxPaletteColors, normalizeColor, type Palette } from "./palette.ts";

/** The palette files that can be read, by extension. */
export const paletteExtensions = ["hex", "gpl", "pal", "txt"] as const;

/** A line's colour, `undefined` for a line that holds none, null for one that cannot be read. */
type LineReader = (line: string) => string | null | undefined;

/**
 * Reads a palette file: Lospec's `.hex` (one rrggbb a line), GIMP's `.gpl` (Aseprite's `Channels: RGBA` too),
 * Paint Shop Pro's `.pal` ("JASC-PAL") and Paint.NET's `.txt` (AARRGGBB). Repeated colours are read once; fully
 * transparent ones are left out, since transparency is not a colour of a sprite.
 *
 * Throws `invalid_file` with the line's number for a colour that cannot be read, no colour, or more than 256.
 */
export function parsePalette(text: string, fileName: string): Palette {
  const extension = fileName.slice(fileName.lastIndexOf(".") + 1).toLowerCase();
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  const { start, read } = readerFor(extension, lines, fileName);
  const colors = new Set<string>();
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (index < start || line === "") continue;
    const color = read(line);
    if (color === undefined) continue;
    if (color === null) throw invalidPalette(fileName, index + 1, `"${line.slice(0, 40)}" is not a colour`);
    colors.add(color);
    if (colors.size > maxPaletteColors) {
      throw invalidPalette(fileName, index + 1, `it has more than ${maxPaletteColors} colours`);
    }
  }
  if (colors.size === 0) throw invalidPalette(fileName, 1, "it has no colours");
  return [...colors];
}

function readerFor(extension: string, lines: readonly string[], fileName: string): { start: number; read: LineReader } {
  switch (extension) {
    case "hex":
      return { start: 0, read: readHex };
    case "txt":
      return { start: 0, read: readPaintNet };
    case "gpl":
      if (lines[0]?.trim() !== "GIMP Palette") {
        throw invalidPalette(fileName, 1, 'a .gpl file begins with the line "GIMP Palette"');
      }
      return { start: 1, read: readGimp };
    case "pal":
      if (lines[0]?.trim() !== "JASC-PAL" || !/^\s*\d+\s*$/.test(lines[2] ?? "")) {
        throw invalidPalette(
          fileName,
          1,
          'a .pal file begins with the lines "JASC-PAL", "0100" and the number of colours',
        );
      }
      return { start: 3, read: readJasc };
    default:
      throw invalidPalette(fileName, 1, `".${extension}" is no palette format that can be read`);
  }
}

const readHex: LineReader = (line) => (/^(?:;|\/\/|#$|# )/.test(line) ? undefined : normalizeColor(line));

const readPaintNet: LineReader = (line) => {
  if (line.startsWith(";")) return undefined;
  const digits = /^([0-9a-f]{2})([0-9a-f]{6})$/i.exec(line);
  if (!digits) return /^[0-9a-f]{6}$/i.test(line) ? normalizeColor(line) : null;
  return digits[1] === "00" ? undefined : normalizeColor(digits[2] ?? "");
};

const readGimp: LineReader = (line) => {
  if (line.startsWith("#") || /^(?:Name|Columns|Channels):/.test(line)) return undefined;
  return readComponents(line);
};

const readJasc: LineReader = (line) => readComponents(line);

/** Three or four decimal components and, after them, a name. */
function readComponents(line: string): string | null {
  const [red, green, blue] = /^(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})(?=\s|$)/.exec(line)?.slice(1).map(Number) ?? [];
  if (red === undefined || green === undefined || blue === undefined) return null;
  return colorOf(red, green, blue);
}

function invalidPalette(fileName: string, line: number, cause: string): PixelsError {
  return new PixelsError({
    code: "invalid_file",
    message: `The palette ${fileName}:${line} cannot be read`,
    cause,
    remedy: `Use a palette of 1 to ${maxPaletteColors} colours as .hex, .gpl, JASC .pal or Paint.NET .txt.`,
    data: { path: fileName, line },
  });
}
