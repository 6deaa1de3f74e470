import { type Priority, priorityNames } from "../../protocol/job.ts";

/** What the queue must know of a job. */
export interface Queued {
  /** Order of submission. */
  readonly seq: number;
  readonly priority: Priority;
  /** Whose turn it is. */
  readonly client: string;
  /** Jobs of one class are blocked by the same things, so that the first one's fate is every one's. */
  readonly class: string;
}

interface ClientLine<T> {
  /** Grows with every turn anyone takes: the smallest has waited longest. */
  turn: number;
  /** Oldest first, by class. */
  readonly classes: Map<string, T[]>;
}

/**
 * Jobs waiting for one kind of resource. A higher priority goes first; within one priority the clients take turns
 * (round robin), and each client's jobs go in the order of their submission. A client that is new, or comes back,
 * takes the last place in the round, so that however many others arrive, everyone's turn comes.
 */
export class FairQueue<T extends Queued> {
  readonly #levels: Record<Priority, Map<string, ClientLine<T>>> = {
    low: new Map(),
    normal: new Map(),
    high: new Map(),
  };
  #turns = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    const level = this.#levels[item.priority];
    let line = level.get(item.client);
    if (!line) level.set(item.client, (line = { turn: ++this.#turns, classes: new Map() }));
    const items = line.classes.get(item.class);
    if (!items) line.classes.set(item.class, [item]);
    else items.splice(indexOf(items, item.seq), 0, item);
    this.#size++;
  }

  /** Takes an item out, wherever it stands, without using up its client's turn. False when it is not there. */
  remove(item: T): boolean {
    const level = this.#levels[item.priority];
    const line = level.get(item.client);
    const items = line?.classes.get(item.class);
    if (!line || !items) return false;
    const index = indexOf(items, item.seq);
    if (items[index]?.seq !== item.seq) return false;
    items.splice(index, 1);
    if (items.length === 0) line.classes.delete(item.class);
    if (line.classes.size === 0) level.delete(item.client);
    this.#size--;
    return true;
  }

  /** Takes an item out to run it: its client goes to the end of the round. */
  take(item: T): void {
    const line = this.#levels[item.priority].get(item.client);
    if (line && this.remove(item)) line.turn = ++this.#turns;
  }

  /** The item whose turn it is, leaving out those of blocked classes. */
  next(isBlocked: (name: string) => boolean): T | null {
    for (const priority of priorityNames.toReversed()) {
      let best: { turn: number; item: T } | null = null;
      for (const line of this.#levels[priority].values()) {
        if (best && line.turn > best.turn) continue;
        const item = first(line, isBlocked);
        if (item) best = { turn: line.turn, item };
      }
      if (best) return best.item;
    }
    return null;
  }

  /** Every item in the order in which it will run if nothing is blocked. */
  *order(): Generator<T> {
    for (const priority of priorityNames.toReversed()) {
      let lines = [...this.#levels[priority].values()]
        .toSorted((a, b) => a.turn - b.turn)
        .map((line) => [...line.classes.values()].flat().toSorted((a, b) => a.seq - b.seq));
      for (let round = 0; lines.length > 0; round++) {
        for (const line of lines) yield* line.slice(round, round + 1);
        lines = lines.filter((line) => line.length > round + 1);
      }
    }
  }
}

function first<T extends Queued>(line: ClientLine<T>, isBlocked: (name: string) => boolean): T | null {
  let best: T | null = null;
  for (const [name, items] of line.classes) {
    const head = items[0];
    if (head && (!best || head.seq < best.seq) && !isBlocked(name)) best = head;
  }
  return best;
}

/** Index of the first item whose seq is not smaller, by bisection. */
function indexOf(items: readonly Queued[], seq: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item && item.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
