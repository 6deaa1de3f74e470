import { createHash, randomBytes } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Addresses } from "../protocol/endpoint-file.ts";
import { errnoOf, PixelsError } from "../protocol/errors.ts";

/** Bytes in `sockaddr_un.sun_path`, its final 0 included (unix(7)). */
const maxPathBytes = 108;
/** The longest name a socket gets here: 12 and 8 hex digits, a dash and a suffix. */
const nameBytes = 24;

/**
 * A new pair of addresses in this user's socket folder, where nobody else may look: `$XDG_RUNTIME_DIR` when it exists
 * and is ours, else one under the temporary folder. A path, never an abstract socket, which has no owner.
 * Throws `permission_denied` when the folder is someone else's.
 */
export function newSockets(stateFolder: string, env: NodeJS.ProcessEnv = process.env): Addresses {
  const folder = socketFolder(env);
  const base = join(folder, `${prefix(stateFolder)}-${randomBytes(4).toString("hex")}`);
  return { requests: `ipc://${base}.r`, events: `ipc://${base}.e` };
}

/** Removes what daemons of this state folder left that were killed. Only the holder of its lock may call this. */
export function removeStaleSockets(stateFolder: string, env: NodeJS.ProcessEnv = process.env): void {
  const folder = socketFolder(env);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${prefix(stateFolder)}-`)) rmSync(join(folder, name), { force: true });
  }
}

/** Several state folders share one socket folder. */
function prefix(stateFolder: string): string {
  return createHash("sha256").update(stateFolder).digest("hex").slice(0, 12);
}

function socketFolder(env: NodeJS.ProcessEnv): string {
  const uid = process.getuid?.() ?? 0;
  const runtime = env["XDG_RUNTIME_DIR"];
  const candidates = [join(tmpdir(), `dgx-pixels-${uid}`), `/tmp/dgx-pixels-${uid}`];
  if (runtime?.startsWith("/") && isPrivate(runtime, uid)) candidates.unshift(join(runtime, "dgx-pixels"));
  const folder = candidates.find((path) => Buffer.byteLength(path) + 1 + nameBytes < maxPathBytes);
  if (folder === undefined) throw new Error("unreachable: the last candidate is short");
  makePrivate(folder, uid);
  return folder;
}

function isPrivate(folder: string, uid: number): boolean {
  try {
    const stat = lstatSync(folder);
    return stat.isDirectory() && stat.uid === uid && (stat.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

function makePrivate(folder: string, uid: number): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw PixelsError.from(error, `Making the socket folder ${folder}`);
  }
  // Checked after it is made: what someone else put there before, a link included, is not followed.
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== uid) {
    throw new PixelsError({
      code: "permission_denied",
      message: `The socket folder ${folder} belongs to someone else`,
      remedy: "Set XDG_RUNTIME_DIR to a folder of your own with mode 0700, or have that one removed.",
    });
  }
  if ((stat.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}
