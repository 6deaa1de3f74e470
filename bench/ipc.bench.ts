// What the protocol costs over plain ZeroMQ: request–reply and publish–subscribe between two processes, each side by
// side with zeromq.js alone, messages of the same length, in alternating batches of the same run.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Dealer, Subscriber } from "zeromq";
import { DaemonClient } from "../server/client/daemon-client.ts";
import { exchanges } from "../server/protocol/golden/samples.ts";
import { encodeFrame } from "../server/protocol/wire.ts";
import type { Command } from "./ipc-messages.ts";
import { isQuick, type Measure, percentile, report } from "./report.ts";

// Short batches, so that whatever else the machine does meets both sides alike.
const batches = isQuick ? 20 : 200;
const requestsABatch = 50;
const eventsABatch = 20;
const warmUp = isQuick ? 10 : 40;

const folder = mkdtempSync(join(tmpdir(), "dgxp-"));
const state = join(folder, "state");
process.env["XDG_RUNTIME_DIR"] = folder;
const server = fork(fileURLToPath(new URL("ipc-server.ts", import.meta.url)), [state, join(folder, "raw")]);
await once(server, "message");
const client = await DaemonClient.connect({ name: "bench", stateFolder: state, start: false });
const dealer = new Dealer({ linger: 0, sendTimeout: 0 });
dealer.connect(`ipc://${folder}/raw.r`);
const subscriber = new Subscriber({ linger: 0 });
subscriber.connect(`ipc://${folder}/raw.e`);
subscriber.subscribe("e");

let hear: (nanoseconds: number) => void = () => {};

try {
  await client.subscribe((change) => {
    if (change.type === "progress") hear(change.progress.etaSeconds ?? 0);
  });
  const { params } = exchanges["jobs.get"];
  const request = encodeFrame({ id: 1, method: "jobs.get", params, client: client.id, deadline: 30_000.5 });
  const asked = { daemon: [] as number[], raw: [] as number[] };
  const heard = { daemon: [] as number[], raw: [] as number[] };

  // Batches before the first that counts let both sides compile what they use.
  for (let batch = -warmUp; batch < batches; batch++) {
    const raw = await times(requestsABatch, async () => {
      await dealer.send(request);
      await dealer.receive();
    });
    const daemon = await times(requestsABatch, () => client.request("jobs.get", params));
    if (batch >= 0) {
      asked.raw.push(...raw);
      asked.daemon.push(...daemon);
    }
  }
  for (let batch = -warmUp; batch < batches; batch++) {
    const raw = await eventsRaw();
    const daemon = await eventsOfDaemon();
    if (batch >= 0) {
      heard.raw.push(...raw);
      heard.daemon.push(...daemon);
    }
  }
  await report("ipc", [...ratios("request-reply", asked), ...ratios("publish-subscribe", heard)]);
} finally {
  await client.close();
  dealer.close();
  subscriber.close();
  server.disconnect();
  await once(server, "exit");
  rmSync(folder, { recursive: true, force: true });
}

/** Each percentile is taken of every tenth of the run; a burst of other work then spoils a tenth, not the figure. */
function ratios(name: string, { daemon, raw }: { daemon: number[]; raw: number[] }): Measure[] {
  return [
    { label: "p50", part: 0.5, target: 2 },
    { label: "p99", part: 0.99, target: 3 },
  ].map(({ label, part, target }) => {
    const ours = tenths(daemon).map((values) => percentile(values, part));
    const floors = tenths(raw).map((values) => percentile(values, part));
    return {
      name: `${name} ${label}`,
      value: median(ours.map((value, tenth) => value / (floors[tenth] ?? Number.NaN))),
      unit: "ratio",
      target,
      absolute: { value: median(ours), unit: "ms" },
      floor: { value: median(floors), unit: "ms" },
    };
  });
}

function tenths(values: readonly number[]): number[][] {
  const length = Math.ceil(values.length / 10);
  return Array.from({ length: 10 }, (_, tenth) => values.slice(tenth * length, (tenth + 1) * length));
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Milliseconds of each of so many calls, one after another. */
async function times(count: number, call: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let done = 0; done < count; done++) {
    const started = performance.now();
    await call();
    taken.push(performance.now() - started);
  }
  return taken;
}

function ask(command: Command): void {
  server.send(command);
}

/** Milliseconds since a time of the machine's clock, which both processes share. */
function since(nanoseconds: number): number {
  return (Number(process.hrtime.bigint()) - nanoseconds) / 1e6;
}

async function eventsRaw(): Promise<number[]> {
  const taken: number[] = [];
  ask({ over: "raw", count: eventsABatch });
  for await (const [, bytes] of subscriber) {
    if (bytes) taken.push(since(bytes.readDoubleBE()));
    if (taken.length === eventsABatch) break;
  }
  return taken;
}

async function eventsOfDaemon(): Promise<number[]> {
  const taken: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  hear = (nanoseconds) => {
    taken.push(since(nanoseconds));
    if (taken.length === eventsABatch) resolve();
  };
  ask({ over: "daemon", count: eventsABatch });
  await promise;
  return taken;
}
