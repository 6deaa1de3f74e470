import type { LockEntry } from "../../project/lock.ts";
import type { FileProblem } from "../../project/project-problem.ts";
import type { ProjectSprite } from "../../project/workspace.ts";
import { PixelsError } from "../../protocol/errors.ts";
import type { CliContext } from "../cli-context.ts";
import { explain, withRemedy } from "../explain-problems.ts";
import { findWorkspace } from "../find-workspace.ts";
import type { JsonResults } from "../json-results.ts";
import { openProject } from "../project-access.ts";
import { type SubmitOptions, submitSprites, type Wanted } from "../submit.ts";
import { onlyPixelsChanged, planSync, type SyncStep } from "../sync-plan.ts";
import { watchSources } from "../watch-sources.ts";

export interface SyncOptions extends SubmitOptions {
  readonly dryRun: boolean;
  /** Nobody is there to choose among variants. */
  readonly watch: boolean;
}

const marks: Record<SyncStep["action"], string> = { make: "+", pixels: "~", none: "=", skip: "-" };

/** Syncs now and after every change, until Ctrl-C. Tells each result as it comes. */
export async function syncWatching(context: CliContext, options: SyncOptions): Promise<undefined> {
  const { io, output, folder } = context;
  const sources = await watchSources(await findWorkspace(folder), io.interrupted);
  try {
    while (!io.interrupted.aborted) {
      try {
        output.result(await sync(context, options));
      } catch (error) {
        // A half-written directive must not end the watch.
        if (io.interrupted.aborted) throw error;
        output.failure(PixelsError.from(error, "Syncing").toInfo());
      }
      output.status("Watching for changes; Ctrl-C ends it.");
      await sources.next();
    }
    return undefined;
  } finally {
    await sources.close();
  }
}

/** Makes what the game's directives ask for and is missing or out of date. */
export async function sync(context: CliContext, options: SyncOptions): Promise<JsonResults["sync"]> {
  const { output } = context;
  const { project } = await openProject(context);
  const kept = await keptEntries(context, project.sprites.filter(onlyPixelsChanged));
  const steps = planSync(project.sprites, {
    replace: options.replace,
    variants: !options.watch,
    isKept: (entry) => kept.has(entry),
  });
  const errors = project.problems.filter(({ severity }) => severity === "error");
  for (const problem of project.problems) {
    if (problem.severity === "warning") output.note(`${whereOf(problem)}: warning: ${withRemedy(problem)}`);
  }
  for (const step of steps) {
    if (options.dryRun || step.action !== "none") output.line(stepLine(step));
  }
  if (steps.length === 0 && errors.length === 0) output.line(`No @sprite directive in ${project.workspace}.`);
  const wanted = steps.flatMap(wantedBy);
  const made = options.dryRun ? { jobs: [], files: [] } : await make(context, wanted, options, errors);
  // At the end, where they are read, and after what they did not affect.
  if (errors.length > 0) throw projectError(errors);
  if (!options.dryRun && wanted.length === 0 && steps.length > 0) output.line("Everything is up to date.");
  return { ...made, sprites: steps.map(stepResult), problems: project.problems.map(problemResult) };
}

/** The lock's entries whose pictures this machine still has: a fresh clone has the lock alone. */
async function keptEntries(context: CliContext, sprites: readonly ProjectSprite[]): Promise<Set<LockEntry>> {
  const kept = new Set<LockEntry>();
  for (const { entry } of sprites) {
    if (entry !== null && entry.sources.length > 0 && (await hasAll(context, entry.sources))) kept.add(entry);
  }
  return kept;
}

async function hasAll(context: CliContext, hashes: readonly string[]): Promise<boolean> {
  const client = await context.daemon();
  try {
    for (const hash of hashes) await client.request("artifacts.stat", { hash });
    return true;
  } catch (error) {
    if (error instanceof PixelsError && error.code === "not_found") return false;
    throw error;
  }
}

/** Makes what is wanted. Where that fails, its error is the one thrown, and the project's are told before. */
async function make(
  context: CliContext,
  wanted: readonly Wanted[],
  options: SyncOptions,
  errors: readonly FileProblem[],
): Promise<JsonResults["generate"]> {
  if (wanted.length === 0) return { jobs: [], files: [] };
  try {
    return await submitSprites(context, wanted, options);
  } catch (error) {
    for (const problem of errors) context.output.note(`${whereOf(problem)}: error: ${withRemedy(problem)}`);
    throw error;
  }
}

function wantedBy({ sprite, action }: SyncStep): Wanted[] {
  if (action !== "make" && action !== "pixels") return [];
  const { variants } = sprite.sprite;
  return [
    {
      sprite: sprite.sprite,
      place: variants === 1,
      sources: action === "pixels" ? (sprite.entry?.sources ?? null) : null,
    },
  ];
}

function stepLine({ sprite, action, reason }: SyncStep): string {
  const [place] = sprite.places;
  return `${marks[action]} ${sprite.sprite.target.path} ${reason}  (${place.file}:${place.line})`;
}

function whereOf({ file, line, column }: FileProblem): string {
  return `${file}:${line}:${column}`;
}

function stepResult({ sprite, action, reason }: SyncStep): JsonResults["sync"]["sprites"][number] {
  const [place] = sprite.places;
  return {
    path: sprite.sprite.target.path,
    prompt: sprite.sprite.title,
    source: `${place.file}:${place.line}:${place.column}`,
    state: sprite.state.kind,
    action,
    reason,
  };
}

function problemResult(problem: FileProblem): JsonResults["sync"]["problems"][number] {
  const { file, line, column, severity, code, message, remedy } = problem;
  return { file, line, column, severity, code, message, ...(remedy !== undefined && { remedy }) };
}

function projectError(errors: readonly FileProblem[]): PixelsError {
  const placed = errors.map((problem) => ({ ...problem, message: `${whereOf(problem)}: ${problem.message}` }));
  return new PixelsError({
    code: "invalid_directive",
    message:
      errors.length === 1 ? "One thing in the project is wrong" : `${errors.length} things in the project are wrong`,
    ...explain(placed, "Correct them; the other sprites are not affected."),
    data: { problems: errors.map(problemResult) },
  });
}
