import type { Blocked, Lease } from "./runner.ts";

/** So many jobs at once may hold one resource. */
export class Tokens {
  readonly #name: string;
  readonly #count: number;
  readonly #holders = new Map<symbol, string>();
  readonly #freed: () => void;

  /** `name` as a person reads it in "Waits for …"; `freed` is called when one was given back. */
  constructor(options: { name: string; count: number; freed: () => void }) {
    this.#name = options.name;
    this.#count = options.count;
    this.#freed = options.freed;
  }

  take(title: string): Lease | Blocked {
    if (this.#holders.size >= this.#count) {
      const titles = [...this.#holders.values()].map((holder) => `“${holder}”`).join(", ");
      return { whole: true, waiting: { reason: "resource", detail: `Waits for ${this.#name}, busy with ${titles}` } };
    }
    const key = Symbol(title);
    this.#holders.set(key, title);
    return {
      release: () => {
        if (this.#holders.delete(key)) this.#freed();
      },
    };
  }
}
