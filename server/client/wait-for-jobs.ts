import { isEnded, type Job } from "../protocol/job.ts";
import type { DaemonClient } from "./daemon-client.ts";
import type { Change } from "./mirror.ts";

export interface WaitOptions {
  /** Ends the wait with the signal's reason; the jobs go on. */
  readonly signal?: AbortSignal;
  /** Hears each change of these jobs: a new state, or progress. */
  readonly onChange?: (job: Job) => void;
}

/** Resolves with the jobs, in the order asked for, once each has ended. */
export async function waitForJobs(
  client: DaemonClient,
  ids: readonly string[],
  { signal, onChange }: WaitOptions = {},
): Promise<Job[]> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Heard below; until then it must not count as unhandled.
  promise.catch(() => {});
  const open = new Set(ids);
  const last = new Map<string, Job>();

  const take = (job: Job) => {
    if (!open.has(job.id) || last.get(job.id) === job) return;
    last.set(job.id, job);
    onChange?.(job);
    if (isEnded(job.state)) open.delete(job.id);
    if (open.size === 0) resolve();
  };
  const takeAll = async () => {
    for (const id of open) {
      // The mirror holds the latest ended jobs only.
      take(client.mirror.jobs.get(id) ?? (await client.request("jobs.get", { id })).job);
    }
  };
  const hear = (change: Change) => {
    if (change.type === "snapshot") takeAll().catch(reject);
    const id = change.type === "job" ? change.job.id : change.type === "progress" ? change.job : null;
    const job = id === null ? undefined : client.mirror.jobs.get(id);
    if (job) take(job);
  };

  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const unsubscribe = await client.subscribe(hear);
  try {
    await takeAll();
    if (open.size > 0) await promise;
    return ids.flatMap((id) => last.get(id) ?? []);
  } finally {
    unsubscribe();
    signal?.removeEventListener("abort", abort);
  }
}
