import { parseArgs } from "node:util";
import { PixelsError } from "../protocol/errors.ts";
import { type CurveServer, readCurveServer } from "./curve.ts";

/** What the daemon's command line says. */
export interface CommandLine {
  readonly stay: boolean;
  readonly foreground: boolean;
  readonly listen: { readonly address: string; readonly curve: CurveServer } | null;
  /** Only makes keys, in this folder. */
  readonly makeKeys: string | null;
}

/**
 * Reads `--stay`, `--foreground`, `--listen tcp://address:port`, `--keys file` and `--make-keys folder`. Throws `invalid_request` for
 * anything else, and for `--listen` without keys: what is reached over a network is never open.
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { stay, foreground, listen, keys, "make-keys": makeKeys = null } = parse(args);
  const options = { stay, foreground, makeKeys };
  if (listen === undefined) return { ...options, listen: null };
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
      remedy: "Make keys with --make-keys FOLDER, and name the daemon's: --keys FOLDER/daemon-keys.json.",
    });
  }
  return { ...options, listen: { address: listen, curve: readCurveServer(keys) } };
}

interface Values {
  stay: boolean;
  foreground: boolean;
  listen?: string;
  keys?: string;
  "make-keys"?: string;
}

function parse(args: readonly string[]): Values {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        stay: { type: "boolean", default: false },
        foreground: { type: "boolean", default: false },
        listen: { type: "string" },
        keys: { type: "string" },
        "make-keys": { type: "string" },
      },
    });
    return values;
  } catch (error) {
    throw new PixelsError({
      code: "invalid_request",
      message: "The daemon's command line is not valid",
      cause: error instanceof Error ? error.message : String(error),
      remedy: "It knows --stay, --foreground, --listen, --keys and --make-keys.",
    });
  }
}
