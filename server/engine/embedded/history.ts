import { promptTuple, type QueuedPrompt } from "./queue.ts";

/** Finished prompts kept; the oldest goes first. ComfyUI keeps 10,000. */
const maxEntries = 2000;

export type NodeOutputs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** How a prompt ended, with the events of its end that ComfyUI keeps. */
export interface HistoryEntry {
  readonly prompt: QueuedPrompt;
  readonly outputs: NodeOutputs;
  readonly succeeded: boolean;
  readonly messages: readonly (readonly [event: string, data: Readonly<Record<string, unknown>>])[];
}

/** What has ended, in memory alone: a restart forgets it. */
export class History {
  readonly #entries = new Map<string, HistoryEntry>();

  add(entry: HistoryEntry): void {
    this.#entries.set(entry.prompt.id, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }

  get(id: string): HistoryEntry | null {
    return this.#entries.get(id) ?? null;
  }

  /** Oldest first. */
  all(): HistoryEntry[] {
    return [...this.#entries.values()];
  }

  remove(id: string): void {
    this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** An entry as `/history` gives it. */
export function historyJson({ prompt, outputs, succeeded, messages }: HistoryEntry): object {
  return {
    prompt: promptTuple(prompt),
    outputs,
    status: { status_str: succeeded ? "success" : "error", completed: succeeded, messages },
    meta: Object.fromEntries(
      Object.keys(outputs).map((id) => [id, { node_id: id, display_node: id, parent_node: null, real_node_id: id }]),
    ),
  };
}
