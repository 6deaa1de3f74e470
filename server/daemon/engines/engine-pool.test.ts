import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EmbeddedServer, startEmbeddedServer } from "../../engine/embedded/server.ts";
import type { EngineStatus } from "../../protocol/engine-info.ts";
import { isBlocked } from "../jobs/runner.ts";
import { FakeClock, settle } from "../test-support.ts";
import { type EngineLease, type EngineNeed, EnginePool } from "./engine-pool.ts";

const timings = { retryMs: 10, backoffMs: 20, heartbeatMs: 100, httpTimeoutMs: 500 };

let clock: FakeClock;
let published: EngineStatus[];
let children: { engine: EmbeddedServer; end: () => Promise<void> }[];
let pool: EnginePool;
const servers: EmbeddedServer[] = [];
const pools: EnginePool[] = [];

beforeEach(() => {
  clock = new FakeClock();
  clock.advance(60_000);
  published = [];
  children = [];
});
afterEach(async () => {
  for (const one of pools.splice(0)) await one.close();
  for (const server of servers.splice(0)) await server.close();
});

async function serve(port = 0): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({ port });
  servers.push(server);
  return server;
}

function open(probeUrl: string | null, comfyui: readonly { url: string; gpu?: string }[] = []): EnginePool {
  pool = new EnginePool({
    probeUrl,
    timings,
    clock,
    startEmbedded: async () => {
      const engine = await serve();
      const { promise: exited, resolve } = Promise.withResolvers<void>();
      const end = async (): Promise<void> => {
        await engine.close();
        resolve();
      };
      children.push({ engine, end });
      return { url: engine.url, pid: 0, exited, stop: end };
    },
    changed: () => undefined,
    publish: (status) => published.push(status),
    reachable: () => undefined,
    log: () => undefined,
  });
  pools.push(pool);
  pool.configure(comfyui.map(({ url, gpu = "gpu:0" }) => ({ url, gpu })));
  return pool;
}

let jobs = 0;
function need(change: Partial<EngineNeed> = {}): EngineNeed {
  jobs++;
  return { job: `job ${jobs}`, title: `job ${jobs}`, prefer: "any", checkpoint: null, adoptFrom: null, ...change };
}

/** Asks until there is a place. */
async function admitted(wanted: EngineNeed): Promise<EngineLease> {
  let lease: EngineLease | null = null;
  await expect
    .poll(() => {
      const answer = pool.admit(wanted);
      if (!isBlocked(answer)) lease = answer;
      return lease;
    })
    .not.toBeNull();
  if (!lease) throw new Error("never");
  return lease;
}

describe("a server that nobody configured", () => {
  test("is forgotten when it goes away, and the embedded engine takes over", async () => {
    const found = await serve();
    open(found.url);
    (await admitted(need())).release();
    expect(pool.statuses()).toMatchObject([{ id: found.url }]);
    await found.close();
    await expect.poll(() => pool.statuses()[0]?.state).toBe("unreachable");
    clock.advance(11_000);
    expect((await admitted(need())).engine.kind).toBe("embedded");
  });

  test("is let go when one is configured", async () => {
    const [found, configured] = [await serve(), await serve()];
    open(found.url);
    const lease = await admitted(need());
    expect(lease.engine.id).toBe(found.url);
    pool.configure([{ url: configured.url, gpu: "gpu:0" }]);
    expect(lease.engine.gone.aborted).toBe(true);
    lease.release();
    expect((await admitted(need())).engine.id).toBe(configured.url);
  });
});

describe("settings", () => {
  test("that change keep the engines that stay, with their jobs", async () => {
    const [a, b] = [await serve(), await serve()];
    open(null, [{ url: a.url }, { url: `${a.url}/` }]);
    const lease = await admitted(need());
    pool.configure([
      { url: a.url, gpu: "gpu:0" },
      { url: b.url, gpu: "gpu:1" },
    ]);
    expect((await pool.all()).map((engine) => engine.id)).toEqual([a.url, b.url]);
    expect(lease.engine.gone.aborted).toBe(false);
    pool.configure([{ url: b.url, gpu: "gpu:1" }]);
    expect(lease.engine.gone.aborted).toBe(true);
  });
});

describe("places", () => {
  test("are two an engine, and a lease given back twice frees one", async () => {
    open(null, [await serve()]);
    const first = await admitted(need());
    await admitted(need());
    const third = pool.admit(need());
    expect(isBlocked(third) && third.waiting).toMatchObject({
      reason: "resource",
      detail: /gpu:0, busy with “job \d+”/,
    });
    first.release();
    first.release();
    expect(isBlocked(pool.admit(need()))).toBe(false);
    expect(isBlocked(pool.admit(need()))).toBe(true);
  });

  test("are not counted for a prompt that is there already", async () => {
    const server = await serve();
    open(null, [server]);
    await admitted(need());
    await admitted(need());
    expect(isBlocked(pool.admit(need({ adoptFrom: server.url })))).toBe(false);
    expect(pool.canAdopt("embedded")).toBe(false);
  });

  test("on a GPU go to an engine that is waited for, as soon as the other has done what it has", async () => {
    const [a, b] = await Promise.all([
      startEmbeddedServer({ models: { checkpoints: ["a.safetensors"] } }),
      startEmbeddedServer({ models: { checkpoints: ["b.safetensors"] } }),
    ]);
    servers.push(a, b);
    open(null, [a, b]);
    await pool.models();
    const first = await admitted(need({ checkpoint: "a" }));
    expect(isBlocked(pool.admit(need({ checkpoint: "b" })))).toBe(true);
    // Though `a` has a place: else `b` would never have its turn.
    expect(isBlocked(pool.admit(need({ checkpoint: "a" })))).toBe(true);
    first.release();
    expect((await admitted(need({ checkpoint: "b" }))).engine.id).toBe(b.url);
  });

  test("are waited for at an engine that is away and may have the model", async () => {
    const [here, away] = [await serve(), await serve()];
    await away.close();
    open(null, [here, { url: away.url, gpu: "gpu:1" }]);
    await pool.all();
    await expect.poll(() => pool.statuses().map(({ state }) => state)).toEqual(["ready", "unreachable"]);
    await pool.models();
    const answer = pool.admit(need({ checkpoint: "rare" }));
    expect(isBlocked(answer) && answer.waiting).toMatchObject({
      reason: "engine",
      detail: expect.stringContaining(away.url),
      remedy: expect.any(String),
    });
  });
});

describe("the embedded engine", () => {
  test("is stopped when idle, and started again", async () => {
    open(null);
    const lease = await admitted(need());
    clock.advance(61_000);
    expect(lease.engine.gone.aborted).toBe(false);
    lease.release();
    clock.advance(61_000);
    await expect.poll(() => lease.engine.gone.aborted).toBe(true);
    await settle();
    expect((await admitted(need())).engine).not.toBe(lease.engine);
    expect(children).toHaveLength(2);
  });

  test("that keeps dying is started after pauses that grow", async () => {
    open(null);
    await admitted(need());
    for (const seconds of [0, 1, 2]) {
      const count = children.length;
      await children.at(-1)?.end();
      await expect.poll(() => pool.statuses()[0]?.state).toBe("unreachable");
      if (seconds > 0) clock.advance(seconds * 1000 - 1);
      await settle();
      const answer = pool.admit(need());
      if (seconds > 0) expect(isBlocked(answer) && answer.waiting.remedy).toBeTruthy();
      clock.advance(1);
      await admitted(need());
      expect(children).toHaveLength(count + 1);
    }
  });
});
