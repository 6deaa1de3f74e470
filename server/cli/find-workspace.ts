import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PixelsError } from "../protocol/errors.ts";

/**
 * The Cargo workspace that a folder belongs to: the outermost folder above it whose Cargo.toml has `[workspace]`,
 * else the nearest with a Cargo.toml. Throws `not_found` outside of any, `invalid_target` for what is no folder.
 */
export async function findWorkspace(folder: string): Promise<string> {
  let nearest: string | null = null;
  let outermost: string | null = null;
  for (let at = await resolved(folder); ; at = dirname(at)) {
    const manifest = await readManifest(at);
    if (manifest !== null) {
      nearest ??= at;
      if (/^\s*\[workspace[\].]/m.test(manifest)) outermost = at;
    }
    if (dirname(at) === at) break;
  }
  const found = outermost ?? nearest;
  if (found !== null) return found;
  throw new PixelsError({
    code: "not_found",
    message: `${folder} is not in a Cargo project`,
    cause: "There is no Cargo.toml in it or in a folder above.",
    remedy:
      "Go to your game's folder, name it with `--project DIR`, or write a plain picture with `--output FILE.png`.",
  });
}

async function resolved(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if ((await stat(real)).isDirectory()) return real;
  } catch (error) {
    throw PixelsError.from(error, `Looking for the game in ${folder}`);
  }
  throw new PixelsError({
    code: "invalid_target",
    message: `${folder} is not a folder`,
    remedy: "Name the folder that holds the game's Cargo.toml.",
  });
}

async function readManifest(folder: string): Promise<string | null> {
  try {
    return await readFile(join(folder, "Cargo.toml"), "utf8");
  } catch {
    return null;
  }
}
