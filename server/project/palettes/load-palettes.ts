import { posix } from "node:path";
import { PixelsError } from "../../protocol/errors.ts";
import type { FileLookup } from "../lookup.ts";
import type { PixelsTomlFile } from "../pixels-toml.ts";
import { planError, type PlanProblem } from "../project-problem.ts";
import { builtInPalettes } from "./built-in.ts";
import { normalizeColor, type Palette } from "./palette.ts";
import { parsePalette } from "./parse-palette.ts";

/** The built-in palettes and those of pixels.toml, its files read from `folder` (absolute). A file's own win. */
export async function loadPalettes(
  lookup: FileLookup,
  folder: string,
  file: PixelsTomlFile | null,
): Promise<{ palettes: ReadonlyMap<string, Palette>; problems: readonly PlanProblem[] }> {
  const palettes = new Map(builtInPalettes);
  const problems: PlanProblem[] = [];
  for (const [name, palette] of Object.entries(file?.config?.palettes ?? {})) {
    try {
      palettes.set(
        name,
        palette.file === undefined ? listed(palette.colors ?? []) : await read(lookup, folder, palette.file),
      );
    } catch (error) {
      const { message, why, remedy } = PixelsError.from(error, `Reading the palette "${name}"`);
      const span = file?.find(["palettes", name, "file"], "value") ?? { start: 0, end: 0 };
      problems.push(planError("palette", span, why === undefined ? message : `${message}: ${why}`, remedy));
    }
  }
  return { palettes, problems };
}

function listed(colors: readonly string[]): Palette {
  return [...new Set(colors.map((color) => normalizeColor(color)).filter((color) => color !== null))];
}

async function read(lookup: FileLookup, folder: string, path: string): Promise<Palette> {
  const text = await lookup.readText(posix.join(folder, path));
  if (text !== null) return parsePalette(text, path);
  throw new PixelsError({
    code: "not_found",
    message: `The palette file ${path} does not exist`,
    remedy: "Correct the path; it is relative to the folder of pixels.toml.",
  });
}
