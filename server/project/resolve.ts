import { posix } from "node:path";
import { PixelsError } from "../protocol/errors.ts";
import { submissionItemSchema } from "../protocol/requests.ts";
import type { SpriteRequest, Target } from "../protocol/sprite-request.ts";
import type { FileLookup } from "./lookup.ts";
import type { Palette } from "./palettes/palette.ts";
import { planError, type PlanProblem } from "./project-problem.ts";
import { resolveLook } from "./resolve-look.ts";
import { resolveTarget, type TargetContext } from "./resolve-target.ts";
import { spotFault } from "./target-spot.ts";
import { placeOf, type SpriteWish, type WishPart } from "./wish.ts";

export interface ResolveContext extends TargetContext {
  readonly lookup: FileLookup;
  /** By name: the built-in ones and the crate's. */
  readonly palettes: ReadonlyMap<string, Palette>;
}

/** All that a submission to the daemon needs. */
export interface ResolvedSprite {
  readonly title: string;
  readonly request: SpriteRequest;
  readonly target: Target;
  readonly variants: number;
  /** Absolute path of the reference picture that `request.engine.reference` is the hash of. */
  readonly referencePath: string | null;
}

export interface Resolution {
  /** Null when a problem is an error. */
  readonly sprite: ResolvedSprite | null;
  readonly problems: readonly PlanProblem[];
}

/** What the daemon will check again: a command's arguments come here unread. */
const submissionSchema = submissionItemSchema.pick({ request: true, target: true, variants: true });

/** Sheets beyond this side load on no GPU; beyond the smaller one not on every one (wgpu's default limit). */
const maxSheetSide = 16_384;
const safeSheetSide = 8192;

/**
 * The one function that turns what a person asks for into what is made and where it goes, for every face: directive ›
 * style › pixels.toml's defaults › built in. Equal inputs give equal results. Never throws.
 */
export async function resolveSprite(wish: SpriteWish, context: ResolveContext): Promise<Resolution> {
  const reference = await findReference(wish, context);
  const [found, missing] = reference !== null && "problem" in reference ? [null, reference.problem] : [reference, null];
  const referenceHash = found?.hash ?? null;
  const look = resolveLook(wish, { config: context.config, palettes: context.palettes, reference: referenceHash });
  const { target, problems: targetProblems } = resolveTarget(wish, look.fps, context);
  const { variants = 1 } = wish.values;
  const parsed = submissionSchema.safeParse({ request: look.request, target, variants });
  const problems = [
    ...(missing === null ? [] : [missing]),
    ...look.problems,
    ...targetProblems,
    ...sheetProblems(wish, look.request),
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => optionProblem(wish, issue.path, issue.message))),
  ];
  if (wish.prompt.trim() === "" && referenceHash === null) {
    problems.push(
      planError("sprite-option", placeOf(wish, "prompt"), "The prompt is empty", 'Say what to draw: "red dragon".'),
    );
  }
  const fault = target === null ? null : await spotFault(context.lookup, target);
  if (fault !== null) {
    problems.push(planError("target-path", placeOf(wish, "path"), fault.message, fault.remedy));
  }
  if (!parsed.success || target === null || problems.some(({ severity }) => severity === "error")) {
    return { sprite: null, problems };
  }
  const title = titleOf(wish.prompt, target);
  const { request } = parsed.data;
  return { sprite: { title, request, target, variants, referencePath: found?.path ?? null }, problems };
}

type Reference = { path: string; hash: string } | { problem: PlanProblem } | null;

/** `from=` is looked for in the asset folder, then in the crate's. */
async function findReference(wish: SpriteWish, context: ResolveContext): Promise<Reference> {
  if (wish.reference) return wish.reference;
  const { from } = wish.values;
  if (from === undefined) return null;
  const span = placeOf(wish, "from");
  const isOutside = posix.isAbsolute(from) || from.includes("\\") || posix.normalize(from).startsWith("..");
  if (isOutside) {
    const remedy = "Copy the picture into the project and name it relative to the asset folder or the crate.";
    return { problem: planError("reference-image", span, `The reference "${from}" lies outside the crate`, remedy) };
  }
  try {
    for (const folder of [context.assetRoot, context.crate]) {
      const path = posix.join(context.workspace, folder, from);
      const hash = await context.lookup.hash(path);
      if (hash !== null) return { path, hash };
    }
  } catch (error) {
    const { message, why, remedy } = PixelsError.from(error, `Reading the reference "${from}"`);
    return { problem: planError("reference-image", span, why === undefined ? message : `${message}: ${why}`, remedy) };
  }
  const remedy = "Correct the path; it is relative to the asset folder or the crate.";
  return { problem: planError("reference-image", span, `The reference "${from}" does not exist`, remedy) };
}

function sheetProblems(wish: SpriteWish, { pixels }: SpriteRequest): PlanProblem[] {
  if (pixels.size === "auto") return [];
  const width = pixels.size.width * pixels.frames;
  const height = pixels.size.height * pixels.directions;
  const longest = Math.max(width, height);
  if (longest <= safeSheetSide) return [];
  const isError = longest > maxSheetSide;
  const message = `The sheet would be ${width}x${height}; ${isError ? "no GPU loads" : "not every GPU loads"} more than ${isError ? maxSheetSide : safeSheetSide} pixels a side`;
  const problem = planError("sprite-option", placeOf(wish, "frames"), message, "Use fewer frames or smaller cells.");
  return [isError ? problem : { ...problem, severity: "warning" }];
}

/** What the schema refuses, at the part of the wish that it comes from. */
function optionProblem(wish: SpriteWish, path: readonly PropertyKey[], message: string): PlanProblem {
  // request › engine or pixels › field, or target › … › field, or variants
  const fields = path.slice(path[0] === "request" ? 2 : path.length - 1).map(String);
  return planError("sprite-option", placeOf(wish, partOf(fields[0] ?? "")), `${fields.join(".")}: ${message}`);
}

function partOf(field: string): WishPart {
  switch (field) {
    case "frames":
    case "directions":
    case "palette":
    case "colors":
    case "seed":
    case "negative":
    case "steps":
    case "cfg":
    case "sampler":
    case "workflow":
    case "background":
    case "outline":
    case "pivot":
    case "tile":
    case "key":
    case "fps":
    case "variants":
      return field;
    case "size":
    case "cell":
      return "size";
    case "checkpoint":
      return "model";
    case "loras":
      return "lora";
    case "denoise":
      return "strength";
    default:
      return "prompt";
  }
}

function titleOf(prompt: string, target: Target): string {
  const words = prompt.replace(/\s+/g, " ").trim();
  return (words === "" ? target.path : words).slice(0, 200).toWellFormed();
}
