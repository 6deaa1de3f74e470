import { randomUUID } from "node:crypto";
import { resolveTarget } from "../../project/resolve-target.ts";
import { resolveContext } from "../../project/workspace.ts";
import { PixelsError } from "../../protocol/errors.ts";
import type { Target } from "../../protocol/sprite-request.ts";
import type { CliContext } from "../cli-context.ts";
import { explain } from "../explain-problems.ts";
import { firstFailure, followJobs } from "../follow-jobs.ts";
import type { JsonResults } from "../json-results.ts";
import { crateForNewSprite, openProject } from "../project-access.ts";
import { reportJobs } from "../report.ts";
import { findJob } from "./jobs.ts";

export interface UseOptions {
  readonly path?: string;
  readonly key?: string;
  readonly replace: boolean;
}

/** "Use this": writes the sprite of a finished job, such as one of several variants, into the game. */
export async function useSprite(
  context: CliContext,
  id: string,
  options: UseOptions,
): Promise<JsonResults["generate"]> {
  const client = await context.daemon();
  const { job } = await client.request("jobs.get", { id: await findJob(context, id) });
  if (job.result?.kind !== "sprite") {
    throw new PixelsError({
      code: "invalid_request",
      message: `Job ${id} has no sprite`,
      cause: `It is a ${job.kind} job and has ${job.state}.`,
      remedy: "Name a job that made one: `dgx-pixels jobs --all`.",
    });
  }
  const target = await targetFor(context, job.title, options);
  const submitted = await client.request("sprites.place", {
    key: randomUUID(),
    sprite: job.result.sprite,
    target,
    replace: options.replace,
  });
  const jobs = await followJobs(
    context,
    submitted.items.flatMap(({ place }) => (place === null ? [] : [place])),
  );
  await reportJobs(context, jobs);
  const failure = firstFailure(jobs);
  if (failure) throw failure;
  const files = jobs.flatMap(({ result }) => (result?.kind === "placed" ? result.placement.files : []));
  return { jobs, files: files.map(({ path }) => path) };
}

async function targetFor(context: CliContext, prompt: string, { path, key }: UseOptions): Promise<Target> {
  const { project, lookup } = await openProject(context);
  const crate = crateForNewSprite(context, project);
  const values = { ...(path !== undefined && { path }), ...(key !== undefined && { key }) };
  const wish = { prompt, size: null, values };
  const { target, problems } = resolveTarget(wish, null, resolveContext(lookup, project, crate, null));
  if (target !== null) return target;
  const errors = problems.filter(({ severity }) => severity === "error");
  throw new PixelsError({
    code: "invalid_target",
    message: "The sprite cannot go there",
    ...explain(errors, "Name another `--path` or `--key`."),
  });
}
