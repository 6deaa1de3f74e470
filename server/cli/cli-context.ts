import { resolve } from "node:path";
import type { DaemonClient } from "../client/daemon-client.ts";
import type { Output } from "./output.ts";
import type { TerminalIo } from "./terminal-io.ts";

/** What every command works with. */
export interface CliContext {
  readonly io: TerminalIo;
  readonly output: Output;
  /** `--project DIR`, or where the person stands; absolute. */
  readonly folder: string;
  /** Finds the daemon, or starts it. Connects once, however often it is asked. */
  daemon(): Promise<DaemonClient>;
}

/** A path as the person wrote it, made absolute from where they stand. */
export function personPath(context: CliContext, path: string): string {
  return resolve(context.io.cwd, path);
}
