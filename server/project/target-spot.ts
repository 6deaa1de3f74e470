import { posix } from "node:path";
import { PixelsError } from "../protocol/errors.ts";
import type { Target } from "../protocol/sprite-request.ts";
import type { FileLookup, FileStat } from "./lookup.ts";

/**
 * What stands where a sprite would be written, or on the way there: a folder in the file's place, a file in a folder's,
 * a link that leads out of the workspace. Null when the file can be written or replaced.
 */
export async function spotFault(
  lookup: FileLookup,
  { workspace, assetRoot, path }: Target,
): Promise<{ message: string; remedy: string } | null> {
  const parts = posix.join(assetRoot, path).split("/");
  const remedy = "Move it away, or choose another name for the sprite.";
  try {
    // Most sprites are there already, and then so are their folders.
    for (let length = parts.length; length > 0; length--) {
      const name = parts.slice(0, length).join("/");
      const stat = await lookup.stat(posix.join(workspace, name));
      if (stat === null) continue;
      const wanted: FileStat["kind"] = length === parts.length ? "file" : "directory";
      if (stat.kind === wanted) return null;
      const message = wanted === "file" ? `${name} is a folder or a device` : `${name} is a file, not a folder`;
      return { message: `The sprite cannot be written: ${message}`, remedy };
    }
    return null;
  } catch (error) {
    const { message, why, remedy: own = remedy } = PixelsError.from(error, `Looking at ${path}`);
    return {
      message: `The sprite cannot be written: ${why === undefined ? message : `${message}: ${why}`}`,
      remedy: own,
    };
  }
}
