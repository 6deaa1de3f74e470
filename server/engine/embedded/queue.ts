import type { Graph } from "./graph.ts";

/** A prompt that was accepted. */
export interface QueuedPrompt {
  /** Lower runs first; negative numbers were asked to the front. */
  readonly number: number;
  readonly id: string;
  readonly graph: Graph;
  readonly extraData: Readonly<Record<string, unknown>>;
  readonly clientId: string | null;
  /** The output nodes to run. */
  readonly outputs: readonly string[];
  readonly createdAt: number;
}

/** A prompt as `/queue` and `/history` show it. */
export function promptTuple(prompt: QueuedPrompt): readonly unknown[] {
  return [prompt.number, prompt.id, prompt.graph, prompt.extraData, prompt.outputs];
}

/** What waits and what runs: one prompt at a time, by number. */
export class PromptQueue {
  readonly #onChange: () => void;
  #pending: QueuedPrompt[] = [];
  #running: QueuedPrompt | null = null;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get running(): QueuedPrompt | null {
    return this.#running;
  }

  /** In the order it will run. */
  get pending(): readonly QueuedPrompt[] {
    return this.#pending.toSorted((a, b) => a.number - b.number);
  }

  get remaining(): number {
    return this.#pending.length + (this.#running === null ? 0 : 1);
  }

  put(prompt: QueuedPrompt): void {
    this.#pending.push(prompt);
    this.#onChange();
  }

  /** Makes the next prompt the running one, or null when none waits or one runs. */
  start(): QueuedPrompt | null {
    const next = this.pending[0];
    if (this.#running !== null || next === undefined) return null;
    this.#pending = this.#pending.filter((prompt) => prompt !== next);
    this.#running = next;
    this.#onChange();
    return next;
  }

  finish(): void {
    this.#running = null;
    this.#onChange();
  }

  /** Takes a pending prompt out. */
  remove(id: string): boolean {
    const before = this.#pending.length;
    this.#pending = this.#pending.filter((prompt) => prompt.id !== id);
    if (this.#pending.length === before) return false;
    this.#onChange();
    return true;
  }

  clear(): void {
    this.#pending = [];
    this.#onChange();
  }
}
