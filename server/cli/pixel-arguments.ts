import { directiveKeys, type Reading } from "../project/directive-values.ts";
import { readSize } from "../project/directive-size.ts";
import { builtInPalettes } from "../project/palettes/built-in.ts";
import { paletteExtensions, parsePalette } from "../project/palettes/parse-palette.ts";
import { PixelsError } from "../protocol/errors.ts";
import type { PixelOptions } from "../protocol/sprite-request.ts";
import { type CliContext, personPath } from "./cli-context.ts";
import { readText } from "./read-text.ts";

export interface PixelArguments {
  readonly size?: string;
  readonly colors?: string;
  readonly palette?: string;
  readonly background?: string;
  readonly outline?: string;
}

/** The options of `pixelize`, read as a directive's settings are. Throws `invalid_request` for the first wrong one. */
export async function pixelOptionsFrom(context: CliContext, args: PixelArguments): Promise<Partial<PixelOptions>> {
  return {
    ...(args.size !== undefined && { size: sizeFrom(args.size) }),
    ...(args.colors !== undefined && { colors: valueOf("--colors", args.colors, directiveKeys.colors.read) }),
    ...(args.palette !== undefined && { palette: await paletteFrom(context, args.palette) }),
    ...(args.background !== undefined && {
      background: valueOf("--background", args.background, directiveKeys.background.read),
    }),
    ...(args.outline !== undefined && { outline: valueOf("--outline", args.outline, directiveKeys.outline.read) }),
  };
}

function sizeFrom(text: string): PixelOptions["size"] {
  if (text === "auto") return "auto";
  const { value, faults } = readSize(text);
  const [fault] = faults;
  if (value === null || fault) throw invalidOption("--size", fault?.message ?? `${text} is no size`, fault?.remedy);
  return { ...value };
}

/** A palette's name, colours separated by commas, or a file. */
async function paletteFrom(context: CliContext, text: string): Promise<string[]> {
  const known = builtInPalettes.get(text);
  if (known) return [...known];
  if (paletteExtensions.some((extension) => text.toLowerCase().endsWith(`.${extension}`))) {
    const path = personPath(context, text);
    return [...parsePalette(await readText(path), path)];
  }
  const value = valueOf("--palette", text, directiveKeys.palette.read);
  if (typeof value !== "string") return [...value];
  throw invalidOption(
    "--palette",
    `There is no palette "${text}"`,
    `Name one of ${[...builtInPalettes.keys()].join(", ")}, a file (.${paletteExtensions.join(", .")}), or colours such as #1a1c2c,#f4f4f4.`,
  );
}

function valueOf<T>(option: string, text: string, read: (word: string) => Reading<T>): T {
  const reading = read(text);
  if ("value" in reading) return reading.value;
  throw invalidOption(option, reading.fault.message, reading.fault.remedy ?? "`dgx-pixels help pixelize` shows each.");
}

function invalidOption(option: string, cause: string, remedy: string | undefined): PixelsError {
  return new PixelsError({
    code: "invalid_request",
    message: `${option} is not valid`,
    cause,
    ...(remedy !== undefined && { remedy }),
  });
}
