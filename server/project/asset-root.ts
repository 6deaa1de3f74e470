import { posix } from "node:path";
import { unescapeRust } from "./escapes.ts";
import { isTable, parseToml, stringAt, tableAt } from "./toml.ts";

/** The literal that `AssetPlugin { file_path: "…" }` has in a Rust source without comments; null when there is none. */
export function assetFolderIn(code: string): string | null {
  const literal = /\bAssetPlugin\s*\{[^{}]*?\bfile_path\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(code)?.[1];
  return literal === undefined ? null : unescapeRust(literal, 0, literal.length).value;
}

/**
 * The folder that `BEVY_ASSET_ROOT` names in the `[env]` of `.cargo/config.toml`, relative to the workspace. Cargo looks
 * in the package's folder and then in each above it; `folders` are those, innermost first. It may lead out ("../…").
 */
export function assetRootFromConfig(
  texts: ReadonlyMap<string, string>,
  workspace: string,
  folders: readonly string[],
): string | null {
  for (const folder of folders) {
    for (const name of [".cargo/config.toml", ".cargo/config"]) {
      const text = texts.get(posix.join(folder, name));
      const parsed = text === undefined ? null : parseToml(text);
      if (parsed === null || !("table" in parsed)) continue;
      const value = tableAt(parsed.table, "env")["BEVY_ASSET_ROOT"];
      const path = isTable(value) ? stringAt(value, "value") : typeof value === "string" ? value : null;
      if (path === null) continue;
      // A relative value counts from wherever cargo runs, which is that folder as a rule.
      return posix.isAbsolute(path) ? posix.relative(workspace, path) : posix.join(folder, path);
    }
  }
  return null;
}
