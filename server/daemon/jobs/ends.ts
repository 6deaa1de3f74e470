import { type ErrorInfo, PixelsError } from "../../protocol/errors.ts";

export function cancelled(): PixelsError {
  return new PixelsError({ code: "cancelled", message: "The job was cancelled" });
}

export function deadlineExceeded(): PixelsError {
  return new PixelsError({
    code: "deadline_exceeded",
    message: "The job was not done by its deadline",
    remedy: "Retry it without a deadline, or give it a longer one.",
  });
}

/** A job that ran each time the daemon died is the likeliest cause. */
export function interrupted(): PixelsError {
  return new PixelsError({
    code: "internal",
    message: "The daemon stopped again and again while this job ran",
    cause: "The job is given up so that the others can run.",
    remedy: "Look into the daemon's log, then retry the job.",
  });
}

/** A job ends as what it needed ended. */
export function dependencyEnded(dependency: { id: string; title: string; error: ErrorInfo | null }): PixelsError {
  const { id, title, error } = dependency;
  const code = error?.code ?? "cancelled";
  return new PixelsError({
    code,
    message: `Not done, because “${title}” ${code === "cancelled" ? "was cancelled" : "failed"}`,
    ...(error && { cause: error.message }),
    ...(error?.remedy !== undefined && { remedy: error.remedy }),
    data: { dependency: id },
  });
}
