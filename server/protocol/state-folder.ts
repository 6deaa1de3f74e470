import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The daemon's state folder, which is its identity: one daemon a folder. `DGX_PIXELS_STATE` names another. */
export function stateFolderPath(env: NodeJS.ProcessEnv = process.env): string {
  const own = env["DGX_PIXELS_STATE"];
  if (own) return resolve(own);
  // The XDG base directory specification: a relative path is invalid and ignored.
  const base = env["XDG_STATE_HOME"];
  return join(base?.startsWith("/") ? base : join(homedir(), ".local", "state"), "dgx-pixels");
}
