import type { JobRecord } from "./record.ts";

/**
 * The jobs that a retry makes wait again: the job, what it needs that did not succeed, and what ended because of it.
 * `family` are the jobs of its group.
 */
export function retriedWith(job: JobRecord, family: readonly JobRecord[]): string[] {
  const chosen = new Map([[job.id, job]]);
  // A map gives what is added while it is walked.
  for (const member of chosen.values()) {
    for (const other of family) {
      const isNeeded = member.dependsOn.includes(other.id);
      const endedWith = other.dependsOn.includes(member.id) && other.error?.data?.["dependency"] === member.id;
      const endedBadly = other.state === "failed" || other.state === "cancelled";
      if (endedBadly && (isNeeded || endedWith)) chosen.set(other.id, other);
    }
  }
  return [...chosen.keys()];
}
