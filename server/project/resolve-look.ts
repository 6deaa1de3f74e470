import type { Lora, PixelOptions, SpriteRequest } from "../protocol/sprite-request.ts";
import type { Size } from "./directive-keys.ts";
import { nearestName } from "./nearest.ts";
import { normalizeColor, type Palette } from "./palettes/palette.ts";
import { unknownPalette, type PixelsToml, type SpriteSettings } from "./pixels-toml.ts";
import { defaultDenoise, defaultNegative, defaultPreset, presets, scaffoldPrompt, type Preset } from "./presets.ts";
import { planError, type PlanProblem } from "./project-problem.ts";
import { renderSize } from "./render-size.ts";
import { placeOf, type SpriteWish } from "./wish.ts";

/** The size of a cell that nothing gives a size. */
const defaultSize: Size = { width: 64, height: 64 };

export interface LookContext {
  readonly config: PixelsToml | null;
  /** By name: the built-in ones and the crate's. */
  readonly palettes: ReadonlyMap<string, Palette>;
  /** Artifact hash of the reference picture. */
  readonly reference: string | null;
}

export interface Look {
  readonly request: SpriteRequest;
  readonly fps: number | null;
  readonly problems: readonly PlanProblem[];
}

/** One level of precedence: what a directive, a style or the defaults say. */
type Layer = { [K in Exclude<keyof SpriteSettings, "preset" | "palette">]?: SpriteSettings[K] | undefined } & {
  palette?: string | readonly string[] | undefined;
};

/** What a sprite looks like: directive › style › pixels.toml's defaults › built in. */
export function resolveLook(wish: SpriteWish, context: LookContext): Look {
  const { values } = wish;
  const problems: PlanProblem[] = [];
  const style = findStyle(wish, context, problems);
  const layers = [
    directiveLayer(wish),
    ...[style, context.config?.defaults ?? {}].map(withPreset),
    withoutLora(presets[defaultPreset]),
  ];
  const pick = <K extends keyof Layer>(key: K): Layer[K] | undefined =>
    layers.find((layer) => layer[key] !== undefined)?.[key];
  const cell = wish.size ?? sizeOf(pick("size")) ?? defaultSize;
  const { frames = 1, directions = 1, tile = false } = values;
  const { palette, colors } = resolveColors(wish, layers, context, problems);
  const background = colorOr(pick("background"), tile ? "keep" : "auto");
  const pivot = pick("pivot");
  const model = pick("model") ?? null;
  const pixels: PixelOptions = {
    size: cell,
    frames,
    directions,
    colors,
    palette: palette === null ? null : [...palette],
    dither: pick("dither") ?? "none",
    background,
    outline: values.outline === null ? null : normalizeColor(pick("outline") ?? ""),
    pivot: { x: pivot?.[0] ?? 0.5, y: pivot?.[1] ?? 0.5 },
    tile,
  };
  const subject = [pick("prompt_prefix"), wish.prompt.trim(), pick("prompt_suffix")].filter((part) => part).join(" ");
  const presetName = [style, context.config?.defaults].find((layer) => layer?.preset)?.preset ?? defaultPreset;
  return {
    request: {
      engine: {
        workflow: pick("workflow") ?? workflowFor(values, context.reference),
        prompt: pick("scaffold") === false ? subject : scaffoldPrompt(subject, { tile, background, palette }),
        negative: pick("negative") ?? defaultNegative,
        checkpoint: model,
        vae: pick("vae") ?? null,
        loras: lorasWith(presets[presetName], pick("loras") ?? [], model),
        sampler: pick("sampler") ?? presets.quality.sampler,
        scheduler: pick("scheduler") ?? presets.quality.scheduler,
        steps: pick("steps") ?? presets.quality.steps,
        cfg: pick("cfg") ?? presets.quality.cfg,
        seed: values.seed ?? null,
        render: renderSize(cell),
        cell: { width: cell.width, height: cell.height },
        frames,
        directions,
        reference: context.reference,
        denoise: denoiseFor(values, pick("strength"), context.reference),
        tile,
      },
      pixels,
    },
    fps: pick("fps") ?? context.config?.fps ?? null,
    problems,
  };
}

function directiveLayer({ values }: SpriteWish): Layer {
  const { palette, colors, negative, steps, cfg, sampler, workflow, strength, background, model, fps, lora } = values;
  return {
    palette,
    colors,
    negative,
    steps,
    cfg,
    sampler,
    workflow,
    strength,
    background,
    model,
    fps,
    outline: values.outline ?? undefined,
    loras: lora === undefined ? undefined : [...lora],
    pivot: values.pivot && [values.pivot.x, values.pivot.y],
  };
}

/** A preset's settings stand where it is named: they win over lower layers, and the layer's own settings over them. */
function withPreset(settings: SpriteSettings): Layer {
  const { preset, ...own } = settings;
  return preset === undefined ? own : { ...withoutLora(presets[preset]), ...own };
}

function withoutLora({ sampler, scheduler, steps, cfg }: Preset): Layer {
  return { sampler, scheduler, steps, cfg };
}

function findStyle(wish: SpriteWish, context: LookContext, problems: PlanProblem[]): SpriteSettings {
  const name = wish.values.style;
  if (name === undefined) return {};
  const styles = context.config?.styles ?? {};
  const style = Object.hasOwn(styles, name) ? styles[name] : undefined;
  if (style !== undefined) return style;
  const nearest = nearestName(name, Object.keys(styles));
  const remedy = nearest === null ? `Add a table [styles.${name}] to pixels.toml.` : `Did you mean \`${nearest}\`?`;
  problems.push(planError("style", placeOf(wish, "style"), `pixels.toml has no style "${name}"`, remedy));
  return {};
}

/** The topmost layer that names a palette or a number of colours decides; a palette wins over a number beside it. */
function resolveColors(
  wish: SpriteWish,
  layers: readonly Layer[],
  context: LookContext,
  problems: PlanProblem[],
): { palette: Palette | null; colors: number | null } {
  const layer = layers.find(({ palette, colors }) => palette !== undefined || colors !== undefined);
  const { palette, colors = null } = layer ?? {};
  if (palette === undefined) return { palette: null, colors };
  if (typeof palette !== "string") return { palette, colors: null };
  const found = context.palettes.get(palette);
  if (found === undefined) problems.push(unknownPalette(palette, context.config, placeOf(wish, "palette")));
  return { palette: found ?? null, colors: null };
}

/** A distilled sampler needs its LoRA, unless the checkpoint has it built in or the person names one like it. */
function lorasWith(preset: Preset, own: readonly Lora[], model: string | null): Lora[] {
  const { lora, builtInto } = preset;
  const isThere = [model ?? "", ...own.map(({ name }) => name)].some((name) => builtInto?.test(name) === true);
  return lora === null || isThere ? [...own] : [lora, ...own];
}

function workflowFor(
  { frames = 1, directions = 1, tile = false }: SpriteWish["values"],
  reference: string | null,
): string {
  if (frames > 1 || directions > 1) return "animation";
  if (reference !== null) return "img2img";
  return tile ? "tileset" : "single_sprite";
}

function denoiseFor(values: SpriteWish["values"], strength: number | undefined, reference: string | null): number {
  if (reference !== null) return strength ?? defaultDenoise.reference;
  const isSheet = (values.frames ?? 1) > 1 || (values.directions ?? 1) > 1;
  return isSheet ? (strength ?? defaultDenoise.frames) : 1;
}

function sizeOf(text: string | undefined): Size | null {
  const [width, height] = text?.split("x").map(Number) ?? [];
  return width === undefined || height === undefined ? null : { width, height };
}

function colorOr(text: string | undefined, fallback: string): string {
  if (text === undefined) return fallback;
  return normalizeColor(text) ?? text;
}
