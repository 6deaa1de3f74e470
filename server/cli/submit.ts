import { randomUUID } from "node:crypto";
import type { ResolvedSprite } from "../project/resolve.ts";
import type { Job, Priority } from "../protocol/job.ts";
import type { CliContext } from "./cli-context.ts";
import { firstFailure, followJobs } from "./follow-jobs.ts";
import type { JsonResults } from "./json-results.ts";
import { jobLine } from "./progress-line.ts";
import { reportJobs } from "./report.ts";

export interface SubmitOptions {
  readonly replace: boolean;
  readonly wait: boolean;
  readonly priority: Priority;
  /** Seconds from now. */
  readonly deadline?: number;
}

export interface Wanted {
  readonly sprite: ResolvedSprite;
  /** Write it into the game. */
  readonly place: boolean;
  /** Artifacts of a former run, when the pixel stage alone has to run. */
  readonly sources: readonly string[] | null;
}

/** Submits sprites, waits for them, shows them; throws the first failure once all have ended. */
export async function submitSprites(
  context: CliContext,
  wanted: readonly Wanted[],
  options: SubmitOptions,
): Promise<JsonResults["generate"]> {
  const client = await context.daemon();
  const submitted = await client.request("sprites.submit", {
    key: randomUUID(),
    priority: options.priority,
    deadlineMs: options.deadline === undefined ? null : options.deadline * 1000,
    items: wanted.map(({ sprite, place, sources }) => ({
      title: sprite.title,
      request: sprite.request,
      target: place ? sprite.target : null,
      variants: sprite.variants,
      replace: options.replace,
      sources: sources === null ? null : [...sources],
      referencePath: sprite.referencePath,
    })),
  });
  const joined = submitted.items.filter((item) => item.joined).length;
  if (joined > 0)
    context.output.note(`${joined === 1 ? "One sprite is" : `${joined} sprites are`} being made already.`);
  const ids = submitted.items.flatMap(({ jobs, place }) => (place === null ? jobs : [...jobs, place]));
  if (!options.wait) {
    const jobs = await Promise.all(ids.map(async (id) => (await client.request("jobs.get", { id })).job));
    for (const job of jobs) context.output.line(jobLine(job));
    return { jobs, files: [] };
  }
  const jobs = await followJobs(context, ids);
  await reportJobs(context, jobs);
  const failure = firstFailure(jobs);
  if (failure) throw failure;
  return { jobs, files: filesOf(jobs) };
}

function filesOf(jobs: readonly Job[]): string[] {
  const files = jobs.flatMap(({ result }) => (result?.kind === "placed" ? result.placement.files : []));
  return [...new Set(files.map(({ path }) => path))];
}
