import type { DaemonClient } from "../client/daemon-client.ts";
import { PixelsError } from "../protocol/errors.ts";
import { isEnded, type Job } from "../protocol/job.ts";
import type { CliContext } from "./cli-context.ts";
import { describeJob, describeProgress, progressLine } from "./progress-line.ts";

/** Fraction of a job after which a plain log gets its next line. */
const plainStep = 0.25;

/**
 * Shows the jobs' progress until every one has ended, and returns them in the order asked for.
 * Ctrl-C cancels those that have not, and still waits for their end.
 */
export async function followJobs(context: CliContext, ids: readonly string[]): Promise<Job[]> {
  const client = await context.daemon();
  const wanted = new Set(ids);
  const ended = new Map<string, Job>();
  const view = context.io.interactive ? statusView(context) : plainView(context);
  const { promise: finished, resolve: finish, reject: fail } = Promise.withResolvers<void>();
  // It may be settled before anyone waits for it.
  finished.catch(() => undefined);

  const look = (job: Job): void => {
    if (!wanted.has(job.id) || ended.has(job.id)) return;
    if (isEnded(job.state)) ended.set(job.id, job);
    view(job, { ended: ended.size, of: wanted.size });
    if (ended.size === wanted.size) finish();
  };
  // A snapshot lists 500 jobs: the others are asked for.
  const lookAgain = async (): Promise<void> => {
    for (const id of wanted) {
      if (ended.has(id)) continue;
      const job = client.mirror.jobs.get(id) ?? (await getJob(client, id));
      if (job) look(job);
    }
  };
  const unsubscribe = await client.subscribe((change) => {
    if (change.type === "job") look(change.job);
    else if (change.type === "progress") {
      const job = client.mirror.jobs.get(change.job);
      if (job) look(job);
    } else if (change.type === "snapshot") lookAgain().catch(fail);
  });
  const cancel = (): void => {
    context.output.note("Cancelling …");
    for (const id of wanted) {
      if (!ended.has(id)) client.request("jobs.cancel", { id }).catch(() => undefined);
    }
  };
  context.io.interrupted.addEventListener("abort", cancel, { once: true });
  if (context.io.interrupted.aborted) cancel();
  try {
    await lookAgain();
    if (wanted.size > ended.size) await finished;
  } finally {
    context.io.interrupted.removeEventListener("abort", cancel);
    unsubscribe();
    context.output.clearStatus();
  }
  return ids.flatMap((id) => ended.get(id) ?? []);
}

async function getJob(client: DaemonClient, id: string): Promise<Job | null> {
  try {
    return (await client.request("jobs.get", { id })).job;
  } catch (error) {
    if (error instanceof PixelsError && error.code === "not_found") throw error;
    return null;
  }
}

/** The error of the first job that did not succeed; null when all did. */
export function firstFailure(jobs: readonly Job[]): PixelsError | null {
  // A job that fails takes its dependants with it: the cause is the one to show.
  const failed = jobs.find(({ state }) => state === "failed") ?? jobs.find(({ state }) => state === "cancelled");
  if (!failed) return null;
  if (failed.error !== null && failed.state === "failed") return new PixelsError(failed.error);
  return new PixelsError({
    code: "cancelled",
    message: `“${failed.title}” was cancelled`,
    remedy: `Run it again with \`dgx-pixels retry ${failed.id.slice(0, 8)}\`.`,
  });
}

type View = (job: Job, count: { ended: number; of: number }) => void;

function statusView({ io, output }: CliContext): View {
  let remedy = "";
  return (job, { ended, of }) => {
    // What a person can do something about stays on the screen; the rest passes by in the status line.
    if (job.state === "waiting" && job.waiting?.remedy !== undefined && job.waiting.remedy !== remedy) {
      remedy = job.waiting.remedy;
      output.note(`Waiting: ${job.waiting.detail}\n  try: ${remedy}`);
    }
    const many = of > 1 ? `[${ended}/${of}] ` : "";
    if (job.state === "running" && job.progress) {
      output.status(many + progressLine(job.title, job.progress, (io.out.columns ?? 80) - many.length));
    } else if (!isEnded(job.state)) output.status(`${many}${job.title} · ${describeJob(job)}`);
  };
}

function plainView({ output }: CliContext): View {
  const last = new Map<string, { text: string; fraction: number; stage: string }>();
  return (job) => {
    const fraction = job.progress?.fraction ?? 0;
    const stage = job.progress?.stage ?? "";
    const before = last.get(job.id);
    const moved = before === undefined || stage !== before.stage || fraction - before.fraction >= plainStep;
    if (job.state === "running" && !moved) return;
    // Waiting for one's own turn is no news; waiting for an engine that is down is.
    if (job.state === "waiting" && job.waiting?.reason !== "engine" && job.waiting?.reason !== "pause") return;
    // Placing takes a moment, and what it wrote is told afterwards.
    if (job.kind === "place" && job.state !== "failed") return;
    const text = job.state === "running" && job.progress ? describeProgress(job.progress) : describeJob(job);
    if (text === before?.text) return;
    last.set(job.id, { text, fraction, stage });
    output.line(`${job.title}: ${text}`);
    if (job.waiting?.remedy !== undefined) output.line(`  try: ${job.waiting.remedy}`);
  };
}
