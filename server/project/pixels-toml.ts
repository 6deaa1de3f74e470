import { z } from "zod";
import { loraSchema, side } from "../protocol/sprite-request.ts";
import { nearestName } from "./nearest.ts";
import { builtInPalettes } from "./palettes/built-in.ts";
import { presetNames } from "./presets.ts";
import { planError, type PlanProblem } from "./project-problem.ts";
import type { Span } from "./problem.ts";
import { parseToml } from "./toml.ts";
import { TomlPositions } from "./toml-positions.ts";

/** The file's name; it lies in the crate's folder. */
export const pixelsTomlName = "pixels.toml";

const color = z.string().regex(/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i, "must be a colour such as #ff8800");
const name = z.string().min(1).max(200);
const folderPath = z
  .string()
  .regex(
    /^(?![/\\~])(?!.*:)(?!.*\\)(?!(?:.*\/)?\.\.?(?:\/|$))[^/]+(?:\/[^/]+)*$/,
    "must be a relative path with forward slashes that stays below the crate's folder",
  );

const settings = {
  prompt_prefix: z.string().max(1000).describe("Text before every prompt, such as `dark fantasy,`."),
  prompt_suffix: z.string().max(1000).describe("Text behind every prompt."),
  scaffold: z
    .boolean()
    .describe("Adds the words that make an image model draw pixel art on a flat background; default true."),
  negative: z.string().max(2000).describe("What the picture should not show; replaces the built-in text."),
  size: z
    .string()
    .regex(/^[1-9][0-9]{0,3}x[1-9][0-9]{0,3}$/, { error: "must be WxH, such as 32x32", abort: true })
    .refine(
      (size) => size.split("x").every((part) => side.safeParse(Number(part)).success),
      "must be at most 4096x4096",
    )
    .describe("One cell, for directives without a size, such as `32x32`."),
  palette: name.describe("A palette of this file, or a built-in one."),
  colors: z.int().min(2).max(256).describe("How many colours to learn from the picture, when there is no palette."),
  dither: z.enum(["none", "bayer2", "bayer4", "bayer8"]).describe("Ordered dithering; default none."),
  background: z
    .union([z.enum(["auto", "keep"]), color], "must be `auto`, `keep`, or a colour such as #ff00ff")
    .describe("`auto` cuts the background out, `keep` leaves it, a colour is the background to cut out."),
  outline: color.describe("Colour of a one-pixel outline."),
  pivot: z
    .tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
    .describe("Anchor in the cell, from the top left, 0 to 1, such as [0.5, 1.0] for the feet."),
  model: name.describe("File name or pattern of the checkpoint, such as `*sdxl*`."),
  vae: name.describe("File name or pattern of a VAE that replaces the checkpoint's own."),
  loras: z
    .array(z.strictObject({ name, strength: loraSchema.shape.strength.default(1) }))
    .max(16)
    .describe("LoRAs, by file name or pattern, each with a strength."),
  preset: z.enum(presetNames).describe("Sampler settings that belong together; default quality."),
  sampler: name.describe("ComfyUI's name of the sampler; wins over the preset's."),
  scheduler: name.describe("ComfyUI's name of the scheduler; wins over the preset's."),
  steps: z.int().min(1).max(500).describe("Sampling steps; wins over the preset's."),
  cfg: z.number().min(0).max(100).describe("Classifier-free guidance scale; wins over the preset's."),
  strength: z.number().min(0).max(1).describe("How far to depart from a reference picture, 0 to 1."),
  workflow: name.describe("A workflow's name, when it should not follow from the directive."),
  fps: z.number().positive().max(240).describe("Frames a second of sheets."),
};

const settingsSchema = z.strictObject(settings).partial();

const paletteSchema = z
  .strictObject({
    colors: z.array(color).min(1).max(256).optional().describe("Colours such as `#1a1c2c`."),
    file: folderPath.optional().describe("A .hex, .gpl, JASC .pal or Paint.NET .txt file, relative to the crate."),
  })
  .refine(
    (palette) => (palette.colors === undefined) !== (palette.file === undefined),
    "needs either `colors` or `file`",
  );

/** pixels.toml: what a crate's sprites look like where a directive does not say otherwise, and where they go. */
export const pixelsTomlSchema = z
  .strictObject({
    naming: z
      .string()
      .regex(/^(?!\/)[a-z0-9_./{}-]+\.png$/, "must be a path such as sprites/{name}.png, in lower case")
      .describe(
        "Path of a new sprite in the asset root; `{name}` comes from the prompt, `{style}` is the style's name.",
      ),
    manifest: z
      .union(
        [folderPath.endsWith(".ron", "must end in .ron"), z.literal(false)],
        "must be the path of a .ron file, or false",
      )
      .describe("The RON manifest for new keys, relative to the crate; false turns manifests off."),
    metadata: z
      .enum(["full", "id", "none"])
      .describe("What a PNG says of its making; default `id`: version, request hash, engine and licence."),
    asset_root: folderPath.describe(
      "The asset folder, relative to the crate; wins over what Cargo and the sources say.",
    ),
    fps: settings.fps,
    defaults: settingsSchema.describe("Settings of every sprite."),
    styles: z.record(name, settingsSchema).describe("Settings by name, chosen with `style=` in a directive."),
    palettes: z.record(name, paletteSchema).describe("Palettes by name."),
  })
  .partial();

export type PixelsToml = z.output<typeof pixelsTomlSchema>;
export type SpriteSettings = z.output<typeof settingsSchema>;

export interface PixelsTomlFile {
  /** Null when the file has an error: half of a person's settings would make sprites they did not ask for. */
  readonly config: PixelsToml | null;
  readonly problems: readonly PlanProblem[];
  /** Where a setting stands. */
  readonly find: (path: readonly PropertyKey[], part?: "key" | "value") => Span;
}

/** Reads pixels.toml. Never throws; every error has its place, and an unknown key the nearest known one. */
export function parsePixelsToml(text: string): PixelsTomlFile {
  const positions = new TomlPositions(text);
  const find = positions.find.bind(positions);
  const parsed = parseToml(text);
  if ("problem" in parsed) return { config: null, problems: [parsed.problem], find };
  const checked = pixelsTomlSchema.safeParse(parsed.table);
  const problems = checked.success
    ? paletteNameProblems(checked.data, find)
    : checked.error.issues.flatMap((issue) => issueProblems(issue, find));
  return { config: checked.success && problems.length === 0 ? checked.data : null, problems, find };
}

/** The palettes that `palette=` can name in a crate. */
function paletteNames(config: PixelsToml | null): string[] {
  return [...Object.keys(config?.palettes ?? {}), ...builtInPalettes.keys()];
}

function issueProblems(issue: z.core.$ZodIssue, find: PixelsTomlFile["find"]): PlanProblem[] {
  if (issue.code !== "unrecognized_keys") {
    const at = issue.path.map(String).join(".") || "The file";
    return [planError("toml-value", find(issue.path, "value"), `${at}: ${issue.message}`)];
  }
  return issue.keys.map((key) => {
    const nearest = nearestName(key, knownKeys(issue.path));
    const known = knownKeys(issue.path).join(", ");
    const remedy = nearest === null ? `Known here: ${known}.` : `Did you mean \`${nearest}\`?`;
    return planError("toml-unknown-key", find([...issue.path, key]), `\`${key}\` is no setting`, remedy);
  });
}

/** The keys a table may have. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(pixelsTomlSchema.shape);
  if (path.includes("loras")) return ["name", "strength"];
  return path[0] === "palettes" ? Object.keys(paletteSchema.shape) : Object.keys(settings);
}

function paletteNameProblems(config: PixelsToml, find: PixelsTomlFile["find"]): PlanProblem[] {
  const known = paletteNames(config);
  const uses: [readonly string[], SpriteSettings][] = [
    [["defaults"], config.defaults ?? {}],
    ...Object.entries(config.styles ?? {}).map(([key, style]): [readonly string[], SpriteSettings] => [
      ["styles", key],
      style,
    ]),
  ];
  return uses.flatMap(([path, { palette }]) => {
    if (palette === undefined || known.includes(palette)) return [];
    return [unknownPalette(palette, config, find([...path, "palette"], "value"))];
  });
}

/** The problem of a palette that neither the file nor this program has. */
export function unknownPalette(palette: string, config: PixelsToml | null, span: Span): PlanProblem {
  const known = paletteNames(config);
  const nearest = nearestName(palette, known);
  const offer = nearest === null ? `Known: ${known.join(", ")}.` : `Did you mean "${nearest}"?`;
  return planError(
    "palette",
    span,
    `There is no palette "${palette}"`,
    `${offer} A new one is a table [palettes.NAME] in ${pixelsTomlName}.`,
  );
}
