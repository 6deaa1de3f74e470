// A queue of 10,000 jobs: what submitting, listing, and a snapshot take, how soon a daemon that starts with it is
// ready, and what a daemon at rest keeps in memory. The floor of a submission is one transaction on the same disk.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DaemonClient } from "../server/client/daemon-client.ts";
import { readEndpointFile } from "../server/protocol/endpoint-file.ts";
import { exchanges } from "../server/protocol/golden/samples.ts";
import { install } from "../test/daemon/built.ts";
import { isQuick, percentile, report } from "./report.ts";

const jobs = isQuick ? 1000 : 10_000;
const looks = isQuick ? 20 : 100;
/** Milliseconds until a daemon that started is at rest. */
const restMs = 5000;

const folder = mkdtempSync(join(tmpdir(), "dgxp-"));
const state = join(folder, "state");
Object.assign(process.env, {
  DGX_PIXELS_STATE: state,
  XDG_RUNTIME_DIR: folder,
  XDG_CONFIG_HOME: join(folder, "config"),
});
mkdirSync(join(folder, "installed"));
const { daemon } = await install(join(folder, "installed"));

let running = await start();
try {
  await sleep(restMs);
  const { rssBytes } = await running.client.request("daemon.status", {});
  await running.client.request("queue.pause", { paused: true });

  const submitted = await times(jobs, (number) => running.client.request("sprites.submit", submission(number)));
  const transactions = transactionTimes();
  const pages = await times(looks, () => running.client.request("jobs.list", { limit: 500 }));
  const snapshots = await times(looks, () => running.client.request("snapshot", {}));
  await stop(running);
  const started = performance.now();
  running = await start();
  const { total } = await running.client.request("snapshot", {});
  const readyMs = performance.now() - started;
  if (total.waiting !== jobs) throw new Error(`${total.waiting} of ${jobs} jobs are waiting after the restart`);

  const floor = { value: percentile(transactions, 0.99), unit: "ms" };
  await report("queue", [
    { name: `submit p99, ${jobs} jobs`, value: percentile(submitted, 0.99), unit: "ms", target: 5, floor },
    { name: "page of 500 p99", value: percentile(pages, 0.99), unit: "ms", target: 50 },
    { name: "snapshot p99", value: percentile(snapshots, 0.99), unit: "ms", target: 50 },
    { name: "restart until a snapshot is there", value: readyMs, unit: "ms", target: 1000 },
    { name: "daemon at rest", value: rssBytes / 1e6, unit: "MB", target: 120 },
  ]);
} finally {
  await stop(running);
  rmSync(folder, { recursive: true, force: true });
}

interface Running {
  readonly client: DaemonClient;
  readonly exited: Promise<unknown>;
}

async function start(): Promise<Running> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", daemon, "--stay"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  while (!readEndpointFile(state)) await sleep(5);
  return { client: await DaemonClient.connect({ name: "bench", stateFolder: state, start: false }), exited };
}

async function stop({ client, exited }: Running): Promise<void> {
  await client.request("daemon.stop", { reason: "asked" }).catch(() => {});
  await client.close();
  await exited;
}

function submission(number: number) {
  const { items } = exchanges["sprites.submit"].params;
  return {
    key: randomUUID(),
    items: items.map(({ title, request }) => ({
      title: `${title} ${number}`,
      request: { ...request, engine: { ...request.engine, seed: number } },
      target: null,
    })),
  };
}

/** Milliseconds of each of so many calls, one after another. */
async function times(count: number, call: (number: number) => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let number = 0; number < count; number++) {
    const started = performance.now();
    await call(number);
    taken.push(performance.now() - started);
  }
  return taken;
}

/** Milliseconds of transactions that write a row as long as a job's, set up as the daemon's database is. */
function transactionTimes(): number[] {
  const database = new DatabaseSync(join(folder, "floor.db"));
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE jobs (id TEXT PRIMARY KEY, job TEXT)",
  );
  const insert = database.prepare("INSERT INTO jobs VALUES (?, ?)");
  const job = JSON.stringify(submission(0));
  const taken: number[] = [];
  for (let number = 0; number < 1000; number++) {
    const started = performance.now();
    insert.run(randomUUID(), job);
    taken.push(performance.now() - started);
  }
  database.close();
  return taken;
}
