import { posix } from "node:path";
import { assetFolderIn, assetRootFromConfig } from "./asset-root.ts";
import { bevyVersion, dependenciesOf, watcherOf, type FileWatcher } from "./cargo-dependencies.ts";
import { findTargets, type TargetKind } from "./cargo-targets.ts";
import { inFile, type FileProblem } from "./project-problem.ts";
import { blankComments } from "./rust-text.ts";
import { parseToml, stringAt, tableAt, type TomlTable } from "./toml.ts";

interface CargoTarget {
  readonly kind: TargetKind;
  readonly name: string;
  /** Its root source file, relative to the workspace. */
  readonly source: string;
  /** The asset folder it loads from, relative to the workspace. */
  readonly assetRoot: string;
}

/** One package, as far as its sprites are concerned. Paths are relative to the workspace, "" is the workspace itself. */
export interface Crate {
  readonly name: string;
  readonly folder: string;
  readonly targets: readonly CargoTarget[];
  /** The asset folder of its sources that belong to no single binary or example. */
  readonly assetRoot: string;
  readonly usesBevy: boolean;
  /** From Cargo.lock, else Cargo.toml; null when neither says. */
  readonly bevyVersion: string | null;
  readonly usesAssetLoader: boolean;
  readonly fileWatcher: FileWatcher;
  /** Whether its sources name `default_nearest`, which keeps pixel art sharp. */
  readonly defaultNearest: boolean;
}

/** The texts of a workspace by path: Cargo.toml, Cargo.lock, .cargo/config.toml, Rust sources. */
export type Texts = ReadonlyMap<string, string>;

/** Reads every package of a workspace (its absolute path). Malformed manifests are told, and left out. */
export function readCrates(
  texts: Texts,
  workspace: string,
): { crates: readonly Crate[]; problems: readonly FileProblem[] } {
  const problems: FileProblem[] = [];
  const manifests = new Map<string, TomlTable>();
  for (const [path, text] of texts) {
    if (posix.basename(path) !== "Cargo.toml") continue;
    const parsed = parseToml(text);
    if ("table" in parsed) manifests.set(folderOf(path), parsed.table);
    else problems.push(...inFile(path, text, [parsed.problem]));
  }
  const crates = [...manifests].flatMap(([folder, manifest]) => {
    const name = stringAt(tableAt(manifest, "package"), "name");
    return name === null ? [] : [readCrate(texts, workspace, manifests, folder, name, manifest)];
  });
  return { crates: crates.toSorted((a, b) => (a.folder < b.folder ? -1 : 1)), problems };
}

/** The innermost crate that holds a path of the workspace; null outside all of them. */
export function crateOf(crates: readonly Crate[], path: string): Crate | null {
  const holding = crates.filter(({ folder }) => isBelow(path, folder));
  return holding.toSorted((a, b) => b.folder.length - a.folder.length)[0] ?? null;
}

/** The asset folder that a source file's assets come from: of its own binary or example, else of its crate. */
export function assetRootOf(crate: Crate, path: string): string {
  const own = crate.targets.find(({ kind, source }) => {
    if (kind === "lib") return false;
    const isFolderTarget =
      posix.basename(source) === "main.rs" && posix.dirname(source) !== posix.join(crate.folder, "src");
    return source === path || (isFolderTarget && isBelow(path, posix.dirname(source)));
  });
  if (own) return own.assetRoot;
  // A RON file lies in the asset folder it speaks of.
  const roots = [crate.assetRoot, ...crate.targets.map(({ assetRoot }) => assetRoot)];
  return roots.find((root) => isBelow(path, root)) ?? crate.assetRoot;
}

export function isBelow(path: string, folder: string): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}

function readCrate(
  texts: Texts,
  workspace: string,
  manifests: ReadonlyMap<string, TomlTable>,
  folder: string,
  name: string,
  manifest: TomlTable,
): Crate {
  const inherited = ancestors(folder).map((ancestor) => tableAt(manifests.get(ancestor), "workspace"));
  const dependencies = dependenciesOf(manifest, inherited.find((table) => "dependencies" in table) ?? {});
  const nested = [...manifests.keys()].filter((other) => other !== folder && isBelow(other, folder));
  const sources = [...texts].filter(
    ([path]) => path.endsWith(".rs") && isBelow(path, folder) && !nested.some((other) => isBelow(path, other)),
  );
  const code = new Map(sources.map(([path, text]) => [path, blankComments(text)]));
  const base = assetRootFromConfig(texts, workspace, ancestors(folder)) ?? folder;
  const targets = findTargets(manifest, folder, name, [...code.keys()]);
  const rootFiles = new Set(targets.filter(({ kind }) => kind === "example").map(({ source }) => source));
  const shared = [...code].filter(([path]) => !rootFiles.has(path)).map(([, text]) => assetFolderIn(text));
  const sharedFolder = shared.find((found) => found !== null) ?? "assets";
  return {
    name,
    folder,
    targets: targets.map((target) => ({
      ...target,
      assetRoot: posix.join(base, assetFolderIn(code.get(target.source) ?? "") ?? sharedFolder),
    })),
    assetRoot: posix.join(base, sharedFolder),
    usesBevy: [...dependencies.keys()].some((dependency) => /^bevy(?:_|$)/.test(dependency)),
    bevyVersion: bevyVersion(
      dependencies,
      ancestors(folder).map((ancestor) => texts.get(posix.join(ancestor, "Cargo.lock"))),
    ),
    usesAssetLoader: dependencies.has("bevy_asset_loader"),
    fileWatcher: watcherOf(manifest, dependencies),
    defaultNearest: [...code.values()].some((text) => /\bdefault_nearest\b/.test(text)),
  };
}

/** The folder itself, then each one above it up to the workspace. */
function ancestors(folder: string): string[] {
  const found = [folder];
  for (let at = folder; at !== "";) {
    at = folderOf(at);
    found.push(at);
  }
  return found;
}

function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === "." ? "" : folder;
}
