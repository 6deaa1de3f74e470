// What the system adds to an engine: to one that takes a declared second for each of 50 jobs, and to the real ComfyUI
// that DGX_PIXELS_COMFYUI_URL names, against the same graphs in its own queue.
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DaemonClient } from "../server/client/daemon-client.ts";
import { ComfySession } from "../server/engine/comfyui/session.ts";
import { startEmbeddedServer } from "../server/engine/embedded/server.ts";
import { loadWorkflows } from "../server/engine/workflow/catalog.ts";
import { fillWorkflow } from "../server/engine/workflow/fill.ts";
import { resolveLook } from "../server/project/resolve-look.ts";
import { builtInPalettes } from "../server/project/palettes/built-in.ts";
import { isEnded } from "../server/protocol/job.ts";
import type { SpriteRequest } from "../server/protocol/sprite-request.ts";
import { directSeconds } from "./direct-queue.ts";
import { isQuick, report, type Measure } from "./report.ts";

const target = 1.05;
const realUrl = process.env["DGX_PIXELS_COMFYUI_URL"]?.replace(/\/+$/, "");
const measures = [await againstDeclaredSpeed()];
if (realUrl) measures.push(await againstOwnQueue(realUrl));
await report("engine", measures);

/** The embedded engine takes a declared time, so that everything beyond it is ours. */
async function againstDeclaredSpeed(): Promise<Measure> {
  const jobSeconds = 1;
  const jobs = isQuick ? 10 : 50;
  const server = await startEmbeddedServer({ jobSeconds });
  try {
    return await withDaemon(server.url, async (client) => {
      // The first job pays for connecting; a queue of work does not.
      await daemonSeconds(client, gems(0, 1));
      return ratio("overhead", await daemonSeconds(client, gems(1, jobs)), jobs * jobSeconds);
    });
  } finally {
    await server.close();
  }
}

/** A real server's own speed varies: both ways take turns, each with seeds of its own, so that no cache answers. */
async function againstOwnQueue(url: string): Promise<Measure> {
  const [rounds, jobs] = isQuick ? [1, 3] : [3, 5];
  const session = new ComfySession({ url });
  try {
    const { problem, device } = await session.connect();
    if (problem) throw new Error(`${problem.message}\n${problem.remedy}`);
    const models = await session.models();
    const catalog = await loadWorkflows([fileURLToPath(new URL("../workflows", import.meta.url))]);
    const graphs = (requests: readonly SpriteRequest[]) =>
      requests.map(({ engine }) => {
        const request = { ...engine, seed: engine.seed ?? 0 };
        return fillWorkflow(catalog.get(engine.workflow), request, models, null).graph;
      });
    return await withDaemon(url, async (client) => {
      let seed = Math.floor(Math.random() * 2 ** 40);
      // Without a GPU a full picture takes minutes, which would hide what lies between two of them.
      const small = device?.startsWith("cpu") ? { render: { width: 128, height: 128 }, steps: 24 } : {};
      const next = (count: number) =>
        gems((seed += count) - count, count).map(({ engine, pixels }) => ({ engine: { ...engine, ...small }, pixels }));
      await directSeconds(url, graphs(next(1)));
      await daemonSeconds(client, next(1));
      let [ours, direct] = [0, 0];
      for (let round = 0; round < rounds; round++) {
        direct += await directSeconds(url, graphs(next(jobs)));
        ours += await daemonSeconds(client, next(jobs));
      }
      return ratio("overhead on ComfyUI", ours, direct);
    });
  } finally {
    await session.close();
  }
}

function ratio(name: string, seconds: number, floor: number): Measure {
  return {
    name,
    value: seconds / floor,
    unit: "ratio",
    target,
    absolute: { value: seconds, unit: "s" },
    floor: { value: floor, unit: "s" },
  };
}

/** A daemon of its own that knows this engine alone. */
async function withDaemon<T>(url: string, work: (client: DaemonClient) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "dgx-pixels-bench-"));
  process.env["DGX_PIXELS_STATE"] = join(folder, "state");
  process.env["XDG_CONFIG_HOME"] = join(folder, "config");
  await mkdir(join(folder, "config", "dgx-pixels"), { recursive: true });
  await writeFile(join(folder, "config", "dgx-pixels", "config.toml"), `[[comfyui]]\nurl = "${url}"\n`);
  const client = await DaemonClient.connect({ name: "bench" });
  try {
    return await work(client);
  } finally {
    await client.request("daemon.stop", { reason: "asked" });
    await client.close();
    // The daemon still writes while it stops.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Sprites that differ in prompt and seed, which counts up from `first`. */
function gems(first: number, count: number): SpriteRequest[] {
  return Array.from({ length: count }, (_, i) => {
    const seed = first + i;
    const wish = { prompt: `gem ${seed}`, size: { width: 16, height: 16 }, values: { seed } };
    return resolveLook(wish, { config: null, palettes: builtInPalettes, reference: null }).request;
  });
}

/** Seconds from the submission of these sprites to the end of the last one. */
async function daemonSeconds(client: DaemonClient, requests: readonly SpriteRequest[]): Promise<number> {
  const items = requests.map((request) => ({ title: request.engine.prompt, request, target: null }));
  const started = performance.now();
  const submitted = await client.request("sprites.submit", { key: randomUUID(), items });
  const left = new Set(submitted.items.flatMap((item) => item.jobs));
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const unsubscribe = await client.subscribe(() => {
    for (const id of left) {
      const job = client.mirror.jobs.get(id);
      if (!job || !isEnded(job.state)) continue;
      if (job.state !== "succeeded") reject(new Error(job.error?.message ?? job.state));
      left.delete(id);
    }
    if (left.size === 0) resolve();
  });
  await ended;
  unsubscribe();
  return (performance.now() - started) / 1000;
}
