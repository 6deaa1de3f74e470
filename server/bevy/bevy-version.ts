import { posix } from "node:path";
import { readCrates } from "../project/cargo.ts";
import type { Target } from "../protocol/sprite-request.ts";
import type { Disk } from "./disk.ts";

/**
 * Whether the game reloads a sprite when another file is renamed onto it. Bevy 0.16 and older ignore that (they reload
 * on ModifiedAsset alone) and need the file written over; an unknown version is taken for a new one.
 */
export async function reloadsOnRename(disk: Disk, target: Target): Promise<boolean> {
  const texts = new Map<string, string>();
  for (let folder = target.crate; ; folder = posix.dirname(folder)) {
    const inWorkspace = folder === "." ? "" : folder;
    for (const name of ["Cargo.toml", "Cargo.lock"]) {
      const path = posix.join(inWorkspace, name);
      const bytes = await disk.read(posix.join(target.workspace, path));
      if (bytes !== null) texts.set(path, Buffer.from(bytes).toString());
    }
    if (inWorkspace === "") break;
  }
  const version = readCrates(texts, target.workspace).crates.find(({ folder }) => folder === target.crate)?.bevyVersion;
  const [, major, minor] = /^\D*(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  return major !== "0" || minor === undefined || Number(minor) > 16;
}
