import type { Job, Progress } from "../protocol/job.ts";

const barWidth = 24;

/** `█████░░░ 62 % 12/20 sampling · 4 s left`, at most `columns` wide. */
export function progressLine(title: string, progress: Progress, columns: number): string {
  const filled = Math.round(progress.fraction * barWidth);
  const bar = "█".repeat(filled) + "░".repeat(barWidth - filled);
  const percent = `${Math.round(progress.fraction * 100)} %`.padStart(5);
  const rest = describeProgress(progress);
  const room = Math.max(8, columns - barWidth - rest.length - 10);
  const label = title.length > room ? `${title.slice(0, room - 1)}…` : title;
  return `${bar} ${percent} ${label} · ${rest}`;
}

/** `sampling 12/20 · 4 s left` */
export function describeProgress({ stage, step, steps, etaSeconds }: Progress): string {
  const count = step === null || steps === null ? "" : ` ${step}/${steps}`;
  const left = etaSeconds === null ? "" : ` · ${Math.ceil(etaSeconds)} s left`;
  return `${stage}${count}${left}`;
}

/** What a job does now, in a few words. */
export function describeJob(job: Job): string {
  switch (job.state) {
    case "waiting":
      return job.waiting === null ? "waiting" : `waiting: ${job.waiting.detail}`;
    case "running":
      return job.progress === null ? "starting" : describeProgress(job.progress);
    case "succeeded":
      return job.startedAt === null || job.endedAt === null
        ? "done"
        : `done in ${((job.endedAt - job.startedAt) / 1000).toFixed(1)} s`;
    case "failed":
      return `failed: ${job.error?.message ?? "for an unknown reason"}`;
    case "cancelled":
      return "cancelled";
    default:
      return job.state satisfies never;
  }
}

const shortIdLength = 8;

/** `1b9d6bcd  generate  red dragon  ·  done in 4.2 s` */
export function jobLine(job: Job): string {
  return `${job.id.slice(0, shortIdLength)}  ${job.kind.padEnd(8)}  ${job.title}  ·  ${describeJob(job)}`;
}
