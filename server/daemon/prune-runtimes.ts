import { readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../protocol/errors.ts";

/** A build asked for so recently may be about to be started. */
const spareMs = 60_000;

/**
 * Removes the files of other builds from which nothing runs. Returns the builds that were removed.
 * A process runs from a folder when its program, its working folder or an argument lies in it.
 */
export async function pruneRuntimes(stateFolder: string, ownHash: string): Promise<string[]> {
  const runtimes = join(stateFolder, "runtime");
  const removed: string[] = [];
  for (const name of await list(runtimes)) {
    const folder = join(runtimes, name);
    // Stages, named with a dot, are for who makes them.
    if (name === ownHash || name.startsWith(".") || (await isRecent(folder)) || (await isUsed(folder))) continue;
    await rm(folder, { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

async function isRecent(folder: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(folder)).mtimeMs < spareMs;
  } catch {
    return true;
  }
}

async function isUsed(folder: string): Promise<boolean> {
  const under = `${folder}/`;
  for (const pid of await list("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const [exe, cwd, command] = await Promise.all([
      readlink(`/proc/${pid}/exe`).catch(nothing),
      readlink(`/proc/${pid}/cwd`).catch(nothing),
      readFile(`/proc/${pid}/cmdline`, "utf8").catch(nothing),
    ]);
    if (`${exe}/`.startsWith(under) || `${cwd}/`.startsWith(under) || command.includes(under)) return true;
  }
  return false;
}

function nothing(): string {
  return "";
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}
