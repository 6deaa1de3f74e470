import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Build, buildSchema } from "../../server/protocol/requests.ts";
import { runToEnd } from "./processes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A built installation in a folder of its own, as an extension is. */
export interface Installation {
  readonly folder: string;
  readonly cli: string;
  readonly daemon: string;
  readonly build: Build;
}

/** Builds the programs into `<folder>/dist`, with the dependencies beside them. */
export async function install(folder: string): Promise<Installation> {
  const { code, stderr } = await runToEnd(process.execPath, ["esbuild.mjs", join(folder, "dist")], { cwd: root });
  if (code !== 0) throw new Error(`the build failed: ${stderr}`);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return installation(folder);
}

/** The same programs again, as a later or an earlier build. */
export function reinstall(from: Installation, folder: string, build: Partial<Build>): Installation {
  cpSync(from.folder, folder, { recursive: true, verbatimSymlinks: true });
  writeFileSync(join(folder, "dist", "build.json"), JSON.stringify({ ...from.build, ...build }));
  return installation(folder);
}

function installation(folder: string): Installation {
  const build = buildSchema.parse(JSON.parse(readFileSync(join(folder, "dist", "build.json"), "utf8")));
  return { folder, cli: join(folder, "dist", "cli.js"), daemon: join(folder, "dist", "daemon.js"), build };
}
