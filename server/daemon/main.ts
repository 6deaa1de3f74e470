import { PixelsError } from "../protocol/errors.ts";
import { stateFolderPath } from "../protocol/state-folder.ts";
import { makeKeys } from "./curve.ts";
import { Daemon } from "./daemon.ts";
import { readCommandLine } from "./options.ts";
import { createService } from "./service.ts";

/** Milliseconds after which a daemon that crashed ends, whatever it was storing. */
const crashMs = 5000;

const stateFolder = stateFolderPath();
const args = process.argv.slice(2);

async function main(): Promise<void> {
  const { foreground, makeKeys: keysFolder, ...options } = readCommandLine(args);
  if (keysFolder !== null) {
    const files = makeKeys(keysFolder);
    console.log(`The daemon's keys: ${files.daemon}\nThe client's keys: ${files.client}`);
    return;
  }
  const starting = Daemon.start({ ...options, foreground, stateFolder, createService, args: withoutForeground(args) });
  // Also while it starts: it is found by clients before this process knows.
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => void starting.then((daemon) => daemon?.stop("signal"), ignore));
  }
  const daemon = await starting;
  if (!daemon) {
    if (foreground) console.error(`A daemon is already running for ${stateFolder}.`);
    return;
  }
  const crash = (thrown: unknown) => {
    daemon.log("error", `Internal error: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
    process.exitCode = 1;
    setTimeout(() => process.exit(1), crashMs).unref();
    void daemon.stop("an internal error");
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  await daemon.ended;
}

function ignore(): void {
  // What `main` awaits too, and reports.
}

/** Another daemon, started by a client in its place, is in nobody's foreground. */
function withoutForeground(all: readonly string[]): string[] {
  return all.filter((arg) => arg !== "--foreground");
}

try {
  await main();
  process.exit();
} catch (thrown) {
  const { message, why, remedy } = PixelsError.from(thrown, "Starting the daemon");
  // Standard error is the log when a client started this, and the terminal when a person did.
  console.error([message, why, remedy].filter(Boolean).join("\n"));
  process.exit(1);
}
