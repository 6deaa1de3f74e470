import type { DaemonEvent } from "../server/protocol/events.ts";
import { exchanges } from "../server/protocol/golden/samples.ts";

/** Asks ipc-server.ts to publish. */
export interface Command {
  readonly over: "daemon" | "raw";
  readonly count: number;
}

/** An event of the commonest kind, which carries the time it was published at: nanoseconds of the machine's clock. */
export function progressEvent(nanoseconds: number): DaemonEvent {
  const progress = { stage: "sampling", fraction: 0.5, step: 12, steps: 24, etaSeconds: nanoseconds };
  return { type: "progress", job: exchanges["jobs.get"].result.job.id, progress };
}
