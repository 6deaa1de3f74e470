import { isTable, parseToml, stringAt, tableAt, type TomlTable } from "./toml.ts";

export interface Dependency {
  /** The version requirement as written; null for a path or git dependency. */
  readonly requirement: string | null;
  readonly features: readonly string[];
}

/** Whether a game reloads changed assets: always, with a feature of its own, or not. */
export type FileWatcher =
  | { readonly kind: "on" }
  | { readonly kind: "feature"; readonly feature: string }
  | { readonly kind: "off" };

const sections = ["dependencies", "dev-dependencies", "build-dependencies"] as const;

/** A package's dependencies by name, of all sections and platforms, `workspace = true` filled in. */
export function dependenciesOf(manifest: TomlTable, workspace: TomlTable): ReadonlyMap<string, Dependency> {
  const platforms = Object.values(tableAt(manifest, "target")).filter(isTable);
  const found = new Map<string, Dependency>();
  for (const table of [manifest, ...platforms]) {
    for (const section of sections) {
      for (const [key, value] of Object.entries(tableAt(table, section))) {
        const inherited =
          isTable(value) && value["workspace"] === true ? tableAt(workspace, "dependencies")[key] : undefined;
        const [own, shared] = [readDependency(value), readDependency(inherited)];
        const name = (isTable(value) ? stringAt(value, "package") : null) ?? key;
        const before = found.get(name);
        found.set(name, {
          requirement: before?.requirement ?? own.requirement ?? shared.requirement,
          features: [...(before?.features ?? []), ...own.features, ...shared.features],
        });
      }
    }
  }
  return found;
}

/** The Bevy version that Cargo.lock fixes, else what Cargo.toml asks for. `locks` from the innermost folder outward. */
export function bevyVersion(
  dependencies: ReadonlyMap<string, Dependency>,
  locks: readonly (string | undefined)[],
): string | null {
  const wanted = dependencies.get("bevy")?.requirement?.match(/\d+(?:\.\d+){0,2}/)?.[0] ?? null;
  const lock = locks.find((text) => text !== undefined);
  const locked = lock === undefined ? [] : lockedVersions(lock, "bevy");
  // Several versions in one lock: the one that this package asks for.
  const fitting = locked.find((version) => wanted !== null && `${version}.`.startsWith(`${wanted}.`));
  return fitting ?? (locked.length === 1 ? (locked[0] ?? null) : wanted);
}

/** Where `bevy/file_watcher` is switched on. Features of `default` are on; the first other one that brings it is named. */
export function watcherOf(manifest: TomlTable, dependencies: ReadonlyMap<string, Dependency>): FileWatcher {
  const isDirect = [...dependencies].some(
    ([name, { features }]) => /^bevy(?:_|$)/.test(name) && features.includes("file_watcher"),
  );
  if (isDirect) return { kind: "on" };
  const features = tableAt(manifest, "features");
  if (enables(features, "default", new Set())) return { kind: "on" };
  const feature = Object.keys(features).find((name) => enables(features, name, new Set()));
  return feature === undefined ? { kind: "off" } : { kind: "feature", feature };
}

function enables(features: TomlTable, name: string, seen: Set<string>): boolean {
  const items = features[name];
  if (seen.has(name) || !Array.isArray(items)) return false;
  seen.add(name);
  return items.some(
    (item) => typeof item === "string" && (/^bevy\w*\??\/file_watcher$/.test(item) || enables(features, item, seen)),
  );
}

function readDependency(value: unknown): Dependency {
  if (typeof value === "string") return { requirement: value, features: [] };
  if (!isTable(value)) return { requirement: null, features: [] };
  const features = value["features"];
  return {
    requirement: stringAt(value, "version"),
    features: Array.isArray(features) ? features.filter((feature) => typeof feature === "string") : [],
  };
}

function lockedVersions(text: string, name: string): string[] {
  const parsed = parseToml(text);
  const packages = "table" in parsed ? parsed.table["package"] : [];
  if (!Array.isArray(packages)) return [];
  return packages.filter(isTable).flatMap((item) => {
    const version = stringAt(item, "version");
    return item["name"] === name && version !== null ? [version] : [];
  });
}
