import { relative } from "node:path";
import { watch as watchFiles } from "chokidar";
import type { FileProblem } from "../../project/project-problem.ts";
import type { Project } from "../../project/workspace.ts";
import { PixelsError } from "../../protocol/errors.ts";
import type { CliContext } from "../cli-context.ts";
import { explain, withRemedy } from "../explain-problems.ts";
import type { JsonResults } from "../json-results.ts";
import { openProject } from "../project-access.ts";
import { type SubmitOptions, submitSprites, type Wanted } from "../submit.ts";
import { planSync, type SyncStep } from "../sync-plan.ts";

export interface SyncOptions extends SubmitOptions {
  readonly dryRun: boolean;
  readonly watch: boolean;
}

/** Quiet time after a change before the project is read again: editors write in several steps. */
const settleMs = 300;
const marks: Record<SyncStep["action"], string> = { make: "+", pixels: "~", none: "=", skip: "-" };

/** Makes what the game's directives ask for and is missing or out of date. */
export async function sync(context: CliContext, options: SyncOptions): Promise<JsonResults["sync"]> {
  if (!options.watch) return syncOnce(context, options);
  for (;;) {
    const changed = await nextChange(context);
    let result: JsonResults["sync"] | null = null;
    try {
      result = await syncOnce(context, options);
    } catch (error) {
      // A half-written directive must not end the watch.
      if (context.io.interrupted.aborted) throw error;
      context.output.failure(PixelsError.from(error, "Syncing").toInfo());
    }
    context.output.status("Watching for changes; Ctrl-C ends it.");
    await changed.wait();
    if (context.io.interrupted.aborted) return result ?? { jobs: [], files: [], sprites: [], problems: [] };
  }
}

async function syncOnce(context: CliContext, options: SyncOptions): Promise<JsonResults["sync"]> {
  const { output } = context;
  const { project } = await openProject(context);
  const steps = planSync(project.sprites, { replace: options.replace, variants: !options.watch });
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

/** Watches the game's sources; `wait` resolves some time after the first change, or at Ctrl-C. */
async function nextChange(context: CliContext): Promise<{ wait(): Promise<void> }> {
  const { project } = await openProject(context);
  const watcher = watchFiles(project.workspace, {
    ignoreInitial: true,
    ignored: (path) => !isSource(project, path),
  });
  await new Promise<void>((resolve) => watcher.once("ready", resolve));
  const changed = new Promise<void>((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    watcher.on("all", () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, settleMs);
    });
    context.io.interrupted.addEventListener("abort", () => resolve(), { once: true });
    if (context.io.interrupted.aborted) resolve();
  });
  return {
    async wait() {
      await changed;
      await watcher.close();
    },
  };
}

/** Folders, and files that directives, settings and manifests stand in; what `sync` itself writes is left out. */
function isSource(project: Project, path: string): boolean {
  const inside = relative(project.workspace, path);
  if (/(?:^|\/)(?:target|node_modules|\.[^/]+)(?:\/|$)/.test(inside)) return false;
  return !/\.[^/.]+$/.test(inside) || /\.(?:rs|ron|toml)$/.test(inside);
}
