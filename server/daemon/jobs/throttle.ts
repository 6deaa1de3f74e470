import type { Clock } from "../clock.ts";

/** Passes values on at most once an interval; of those that come faster the latest wins. */
export class Throttle<T> {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #emit: (value: T) => void;
  #last = -Infinity;
  #pending: { value: T } | null = null;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, perSecond: number, emit: (value: T) => void) {
    this.#clock = clock;
    this.#interval = 1000 / perSecond;
    this.#emit = emit;
  }

  push(value: T): void {
    const due = this.#last + this.#interval - this.#clock.monotonic();
    if (due <= 0 && !this.#pending) {
      this.#last = this.#clock.monotonic();
      this.#emit(value);
      return;
    }
    this.#pending = { value };
    this.#cancel ??= this.#clock.after(due, () => {
      this.#cancel = null;
      const pending = this.#pending;
      this.#pending = null;
      this.#last = this.#clock.monotonic();
      if (pending) this.#emit(pending.value);
    });
  }

  /** Drops what is still held back. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#pending = null;
  }
}
