import type { ComfyApi } from "./api.ts";

/**
 * Stops exactly one prompt. True when the server still had it. Newer servers do it in one step; on older ones
 * deleting a pending prompt and interrupting a running one are two, and it may start in between.
 */
export async function cancelPrompt(api: ComfyApi, id: string): Promise<boolean> {
  const cancelled = await api.cancelJob(id);
  if (cancelled !== undefined) return cancelled;
  let queue = await api.queue();
  if (queue.queue_pending.some((item) => item.id === id)) {
    await api.deletePending(id);
    queue = await api.queue();
    if (!queue.queue_running.some((item) => item.id === id)) return true;
  }
  if (!queue.queue_running.some((item) => item.id === id)) return false;
  await api.interrupt(id);
  return true;
}
