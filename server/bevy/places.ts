import { basename, dirname, join, relative, sep } from "node:path";
import { PixelsError } from "../protocol/errors.ts";
import { checkTargetPath } from "../project/naming.ts";
import { lockFileName } from "../project/lock.ts";
import { spritesJsonName } from "../project/sprites-json.ts";
import type { Target } from "../protocol/sprite-request.ts";
import type { Disk } from "./disk.ts";

/** A file as the person knows it, and with its symbolic links followed. */
export interface Place {
  readonly path: string;
  readonly realPath: string;
}

/** Where the files of one placement lie. */
export interface Places {
  readonly sprite: Place;
  readonly meta: Place;
  /** The RON manifest or `.sprites.json`; null when there is none to keep. */
  readonly manifest: Place | null;
  readonly lock: Place;
  /** `.dgx-pixels` of the workspace, and the folder in it where files are staged. */
  readonly own: Place;
  readonly staging: Place;
}

/**
 * Finds the files of a placement and makes sure that writing them stays inside the workspace.
 * Throws `invalid_target` with a suggestion in `data.suggestion`, or `not_found` when the workspace is gone.
 */
export async function findPlaces(disk: Disk, target: Target): Promise<Places> {
  const problem = checkTargetPath(target.path).find(({ severity }) => severity === "error");
  if (problem) {
    throw new PixelsError({
      code: "invalid_target",
      message: problem.message,
      remedy: `Use "${problem.suggestion}".`,
      data: { path: target.path, suggestion: problem.suggestion },
    });
  }
  const root = await disk.realPath(target.workspace);
  if (root === null) {
    throw new PixelsError({
      code: "not_found",
      message: `The workspace ${target.workspace} is not there`,
      remedy: "Open the folder that holds the project now, then generate again.",
    });
  }
  const inside = async (...parts: readonly string[]): Promise<Place> => {
    const path = join(target.workspace, ...parts);
    return { path, realPath: await resolveInside(disk, root, path) };
  };
  const assets = join(target.workspace, target.assetRoot);
  await refuseOtherCase(disk, assets, target.path);
  const { manifest } = target;
  return {
    sprite: await inside(target.assetRoot, target.path),
    meta: await inside(target.assetRoot, `${target.path}.meta`),
    manifest:
      manifest.kind === "none"
        ? null
        : await (manifest.kind === "ron" ? inside(manifest.file) : inside(target.assetRoot, spritesJsonName)),
    lock: await inside(target.crate, lockFileName),
    own: await inside(".dgx-pixels"),
    staging: await inside(".dgx-pixels", "tmp"),
  };
}

/** The real path a file has or would have. Throws when it lies outside the workspace or at a link's dead end. */
async function resolveInside(disk: Disk, root: string, path: string): Promise<string> {
  const real = await realPathToBe(disk, path);
  if (real === null) {
    throw new PixelsError({
      code: "invalid_target",
      message: `${path} is a symbolic link that leads nowhere`,
      remedy: "Remove the link, or make what it leads to.",
      data: { path },
    });
  }
  if (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)) return real;
  throw new PixelsError({
    code: "invalid_target",
    message: `${path} leads out of the workspace`,
    cause: `A symbolic link leads to ${real}.`,
    remedy: "Replace the link by a file or folder of the workspace, or open the folder it leads to.",
    data: { path, real },
  });
}

async function realPathToBe(disk: Disk, path: string): Promise<string | null> {
  const real = await disk.realPath(path);
  if (real !== null) return real;
  if (await disk.isLink(path)) return null;
  const above = await realPathToBe(disk, dirname(path));
  return above === null ? null : join(above, basename(path));
}

/** Two names that differ by case alone are one file on macOS and Windows. */
async function refuseOtherCase(disk: Disk, assetRoot: string, path: string): Promise<void> {
  let folder = assetRoot;
  for (const part of path.split("/")) {
    const names = await disk.list(folder);
    const other = names.find((name) => name !== part && name.toLowerCase() === part.toLowerCase());
    if (other !== undefined && !names.includes(part)) {
      const suggestion = join(
        relative(assetRoot, folder),
        other,
        path.slice(join(relative(assetRoot, folder), part).length),
      );
      throw new PixelsError({
        code: "invalid_target",
        message: `"${path}" differs from "${join(relative(assetRoot, folder), other)}" by case alone`,
        cause: "On macOS and Windows they are one file.",
        remedy: `Use "${suggestion}", or rename what is there.`,
        data: { path, suggestion },
      });
    }
    folder = join(folder, part);
  }
}
