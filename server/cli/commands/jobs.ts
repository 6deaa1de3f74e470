import { PixelsError } from "../../protocol/errors.ts";
import type { Job } from "../../protocol/job.ts";
import type { CliContext } from "../cli-context.ts";
import type { JsonResults } from "../json-results.ts";
import { firstFailure, followJobs } from "../follow-jobs.ts";
import { jobLine } from "../progress-line.ts";

/** Lists the latest jobs; without `all` only those that have not ended. */
export async function listJobs(
  context: CliContext,
  options: { all: boolean; limit: number },
): Promise<JsonResults["jobs"]> {
  const client = await context.daemon();
  const { jobs } = await client.request("jobs.list", {
    states: options.all ? null : ["waiting", "running"],
    limit: options.limit,
  });
  if (jobs.length === 0)
    context.output.line(options.all ? "No jobs yet." : "No job waits or runs. `--all` lists those that have ended.");
  for (const job of jobs) context.output.line(jobLine(job));
  return { jobs };
}

export async function cancelJobs(
  context: CliContext,
  options: { id: string | undefined; all: boolean },
): Promise<JsonResults["jobs"]> {
  const client = await context.daemon();
  let ids: string[];
  if (options.all) {
    const { jobs } = await client.request("jobs.list", { states: ["waiting", "running"], limit: 500 });
    ids = jobs.map(({ id }) => id);
  } else ids = [await findJob(context, options.id)];
  const jobs: Job[] = [];
  for (const id of ids) jobs.push((await client.request("jobs.cancel", { id })).job);
  for (const job of jobs) context.output.line(jobLine(job));
  if (jobs.length === 0) context.output.line("No job waits or runs.");
  return { jobs };
}

export async function retryJob(
  context: CliContext,
  options: { id: string | undefined; wait: boolean },
): Promise<JsonResults["jobs"]> {
  const client = await context.daemon();
  const { job } = await client.request("jobs.retry", { id: await findJob(context, options.id) });
  if (!options.wait) {
    context.output.line(jobLine(job));
    return { jobs: [job] };
  }
  const jobs = await followJobs(context, [job.id]);
  for (const each of jobs) context.output.line(jobLine(each));
  const failure = firstFailure(jobs);
  if (failure) throw failure;
  return { jobs };
}

/** The whole id of a job, from the beginning of one; the latest job when none is given. */
export async function findJob(context: CliContext, prefix: string | undefined): Promise<string> {
  const client = await context.daemon();
  const { jobs } = await client.request("jobs.list", { limit: 500 });
  const found = jobs.filter(({ id }) => id.startsWith(prefix ?? ""));
  const [only] = found;
  if (only && (found.length === 1 || prefix === undefined)) return only.id;
  throw new PixelsError({
    code: "not_found",
    message:
      prefix === undefined
        ? "There is no job yet"
        : `${found.length === 0 ? "No job begins" : `${found.length} jobs begin`} with "${prefix}"`,
    remedy: "`dgx-pixels jobs --all` lists them.",
  });
}
