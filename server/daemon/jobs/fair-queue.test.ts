import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Priority, priorityNames } from "../../protocol/job.ts";
import { rounds } from "../test-support.ts";
import { FairQueue } from "./fair-queue.ts";

interface Item {
  readonly seq: number;
  readonly priority: Priority;
  readonly client: string;
  readonly class: string;
}

const never = (): boolean => false;

function drain(queue: FairQueue<Item>): Item[] {
  const taken: Item[] = [];
  for (let item = queue.next(never); item; item = queue.next(never)) {
    queue.take(item);
    taken.push(item);
  }
  return taken;
}

const items = fc
  .array(
    fc.record({
      priority: fc.constantFrom(...priorityNames),
      client: fc.constantFrom("ada", "bob", "eve"),
      class: fc.constantFrom("x", "y"),
    }),
    { maxLength: 40 },
  )
  .map((list) => list.map((item, seq) => ({ ...item, seq })));

describe("FairQueue", () => {
  test("clients take turns, each in the order of its submissions", () => {
    const queue = new FairQueue<Item>();
    for (const [seq, client] of ["ada", "ada", "ada", "bob", "bob"].entries()) {
      queue.add({ seq, client, priority: "normal", class: "x" });
    }
    expect(drain(queue).map(({ seq }) => seq)).toEqual([0, 3, 1, 4, 2]);
  });

  test("a higher priority goes first", () => {
    const queue = new FairQueue<Item>();
    for (const [seq, priority] of priorityNames.entries()) queue.add({ seq, client: "ada", priority, class: "x" });
    expect(drain(queue).map(({ priority }) => priority)).toEqual(["high", "normal", "low"]);
  });

  test("a blocked class holds neither its client's other classes nor other clients up", () => {
    const queue = new FairQueue<Item>();
    queue.add({ seq: 1, client: "ada", priority: "normal", class: "blocked" });
    queue.add({ seq: 2, client: "ada", priority: "normal", class: "free" });
    queue.add({ seq: 3, client: "bob", priority: "normal", class: "free" });
    expect(queue.next((name) => name === "blocked")?.seq).toBe(2);
  });

  test("gives back exactly what was put in, each client's jobs of one priority in order", () => {
    fc.assert(
      fc.property(items, (list) => {
        const queue = new FairQueue<Item>();
        for (const item of list) queue.add(item);
        expect(queue.size).toBe(list.length);
        const announced = [...queue.order()];
        const taken = drain(queue);
        expect(queue.size).toBe(0);
        expect(taken.toSorted((a, b) => a.seq - b.seq)).toEqual(list);
        expect(announced).toEqual(taken);
        for (const priority of priorityNames) {
          for (const client of ["ada", "bob", "eve"]) {
            const own = taken.filter((item) => item.priority === priority && item.client === client);
            expect(own).toEqual(own.toSorted((a, b) => a.seq - b.seq));
          }
        }
      }),
      { numRuns: rounds(100, 2000) },
    );
  });

  test("removing takes exactly that item out, and nobody's turn", () => {
    fc.assert(
      fc.property(items, fc.nat(), (list, pick) => {
        const queue = new FairQueue<Item>();
        for (const item of list) queue.add(item);
        const victim = list[pick % Math.max(1, list.length)];
        if (!victim) return;
        expect(queue.remove(victim)).toBe(true);
        expect(queue.remove(victim)).toBe(false);
        expect(drain(queue).toSorted((a, b) => a.seq - b.seq)).toEqual(list.filter((item) => item !== victim));
      }),
      { numRuns: rounds(100, 2000) },
    );
  });

  /** However many clients come, whenever they come: between two turns of one client every other has at most one. */
  test("nobody of one priority starves", () => {
    const step = fc.oneof(
      fc.record({ add: fc.constantFrom("a", "b", "c", "d", "e") }),
      fc.constant({ add: null }),
      fc.record({ add: fc.nat({ max: 1000 }).map((n) => `visitor ${n}`) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const queue = new FairQueue<Item>();
        // `waits` counts, for each client that waits, the turns of each other client since its own last turn.
        const waits = new Map<string, Map<string, number>>();
        let seq = 0;
        for (const { add } of steps) {
          if (add !== null) {
            queue.add({ seq: seq++, client: add, priority: "normal", class: "x" });
            if (!waits.has(add)) waits.set(add, new Map());
            continue;
          }
          const item = queue.next(never);
          if (!item) continue;
          queue.take(item);
          for (const [client, others] of waits) {
            if (client === item.client) continue;
            const turns = (others.get(item.client) ?? 0) + 1;
            expect(turns).toBeLessThanOrEqual(1);
            others.set(item.client, turns);
          }
          if ([...queue.order()].some(({ client }) => client === item.client)) waits.set(item.client, new Map());
          else waits.delete(item.client);
        }
      }),
      { numRuns: rounds(100, 2000) },
    );
  });
});
