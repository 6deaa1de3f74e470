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
export async function waitForJobs(client: DaemonClient, ids: readonly string[], options: WaitOptions): Promise<Job[]> {
  const { signal, onChange } = options;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const open = new Set(ids);
  const last = new Map<string, Job>();

  const look = (id: string, job = client.mirror.jobs.get(id)) => {
    if (!job || last.get(id) === job) return;
    last.set(id, job);
    onChange?.(job);
    if (isEnded(job.state)) open.delete(id);
    if (open.size === 0) resolve();
  };
  const hear = (change: Change) => {
    if (change.type === "snapshot") for (const id of open) look(id);
    else if (change.type === "job" && open.has(change.job.id)) look(change.job.id);
    else if (change.type === "progress" && open.has(change.job)) look(change.job);
  };

  signal?.throwIfAborted();
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const unsubscribe = await client.subscribe(hear);
  try {
    for (const id of ids) {
      look(id);
      // A snapshot lists the latest jobs only.
      if (!last.has(id)) look(id, (await client.request("jobs.get", { id })).job);
    }
    if (open.size > 0) await promise;
    return ids.flatMap((id) => last.get(id) ?? []);
  } finally {
    unsubscribe();
    signal?.removeEventListener("abort", abort);
  }
}
