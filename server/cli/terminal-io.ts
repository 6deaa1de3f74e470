import { constants } from "node:os";
import { errnoOf } from "../protocol/errors.ts";
import { exitCodes } from "./exit-codes.ts";

/** Everything the command line touches of its process, so that tests run it without one. */
export interface TerminalIo {
  readonly out: NodeJS.WritableStream & { readonly columns?: number; readonly isTTY?: boolean };
  readonly err: NodeJS.WritableStream;
  readonly input: NodeJS.ReadStream;
  /** Standard output is a terminal that a person reads. */
  readonly interactive: boolean;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts at the first Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
}

/** A press of Ctrl-C comes from the terminal and again through the launcher; a person takes longer to press twice. */
const samePressMs = 200;

export function processIo(): TerminalIo {
  const interrupt = new AbortController();
  let interruptedAt = 0;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (!interrupt.signal.aborted) {
        interruptedAt = performance.now();
        interrupt.abort();
      } else if (performance.now() - interruptedAt > samePressMs) {
        // A second Ctrl-C does not wait for anything.
        process.exit(exitCodes.cancelled);
      }
    });
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      // Whoever read it, such as `head`, has enough: end as a program that this signal stops.
      if (errnoOf(error) === "EPIPE") process.exit(128 + constants.signals.SIGPIPE);
      throw error;
    });
  }
  return {
    out: process.stdout,
    err: process.stderr,
    input: process.stdin,
    interactive: process.stdout.isTTY,
    // npm runs scripts in the package's folder; INIT_CWD is where the person stood.
    cwd: process.env["DGX_PIXELS_CWD"] ?? process.cwd(),
    env: process.env,
    interrupted: interrupt.signal,
  };
}
