import type { Method } from "./requests.ts";

/**
 * Requests that would do something else when made twice. The daemon answers a repeat of one (same client, same id)
 * with the reply it gave; a client never repeats one to another instance of the daemon.
 */
const unrepeatable: ReadonlySet<Method> = new Set<Method>(["sprites.undo", "jobs.retry", "daemon.stop"]);

export function isRepeatable(method: Method): boolean {
  return !unrepeatable.has(method);
}
