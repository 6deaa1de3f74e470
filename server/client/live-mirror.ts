import { setTimeout as sleep } from "node:timers/promises";
import type { EventEnvelope } from "../protocol/events.ts";
import type { Connection } from "./connection.ts";
import { type Change, Mirror, type Snapshot } from "./mirror.ts";

export type ChangeListener = (change: Change) => void;

/** Keeps a mirror up to date: it takes a snapshot whenever the mirror needs one, one at a time. */
export class LiveMirror {
  readonly mirror: Mirror = new Mirror();
  readonly #takeSnapshot: () => Promise<Snapshot>;
  readonly #listeners = new Set<ChangeListener>();
  /** Those who wait for the mirror to hold the state of the daemon that is connected. */
  #waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  #isFresh = false;
  #refreshing: Promise<void> | null = null;
  #wanted = false;

  constructor(takeSnapshot: () => Promise<Snapshot>) {
    this.#takeSnapshot = takeSnapshot;
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  get isFresh(): boolean {
    return this.#isFresh;
  }

  /** Resolves once the mirror holds the state of the daemon that is connected. */
  whenFresh(): Promise<void> {
    if (this.#isFresh) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  add(listener: ChangeListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: ChangeListener): void {
    this.#listeners.delete(listener);
  }

  /** Subscribes first and takes the snapshot then, so that nothing falls between. */
  async follow(connection: Connection): Promise<void> {
    await connection.subscribe("event");
    await this.refresh();
  }

  receive(envelope: EventEnvelope): void {
    if (!this.isHeard) return;
    this.#tell(this.mirror.receive(envelope));
    if (this.mirror.needsSnapshot && !this.#refreshing) void this.refresh();
  }

  /** Takes a snapshot now, and more while there are gaps. A failure reaches those who wait for the mirror. */
  async refresh(): Promise<void> {
    this.#wanted = true;
    this.#refreshing ??= this.#refresh();
    await this.#refreshing;
  }

  /** The connection is gone, or nobody listens: what the mirror holds is of the past. */
  lapse(): void {
    this.#isFresh = false;
  }

  /** Tells those who wait that the mirror will not come. */
  fail(error: unknown): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }

  async #refresh(): Promise<void> {
    try {
      while (this.#wanted || this.mirror.needsSnapshot) {
        this.#wanted = false;
        this.#tell(this.mirror.reset(await this.#takeSnapshot()));
        // Under a flood of lost events one snapshot follows the other; this leaves room for other requests.
        if (this.mirror.needsSnapshot) await sleep(50);
      }
      this.#isFresh = true;
      for (const waiting of this.#waiting.splice(0)) waiting.resolve();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#refreshing = null;
    }
  }

  #tell(changes: readonly Change[]): void {
    for (const change of changes) for (const listener of this.#listeners) callSafely(listener, change);
  }
}

/** A listener that throws shows as an uncaught error of its own, and stops neither the others nor the reading. */
export function callSafely<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
