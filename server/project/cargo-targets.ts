import { posix } from "node:path";
import { isTable, stringAt, tableAt, type TomlTable } from "./toml.ts";

export type TargetKind = "lib" | "bin" | "example";

export interface FoundTarget {
  readonly kind: TargetKind;
  readonly name: string;
  readonly source: string;
}

/**
 * A package's library, binaries and examples: those its manifest names, and those Cargo finds by their place (The
 * Cargo Book, "Package Layout"). `files` are the package's Rust files, relative to the workspace like `folder`.
 */
export function findTargets(
  manifest: TomlTable,
  folder: string,
  packageName: string,
  files: readonly string[],
): readonly FoundTarget[] {
  const targets = new Map<string, FoundTarget>();
  const add = (kind: TargetKind, name: string, source: string): void => {
    const isKnown = [...targets.values()].some((target) => target.source === source && target.kind === kind);
    if (!isKnown && !targets.has(`${kind} ${name}`)) targets.set(`${kind} ${name}`, { kind, name, source });
  };
  const library = stringAt(tableAt(manifest, "lib"), "path");
  if (library !== null) add("lib", packageName, posix.join(folder, library));
  for (const kind of ["bin", "example"] as const) {
    for (const table of tablesAt(manifest, kind)) {
      const name = stringAt(table, "name");
      if (name !== null)
        add(kind, name, posix.join(folder, stringAt(table, "path") ?? usualPath(kind, name, packageName)));
    }
  }
  for (const source of files) {
    const path = folder === "" ? source : source.slice(folder.length + 1);
    if (path === "src/lib.rs") add("lib", packageName, source);
    else if (path === "src/main.rs") add("bin", packageName, source);
    const [, place, name] = /^(src\/bin|examples)\/([^/]+?)(?:\.rs|\/main\.rs)$/.exec(path) ?? [];
    if (place !== undefined && name !== undefined) add(place === "examples" ? "example" : "bin", name, source);
  }
  return [...targets.values()];
}

function usualPath(kind: "bin" | "example", name: string, packageName: string): string {
  if (kind === "example") return `examples/${name}.rs`;
  return name === packageName ? "src/main.rs" : `src/bin/${name}.rs`;
}

function tablesAt(manifest: TomlTable, key: string): TomlTable[] {
  const value = manifest[key];
  return Array.isArray(value) ? value.filter(isTable) : [];
}
