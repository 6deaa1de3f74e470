import { randomUUID } from "node:crypto";
import { basename, extname, join } from "node:path";
import { PixelsError } from "../../protocol/errors.ts";
import type { Job } from "../../protocol/job.ts";
import { type PixelOptions, pixelOptionsSchema } from "../../protocol/sprite-request.ts";
import { plainOptions } from "../../sprite/sprite-options.ts";
import { type CliContext, personPath } from "../cli-context.ts";
import { firstFailure, followJobs } from "../follow-jobs.ts";
import { reportJobs } from "../report.ts";
import { checkWritable, copyWhole } from "../write-file.ts";
import type { JsonResults } from "../json-results.ts";

export interface PixelizeOptions {
  readonly pixels: Partial<PixelOptions>;
  readonly replace: boolean;
}

/** Makes true pixel art of pictures. One input goes to the file `to`, several into the folder `to`. */
export async function pixelize(
  context: CliContext,
  inputs: readonly string[],
  to: string,
  options: PixelizeOptions,
): Promise<JsonResults["pixelize"]> {
  const pixels = pixelOptionsSchema.parse({ ...plainOptions, ...options.pixels });
  const client = await context.daemon();
  const outputs = inputs.map((input) => outputPath(context, input, to, inputs.length));
  const twice = outputs.find((path, index) => outputs.indexOf(path) !== index);
  if (twice !== undefined) {
    throw new PixelsError({
      code: "invalid_target",
      message: `Two pictures would be written to ${twice}`,
      remedy: "Rename one of them, or call the command twice.",
    });
  }
  for (const path of outputs) await checkWritable(path, options);
  const ids: string[] = [];
  for (const input of inputs) {
    const path = personPath(context, input);
    const submitted = await client.request("sprites.pixelize", {
      key: randomUUID(),
      title: basename(path),
      input: path,
      pixels,
    });
    ids.push(...submitted.items.flatMap(({ jobs }) => jobs));
  }
  const jobs = await followJobs(context, ids);
  const written = await writeSprites(context, jobs, outputs, options.replace);
  await reportJobs(context, jobs);
  for (const path of written) context.output.line(path);
  const failure = firstFailure(jobs);
  if (failure) throw failure;
  return {
    sprites: jobs.flatMap(({ result }, index) => {
      const file = outputs[index];
      return result?.kind === "sprite" && file !== undefined ? [{ file, ...result.sprite }] : [];
    }),
  };
}

/** Copies each finished job's sprite to its path; returns the paths that were written. */
export async function writeSprites(
  context: CliContext,
  jobs: readonly Job[],
  paths: readonly string[],
  replace: boolean,
): Promise<string[]> {
  const client = await context.daemon();
  const written: string[] = [];
  for (const [index, { result }] of jobs.entries()) {
    const path = paths[index];
    if (result?.kind !== "sprite" || path === undefined) continue;
    const artifact = await client.request("artifacts.stat", { hash: result.sprite.sprite });
    await copyWhole(artifact.path, path, { replace });
    written.push(path);
  }
  return written;
}

function outputPath(context: CliContext, input: string, to: string, count: number): string {
  const path = personPath(context, to);
  if (extname(path) === ".png" && count === 1) return path;
  if (extname(path) === ".png") {
    throw new PixelsError({
      code: "invalid_target",
      message: `${count} pictures cannot go into one file`,
      remedy: "Name a folder as the last argument.",
    });
  }
  if (extname(path) !== "") {
    throw new PixelsError({
      code: "invalid_target",
      message: `Sprites are written as PNG, not ${extname(path)}`,
      remedy: `Name it ${basename(path, extname(path))}.png.`,
    });
  }
  return join(path, `${basename(input, extname(input))}.png`);
}
