import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DaemonClient } from "../../server/client/daemon-client.ts";
import { Machine } from "./harness.ts";
import { publishedSchema } from "./published-schema.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.create();
});
afterAll(() => machine.remove());

test("sync --watch follows the directives, through errors, until Ctrl-C", async () => {
  const source = join(machine.game, "src/main.rs");
  const original = await readFile(source, "utf8");
  const client = await DaemonClient.connect({ name: "test" });
  const placed = new Map<string, PromiseWithResolvers<void>>();
  const isPlaced = (seed: number): PromiseWithResolvers<void> => {
    const key = String(seed);
    const known = placed.get(key) ?? Promise.withResolvers<void>();
    placed.set(key, known);
    return known;
  };
  await client.subscribe((change) => {
    if (change.type !== "job" || change.job.state !== "succeeded" || change.job.kind !== "generate") return;
    isPlaced(change.job.seed ?? -1).resolve();
  });
  const interrupt = new AbortController();
  const run = machine.run(["--json", "sync", "--watch"], { interrupted: interrupt.signal });
  await isPlaced(7).promise;
  await writeFile(source, original.replace("seed=7", "seed=8 framse=2"));
  await writeFile(source, original.replace("seed=7", "seed=9"));
  await isPlaced(9).promise;
  interrupt.abort();
  const { code, out } = await run;
  await client.close();
  const documents = out
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  for (const document of documents) {
    const isDone = publishedSchema("result-sync").safeParse(document).success;
    expect(isDone || publishedSchema("failure").safeParse(document).success).toBe(true);
  }
  // Whether the last sprite was still being placed when Ctrl-C came is a matter of time.
  expect([0, 130]).toContain(code);
});
