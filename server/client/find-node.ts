import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** The oldest Node that has what the programs need: `node:sqlite` and running TypeScript. */
export const minimumMajor = 24;

export interface NodeSearch {
  /** The Node that runs now. Electron's is none: sharp can crash under it. */
  readonly self: { readonly path: string; readonly version: string; readonly electron: boolean };
  /** Folder to look for the `node-<platform>-<arch>` package from, upwards. */
  readonly from: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** `process.version` of a Node binary; null when it does not run. */
  versionOf(path: string): string | null;
}

const editorServers = [
  ".vscode-server",
  ".vscode-server-insiders",
  ".vscode-remote",
  ".vscodium-server",
  ".cursor-server",
];

/**
 * Path of a Node of at least `minimumMajor`: the one that runs now, the repository's package, the editor
 * server's, then the PATH's. null when there is none.
 */
export function findNode(search: NodeSearch): string | null {
  const { self } = search;
  if (!self.electron && isEnough(self.version)) return self.path;
  for (const path of candidates(search)) {
    if (existsSync(path) && isEnough(search.versionOf(path))) return path;
  }
  return null;
}

/** The search as this process stands. */
export function thisSearch(from: string): NodeSearch {
  return {
    self: { path: process.execPath, version: process.version, electron: "electron" in process.versions },
    from,
    home: homedir(),
    env: process.env,
    versionOf: nodeVersion,
  };
}

function* candidates({ from, home, env }: NodeSearch): Generator<string> {
  const packaged = join("node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  for (let folder = from; ; folder = dirname(folder)) {
    yield join(folder, packaged);
    if (folder === dirname(folder)) break;
  }
  // Set in an editor's terminals and for what it starts.
  for (const name of ["VSCODE_GIT_ASKPASS_NODE", "VSCODE_NODE_EXEC_PATH"]) {
    const path = env[name];
    if (path) yield path;
  }
  for (const server of editorServers) {
    const root = join(home, server);
    for (const build of entries(join(root, "cli", "servers"))) {
      yield join(root, "cli", "servers", build, "server", "node");
    }
    for (const build of entries(join(root, "bin"))) yield join(root, "bin", build, "node");
  }
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    if (folder.startsWith("/")) yield join(folder, "node");
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function nodeVersion(path: string): string | null {
  try {
    const env = { ...process.env };
    delete env["NODE_OPTIONS"];
    return execFileSync(path, ["--version"], { encoding: "utf8", timeout: 5000, env, stdio: "pipe" }).trim();
  } catch {
    return null;
  }
}

function isEnough(version: string | null): boolean {
  const major = /^v(\d+)\./.exec(version ?? "")?.[1];
  return major !== undefined && Number(major) >= minimumMajor;
}
