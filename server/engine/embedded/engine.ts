import { setTimeout } from "node:timers/promises";
import { execute } from "./execute.ts";
import { History, type HistoryEntry } from "./history.ts";
import { OutputCache } from "./output-cache.ts";
import { PromptQueue, type QueuedPrompt } from "./queue.ts";
import { SocketHub } from "./socket-hub.ts";
import { readExtraData } from "./sprite-grid.ts";
import type { Faults } from "./faults.ts";
import type { SpriteGenerator } from "./generator.ts";
import type { Catalog } from "./nodes/node-class.ts";

export interface EngineOptions {
  readonly catalog: Catalog;
  readonly faults: Faults;
  readonly generator: SpriteGenerator;
  readonly jobSeconds: number;
  readonly older: boolean;
  /** Restarts the server: what the fault of that name asks for. */
  readonly restart: (downMs: number) => void;
}

/** All that a running ComfyUI holds in memory. A restart is a new one. */
export class Engine {
  readonly hub: SocketHub;
  readonly queue: PromptQueue;
  readonly history = new History();
  readonly #cache = new OutputCache();
  readonly #options: EngineOptions;
  readonly #closed = new AbortController();
  #interrupt = new AbortController();
  #number = 0;
  /** Client and node of the running prompt: all that a client which reconnects is told. */
  #current: { clientId: string | null; node: string | null } = { clientId: null, node: null };
  #freeAfterPrompt = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.hub = new SocketHub(options.faults, options.older);
    this.queue = new PromptQueue(() => this.hub.broadcast("status", { status: this.status() }));
  }

  status(): object {
    return { exec_info: { queue_remaining: this.queue.remaining } };
  }

  /** The number of a prompt that came without one; `front` puts it before all others. */
  nextNumber(front: boolean): number {
    const number = front ? -this.#number : this.#number;
    this.#number += 1;
    return number;
  }

  submit(prompt: QueuedPrompt): void {
    this.queue.put(prompt);
    void this.#work();
  }

  /** Stops the running prompt, when it is the one named or none is. */
  interrupt(id: string | null): boolean {
    const { running } = this.queue;
    if (running === null || (id !== null && running.id !== id)) return false;
    this.#interrupt.abort(new Error("The prompt was interrupted"));
    return true;
  }

  /** Forgets cached outputs once the running prompt has ended. */
  free(): void {
    if (this.queue.running === null) this.#cache.clear();
    else this.#freeAfterPrompt = true;
  }

  /** What a new socket is told: the status, and the node that runs when its own prompt does. */
  welcome(sid: string): (readonly [string, object])[] {
    const first: (readonly [string, object])[] = [["status", { status: this.status(), sid }]];
    if (this.#current.clientId === sid && this.#current.node !== null) {
      first.push(["executing", { node: this.#current.node }]);
    }
    return first;
  }

  /** Drops everything at once, as a killed process does. */
  close(): void {
    this.#closed.abort(new Error("The engine is closed"));
    this.#interrupt.abort(new Error("The engine is closed"));
    this.hub.terminate();
  }

  async #work(): Promise<void> {
    for (let prompt = this.queue.start(); prompt !== null; prompt = this.queue.start()) {
      const entry = await this.#run(prompt);
      if (this.#closed.signal.aborted) return;
      this.#remember(entry);
      this.queue.finish();
      // After the history: ComfyUI's own order.
      this.hub.send(prompt.clientId, "executing", { node: null, prompt_id: prompt.id });
      if (this.#freeAfterPrompt) this.#cache.clear();
      this.#freeAfterPrompt = false;
    }
  }

  async #run(prompt: QueuedPrompt): Promise<HistoryEntry> {
    const { faults, restart, older: _older, ...options } = this.#options;
    this.#interrupt = new AbortController();
    this.#current = { clientId: prompt.clientId, node: null };
    let stepsLeft = faults.peek("restart_with_empty_history")?.afterSteps ?? 1;
    const entry = await execute(prompt, {
      ...options,
      ...readExtraData(prompt.extraData),
      hub: this.hub,
      faults,
      cache: this.#cache,
      signal: this.#interrupt.signal,
      onNode: (node) => {
        this.#current = { clientId: prompt.clientId, node };
      },
      onSamplerStep: () => {
        stepsLeft -= 1;
        if (stepsLeft > 0) return;
        const fault = faults.take("restart_with_empty_history");
        if (fault !== null) restart(fault.downMs ?? 0);
      },
    });
    this.#current = { clientId: null, node: null };
    return entry;
  }

  #remember(entry: HistoryEntry): void {
    const late = this.#options.faults.take("late_history");
    if (late === null) {
      this.history.add(entry);
      return;
    }
    void setTimeout(late.ms ?? 300, undefined, { signal: this.#closed.signal, ref: false })
      .then(() => this.history.add(entry))
      // Closed meanwhile: nobody can ask for it any more.
      .catch(() => undefined);
  }
}
