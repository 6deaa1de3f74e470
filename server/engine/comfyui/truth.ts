import { PixelsError } from "../../protocol/errors.ts";
import type { ComfyApi } from "./api.ts";
import { executionErrorSchema, type ExecutionStatus, type Outputs } from "./schemas.ts";

/** How a prompt stands by HTTP, which is the truth; the socket is a hint. */
export type Truth =
  | { readonly state: "pending" | "running" | "cancelled" | "unknown" }
  | { readonly state: "succeeded"; readonly outputs: Outputs }
  | { readonly state: "failed"; readonly error: PixelsError };

/**
 * Asks the jobs API where there is one, else queue and history, in this order: a prompt only ever goes from the
 * queue to the history, so it cannot slip through between the two. `unknown` is never proof of an end.
 */
export async function truthOf(api: ComfyApi, id: string): Promise<Truth> {
  const job = await api.job(id);
  if (job?.status === "pending") return { state: "pending" };
  if (job?.status === "in_progress") return { state: "running" };
  if (job?.outputs && job.execution_status) return ended(job.outputs, job.execution_status);
  if (job === undefined) {
    const { queue_running, queue_pending } = await api.queue();
    if (queue_running.some((item) => item.id === id)) return { state: "running" };
    if (queue_pending.some((item) => item.id === id)) return { state: "pending" };
  }
  const entry = await api.history(id);
  return entry === null ? { state: "unknown" } : ended(entry.outputs, entry.status ?? null);
}

/** Interrupt and error have the same `status_str`: the messages tell them apart. */
function ended(outputs: Outputs, status: ExecutionStatus | null): Truth {
  if (status === null || status.status_str === "success") return { state: "succeeded", outputs };
  const messages = status.messages;
  if (messages.some(([event]) => event === "execution_interrupted")) return { state: "cancelled" };
  const errors = messages.filter(([event]) => event === "execution_error").map(([, data]) => data);
  return { state: "failed", error: executionFailed(errors.findLast((data) => !isBlocked(data)) ?? errors.at(-1)) };
}

/** A node that was blocked on purpose reports an error that ends nothing. */
export function isBlocked(data: unknown): boolean {
  const parsed = executionErrorSchema.safeParse(data);
  return parsed.success && parsed.data.exception_type.includes("ExecutionBlocked");
}

function executionFailed(data: unknown): PixelsError {
  const parsed = executionErrorSchema.safeParse(data);
  if (!parsed.success) {
    return new PixelsError({
      code: "engine_failed",
      message: "The engine failed and does not say why",
      remedy: "Look at ComfyUI's log, then retry the job.",
    });
  }
  const { node_id, node_type, exception_type, exception_message } = parsed.data;
  const cause = `${exception_type}: ${exception_message.trim()}`;
  const outOfMemory = /out ?of ?memory|allocation on device/i.test(cause);
  return new PixelsError({
    code: "engine_failed",
    message: outOfMemory ? "The engine ran out of memory" : `The engine failed in its node ${node_type}`,
    cause,
    remedy: outOfMemory
      ? "Stop what else uses the GPU, or make the picture smaller, then retry the job."
      : "ComfyUI's log has the whole trace. Correct what it names, then retry the job.",
    data: { node: node_id ?? null, class: node_type },
  });
}
