import { posix } from "node:path";
import { canonicalJson } from "../protocol/hashing.ts";
import { crateOf, readCrates, type Crate, type Texts } from "./cargo.ts";
import { isSound } from "./directive.ts";
import { lockKey, type EngineKind, type LockEntry } from "./lock.ts";
import type { FileLookup } from "./lookup.ts";
import type { Span } from "./problem.ts";
import { assetFolderFor, looseCrate, readProjectCrate, type ProjectCrate } from "./project-crate.ts";
import { inFile, planError, type FileProblem, type PlanProblem } from "./project-problem.ts";
import { readTexts } from "./read-texts.ts";
import { resolveSprite, type ResolveContext, type ResolvedSprite } from "./resolve.ts";
import type { AssetReference, BoundDirective, SourceFile } from "./source-file.ts";
import { judgeState, withLockedSeed, type SpriteState } from "./sprite-state.ts";
import { LineIndex, type Position } from "./lines.ts";
import { unreadable, walkWorkspace } from "./walk.ts";
import { wishOf } from "./wish.ts";

/** What reading a project needs beside its files. */
export interface ProjectReaders {
  readonly readRust: (text: string) => SourceFile;
  readonly readRon: (text: string) => SourceFile;
  /**
   * `imageHash` of a picture by its absolute path; "" when it cannot be decoded. Left out, a file that the lock knows
   * counts as unchanged.
   */
  readonly imageHash?: (path: string) => Promise<string>;
  /** The engine that would make sprites now, when that is known. */
  readonly engine?: EngineKind;
}

/** Pictures decoded at one time. */
const picturesAtOnce = 16;

/** Where a directive stands. */
interface DirectivePlace extends Span, Position {
  /** Path in the workspace. */
  readonly file: string;
}

/** One sprite that directives ask for. */
export interface ProjectSprite {
  /** The directives, more than one when equal ones name the same target. */
  readonly places: readonly [DirectivePlace, ...DirectivePlace[]];
  /** With the seed of the lock, where the directive has none. */
  readonly sprite: ResolvedSprite;
  readonly entry: LockEntry | null;
  readonly state: SpriteState;
}

export interface Project {
  /** Absolute path of the workspace folder. */
  readonly workspace: string;
  /** By folder; the last one stands for files outside every package when there are any. */
  readonly crates: readonly ProjectCrate[];
  /** Sorted by file and place. Left out are those whose directive or crate has an error. */
  readonly sprites: readonly ProjectSprite[];
  readonly problems: readonly FileProblem[];
  /** Every file's path in the workspace. */
  readonly files: ReadonlySet<string>;
}

/**
 * Reads a whole workspace: its crates, the directives of its Rust and RON files, pixels.toml, pixels.lock, manifests,
 * and how every sprite stands. Whatever is wrong is in `problems`, each with file, line and column; it rejects only with
 * what `imageHash` rejects with.
 */
export async function readProject(lookup: FileLookup, workspace: string, readers: ProjectReaders): Promise<Project> {
  const walk = await walkWorkspace(lookup, workspace);
  const { texts, problems: textProblems } = await readTexts(lookup, workspace, walk.files);
  const cargo = readCrates(texts, workspace);
  const problems: FileProblem[] = [...walk.problems, ...textProblems, ...cargo.problems];
  const broken = walk.files.filter((file) => isBrokenManifest(file, texts, cargo.problems)).map(crateAt);
  const packages = [...cargo.crates, ...broken];
  const hasRootCrate = packages.some(({ folder }) => folder === "");
  const crates: ProjectCrate[] = [];
  for (const crate of hasRootCrate ? packages : [...packages, looseCrate]) {
    const read = await readProjectCrate(lookup, workspace, crate, texts, walk.files);
    crates.push(broken.includes(crate) ? { ...read.crate, isSound: false } : read.crate);
    problems.push(...read.problems);
  }
  const base = { workspace, crates, files: new Set(walk.files) };
  const found: FoundSprite[] = [];
  for (const [file, text] of texts) {
    const read = file.endsWith(".rs") ? readers.readRust : file.endsWith(".ron") ? readers.readRon : null;
    // Parsing is the dear part, and most files have no directive.
    if (read === null || !text.includes("@sprite")) continue;
    const resolved = await resolveFile(lookup, base, file, text, read);
    found.push(...resolved.sprites);
    problems.push(...resolved.problems);
  }
  const { sprites, conflicts } = joinTargets(found);
  problems.push(...conflicts);
  const judged: ProjectSprite[] = [];
  for (let at = 0; at < sprites.length; at += picturesAtOnce) {
    const batch = sprites.slice(at, at + picturesAtOnce);
    judged.push(...(await Promise.all(batch.map(async (sprite) => await judge(lookup, sprite, readers)))));
  }
  return { ...base, sprites: judged, problems: problems.toSorted(byPlace) };
}

function isBrokenManifest(file: string, texts: Texts, problems: readonly FileProblem[]): boolean {
  if (posix.basename(file) !== "Cargo.toml") return false;
  return !texts.has(file) || problems.some((problem) => problem.file === file);
}

/** Stands for the package of a Cargo.toml that cannot be read, so that its files count as no other one's. */
function crateAt(manifest: string): Crate {
  const folder = posix.dirname(manifest) === "." ? "" : posix.dirname(manifest);
  return { ...looseCrate, folder, assetRoot: posix.join(folder, looseCrate.assetRoot) };
}

/** What `resolveSprite` needs for a sprite of this crate: of a source file's directive, or (null) of a command. */
export function resolveContext(
  lookup: FileLookup,
  project: Pick<Project, "workspace" | "files">,
  crate: ProjectCrate,
  from: { readonly source: string; readonly bound: AssetReference | null } | null,
): ResolveContext {
  const assetRoot = assetFolderFor(crate, from?.source ?? null);
  const folder = crate.crate.folder;
  return {
    lookup,
    workspace: project.workspace,
    crate: folder,
    assetRoot,
    config: crate.config,
    palettes: crate.palettes,
    manifests: crate.manifests,
    bound: from?.bound ?? null,
    source: from?.source ?? null,
    isTaken: (path) =>
      project.files.has(posix.join(assetRoot, path)) || crate.lock.has(lockKey({ crate: folder, assetRoot, path })),
  };
}

/** The crate that a path of the workspace belongs to. */
export function projectCrateOf(crates: readonly ProjectCrate[], path: string): ProjectCrate | null {
  const packages = crates.map(({ crate }) => crate);
  const owner = crateOf(packages, path);
  return crates.find(({ crate }) => crate === owner) ?? null;
}

interface FoundSprite {
  readonly place: DirectivePlace;
  readonly text: string;
  readonly sprite: ResolvedSprite;
  readonly crate: ProjectCrate;
}

async function resolveFile(
  lookup: FileLookup,
  project: Pick<Project, "workspace" | "files" | "crates">,
  file: string,
  text: string,
  read: (text: string) => SourceFile,
): Promise<{ sprites: readonly FoundSprite[]; problems: readonly FileProblem[] }> {
  let source: SourceFile;
  try {
    source = read(text);
  } catch (error) {
    return { sprites: [], problems: [unreadable(file, error)] };
  }
  const crate = projectCrateOf(project.crates, file);
  const sprites: FoundSprite[] = [];
  const problems: PlanProblem[] = [...source.problems];
  const lines = new LineIndex(text);
  for (const bound of source.directives) {
    if (crate === null || !crate.isSound || !isResolvable(bound, source)) continue;
    const { directive, reference } = bound;
    const context = resolveContext(lookup, project, crate, { source: file, bound: reference });
    const resolution = await resolveSprite(wishOf(directive), context);
    problems.push(...resolution.problems.map((problem) => withSpan(problem, directive)));
    if (resolution.sprite === null) continue;
    const { start, end } = directive;
    const place = { file, start, end, ...lines.position(start) };
    sprites.push({ place, text, sprite: resolution.sprite, crate });
  }
  return { sprites, problems: inFile(file, text, problems) };
}

/** Whether a directive says what to make and where: no name is made up for one that is bound to nothing. */
function isResolvable({ directive, reference }: BoundDirective, source: SourceFile): boolean {
  const { path, key } = directive.settings;
  const isNamed = path !== undefined || key !== undefined || (reference !== null && !reference.dynamic);
  const isWrong = source.problems.some(
    ({ severity, start, end }) => severity === "error" && start >= directive.start && end <= directive.end,
  );
  return isSound(directive) && isNamed && !isWrong;
}

/** A problem without a place of its own stands at its directive. */
function withSpan(problem: PlanProblem, { start, end }: Span): PlanProblem {
  return problem.end === 0 ? { ...problem, start, end } : problem;
}

type JoinedSprite = Omit<ProjectSprite, "state"> & { readonly crate: ProjectCrate };

/** Equal directives for one target are one sprite; different ones are an error at each of them. */
function joinTargets(found: readonly FoundSprite[]): { sprites: JoinedSprite[]; conflicts: FileProblem[] } {
  const byTarget = Map.groupBy(found, ({ sprite: { target } }) => posix.join(target.assetRoot, target.path));
  const sprites: JoinedSprite[] = [];
  const conflicts: FileProblem[] = [];
  for (const [path, same] of byTarget) {
    const [first, ...others] = same;
    if (first === undefined) continue;
    const isEqual = new Set(same.map(({ sprite }) => canonicalJson(sprite))).size === 1;
    if (isEqual) {
      const entry = first.crate.lock.get(lockKey(first.sprite.target)) ?? null;
      const places: ProjectSprite["places"] = [first.place, ...others.map(({ place }) => place)];
      sprites.push({ places, sprite: withLockedSeed(first.sprite, entry), entry, crate: first.crate });
      continue;
    }
    for (const { place, text } of same) {
      const rivals = same
        .filter((other) => other.place !== place)
        .map((other) => `${other.place.file}:${other.place.line}`);
      const message = `${path} is asked for differently at ${rivals.join(", ")}`;
      const remedy = "Make the directives equal, leave one of them out, or give one another `path=`.";
      conflicts.push(...inFile(place.file, text, [planError("target-conflict", place, message, remedy)]));
    }
  }
  return { sprites, conflicts };
}

async function judge(lookup: FileLookup, joined: JoinedSprite, readers: ProjectReaders): Promise<ProjectSprite> {
  const { places, sprite, entry } = joined;
  const { workspace, assetRoot, path } = sprite.target;
  const output = await outputOf(lookup, posix.join(workspace, assetRoot, path), entry, readers);
  return { places, sprite, entry, state: judgeState(sprite, entry, output, readers.engine ?? null) };
}

/** The file's pixels as the lock knows them; null when there is no file, "" when they cannot be known. */
async function outputOf(
  lookup: FileLookup,
  path: string,
  entry: LockEntry | null,
  { imageHash }: ProjectReaders,
): Promise<string | null> {
  try {
    if ((await lookup.stat(path)) === null) return null;
  } catch {
    // A link out of the workspace, or a folder that may not be read: nothing of ours.
    return "";
  }
  // Without an entry the file is the person's whatever is in it.
  if (entry === null) return "";
  return imageHash === undefined ? entry.output : await imageHash(path);
}

function byPlace(a: FileProblem, b: FileProblem): number {
  return a.file === b.file ? a.start - b.start || a.end - b.end : a.file < b.file ? -1 : 1;
}
