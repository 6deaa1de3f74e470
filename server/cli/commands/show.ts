import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PixelsError } from "../../protocol/errors.ts";
import type { Job } from "../../protocol/job.ts";
import { type CliContext, personPath } from "../cli-context.ts";
import { describeSprite } from "../report.ts";
import { showPicture } from "../show-picture.ts";
import type { JsonResults } from "../json-results.ts";

const hash = /^[0-9a-f]{64}$/;

/** Shows one sprite: of a job by the beginning of its id, of a file, by its hash; the latest when none is named. */
export async function show(context: CliContext, what: string | undefined): Promise<JsonResults["show"]> {
  const { output } = context;
  const path = what === undefined || hash.test(what) ? null : await findFile(context, what);
  if (what !== undefined && (path !== null || hash.test(what))) {
    const picture = await showPicture(context, path ?? what);
    output.line(`${path ?? what} · ${picture.width}×${picture.height}`);
    return { source: path ?? what, ...picture };
  }
  const { job, sprite } = await findSprite(context, what);
  await showPicture(context, sprite.sprite);
  output.line(`${job.title} · ${describeSprite(sprite)}`);
  return { job: job.id, sprite };
}

/** Looks where the person stands, then in the game's folders and their assets, the innermost first. */
async function findFile(context: CliContext, what: string): Promise<string | null> {
  const paths = [personPath(context, what)];
  for (let at = context.folder; ; at = dirname(at)) {
    paths.push(join(at, what), join(at, "assets", what));
    if (dirname(at) === at || (await isFile(join(at, "Cargo.toml")))) break;
  }
  for (const path of paths) if (await isFile(path)) return path;
  return null;
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function findSprite(context: CliContext, id: string | undefined) {
  const client = await context.daemon();
  const { jobs } = await client.request("jobs.list", { states: ["succeeded"], limit: 500 });
  const found = jobs.flatMap((job: Job) =>
    job.result?.kind === "sprite" && (id === undefined || job.id.startsWith(id))
      ? [{ job, sprite: job.result.sprite }]
      : [],
  );
  const [first] = found;
  if (first && (found.length === 1 || id === undefined)) return first;
  throw new PixelsError({
    code: "not_found",
    message:
      id === undefined
        ? "No sprite was made yet"
        : `There is no file "${id}", and no single finished job that begins so`,
    remedy:
      id === undefined ? 'Make one: `dgx-pixels generate "red dragon"`.' : "`dgx-pixels jobs --all` lists the jobs.",
  });
}
