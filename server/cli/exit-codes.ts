import type { ErrorCode } from "../protocol/errors.ts";

/** What the process's exit code says. Documented in docs/cli.md. */
export const exitCodes = {
  ok: 0,
  /** A job failed, or doctor found an error. */
  failed: 1,
  /** The command line, a directive, a file or a name is not valid; nothing that depends on it was changed. */
  invalid: 2,
  /** The job, file, model or workflow does not exist. */
  notFound: 3,
  /** A file is the person's own, or changed underneath; `--replace` decides. */
  conflict: 4,
  /** The engine cannot be reached. */
  engineUnavailable: 5,
  /** The daemon could not be found, started or understood. */
  daemonUnavailable: 6,
  /** Cancelled, by Ctrl-C or from elsewhere. */
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byError: Record<ErrorCode, ExitCode> = {
  invalid_request: exitCodes.invalid,
  invalid_directive: exitCodes.invalid,
  invalid_file: exitCodes.invalid,
  invalid_image: exitCodes.invalid,
  invalid_target: exitCodes.invalid,
  not_found: exitCodes.notFound,
  conflict: exitCodes.conflict,
  unknown_model: exitCodes.notFound,
  unknown_workflow: exitCodes.notFound,
  missing_slot: exitCodes.invalid,
  engine_unavailable: exitCodes.engineUnavailable,
  engine_rejected: exitCodes.failed,
  engine_failed: exitCodes.failed,
  engine_lost: exitCodes.failed,
  quality_rejected: exitCodes.failed,
  deadline_exceeded: exitCodes.failed,
  cancelled: exitCodes.cancelled,
  storage_full: exitCodes.failed,
  storage_failed: exitCodes.failed,
  permission_denied: exitCodes.failed,
  unsupported: exitCodes.failed,
  protocol_mismatch: exitCodes.daemonUnavailable,
  daemon_unavailable: exitCodes.daemonUnavailable,
  internal: exitCodes.failed,
};

export function exitCodeFor(code: ErrorCode): ExitCode {
  return byError[code];
}
