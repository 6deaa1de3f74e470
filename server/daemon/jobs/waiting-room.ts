import type { Waiting } from "../../protocol/job.ts";
import { FairQueue, type Queued } from "./fair-queue.ts";
import type { Blocked, Need } from "./runner.ts";

/** Jobs of one pool whose changed reason to wait is told; a snapshot holds no more. */
const toldAtOnce = 500;

interface Pool<T extends Queued> {
  readonly queue: FairQueue<T>;
  /** Why nothing of this pool starts, and why some classes do not. */
  all: Waiting | null;
  classes: Map<string, Waiting>;
}

/** Jobs that lack nothing but a resource, by pool, and why they still wait. */
export class WaitingRoom<T extends Queued & { readonly need: Need }> {
  readonly #pools = new Map<string, Pool<T>>();

  add(item: T): void {
    let pool = this.#pools.get(item.need.pool);
    if (!pool) this.#pools.set(item.need.pool, (pool = { queue: new FairQueue(), all: null, classes: new Map() }));
    pool.queue.add(item);
  }

  /** Without effect for one that is not here. */
  remove(item: T): void {
    this.#pools.get(item.need.pool)?.queue.remove(item);
  }

  /**
   * Offers every item in its turn, until nothing more can start. `start` says why one cannot; else it has left.
   * `changed` hears of those that now wait for something else.
   */
  offer(start: (item: T) => Blocked | "left" | "started", changed: (item: T) => void): void {
    for (const [name, pool] of this.#pools) {
      const before = reasons(pool);
      pool.all = null;
      pool.classes = new Map();
      for (;;) {
        const item = pool.queue.next((blocked) => pool.classes.has(blocked));
        if (!item) break;
        const answer = start(item);
        if (answer === "started") pool.queue.take(item);
        else if (answer === "left") pool.queue.remove(item);
        else if (answer.whole) pool.all = answer.waiting;
        else pool.classes.set(item.class, answer.waiting);
        if (pool.all) break;
      }
      if (pool.queue.size === 0) this.#pools.delete(name);
      else if (reasons(pool) !== before) tell(pool, changed);
    }
  }

  /** What the item was last found to wait for. */
  reason(item: T): Waiting | null {
    const pool = this.#pools.get(item.need.pool);
    return pool?.classes.get(item.class) ?? pool?.all ?? null;
  }

  /** The first of every pool, to hear that all of them wait for something else now. */
  tellAll(changed: (item: T) => void): void {
    for (const pool of this.#pools.values()) tell(pool, changed);
  }

  /** Every item, each pool's in the order in which they will start. */
  *order(): Generator<T> {
    for (const pool of this.#pools.values()) yield* pool.queue.order();
  }
}

function reasons(pool: Pick<Pool<Queued>, "all" | "classes">): string {
  return JSON.stringify([pool.all, [...pool.classes]]);
}

function tell<T extends Queued>(pool: Pool<T>, changed: (item: T) => void): void {
  let told = 0;
  for (const item of pool.queue.order()) {
    if (++told > toldAtOnce) return;
    changed(item);
  }
}
