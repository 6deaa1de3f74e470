import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { entryPointPath } from "../../protocol/entry-points.ts";
import { PixelsError } from "../../protocol/errors.ts";

const readyLine = z.object({ url: z.url() });

/** Milliseconds a child may take to say that it is ready, and to end once its input is closed. */
const startLimit = 30_000;
const endLimit = 3_000;

/** What the child said last on stderr, for the message when it dies. */
const keptLines = 20;

/** A running embedded engine. */
export interface EmbeddedProcess {
  readonly url: string;
  /** Settles when the process has ended, however it ended, with the last it said. */
  readonly ended: Promise<string>;
  /** Closes its input, upon which it ends; one that does not is killed. */
  stop(): Promise<void>;
}

export type StartEmbedded = (log: (line: string) => void) => Promise<EmbeddedProcess>;

/** Starts the embedded engine as a child process. Throws `engine_unavailable` when it does not come up. */
export const startEmbeddedProcess: StartEmbedded = async (log) => {
  const child = spawn(process.execPath, [entryPointPath("embedded-engine")], { stdio: ["pipe", "pipe", "pipe"] });
  const said: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    said.push(line);
    if (said.length > keptLines) said.shift();
    log(line);
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(String(error)));
    child.once("close", (code, signal) => resolve(said.join("\n") || `it ended with ${signal ?? `code ${code}`}`));
  });
  // A child that died takes the pipe with it; that is told by `ended`.
  child.stdin.on("error", () => undefined);
  try {
    const url = await readUrl(child, ended);
    return { url, ended, stop: () => stop(child, ended) };
  } catch (error) {
    await stop(child, ended);
    throw error;
  }
};

async function readUrl(child: ChildProcess, ended: Promise<string>): Promise<string> {
  if (!child.stdout) throw failed("it has no output");
  const lines = createInterface({ input: child.stdout });
  const timer = new AbortController();
  try {
    return await Promise.race([
      new Promise<string>((resolve, reject) => {
        lines.on("line", (line) => {
          try {
            resolve(readyLine.parse(JSON.parse(line)).url);
          } catch {
            reject(failed(`it said: ${line}`));
          }
        });
      }),
      ended.then((last) => Promise.reject(failed(last))),
      after(startLimit, timer.signal).then(() => Promise.reject(failed("it did not say that it is ready"))),
    ]);
  } finally {
    timer.abort();
    lines.removeAllListeners("line");
  }
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.stdin?.end();
  const timer = new AbortController();
  const late = after(endLimit, timer.signal).then(() => child.kill("SIGKILL"));
  await Promise.race([ended, late]);
  timer.abort();
  await ended;
}

/** Settles after so many milliseconds, never once aborted. */
function after(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}

function failed(cause: string): PixelsError {
  return new PixelsError({
    code: "engine_unavailable",
    message: "The embedded engine does not start",
    cause,
    remedy: "Run `dgx-pixels doctor`; the daemon's log has what it said.",
  });
}
