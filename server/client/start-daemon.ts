import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { logFilePath } from "../protocol/endpoint-file.ts";
import { entryPointPath, runsFromSource } from "../protocol/entry-points.ts";
import { PixelsError } from "../protocol/errors.ts";
import { findNode, minimumMajor, thisSearch } from "./find-node.ts";
import { ensureRuntime } from "./runtime-folder.ts";

export interface StartedDaemon {
  readonly pid: number;
  /** How it ended, once it did. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts a daemon for the state folder, apart from this process: its own session, its output in the log. */
export async function startDaemon(stateFolder: string, args: readonly string[]): Promise<StartedDaemon> {
  if (process.platform !== "linux") {
    throw new PixelsError({
      code: "unsupported",
      message: `Sprites are not generated on ${process.platform}`,
      remedy: "Connect to a Linux machine by Remote-SSH, and generate there.",
    });
  }
  const found = findNode(thisSearch(fileURLToPath(new URL(".", import.meta.url))));
  if (found === null) throw noNode();
  makeFolder(stateFolder);
  const { node, entry } = runsFromSource
    ? { node: found, entry: entryPointPath("daemon") }
    : await ensureRuntime(stateFolder, found);

  const env: NodeJS.ProcessEnv = { ...process.env, DGX_PIXELS_STATE: stateFolder };
  for (const name of ["NODE_OPTIONS", "ELECTRON_RUN_AS_NODE"]) delete env[name];
  const log = openSync(logFilePath(stateFolder), "a", 0o600);
  try {
    const child = spawn(node, ["--disable-warning=ExperimentalWarning", entry, ...args], {
      cwd: stateFolder,
      detached: true,
      stdio: ["ignore", log, log],
      env,
    });
    const exited = new Promise<Awaited<StartedDaemon["exited"]>>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
      child.once("error", () => resolve({ code: 1, signal: null }));
    });
    child.unref();
    if (child.pid === undefined) throw unavailable("The daemon could not be started", stateFolder);
    return { pid: child.pid, exited };
  } finally {
    closeSync(log);
  }
}

function makeFolder(stateFolder: string): void {
  try {
    mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { message, why } = PixelsError.from(error, `Making the daemon's state folder ${stateFolder}`);
    throw new PixelsError(
      {
        code: "daemon_unavailable",
        message,
        ...(why !== undefined && { cause: why }),
        remedy: "Make it a folder that your user may write, or name another one by DGX_PIXELS_STATE.",
      },
      { cause: error },
    );
  }
}

function noNode(): PixelsError {
  return new PixelsError({
    code: "daemon_unavailable",
    message: `Node ${minimumMajor} or newer is needed and was not found`,
    cause: `This is ${process.version}, and neither a packaged Node, the editor server nor the PATH has a newer one.`,
    remedy: `Install Node ${minimumMajor} and put it on the PATH.`,
  });
}

/** `daemon_unavailable` with the last lines of the daemon's log as its cause. */
export function unavailable(message: string, stateFolder: string, remedy?: string): PixelsError {
  const lines = lastLines(logFilePath(stateFolder), 8);
  return new PixelsError({
    code: "daemon_unavailable",
    message,
    ...(lines && { cause: `The last lines of ${logFilePath(stateFolder)}:\n${lines}` }),
    remedy: remedy ?? `Look into ${logFilePath(stateFolder)}, then try again with \`dgx-pixels daemon restart\`.`,
  });
}

function lastLines(path: string, count: number): string {
  try {
    const file = openSync(path, "r");
    try {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(Math.min(size, 4096));
      readSync(file, bytes, 0, bytes.length, size - bytes.length);
      const lines = bytes.toString("utf8").trimEnd().split("\n");
      // Where in the program it happened is for the log alone.
      return lines
        .filter((line) => !/^\s+at /.test(line))
        .slice(-count)
        .join("\n");
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
