import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";
import { entryPointPath } from "../../protocol/entry-points.ts";
import { PixelsError } from "../../protocol/errors.ts";

export interface EmbeddedEngineOptions {
  /** Path of the Node that runs it. */
  readonly node?: string;
  /** Arguments of `main.ts`, such as `--job-seconds 1`. */
  readonly args?: readonly string[];
  /** Lines of its standard error. */
  readonly log: (line: string) => void;
  /** Stops it, before or after it is ready. */
  readonly signal?: AbortSignal;
  /** Milliseconds it may take to be ready. */
  readonly startMs?: number;
}

export interface EmbeddedEngine {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
  /** Ends the process: by closing its pipe, and by force when it is still there after 2 s. */
  stop(): Promise<void>;
}

const readyLine = z.object({ url: z.url() });
const defaultStartMs = 15_000;
const patienceMs = 2000;

/**
 * Starts the embedded engine as a child that lives no longer than this process.
 * Throws `engine_unavailable` when it does not come up.
 */
export async function startEmbeddedEngine(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  options.signal?.throwIfAborted();
  const child = spawn(
    options.node ?? process.execPath,
    [entryPointPath("embedded-engine"), ...(options.args ?? [])],
    // No descriptor but its own three, and a pipe as its standard input whose end tells it that this process is gone.
    { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, NODE_OPTIONS: "" } },
  );
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    errors.push(line);
    if (errors.length > 20) errors.shift();
    options.log(line);
  });
  child.stdin.on("error", () => undefined);
  const exited = ended(child);
  const stop = async (): Promise<void> => {
    child.stdin.end();
    const force = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    await exited;
    clearTimeout(force);
  };
  options.signal?.addEventListener("abort", () => void stop(), { once: true });

  const line = await firstLine(child, exited, options.startMs ?? defaultStartMs);
  const ready = line === null ? null : readyLine.safeParse(parseJson(line));
  if (ready?.success !== true || child.pid === undefined) {
    child.kill("SIGKILL");
    await exited;
    options.signal?.throwIfAborted();
    throw new PixelsError({
      code: "engine_unavailable",
      message: "The embedded engine does not start",
      cause: errors.join("\n") || "It ended, or gave no address in time.",
      remedy: "Run `dgx-pixels doctor`; or name a ComfyUI in the daemon's config.toml.",
    });
  }
  return { url: ready.data.url, pid: child.pid, exited, stop };
}

/** Resolves when the process is gone, or never came to be. */
async function ended(child: ChildProcess): Promise<void> {
  await Promise.race([once(child, "exit"), once(child, "error")]).catch(() => undefined);
}

/** Its first line of standard output, or null when it ends or is silent for too long. */
async function firstLine(child: ChildProcess, exited: Promise<void>, startMs: number): Promise<string | null> {
  if (child.stdout === null) return null;
  const lines = createInterface({ input: child.stdout });
  const silence = Promise.withResolvers<null>();
  const timer = setTimeout(() => silence.resolve(null), startMs);
  const line = await Promise.race([
    once(lines, "line").then(([text]) => String(text)),
    exited.then(() => null),
    silence.promise,
  ]);
  clearTimeout(timer);
  return line;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
