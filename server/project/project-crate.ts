import { posix } from "node:path";
import { PixelsError } from "../protocol/errors.ts";
import { assetRootOf, isBelow, type Crate, type Texts } from "./cargo.ts";
import { lockFileName, parseLock, type Lock } from "./lock.ts";
import type { FileLookup } from "./lookup.ts";
import { readManifestEntries, type Manifest } from "./manifest-entries.ts";
import { loadPalettes } from "./palettes/load-palettes.ts";
import type { Palette } from "./palettes/palette.ts";
import { parsePixelsToml, pixelsTomlName, type PixelsToml } from "./pixels-toml.ts";
import { inFile, type FileProblem } from "./project-problem.ts";
import { parseRon } from "./ron/parse.ts";
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
  /** False when pixels.toml or pixels.lock cannot be read: then nothing is planned in this crate. */
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

/** Reads what belongs to one crate from the workspace's texts. `workspace` is its absolute path. */
export async function readProjectCrate(
  lookup: FileLookup,
  workspace: string,
  crate: Crate,
  texts: Texts,
): Promise<{ crate: ProjectCrate; problems: readonly FileProblem[] }> {
  const tomlPath = posix.join(crate.folder, pixelsTomlName);
  const tomlText = texts.get(tomlPath);
  const toml = tomlText === undefined ? null : parsePixelsToml(tomlText);
  const { palettes, problems: paletteProblems } = await loadPalettes(lookup, posix.join(workspace, crate.folder), toml);
  const problems = inFile(tomlPath, tomlText ?? "", [...(toml?.problems ?? []), ...paletteProblems]);
  const { lock, problem } = readLock(posix.join(crate.folder, lockFileName), texts);
  if (problem !== null) problems.push(problem);
  const config = toml?.config ?? null;
  const roots = new Set([crate.assetRoot, ...crate.targets.map(({ assetRoot }) => assetRoot)]);
  const override = config?.asset_root === undefined ? null : posix.join(crate.folder, config.asset_root);
  const manifests = readManifests(
    texts,
    override === null ? [...roots] : [override],
    configuredManifest(crate, config),
  );
  const isSound = problem === null && (toml === null || toml.config !== null) && paletteProblems.length === 0;
  return { crate: { crate, config, palettes, lock, manifests, isSound }, problems };
}

/** The asset folder for a source file of the crate, or for new sprites when `source` is null. */
export function assetFolderFor({ crate, config }: ProjectCrate, source: string | null): string {
  if (config?.asset_root !== undefined) return posix.join(crate.folder, config.asset_root);
  return source === null ? crate.assetRoot : assetRootOf(crate, source);
}

function readLock(path: string, texts: Texts): { lock: Lock; problem: FileProblem | null } {
  try {
    return { lock: parseLock(texts.get(path) ?? null, path), problem: null };
  } catch (error) {
    const { message, why, remedy, data } = PixelsError.from(error, `Reading ${path}`);
    const at = atFile(path, "lock", "error", why === undefined ? message : `${message}: ${why}`, remedy);
    const [line, column] = [data?.["line"], data?.["column"]];
    const isPlaced = typeof line === "number" && typeof column === "number";
    return { lock: new Map(), problem: isPlaced ? { ...at, line, column } : at };
  }
}

function configuredManifest(crate: Crate, config: PixelsToml | null): string | null {
  return typeof config?.manifest === "string" ? posix.join(crate.folder, config.manifest) : null;
}

function readManifests(texts: Texts, roots: readonly string[], configured: string | null): Manifest[] {
  return [...texts].flatMap(([file, text]) => {
    const isManifest =
      file === configured || (file.endsWith(".assets.ron") && roots.some((root) => isBelow(file, root)));
    const entries = isManifest ? readManifestEntries(parseRon(text)) : null;
    return entries === null ? [] : [{ file, entries }];
  });
}
