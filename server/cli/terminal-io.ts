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

export function processIo(): TerminalIo {
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // A second Ctrl-C does not wait for anything.
      if (interrupt.signal.aborted) process.exit(130);
      interrupt.abort();
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
