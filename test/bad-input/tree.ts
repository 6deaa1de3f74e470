import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** Larger files are told by size and time: what would change one changes its time too. */
const largestRead = 16 << 20;

/**
 * Everything below a folder but the entries of it that are left out, by path in it: what each entry is, and a file's
 * mode and the SHA-256 of its bytes.
 */
export async function treeOf(folder: string, leftOut: readonly string[] = []): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const folders = [""];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const name of await readdir(join(folder, at))) {
      const path = join(at, name);
      if (leftOut.includes(path)) continue;
      tree[path] = await describe(join(folder, path));
      if (tree[path] === "folder") folders.push(path);
    }
  }
  return tree;
}

async function describe(path: string): Promise<string> {
  const stat = await lstat(path);
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return `link to ${await readlink(path)}`;
  if (!stat.isFile()) return "neither file nor folder";
  const mode = (stat.mode & 0o777).toString(8);
  if (stat.size > largestRead) return `${mode} ${stat.size} bytes of ${stat.mtimeMs}`;
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `${mode} ${hash.digest("hex")}`;
}
