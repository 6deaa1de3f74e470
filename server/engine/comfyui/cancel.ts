import { setTimeout as delay } from "node:timers/promises";
import { PixelsError } from "../../protocol/errors.ts";
import type { ComfyApi } from "./api.ts";
import type { Timings } from "./timings.ts";
import { truthOf } from "./truth.ts";

export interface Stopped {
  /** The server still had the prompt when it was first told. */
  readonly had: boolean;
  /** It has it no more. */
  readonly confirmed: boolean;
  /** Why it is not confirmed. */
  readonly cause?: string;
}

/**
 * Stops exactly one prompt, and sees to it that it has stopped: a prompt that is just starting clears an interrupt
 * that came a moment before, so it is told again. Gives up after `cancelMs`; never rejects.
 */
export async function stopPrompt(api: ComfyApi, id: string, timings: Timings): Promise<Stopped> {
  const end = performance.now() + timings.cancelMs;
  let tellAgain = 0;
  let had: boolean | null = null;
  let cause = "";
  do {
    try {
      if (performance.now() >= tellAgain) {
        const told = await tellToStop(api, id);
        had ??= told;
        tellAgain = performance.now() + timings.pollMs;
      }
      const { state } = await truthOf(api, id);
      if (state !== "pending" && state !== "running") return { had: had ?? false, confirmed: true };
      cause = "The engine has not stopped it yet.";
    } catch (error) {
      cause = `The engine could not be told: ${PixelsError.from(error, "Cancelling").why ?? String(error)}`;
    }
    await delay(timings.retryMs);
  } while (performance.now() < end);
  return { had: had ?? false, confirmed: false, cause };
}

/** True when the server still had it. Newer servers do it in one step; on older ones it may start in between. */
async function tellToStop(api: ComfyApi, id: string): Promise<boolean> {
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
