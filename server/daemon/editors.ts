import type { DaemonEvent, EditRequest } from "../protocol/events.ts";
import type { EditOutcome } from "./service.ts";

interface Asked {
  readonly client: string;
  readonly timer: NodeJS.Timeout;
  settle(outcome: EditOutcome): void;
}

/** Documents that editors hold unsaved, and the edits they were asked to make in them. */
export class Editors {
  readonly #publish: (event: DaemonEvent) => void;
  readonly #answerMs: number;
  readonly #unsaved = new Map<string, ReadonlySet<string>>();
  readonly #asked = new Map<string, Asked>();

  /** `answerMs`: an editor that has not answered by then counts as refusing. */
  constructor(publish: (event: DaemonEvent) => void, answerMs = 10_000) {
    this.#publish = publish;
    this.#answerMs = answerMs;
  }

  /** A client's unsaved documents, all of them, by absolute path. */
  setUnsaved(client: string, paths: readonly string[]): void {
    if (paths.length > 0) this.#unsaved.set(client, new Set(paths));
    else this.#unsaved.delete(client);
  }

  /** The client that holds this path unsaved, else null. */
  holderOf(path: string): string | null {
    for (const [client, paths] of this.#unsaved) if (paths.has(path)) return client;
    return null;
  }

  /**
   * Asks the client that holds the document to apply the spans. `no-editor`: it does not hold it (any longer), so that
   * the file may be written; silence is `refused`, since a slow editor might still apply them.
   */
  request(edit: EditRequest): Promise<EditOutcome> {
    if (!this.#unsaved.get(edit.client)?.has(edit.path)) return Promise.resolve("no-editor");
    return new Promise((resolve) => {
      const settle = (outcome: EditOutcome) => {
        clearTimeout(timer);
        this.#asked.delete(edit.id);
        resolve(outcome);
      };
      const timer = setTimeout(settle, this.#answerMs, "refused");
      this.#asked.set(edit.id, { client: edit.client, timer, settle });
      this.#publish({ type: "edit", edit });
    });
  }

  /** An editor's answer; one to an edit that it was not asked for, or too late, changes nothing. */
  applied(client: string, id: string, outcome: EditOutcome): void {
    const asked = this.#asked.get(id);
    if (asked?.client === client) asked.settle(outcome);
  }

  clientGone(client: string): void {
    this.#unsaved.delete(client);
    for (const asked of this.#asked.values()) if (asked.client === client) asked.settle("no-editor");
  }
}
