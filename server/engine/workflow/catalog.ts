import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { errnoOf, PixelsError } from "../../protocol/errors.ts";
import { nearestName } from "../../project/nearest.ts";
import { graphSchema, type Graph } from "./graph.ts";
import { slotsSchema, type Slots } from "./slots.ts";
import { slotProblems } from "./validate.ts";

/** A graph and where a request's values go in it. */
export interface Workflow {
  readonly name: string;
  /** The folder it was read from. */
  readonly folder: string;
  readonly graph: Graph;
  readonly slots: Slots;
}

/** Every workflow by name. One that cannot be read stands there with its error, so that it harms no other. */
export class WorkflowCatalog {
  readonly #entries: ReadonlyMap<string, Workflow | PixelsError>;

  constructor(entries: ReadonlyMap<string, Workflow | PixelsError>) {
    this.#entries = entries;
  }

  /** Throws `unknown_workflow` with the nearest name, or the `invalid_file` that kept it from being read. */
  get(name: string): Workflow {
    const entry = this.#entries.get(name);
    if (entry instanceof PixelsError) throw entry;
    if (entry) return entry;
    const names = this.names();
    const nearest = nearestName(name, names);
    throw new PixelsError({
      code: "unknown_workflow",
      message: `There is no workflow "${name}"`,
      remedy: nearest === null ? `Use one of ${names.join(", ")}.` : `Did you mean "${nearest}"?`,
      data: { name, nearest, names },
    });
  }

  /** Names of the workflows that can be used, sorted. */
  names(): string[] {
    return this.workflows().map((workflow) => workflow.name);
  }

  workflows(): Workflow[] {
    return [...this.#entries.values()]
      .filter((entry): entry is Workflow => !(entry instanceof PixelsError))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Why the others cannot be used. */
  problems(): PixelsError[] {
    return [...this.#entries.values()].filter((entry): entry is PixelsError => entry instanceof PixelsError);
  }
}

/**
 * Reads `NAME.json` and `NAME.slots.json` from each folder; a folder that is missing has none.
 * A name in a later folder replaces the same name in an earlier one.
 */
export async function loadWorkflows(folders: readonly string[]): Promise<WorkflowCatalog> {
  const entries = new Map<string, Workflow | PixelsError>();
  for (const folder of folders) {
    for (const name of await workflowNames(folder)) {
      try {
        entries.set(name, await loadWorkflow(folder, name));
      } catch (error) {
        entries.set(name, PixelsError.from(error, `Reading the workflow ${join(folder, `${name}.json`)}`));
      }
    }
  }
  return new WorkflowCatalog(entries);
}

async function workflowNames(folder: string): Promise<string[]> {
  let files: string[];
  try {
    files = await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw PixelsError.from(error, `Reading the workflows folder ${folder}`);
  }
  const names = files.filter((file) => file.endsWith(".json")).map((file) => file.replace(/(\.slots)?\.json$/, ""));
  return [...new Set(names)].toSorted();
}

async function loadWorkflow(folder: string, name: string): Promise<Workflow> {
  const graphFile = join(folder, `${name}.json`);
  const slotsFile = join(folder, `${name}.slots.json`);
  const rawGraph = await readJson(graphFile, `A workflow is two files: ${name}.slots.json lies alone.`);
  if (isEditorFormat(rawGraph)) {
    throw invalid(graphFile, "it is in the editor's format", "Save it from ComfyUI by File › Export (API) instead.");
  }
  const graph = parse(graphSchema, rawGraph, graphFile);
  const rawSlots = await readJson(
    slotsFile,
    `A workflow is two files: write ${name}.slots.json beside it, which says where prompt, seed and the rest go.`,
  );
  const slots = parse(slotsSchema, rawSlots, slotsFile);
  const problems = slotProblems(graph, slots);
  if (problems.length > 0) {
    throw invalid(slotsFile, problems.join("\n"), `Correct the names so that they fit ${name}.json.`, { problems });
  }
  return { name, folder, graph, slots };
}

/** Graphs saved from ComfyUI's editor hold positions and widget lists, which its API does not take. */
function isEditorFormat(value: unknown): boolean {
  return z.looseObject({ nodes: z.array(z.unknown()), links: z.array(z.unknown()) }).safeParse(value).success;
}

async function readJson(file: string, missing: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) throw invalid(file, "it is missing", missing);
    throw error;
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw invalid(file, error instanceof Error ? error.message : String(error), "Correct the JSON.");
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown, file: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(
    file,
    z.prettifyError(parsed.error),
    "Correct it; docs/schemas/slots.schema.json describes a slots file.",
  );
}

function invalid(file: string, cause: string, remedy: string, data?: Record<string, unknown>): PixelsError {
  return new PixelsError({
    code: "invalid_file",
    message: `The workflow file ${file} cannot be used`,
    cause,
    remedy,
    data: { file, ...data },
  });
}

function isMissing(error: unknown): boolean {
  // A game may have a file of that name, too.
  const code = errnoOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
