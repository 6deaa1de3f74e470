import { fileURLToPath } from "node:url";

/** Every program of the server, by its source. esbuild.mjs makes `dist/<name>.js` of each. */
export const entryPoints = {
  cli: "../cli/launcher.ts",
  "cli-main": "../cli/main.ts",
  daemon: "../daemon/main.ts",
  "pixel-worker": "../daemon/pixel-worker.ts",
  "embedded-engine": "../engine/embedded/main.ts",
} as const;

/** Folders and files that programs read at run time, by their source. Copied to `dist/<name>`. */
export const resources = {
  workflows: "../../workflows",
  "sample-game": "../../bevy-templates/sample",
  "web-tree-sitter.wasm": "../../node_modules/web-tree-sitter/web-tree-sitter.wasm",
  "tree-sitter-rust.wasm": "../../node_modules/tree-sitter-rust/tree-sitter-rust.wasm",
} as const;

export const runsFromSource = import.meta.url.endsWith(".ts");

/** Path of a program: its source when this runs from source (Node ≥24 strips the types), else its bundle. */
export function entryPointPath(name: keyof typeof entryPoints): string {
  return fileURLToPath(new URL(runsFromSource ? entryPoints[name] : `./${name}.js`, import.meta.url));
}

/** Path of a resource: in the sources, or beside the bundles. */
export function resourcePath(name: keyof typeof resources): string {
  return fileURLToPath(new URL(runsFromSource ? resources[name] : `./${name}`, import.meta.url));
}
