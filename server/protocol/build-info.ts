import { readFileSync } from "node:fs";
import { z } from "zod";
import { runsFromSource } from "./entry-points.ts";
import { type Build, buildSchema } from "./requests.ts";

let own: Build | undefined;

/** What this program was built from: `build.json` beside the bundle. Running from source is older than any build. */
export function ownBuild(): Build {
  own ??= runsFromSource
    ? { version: packageVersion(), hash: "source", time: 0 }
    : buildSchema.parse(JSON.parse(readFileSync(new URL("./build.json", import.meta.url), "utf8")));
  return own;
}

function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** Positive when `a` is newer than `b`: by version (major, minor, patch), then by the time of the build. */
export function compareBuilds(a: Build, b: Build): number {
  if (a.hash === b.hash) return 0;
  const [left, right] = [versionParts(a.version), versionParts(b.version)];
  for (const [index, part] of left.entries()) {
    const difference = part - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.time - b.time;
}

function versionParts(version: string): number[] {
  return version
    .split(/[-+]/, 1)
    .flatMap((core) => core.split("."))
    .slice(0, 3)
    .map((part) => Number.parseInt(part, 10) || 0);
}
