import { z } from "zod";

/**
 * Every way a request or a job can fail, as a stable code that clients may act on.
 * The text a person reads is in `message`, `cause` and `remedy`.
 */
export const errorCodes = [
  "invalid_request", // a message or argument does not fit its schema
  "invalid_directive",
  "invalid_file", // RON, TOML, lock, workflow or slots file that cannot be read
  "invalid_image",
  "invalid_target", // a name, size or path that must not be written
  "not_found",
  "conflict", // the file changed underneath, or is the person's own
  "unknown_model",
  "unknown_workflow",
  "missing_slot",
  "engine_unavailable",
  "engine_rejected", // the engine refused the graph
  "engine_failed", // the engine started and failed
  "engine_lost", // the engine no longer knows the job
  "quality_rejected",
  "deadline_exceeded",
  "cancelled",
  "storage_full",
  "storage_failed",
  "permission_denied",
  "unsupported",
  "protocol_mismatch",
  "daemon_unavailable",
  "internal",
] as const;

export const errorSchema = z.strictObject({
  code: z.enum(errorCodes),
  /** What failed, in the person's terms. */
  message: z.string(),
  /** Why, where it is known. */
  cause: z.string().optional(),
  /** What to do next. */
  remedy: z.string().optional(),
  /** Facts a program may use: the slot's name, the nearest models, a position. */
  data: z.record(z.string(), z.unknown()).optional(),
});

export type ErrorCode = (typeof errorCodes)[number];
export type ErrorInfo = z.infer<typeof errorSchema>;

/** The one error class that crosses a border: what failed, why, and what to do next. */
export class PixelsError extends Error {
  readonly code: ErrorCode;
  readonly why: string | undefined;
  readonly remedy: string | undefined;
  readonly data: Record<string, unknown> | undefined;

  constructor(info: ErrorInfo, options?: ErrorOptions) {
    super(info.message, options);
    this.name = "PixelsError";
    this.code = info.code;
    this.why = info.cause;
    this.remedy = info.remedy;
    this.data = info.data;
  }

  toInfo(): ErrorInfo {
    return {
      code: this.code,
      message: this.message,
      ...(this.why !== undefined && { cause: this.why }),
      ...(this.remedy !== undefined && { remedy: this.remedy }),
      ...(this.data !== undefined && { data: this.data }),
    };
  }

  /** Anything thrown, as a `PixelsError`; file-system errors get their own code and remedy. */
  static from(thrown: unknown, doing: string): PixelsError {
    if (thrown instanceof PixelsError) return thrown;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const errno = (error as NodeJS.ErrnoException).code;
    const known = errno === undefined ? undefined : fileSystemErrors[errno];
    return new PixelsError(
      {
        code: known?.code ?? "internal",
        message: `${doing} failed`,
        cause: error.message,
        ...(known && { remedy: known.remedy }),
      },
      { cause: error },
    );
  }
}

/** The system's name of a failure, such as `ENOENT`; undefined when what was thrown has none. */
export function errnoOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}

const fileSystemErrors: Record<string, { code: ErrorCode; remedy: string }> = {
  ENOSPC: { code: "storage_full", remedy: "Free some disk space, then retry the job." },
  EDQUOT: { code: "storage_full", remedy: "Your disk quota is used up: free some space, then retry the job." },
  EACCES: { code: "permission_denied", remedy: "Make the file and its folder writable for your user, then retry." },
  EPERM: { code: "permission_denied", remedy: "Make the file and its folder writable for your user, then retry." },
  EROFS: { code: "permission_denied", remedy: "The file system is read-only: remount it writable, then retry." },
  ENOENT: { code: "not_found", remedy: "Check that the path exists." },
  EEXIST: { code: "conflict", remedy: "Something else has this name: move it away, or choose another name." },
  ENOTDIR: { code: "invalid_target", remedy: "A part of the path is a file, not a folder: correct the path." },
  EISDIR: { code: "invalid_target", remedy: "This is a folder: name a file." },
  ELOOP: { code: "invalid_target", remedy: "The links lead in a circle: replace one of them by what it stands for." },
  ENAMETOOLONG: { code: "invalid_target", remedy: "Use a shorter name." },
};
