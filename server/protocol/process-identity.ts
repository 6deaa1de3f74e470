import { readFileSync } from "node:fs";
import { errnoOf } from "./errors.ts";

/** A process that can be told from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's boot to the process's start; null where `/proc` does not tell. */
  readonly startTime: string | null;
}

/** Field 22 of the main thread's stat file (proc_pid_stat(5)); null without `/proc` or without the process. */
export function processStartTime(pid: number): string | null {
  try {
    // Not `/proc/<pid>/stat`, which says the same: to a process it emulates, qemu makes that file up.
    const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state] = fields;
    return state === "Z" || state === "X" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** Whether that very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.startTime !== null) return processStartTime(identity.pid) === identity.startTime;
  try {
    process.kill(identity.pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === "EPERM";
  }
}
