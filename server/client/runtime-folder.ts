import { mkdir, readdir, realpath, rename, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ownBuild } from "../protocol/build-info.ts";
import { entryPointPath } from "../protocol/entry-points.ts";
import { errnoOf, PixelsError } from "../protocol/errors.ts";
import { isRunning, processStartTime } from "../protocol/process-identity.ts";
import { copyPackages } from "./copy-packages.ts";
import { copyTree, exists, place } from "./copy-tree.ts";

/** What the daemon runs from. */
export interface Runtime {
  readonly node: string;
  readonly entry: string;
}

/** Where a build's bundles lie, and which build it is. */
export interface InstalledBuild {
  readonly bundles: string;
  readonly hash: string;
}

function ownInstallation(): InstalledBuild {
  return { bundles: dirname(entryPointPath("daemon")), hash: ownBuild().hash };
}

/**
 * Puts this build's programs, natives and Node into `<state>/runtime/<build>/`, once, and says how to run them.
 * Extension folders and editor servers are removed while their daemon runs; this folder is the daemon's own.
 * It appears whole: made beside, then renamed.
 */
export async function ensureRuntime(stateFolder: string, node: string, from = ownInstallation()): Promise<Runtime> {
  const runtimes = join(stateFolder, "runtime");
  const folder = join(runtimes, from.hash);
  try {
    if (!(await exists(join(folder, "daemon.js")))) await makeRuntime(runtimes, folder, node, from.bundles);
    // Pruning spares what was asked for a moment ago.
    const now = new Date();
    await utimes(folder, now, now);
    const own = join(folder, "node");
    return { node: (await exists(own)) ? own : node, entry: join(folder, "daemon.js") };
  } catch (error) {
    throw PixelsError.from(error, `Preparing the daemon's files in ${folder}`);
  }
}

async function makeRuntime(runtimes: string, folder: string, node: string, bundles: string): Promise<void> {
  await mkdir(runtimes, { recursive: true, mode: 0o700 });
  await removeLeftovers(runtimes);
  const stage = join(runtimes, `.${process.pid}-${processStartTime(process.pid) ?? ""}-${performance.now()}`);
  try {
    await copyTree(bundles, stage, (file) => !file.startsWith("node_modules/"));
    await copyPackages(bundles, stage);
    const binary = await realpath(node);
    if (!isSystems(binary)) await place(binary, join(stage, "node"));
    // What lost its files is no runtime: nothing could be started from it again.
    if (!(await exists(join(folder, "daemon.js")))) await rm(folder, { recursive: true, force: true });
    await rename(stage, folder);
  } catch (error) {
    await rm(stage, { recursive: true, force: true });
    // Another process was first, and its folder is as whole.
    if (errnoOf(error) !== "ENOTEMPTY" && errnoOf(error) !== "EEXIST") throw error;
  }
}

/** A stage is named by the process that makes it; those of processes that are gone are removed. */
async function removeLeftovers(runtimes: string): Promise<void> {
  for (const name of await readdir(runtimes)) {
    const [, pid, startTime] = /^\.(\d+)-(\d*)-/.exec(name) ?? [];
    if (pid === undefined || isRunning({ pid: Number(pid), startTime: startTime || null })) continue;
    await rm(join(runtimes, name), { recursive: true, force: true });
  }
}

/** Whether a Node belongs to the system, which keeps it in place for as long as anything runs from it. */
function isSystems(node: string): boolean {
  return ["/usr/", "/bin/", "/opt/", "/nix/store/", "/snap/"].some((root) => node.startsWith(root));
}
