import { PixelsError } from "../../protocol/errors.ts";
import type { Job } from "../../protocol/job.ts";
import type { CliContext } from "../cli-context.ts";
import type { JsonResults } from "../json-results.ts";
import { firstFailure, followJobs } from "../follow-jobs.ts";
import { jobLine } from "../progress-line.ts";
import { reportJobs } from "../report.ts";

const live = ["waiting", "running"] as const;
const ended = ["failed", "cancelled"] as const;

/** Lists the latest jobs; without `all` only those that have not ended. */
export async function listJobs(
  context: CliContext,
  options: { all: boolean; limit: number },
): Promise<JsonResults["jobs"]> {
  const client = await context.daemon();
  const { jobs } = await client.request("jobs.list", {
    states: options.all ? null : [...live],
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
  const jobs: Job[] = [];
  for (const id of await idsToCancel(context, options)) jobs.push((await client.request("jobs.cancel", { id })).job);
  for (const job of jobs) context.output.line(jobLine(job));
  if (jobs.length === 0) context.output.line("No job waits or runs.");
  return { jobs };
}

/** Without an id what was submitted last goes as a whole: its placing alone would leave the engine at work. */
async function idsToCancel(
  context: CliContext,
  { id, all }: { id: string | undefined; all: boolean },
): Promise<string[]> {
  if (id !== undefined) return [await findJob(context, id)];
  const client = await context.daemon();
  const { jobs } = await client.request("jobs.list", { states: [...live], limit: 500 });
  if (all) return jobs.map((job) => job.id);
  const { group } = await latestJob(context, live);
  return jobs.filter((job) => job.group === group).map((job) => job.id);
}

export async function retryJob(
  context: CliContext,
  options: { id: string | undefined; wait: boolean },
): Promise<JsonResults["jobs"]> {
  const client = await context.daemon();
  const id = options.id === undefined ? (await latestJob(context, ended)).id : await findJob(context, options.id);
  const { job } = await client.request("jobs.retry", { id });
  if (!options.wait) {
    context.output.line(jobLine(job));
    return { jobs: [job] };
  }
  // What ended because of it, such as its placing, waits again with it.
  const { jobs: waiting } = await client.request("jobs.list", { states: [...live], limit: 500 });
  const again = waiting.filter(({ group }) => group === job.group).map((each) => each.id);
  const jobs = await followJobs(context, [...new Set([...again.toReversed(), job.id])]);
  await reportJobs(context, jobs);
  const failure = firstFailure(jobs);
  if (failure) throw failure;
  return { jobs };
}

/** The whole id of a job, from the beginning of one. */
export async function findJob(context: CliContext, prefix: string): Promise<string> {
  const client = await context.daemon();
  const { jobs } = await client.request("jobs.list", { limit: 500 });
  const found = jobs.filter(({ id }) => id.startsWith(prefix));
  const [only] = found;
  if (only && found.length === 1) return only.id;
  throw new PixelsError({
    code: "not_found",
    message: `${found.length === 0 ? "No job begins" : `${found.length} jobs begin`} with "${prefix}"`,
    remedy: "`dgx-pixels jobs --all` lists them.",
  });
}

/** The latest job that a command without an id can be about. */
async function latestJob(context: CliContext, states: typeof live | typeof ended): Promise<Job> {
  const client = await context.daemon();
  const { jobs } = await client.request("jobs.list", { states: [...states], limit: 1 });
  const [latest] = jobs;
  if (latest) return latest;
  throw new PixelsError({
    code: "not_found",
    message: `No job is ${states.join(" or ")}`,
    remedy: "`dgx-pixels jobs --all` lists them all.",
  });
}
