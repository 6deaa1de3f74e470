import { posix } from "node:path";
import { relativePath, type Target } from "../protocol/sprite-request.ts";
import type { Manifest, ManifestEntry } from "./manifest-entries.ts";
import { checkTargetPath, derivePath } from "./naming.ts";
import type { PixelsToml } from "./pixels-toml.ts";
import { planError, type PlanProblem } from "./project-problem.ts";
import type { AssetReference } from "./source-file.ts";
import { placeOf, type SpriteWish } from "./wish.ts";

export interface TargetContext {
  /** Absolute path of the workspace folder. */
  readonly workspace: string;
  /** The crate's folder in the workspace, "" for the workspace itself. */
  readonly crate: string;
  /** The asset folder in the workspace. */
  readonly assetRoot: string;
  readonly config: PixelsToml | null;
  /** The RON manifests in the asset folder, and the one that pixels.toml names. */
  readonly manifests: readonly Manifest[];
  /** What a directive is bound to. */
  readonly bound: AssetReference | null;
  /** The file a directive stands in, relative to the workspace. */
  readonly source: string | null;
  /** Whether a path in the asset folder is in use, so that a name made from a prompt is a new one. */
  readonly isTaken: (path: string) => boolean;
}

type ManifestChoice = Target["manifest"];

/** Where a sprite goes and which manifest lists it; null with problems when that cannot be said. */
export function resolveTarget(
  wish: SpriteWish,
  fps: number | null,
  context: TargetContext,
): { target: Target | null; problems: readonly PlanProblem[] } {
  const problems: PlanProblem[] = [];
  const { workspace, crate, assetRoot, config, bound } = context;
  const span = placeOf(wish, "path");
  if (!relativePath.safeParse(assetRoot).success) {
    const remedy = "Set `asset_root` in pixels.toml, or open the folder that holds both the crate and its assets.";
    const message = `The asset folder "${assetRoot}" is not a folder below the workspace`;
    return { target: null, problems: [planError("target-asset-root", span, message, remedy)] };
  }
  const named = wish.values.key ?? bound?.key ?? null;
  const entry = findEntry(wish, named, context, problems);
  const key = named ?? entry?.entry.key ?? null;
  const path = pathFor(wish, key, entry?.entry ?? null, context);
  for (const { severity, message, suggestion } of checkTargetPath(path)) {
    problems.push({
      ...planError("target-path", span, `The sprite's path ${message}`, `Use "${suggestion}".`),
      severity,
    });
    if (severity === "error") break;
  }
  const manifest = chooseManifest(wish, key, entry?.file ?? null, context, problems);
  if (problems.some(({ severity }) => severity === "error")) return { target: null, problems };
  const metadata = config?.metadata ?? "id";
  return { target: { workspace, crate, assetRoot, path, manifest, metadata, fps }, problems };
}

interface FoundEntry {
  readonly file: string;
  readonly entry: ManifestEntry;
}

/** The manifest entry the sprite already has: by its key, else by its path. */
function findEntry(
  wish: SpriteWish,
  key: string | null,
  context: TargetContext,
  problems: PlanProblem[],
): FoundEntry | null {
  const all = context.manifests.flatMap(({ file, entries }) => entries.map((entry) => ({ file, entry })));
  if (key === null) {
    const path = wish.values.path ?? context.bound?.path ?? null;
    const found = all.filter(({ entry }) => path !== null && entry.path === path && isImage(entry));
    return found.find(({ file }) => file === context.source) ?? found[0] ?? null;
  }
  const found = all.filter(({ entry }) => entry.key === key);
  const own = found.find(({ file }) => file === context.source) ?? (found.length === 1 ? found[0] : undefined);
  const span = placeOf(wish, "key");
  if (own === undefined) {
    if (found.length > 1) {
      const files = [...new Set(found.map(({ file }) => file))].join(" and ");
      problems.push(
        planError(
          "target-manifest",
          span,
          `The key "${key}" stands more than once, in ${files}`,
          "Rename one of them.",
        ),
      );
    }
    return null;
  }
  if (!isImage(own.entry)) {
    const message = `The key "${key}" of ${own.file} is ${own.entry.kind === null ? "no image" : `a \`${own.entry.kind}\``}`;
    problems.push(planError("target-manifest", span, message, "Choose another `key=`."));
  }
  return own;
}

function isImage({ kind }: ManifestEntry): boolean {
  return kind === "Image" || kind === "File";
}

function pathFor(wish: SpriteWish, key: string | null, entry: ManifestEntry | null, context: TargetContext): string {
  const { bound, config } = context;
  const written = wish.values.path ?? writtenPath(bound) ?? entry?.path ?? null;
  if (written !== null) return written;
  const naming = { ...(config?.naming !== undefined && { rule: config.naming }), style: wish.values.style ?? null };
  // A key gives the same path every time; a prompt gives a new one.
  if (key !== null) return derivePath(key.replace(/\.image$/, "").replaceAll(".", " "), naming);
  return derivePath(wish.prompt, { ...naming, isTaken: context.isTaken });
}

/** The path as the code names it: a source or label stays, so that it is told rather than dropped. */
function writtenPath(bound: AssetReference | null): string | null {
  if (bound === null || bound.path === null) return null;
  if (bound.source !== null) return `${bound.source}://${bound.path}`;
  return bound.label === null ? bound.path : `${bound.path}#${bound.label}`;
}

function chooseManifest(
  wish: SpriteWish,
  key: string | null,
  entryFile: string | null,
  context: TargetContext,
  problems: PlanProblem[],
): ManifestChoice {
  const { config, crate, assetRoot } = context;
  if (config?.manifest === false) return { kind: "none" };
  if (key === null) return { kind: "sprites-json" };
  const isSheet = (wish.values.frames ?? 1) > 1 || (wish.values.directions ?? 1) > 1;
  const layoutKey = isSheet ? layoutKeyOf(key) : null;
  const candidates = context.manifests.map(({ file }) => file).filter((file) => file.startsWith(`${assetRoot}/`));
  const configured = config?.manifest === undefined ? null : posix.join(crate, config.manifest);
  const file = entryFile ?? configured ?? (candidates.length === 1 ? candidates[0] : undefined);
  const fault = context.manifests.find((manifest) => manifest.file === file)?.fault;
  if (file !== undefined && fault !== undefined) {
    const text = `The manifest ${file} cannot hold the key "${key}": ${fault}`;
    problems.push(planError("target-manifest", placeOf(wish, "key"), text, "Correct the file, then try again."));
  }
  if (file !== undefined) return { kind: "ron", file, key, layoutKey };
  const message =
    candidates.length === 0
      ? `No manifest in ${assetRoot} can hold the key "${key}"`
      : `The key "${key}" could go into ${candidates.join(" or ")}`;
  const remedy = 'Name the file in pixels.toml: `manifest = "assets/game.assets.ron"`.';
  problems.push(planError("target-manifest", placeOf(wish, "key"), message, remedy));
  return { kind: "none" };
}

/** `player.image` → `player.layout`. */
function layoutKeyOf(key: string): string {
  return `${key.replace(/\.image$/, "")}.layout`;
}
