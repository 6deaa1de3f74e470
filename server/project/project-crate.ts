import { posix } from "node:path";
import { PixelsError } from "../protocol/errors.ts";
import { assetRootOf, isBelow, type Crate, type Texts } from "./cargo.ts";
import { lockFileName, parseLock, type Lock } from "./lock.ts";
import type { FileLookup } from "./lookup.ts";
import { readManifest, type Manifest } from "./manifest-entries.ts";
import { loadPalettes } from "./palettes/load-palettes.ts";
import type { Palette } from "./palettes/palette.ts";
import { parsePixelsToml, pixelsTomlName, type PixelsToml } from "./pixels-toml.ts";
import { inFile, type FileProblem } from "./project-problem.ts";
import { atFile } from "./walk.ts";

/** A crate with its settings, its lock and its manifests. */
export interface ProjectCrate {
  readonly crate: Crate;
  /** Null where there is no pixels.toml. */
  readonly config: PixelsToml | null;
  /** The built-in palettes and the crate's own, by name. */
  readonly palettes: ReadonlyMap<string, Palette>;
  readonly lock: Lock;
  /** The RON manifests of its asset folders, and the one pixels.toml names. */
  readonly manifests: readonly Manifest[];
  /** False when Cargo.toml, pixels.toml or pixels.lock is there and cannot be read: then nothing is planned here. */
  readonly isSound: boolean;
}

/** Stands for the files of a workspace that belong to no package. */
export const looseCrate: Crate = {
  name: "",
  folder: "",
  targets: [],
  assetRoot: "assets",
  usesBevy: false,
  bevyVersion: null,
  usesAssetLoader: false,
  fileWatcher: { kind: "off" },
  defaultNearest: false,
};

/**
 * Reads what belongs to one crate from the workspace's texts. `workspace` is its absolute path, `files` are all of its
 * files, those that could not be read too.
 */
export async function readProjectCrate(
  lookup: FileLookup,
  workspace: string,
  crate: Crate,
  texts: Texts,
  files: readonly string[],
): Promise<{ crate: ProjectCrate; problems: readonly FileProblem[] }> {
  const tomlPath = posix.join(crate.folder, pixelsTomlName);
  const tomlText = texts.get(tomlPath);
  const toml = tomlText === undefined ? null : parsePixelsToml(tomlText);
  const { palettes, problems: paletteProblems } = await loadPalettes(lookup, posix.join(workspace, crate.folder), toml);
  const problems = inFile(tomlPath, tomlText ?? "", [...(toml?.problems ?? []), ...paletteProblems]);
  const lockPath = posix.join(crate.folder, lockFileName);
  const { lock, problem } = readLock(lockPath, texts);
  if (problem !== null) problems.push(problem);
  const unread = await Promise.all([tomlPath, lockPath].map((path) => unreadSettings(lookup, workspace, path, texts)));
  problems.push(...unread.flatMap((found) => found ?? []));
  const config = toml?.config ?? null;
  const roots = new Set([crate.assetRoot, ...crate.targets.map(({ assetRoot }) => assetRoot)]);
  const override = config?.asset_root === undefined ? null : posix.join(crate.folder, config.asset_root);
  const manifests = readManifests(
    texts,
    files,
    override === null ? [...roots] : [override],
    configuredManifest(crate, config),
  );
  const isSound =
    problem === null &&
    (toml === null || toml.config !== null) &&
    paletteProblems.length === 0 &&
    unread.every((found) => found === null);
  return { crate: { crate, config, palettes, lock, manifests, isSound }, problems };
}

/** The asset folder for a source file of the crate, or for new sprites when `source` is null. */
export function assetFolderFor({ crate, config }: ProjectCrate, source: string | null): string {
  if (config?.asset_root !== undefined) return posix.join(crate.folder, config.asset_root);
  return source === null ? crate.assetRoot : assetRootOf(crate, source);
}

/** Null when the file was read or is not there; else what has not been told of it. */
async function unreadSettings(
  lookup: FileLookup,
  workspace: string,
  path: string,
  texts: Texts,
): Promise<readonly FileProblem[] | null> {
  if (texts.has(path)) return null;
  try {
    const stat = await lookup.stat(posix.join(workspace, path));
    if (stat === null) return null;
    // A file that cannot be read is told where the texts are read.
    if (stat.kind === "file") return [];
    const remedy = "Move it away, and restore the file from version control if there was one.";
    return [atFile(path, "file-unreadable", "error", `${path} is no file`, remedy)];
  } catch {
    return [];
  }
}

function readLock(path: string, texts: Texts): { lock: Lock; problem: FileProblem | null } {
  try {
    return { lock: parseLock(texts.get(path) ?? null, path), problem: null };
  } catch (error) {
    const { message, why, remedy, data } = PixelsError.from(error, `Reading ${path}`);
    const [line, column] = [data?.["line"], data?.["column"]];
    const isPlaced = typeof line === "number" && typeof column === "number";
    const subject = isPlaced ? "This lock cannot be read" : message;
    const at = atFile(path, "lock", "error", why === undefined ? message : `${subject}: ${why}`, remedy);
    return { lock: new Map(), problem: isPlaced ? { ...at, line, column } : at };
  }
}

function configuredManifest(crate: Crate, config: PixelsToml | null): string | null {
  return typeof config?.manifest === "string" ? posix.join(crate.folder, config.manifest) : null;
}

function readManifests(
  texts: Texts,
  files: readonly string[],
  roots: readonly string[],
  configured: string | null,
): Manifest[] {
  return files.flatMap((file) => {
    const isManifest =
      file === configured || (file.endsWith(".assets.ron") && roots.some((root) => isBelow(file, root)));
    return isManifest ? (readManifest(file, texts.get(file) ?? null) ?? []) : [];
  });
}
