import { relative } from "node:path";
import { DiskLookup } from "../project/disk-lookup.ts";
import type { EngineKind } from "../project/lock.ts";
import { builtInPalettes } from "../project/palettes/built-in.ts";
import { looseCrate, type ProjectCrate } from "../project/project-crate.ts";
import { readRon } from "../project/ron/read.ts";
import { initRust } from "../project/rust/language.ts";
import { readRust } from "../project/rust/read.ts";
import { type Project, projectCrateOf, readProject } from "../project/workspace.ts";
import { PixelsError } from "../protocol/errors.ts";
import type { CliContext } from "./cli-context.ts";
import { findWorkspace } from "./find-workspace.ts";

export interface OpenProject {
  readonly project: Project;
  readonly lookup: DiskLookup;
}

/** Reads the game that the person stands in. Throws `not_found` outside of any. */
export async function openProject(context: CliContext): Promise<OpenProject> {
  const workspace = await findWorkspace(context.folder);
  const lookup = new DiskLookup(workspace);
  await initRust();
  const engine = await currentEngine(context);
  const project = await readProject(lookup, workspace, {
    readRust,
    readRon,
    imageHash: (path) => outputHash(context, path),
    ...(engine !== null && { engine }),
  });
  return { project, lookup };
}

/** What stands for a project where there is none: a folder without settings. */
export function noProject(folder: string): { project: Pick<Project, "workspace" | "files">; crate: ProjectCrate } {
  return {
    project: { workspace: folder, files: new Set() },
    crate: {
      crate: looseCrate,
      config: null,
      palettes: builtInPalettes,
      lock: new Map(),
      manifests: [],
      isSound: true,
    },
  };
}

/** The crate that a new sprite is for: the one the person stands in, else the only one that uses Bevy. */
export function crateForNewSprite(context: CliContext, { workspace, crates, problems }: Project): ProjectCrate {
  const here = projectCrateOf(crates, `${relative(workspace, context.folder)}/`.replace(/^\//, "") || "Cargo.toml");
  const games = crates.filter(({ crate }) => crate.usesBevy);
  const chosen = here && (here.crate.usesBevy || games.length === 0) ? here : games.length === 1 ? games[0] : undefined;
  if (chosen === undefined) {
    throw new PixelsError({
      code: "invalid_request",
      message: `${games.length} crates of ${workspace} use Bevy`,
      cause: games.map(({ crate }) => crate.folder || crate.name).join("\n"),
      remedy: "Go into the folder of the one you mean, or name it with `--project DIR`.",
    });
  }
  if (!chosen.isSound) {
    const problem = problems.find(({ severity }) => severity === "error");
    throw new PixelsError({
      code: "invalid_file",
      message: "The game's settings cannot be read",
      ...(problem && { cause: `${problem.file}:${problem.line}:${problem.column}: ${problem.message}` }),
      remedy: problem?.remedy ?? "Correct pixels.toml or pixels.lock, then try again.",
    });
  }
  return chosen;
}

/** `imageHash` of a file's pixels; "" when it is no picture. */
export async function outputHash(context: CliContext, path: string): Promise<string> {
  try {
    const client = await context.daemon();
    return (await client.request("images.read", { source: path, maxWidth: 1, maxHeight: 1 })).output;
  } catch (error) {
    if (error instanceof PixelsError && error.code === "daemon_unavailable") throw error;
    return "";
  }
}

async function currentEngine(context: CliContext): Promise<EngineKind | null> {
  const client = await context.daemon();
  const { engines } = await client.request("engines.list", {});
  return engines[0]?.kind ?? null;
}
