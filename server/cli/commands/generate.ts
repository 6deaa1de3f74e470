import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, posix } from "node:path";
import { DiskLookup } from "../../project/disk-lookup.ts";
import { lockKey } from "../../project/lock.ts";
import type { ProjectCrate } from "../../project/project-crate.ts";
import type { PlanProblem } from "../../project/project-problem.ts";
import { type ResolvedSprite, resolveSprite } from "../../project/resolve.ts";
import { judgeState, withLockedSeed } from "../../project/sprite-state.ts";
import type { SpriteWish } from "../../project/wish.ts";
import { resolveContext } from "../../project/workspace.ts";
import { errnoOf, PixelsError } from "../../protocol/errors.ts";
import { type CliContext, personPath } from "../cli-context.ts";
import type { JsonResults } from "../json-results.ts";
import { explain, withRemedy } from "../explain-problems.ts";
import { crateForNewSprite, noProject, openProject, outputHash } from "../project-access.ts";
import { type SubmitOptions, submitSprites } from "../submit.ts";
import { wishFromArguments, type WishArguments } from "../wish-arguments.ts";
import { checkWritable } from "../write-file.ts";
import { writeSprites } from "./pixelize.ts";

export interface GenerateOptions extends SubmitOptions {
  /** A plain picture instead of a sprite of the game. */
  readonly output?: string;
  /** Write it into the game. */
  readonly write: boolean;
}

/** Makes one sprite: into the game, to a plain file, or only into the artifacts. */
export async function generate(
  context: CliContext,
  args: WishArguments,
  options: GenerateOptions,
): Promise<JsonResults["generate"]> {
  const wish = await withReference(context, wishFromArguments(args));
  return options.output === undefined && options.write
    ? generateIntoGame(context, wish, options)
    : generateAlone(context, wish, options);
}

async function generateIntoGame(context: CliContext, wish: SpriteWish, options: SubmitOptions) {
  const { project, lookup } = await openProject(context);
  const crate = crateForNewSprite(context, project);
  const { sprite, problems } = await resolveSprite(wish, resolveContext(lookup, project, crate, null));
  const wanted = checked(context, sprite, problems);
  if (!options.replace) await checkOwner(context, wanted, crate);
  const place = wanted.variants === 1;
  const result = await submitSprites(context, [{ sprite: wanted, place, sources: null }], options);
  if (!place) context.output.line(`Choose one: \`dgx-pixels use JOB --path ${wanted.target.path}\``);
  return result;
}

async function generateAlone(context: CliContext, wish: SpriteWish, options: GenerateOptions) {
  const { project, crate, lookup } = await settingsHere(context);
  const { sprite, problems } = await resolveSprite(wish, resolveContext(lookup, project, crate, null));
  const wanted = checked(context, sprite, problems);
  if (options.output === undefined)
    return submitSprites(context, [{ sprite: wanted, place: false, sources: null }], options);
  const path = personPath(context, options.output);
  if (!path.toLowerCase().endsWith(".png") || wanted.variants > 1) {
    throw new PixelsError({
      code: "invalid_target",
      message: wanted.variants > 1 ? "Several variants do not go into one file" : "Sprites are written as PNG",
      remedy:
        wanted.variants > 1 ? "Leave `--output` out, then choose one with `dgx-pixels use`." : "Name a .png file.",
    });
  }
  await checkWritable(path, options);
  const result = await submitSprites(context, [{ sprite: wanted, place: false, sources: null }], {
    ...options,
    wait: true,
  });
  const files = await writeSprites(context, result.jobs, [path], options.replace);
  for (const file of files) context.output.line(file);
  return { ...result, files };
}

/** Style and palettes of the game the person stands in, when it is one. */
async function settingsHere(context: CliContext) {
  try {
    const { project, lookup } = await openProject(context);
    return { project, lookup, crate: crateForNewSprite(context, project) };
  } catch (error) {
    if (!(error instanceof PixelsError) || error.code !== "not_found") throw error;
    return { ...noProject(context.folder), lookup: new DiskLookup(context.folder) };
  }
}

/** On the command line `from` is a file as seen from where the person stands, wherever that is; in the game otherwise. */
async function withReference(context: CliContext, wish: SpriteWish): Promise<SpriteWish> {
  const { from } = wish.values;
  if (from === undefined) return wish;
  const named = personPath(context, from);
  try {
    const path = await realpath(named);
    const hash = await new DiskLookup(dirname(path)).hash(path);
    if (hash !== null) return { ...wish, reference: { path, hash } };
  } catch (error) {
    const isElsewhere = errnoOf(error) === "ENOENT" && !isAbsolute(from);
    if (!isElsewhere) throw PixelsError.from(error, `Reading the reference ${named}`);
    return wish;
  }
  throw new PixelsError({
    code: "invalid_image",
    message: `The reference ${named} is not a file`,
    remedy: "Name a PNG, JPEG or WebP picture.",
  });
}

/** The sprite, with its warnings told; throws its errors. */
export function checked(
  { output }: CliContext,
  sprite: ResolvedSprite | null,
  problems: readonly PlanProblem[],
): ResolvedSprite {
  if (sprite === null) {
    const errors = problems.filter(({ severity }) => severity === "error");
    throw new PixelsError({
      code: "invalid_request",
      message: "The sprite cannot be made as it is asked for",
      ...explain(errors, "`dgx-pixels help generate` lists the settings."),
      data: { problems: errors },
    });
  }
  for (const problem of problems) output.note(`warning: ${withRemedy(problem)}`);
  return sprite;
}

/** Refuses before anything is drawn what placing would refuse afterwards. */
async function checkOwner(context: CliContext, sprite: ResolvedSprite, crate: ProjectCrate): Promise<void> {
  const { target } = sprite;
  const path = posix.join(target.workspace, target.assetRoot, target.path);
  const stat = await new DiskLookup(target.workspace).stat(path);
  const entry = crate.lock.get(lockKey(target)) ?? null;
  const output = stat === null ? null : await outputHash(context, path);
  const state = judgeState(withLockedSeed(sprite, entry), entry, output, null);
  if (state.kind !== "person") return;
  throw new PixelsError({
    code: "conflict",
    message: `${path} is your own file`,
    cause: entry === null ? "DGX-Pixels did not write it." : "It was changed since DGX-Pixels wrote it.",
    remedy: "Choose another `--path`, or add `--replace`; `dgx-pixels undo` brings it back.",
  });
}
