import { Worker } from "node:worker_threads";
import { entryPointPath } from "../protocol/entry-points.ts";
import { PixelsError } from "../protocol/errors.ts";
import type { PixelReply, PixelTask, PixelTaskResult } from "./pixel-task.ts";

/** An idle thread holds some 30 MB, which a resting daemon has better uses for. */
const idleMs = 20_000;

interface Pending {
  readonly task: PixelTask;
  readonly settle: (outcome: PixelReply) => void;
}

interface Thread {
  readonly worker: Worker;
  current: Pending | null;
  idleTimer: NodeJS.Timeout | null;
}

/**
 * Threads that turn pictures into sprites, started as tasks come and stopped when idle.
 * A thread that dies fails its own task with `internal`; the next task gets a new thread.
 */
export class PixelPool {
  readonly #size: number;
  readonly #entry: string;
  readonly #threads = new Set<Thread>();
  readonly #queue: Pending[] = [];
  #closed = false;

  /** `size` ≥ 1 threads at most; `entry` is the worker's program. */
  constructor({ size, entry = entryPointPath("pixel-worker") }: { size: number; entry?: string }) {
    this.#size = size;
    this.#entry = entry;
  }

  /**
   * Runs one task in its turn. Bytes among the sources are transferred: the caller's view is empty afterwards.
   * Throws PixelsError: the task's own, `cancelled` once `signal` aborts or the pool closes, `internal` when the thread died.
   */
  async run(task: PixelTask, signal?: AbortSignal): Promise<PixelTaskResult> {
    if (this.#closed) throw cancelled("The pixel pool is closed");
    if (signal?.aborted) throw cancelled("Making the sprite was cancelled");
    const { promise, resolve } = Promise.withResolvers<PixelReply>();
    const pending: Pending = { task, settle: resolve };
    const abort = (): void => this.#abandon(pending, "Making the sprite was cancelled");
    signal?.addEventListener("abort", abort, { once: true });
    this.#queue.push(pending);
    this.#dispatch();
    try {
      const reply = await promise;
      if (!reply.ok) throw new PixelsError(reply.error);
      return reply.result;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Cancels what waits or runs and ends every thread. */
  async close(): Promise<void> {
    this.#closed = true;
    const ended = [...this.#threads].map((thread) => thread.worker.terminate());
    for (const pending of this.#queue.splice(0)) pending.settle(failure(cancelled("The pixel pool was closed")));
    for (const { current } of this.#threads) current?.settle(failure(cancelled("The pixel pool was closed")));
    await Promise.all(ended);
  }

  #abandon(pending: Pending, message: string): void {
    pending.settle(failure(cancelled(message)));
    const queued = this.#queue.indexOf(pending);
    if (queued >= 0) this.#queue.splice(queued, 1);
    // Pixel code runs without pause, so only ending its thread frees it at once.
    for (const thread of this.#threads) if (thread.current === pending) void thread.worker.terminate();
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && !this.#closed) {
      const thread = this.#idleThread();
      const pending = thread && this.#queue.shift();
      if (!thread || !pending) return;
      if (thread.idleTimer) clearTimeout(thread.idleTimer);
      thread.current = pending;
      const sources = pending.task.sources.map((source) => (typeof source === "string" ? source : ownBytes(source)));
      const buffers = sources.flatMap((source) => (typeof source === "string" ? [] : [source.buffer]));
      thread.worker.postMessage({ ...pending.task, sources }, [...new Set(buffers)]);
    }
  }

  #idleThread(): Thread | null {
    for (const thread of this.#threads) if (thread.current === null) return thread;
    return this.#threads.size < this.#size ? this.#start() : null;
  }

  #start(): Thread {
    const worker = new Worker(this.#entry, { name: "pixels", execArgv: [] });
    const thread: Thread = { worker, current: null, idleTimer: null };
    let cause = "it ended without an answer";
    worker.on("message", (reply: PixelReply) => {
      thread.current?.settle(reply);
      thread.current = null;
      // An idle thread must not keep the daemon from ending.
      thread.idleTimer = setTimeout(() => void worker.terminate(), idleMs).unref();
      this.#dispatch();
    });
    worker.on("error", (error) => (cause = error instanceof Error ? error.message : String(error)));
    worker.on("exit", () => {
      this.#threads.delete(thread);
      if (thread.idleTimer) clearTimeout(thread.idleTimer);
      thread.current?.settle(
        failure(
          new PixelsError({
            code: "internal",
            message: "The pixel worker died while it made this sprite",
            cause,
            remedy: "Retry the job; if it dies again, render smaller or make fewer frames.",
          }),
        ),
      );
      this.#dispatch();
    });
    this.#threads.add(thread);
    return thread;
  }
}

function failure(error: PixelsError): PixelReply {
  return { ok: false, error: error.toInfo() };
}

function cancelled(message: string): PixelsError {
  return new PixelsError({ code: "cancelled", message });
}

/** A Buffer may lie in Node's shared pool or in native memory, which cannot be transferred: it is copied first. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const ownsAll = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return ownsAll && !Buffer.isBuffer(bytes) ? new Uint8Array(buffer) : Uint8Array.from(bytes);
}
