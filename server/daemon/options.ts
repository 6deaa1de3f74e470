import { parseArgs } from "node:util";
import { PixelsError } from "../protocol/errors.ts";
import { type CurveServer, readCurveServer } from "./curve.ts";

/** What the daemon's command line says. */
export interface CommandLine {
  readonly stay: boolean;
  readonly foreground: boolean;
  readonly listen: { readonly address: string; readonly curve: CurveServer } | null;
}

/**
 * Reads `--stay`, `--foreground`, `--listen tcp://address:port` and `--keys file`. Throws `invalid_request` for
 * anything else, and for `--listen` without keys: what is reached over a network is never open.
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { stay, foreground, listen, keys } = parse(args);
  if (listen === undefined) return { stay, foreground, listen: null };
  if (!/^tcp:\/\/[^/]+:\d{1,5}$/.test(listen)) {
    throw new PixelsError({
      code: "invalid_request",
      message: `--listen ${listen} is no address`,
      remedy: "Give it as tcp://127.0.0.1:7311; events are published on the port after it.",
    });
  }
  if (keys === undefined) {
    throw new PixelsError({
      code: "invalid_request",
      message: "--listen needs --keys",
      cause: "Without keys anyone who reaches the port could use this machine.",
      remedy: "Make keys with `dgx-pixels daemon keys`, and name the daemon's file: --keys daemon-keys.json.",
    });
  }
  return { stay, foreground, listen: { address: listen, curve: readCurveServer(keys) } };
}

function parse(args: readonly string[]): { stay: boolean; foreground: boolean; listen?: string; keys?: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        stay: { type: "boolean", default: false },
        foreground: { type: "boolean", default: false },
        listen: { type: "string" },
        keys: { type: "string" },
      },
    });
    return values;
  } catch (error) {
    throw new PixelsError({
      code: "invalid_request",
      message: "The daemon's command line is not valid",
      cause: error instanceof Error ? error.message : String(error),
      remedy: "It knows --stay, --foreground, --listen and --keys.",
    });
  }
}
