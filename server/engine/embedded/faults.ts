/** What can be made to go wrong. Each fault lasts until it is cleared, or for `times` occasions. */
export interface FaultOptions {
  /** Destroys the client's WebSocket after so many events of a job (1); the job goes on. */
  lost_socket: { afterEvents?: number };
  /** Keeps WebSockets open but sends nothing more through them, pings included. */
  half_open_socket: object;
  /** Accepts connections and answers nothing, on HTTP and WebSocket alike. */
  silent_server: object;
  /** Restarts the server in the middle of the next job, after so many sampler steps (1). */
  restart_with_empty_history: { afterSteps?: number; downMs?: number };
  /** Writes a finished job into the history so many milliseconds (300) after it ended. */
  late_history: { ms?: number };
  /** Puts NaN and Infinity into every JSON object, as Python's `json.dumps` does. */
  nan_in_json: object;
  /** Answers `/prompt` with 200 and node_errors: the graph's last output is dropped, the others run. */
  node_errors_on_success: object;
  /** Sends the first part (half) of an image: as a complete reply, or (`cut`) dropping the connection. */
  truncated_image: { fraction?: number; cut?: boolean };
  /** Sends every body a few bytes (16) at a time with a pause (20 ms) between. */
  slow_drip: { bytes?: number; ms?: number };
  /** Calls every body `text/html`. */
  wrong_content_type: object;
  /** Answers 500 with an HTML page, on the paths that start with `path` (all). */
  internal_server_error: { path?: string; status?: number };
  /** Queues the prompt and drops the connection instead of answering. */
  lost_reply: object;
  /** Resets the connection of any request without an answer. */
  connection_reset: { path?: string };
  /** Fails a job in its sampler (or the first node of class `node`) with a Python exception. */
  execution_error: { node?: string; message?: string };
  /** Fails a job in its sampler as CUDA does when memory runs out. */
  out_of_memory: object;
  /** Sends events of unknown types, and binary frames of unknown kinds, between the others. */
  unknown_events: object;
}

export type FaultName = keyof FaultOptions;

/** The faults that are on. A server without faults has an empty one. */
export class Faults {
  readonly #options: { [N in FaultName]?: Partial<FaultOptions[N]> } = {};
  readonly #left = new Map<FaultName, number>();
  readonly #listeners = new Set<() => void>();

  /** Switches a fault on, for `times` occasions (default: until cleared). */
  set<N extends FaultName>(name: N, options: Partial<FaultOptions[N]> & { times?: number } = {}): void {
    this.#options[name] = options;
    this.#left.set(name, options.times ?? Infinity);
    this.#changed();
  }

  /** Switches one fault, or all, off. */
  clear(name?: FaultName): void {
    if (name === undefined) this.#left.clear();
    else this.#left.delete(name);
    this.#changed();
  }

  /** The fault's options when it is on; counts nothing. */
  peek<N extends FaultName>(name: N): Partial<FaultOptions[N]> | null {
    return this.#left.has(name) ? (this.#options[name] ?? null) : null;
  }

  /** The fault's options when it is on; counts one occasion. */
  take<N extends FaultName>(name: N): Partial<FaultOptions[N]> | null {
    const options = this.peek(name);
    const left = (this.#left.get(name) ?? 0) - 1;
    if (left > 0) this.#left.set(name, left);
    else if (this.#left.delete(name)) this.#changed();
    return options;
  }

  /** Resolves when `name` is off: a silent server speaks again. */
  async until(name: FaultName, signal: AbortSignal): Promise<void> {
    while (this.#left.has(name) && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#listeners.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      this.#listeners.delete(resolve);
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
