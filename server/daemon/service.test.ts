import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { encodePng } from "../codec/encode.ts";
import { type EmbeddedServer, type EmbeddedServerOptions, startEmbeddedServer } from "../engine/embedded/server.ts";
import { configSchema } from "../protocol/config.ts";
import { sha256 } from "../protocol/hashing.ts";
import type { ServiceOptions } from "./service.ts";
import { hurriedClock, sampleItem, sampleRequest, sampleTarget, temporaryFolder, TestService } from "./test-support.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let game: string;
const open: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  game = join(folder.path, "game");
  await mkdir(join(game, "assets", "sprites"), { recursive: true });
  await writeFile(
    join(game, "Cargo.toml"),
    '[package]\nname = "game"\nversion = "0.1.0"\n\n[dependencies]\nbevy = "0.19"\n',
  );
});
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.stop();
  await folder.remove();
});

async function startEngine(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const engine = await startEmbeddedServer(options);
  open.push({ stop: () => engine.close() });
  return engine;
}

/** A service whose settings name these engines. */
async function start(engines: readonly { url: string; gpu?: string }[], change: Partial<ServiceOptions> = {}) {
  const config = join(folder.path, "config");
  await mkdir(config, { recursive: true });
  const tables = engines.map(({ url, gpu = "gpu:0" }) => `[[comfyui]]\nurl = "${url}"\ngpu = "${gpu}"\n`);
  await writeFile(join(config, "config.toml"), tables.join(""));
  const service = await TestService.start(folder.path, change);
  open.push(service);
  return service;
}

/** Prompts the engine has finished. */
async function finished(engine: EmbeddedServer): Promise<number> {
  const history = await (await fetch(`${engine.url}/history`)).json();
  return Object.keys(z.looseObject({}).parse(history)).length;
}

/** What the engine has in hand: running and pending. */
async function queued(engine: EmbeddedServer): Promise<[number, number]> {
  const queue = await (await fetch(`${engine.url}/queue`)).json();
  const list = z.array(z.unknown());
  const { queue_running, queue_pending } = z.object({ queue_running: list, queue_pending: list }).parse(queue);
  return [queue_running.length, queue_pending.length];
}

/** Engines in this process in place of child processes; `die` is a `kill -9`. */
function inProcess(seconds = 0) {
  const started: { die: () => Promise<void> }[] = [];
  const startEmbedded: ServiceOptions["startEmbedded"] = async () => {
    const engine = await startEmbeddedServer({ jobSeconds: seconds });
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    const die = async (): Promise<void> => {
      await engine.close();
      resolve();
    };
    started.push({ die });
    return { url: engine.url, pid: process.pid, exited, stop: die };
  };
  return { started, startEmbedded };
}

/** Resolves once an engine has begun to sample. Progress is told ten times a second, so that a step may be left out. */
async function isSampling(service: TestService): Promise<void> {
  await service.until(() =>
    service.events.some((event) => event.type === "progress" && (event.progress.step ?? 0) >= 1),
  );
}

const sprite = () => join(game, "assets", "sprites", "dragon.png");

describe("a sprite", () => {
  test("is made, placed, shown on its way, and undone", async () => {
    const engine = await startEngine({ jobSeconds: 0.3 });
    const service = await start([engine]);
    const { items } = await service.submit(sampleItem({ target: sampleTarget(game) }));
    const make = await service.ended(items[0]?.jobs[0] ?? "");
    expect(make).toMatchObject({ state: "succeeded", attempts: 1, engine: engine.url, waiting: null, progress: null });
    expect(make.result).toMatchObject({
      sprite: {
        seed: make.seed,
        width: 16,
        height: 16,
        engine: { kind: "comfyui", name: expect.stringMatching(/^ComfyUI /), checkpoint: expect.any(String) },
      },
    });
    const place = await service.ended(items[0]?.place ?? "");
    expect(place.state).toBe("succeeded");
    expect(existsSync(sprite())).toBe(true);
    expect(service.events.some(({ type }) => type === "progress")).toBe(true);
    expect(service.previews.length).toBeGreaterThan(0);

    const { placements } = await service.request("placements.list", { workspace: game });
    expect(placements).toHaveLength(1);
    await service.request("sprites.undo", { workspace: game });
    expect(existsSync(sprite())).toBe(false);
    await expect(service.request("sprites.undo", { workspace: game })).rejects.toMatchObject({ code: "not_found" });
  });

  test("of a figure that walks is drawn over poses where there is a ControlNet for them", async () => {
    const figure = sampleRequest({ workflow: "animation", prompt: "knight", frames: 2, directions: 4 });
    const walk = { ...figure, pixels: { ...figure.pixels, frames: 2, directions: 4 as const } };
    for (const controlnet of [["openpose-sdxl.safetensors"], []]) {
      const engine = await startEngine({ models: { controlnet } });
      const service = await start([engine]);
      const { items } = await service.submit(sampleItem({ request: walk }));
      const made = await service.ended(items[0]?.jobs[0] ?? "");
      const history = JSON.stringify(await (await fetch(`${engine.url}/history`)).json());
      const pictures = new Set(history.match(/dgx-pixels\/pose-[0-9a-f]{32}\.png/g));
      const applied = history.match(/ControlNetApplyAdvanced/g) ?? [];
      expect([pictures.size, applied.length]).toEqual(controlnet.length > 0 ? [8, 8] : [0, 0]);
      const notes = controlnet.map((name) => expect.stringContaining(name));
      expect(made.result).toMatchObject({ sprite: { columns: 2, rows: 4, engine: { notes } } });
      await service.service.stop({ drainMs: 0 });
    }
  });

  test("of a picture, of earlier sources, and of one that is there already", async () => {
    const service = await start([await startEngine()]);
    const picture = join(folder.path, "knight.png");
    await writeFile(picture, await encodePng({ width: 16, height: 16, data: new Uint8ClampedArray(1024).fill(200) }));
    const options = () => ({ key: randomUUID(), title: "knight", input: picture, pixels: sampleRequest().pixels });
    const { items } = await service.request("sprites.pixelize", options());
    const made = await service.ended(items[0]?.jobs[0] ?? "");
    expect(made.result).toMatchObject({ sprite: { engine: { kind: "file", name: "knight.png" }, seed: null } });
    if (made.result?.kind !== "sprite") throw new Error("no sprite");

    const again = await service.submit(sampleItem({ sources: made.result.sprite.sources }));
    const remade = await service.ended(again.items[0]?.jobs[0] ?? "");
    expect(remade.result).toMatchObject({ sprite: { output: made.result.sprite.output } });

    const target = sampleTarget(game);
    const used = await service.request("sprites.place", { key: randomUUID(), sprite: made.result.sprite, target });
    expect((await service.ended(used.items[0]?.place ?? "")).state).toBe("succeeded");
    expect(existsSync(sprite())).toBe(true);
  });

  test("from a reference picture, which must be the one the request was made for", async () => {
    const service = await start([await startEngine()]);
    const reference = join(folder.path, "sketch.png");
    const png = await encodePng({ width: 32, height: 32, data: new Uint8ClampedArray(4096).fill(120) });
    await writeFile(reference, png);
    const request = sampleRequest({ workflow: "img2img", reference: sha256(png), denoise: 0.6 });
    const { items } = await service.submit(sampleItem({ request, referencePath: reference }));
    expect(await service.ended(items[0]?.jobs[0] ?? "")).toMatchObject({ state: "succeeded" });
    await writeFile(reference, "something else");
    await expect(service.submit(sampleItem({ request, referencePath: reference }))).rejects.toMatchObject({
      code: "conflict",
    });
  });

  test("whose request cannot work fails with what is wrong", async () => {
    const service = await start([await startEngine()]);
    const { items } = await service.submit(
      ...[{ workflow: "single_sprit" }, { checkpoint: "no-such-model" }, { frames: 4 }].map((change) =>
        sampleItem({ request: sampleRequest(change) }),
      ),
    );
    const ends = await Promise.all(items.map(({ jobs }) => service.ended(jobs[0] ?? "")));
    expect(ends.map(({ error }) => error?.code)).toEqual(["unknown_workflow", "unknown_model", "missing_slot"]);
    for (const { error } of ends) expect(error?.remedy).toBeTruthy();
  });
});

describe("an engine", () => {
  test("that is down makes jobs wait with a remedy, and is never replaced", async () => {
    const engine = await startEngine();
    const port = new URL(engine.url).port;
    await engine.close();
    const service = await start([engine], {
      startEmbedded: () => expect.fail("the embedded engine is no replacement"),
    });
    const { items } = await service.submit(sampleItem());
    const id = items[0]?.jobs[0] ?? "";
    await service.until(() => Boolean(service.told(id)?.waiting?.remedy));
    expect((await service.job(id)).waiting).toMatchObject({ reason: "engine", detail: expect.stringContaining(port) });
    expect(service.service.isIdle()).toBe(false);
    await startEngine({ port: Number(port) });
    expect(await service.ended(id)).toMatchObject({ state: "succeeded", attempts: 1 });
  });

  test("has at most one job running and one waiting", async () => {
    const engine = await startEngine({ jobSeconds: 0.1 });
    const service = await start([engine]);
    const { items } = await service.submit(...Array.from({ length: 6 }, () => sampleItem()));
    const ids = items.map(({ jobs }) => jobs[0] ?? "");
    let most = 0;
    while (!ids.every((id) => service.told(id)?.endedAt)) {
      const [running, pending] = await queued(engine);
      most = Math.max(most, running + pending);
      expect(pending).toBeLessThanOrEqual(1);
    }
    expect(most).toBe(2);
    const waited = service.events.flatMap((event) => (event.type === "job" ? (event.job.waiting ?? []) : []));
    expect(waited.map(({ detail }) => detail).join("\n")).toContain("Waits for gpu:0, busy with “red dragon”");
  });

  test("of the same GPU waits for the other; one of another GPU does not", async () => {
    const engines = await Promise.all([1, 2, 3].map(() => startEngine({ jobSeconds: 0.2 })));
    const [a, b, c] = engines.map(({ url }) => url);
    const service = await start([
      { url: a ?? "", gpu: "gpu:0" },
      { url: b ?? "", gpu: "gpu:0" },
      { url: c ?? "", gpu: "gpu:1" },
    ]);
    await service.until(
      () => service.events.filter((event) => event.type === "engine" && event.engine.state === "ready").length >= 3,
    );
    const { items } = await service.submit(...Array.from({ length: 8 }, () => sampleItem()));
    const ids = items.map(({ jobs }) => jobs[0] ?? "");
    while (!ids.every((id) => service.told(id)?.endedAt)) {
      const [first, second] = await Promise.all(engines.slice(0, 2).map((engine) => queued(engine)));
      expect(Math.min(first?.[0] ?? 0, second?.[0] ?? 0)).toBe(0);
    }
    const used = new Set(await Promise.all(ids.map(async (id) => (await service.job(id)).engine)));
    expect(used.has(c ?? "")).toBe(true);
  });

  test("that has the model gets the job", async () => {
    const plain = await startEngine();
    const special = await startEngine({ models: { checkpoints: ["special.safetensors"] } });
    const service = await start([plain, { url: special.url, gpu: "gpu:1" }]);
    const request = sampleRequest({ checkpoint: "special" });
    const { items } = await service.submit(sampleItem({ request }), sampleItem({ request }));
    for (const { jobs } of items) {
      const job = await service.ended(jobs[0] ?? "");
      expect([job.error, job.engine]).toEqual([null, special.url]);
    }
  });

  test("stops a job that is cancelled", async () => {
    const engine = await startEngine({ jobSeconds: 15 });
    const service = await start([engine]);
    const { items } = await service.submit(
      sampleItem({ target: sampleTarget(game), request: sampleRequest({ steps: 50 }) }),
      sampleItem({ request: sampleRequest({ steps: 50 }) }),
    );
    const [running, waiting] = items.map(({ jobs }) => jobs[0] ?? "");
    await isSampling(service);
    await service.request("jobs.cancel", { id: waiting ?? "" });
    await service.request("jobs.cancel", { id: running ?? "" });
    expect((await service.ended(items[0]?.place ?? "")).state).toBe("cancelled");
    while ((await queued(engine)).some((count) => count > 0));
    expect(existsSync(sprite())).toBe(false);
  });

  test("that nobody configured is used where it is found", async () => {
    const engine = await startEngine();
    const service = await start([], { probeUrl: engine.url, startEmbedded: () => expect.fail("there is a ComfyUI") });
    const { items } = await service.submit(sampleItem());
    expect(await service.ended(items[0]?.jobs[0] ?? "")).toMatchObject({ state: "succeeded", engine: engine.url });
    expect((await service.request("engines.list", {})).engines).toMatchObject([{ id: engine.url, kind: "comfyui" }]);
  });
});

describe("the embedded engine", () => {
  test("is started on demand and says what it is", async () => {
    const { started, startEmbedded } = inProcess();
    const service = await start([], { startEmbedded });
    expect(started).toEqual([]);
    expect((await service.request("engines.list", {})).engines).toMatchObject([{ id: "embedded", state: "ready" }]);
    const { items } = await service.submit(sampleItem(), sampleItem());
    for (const { jobs } of items) {
      const job = await service.ended(jobs[0] ?? "");
      expect(job).toMatchObject({ state: "succeeded", engine: "embedded" });
      expect(job.result).toMatchObject({ sprite: { engine: { kind: "embedded", checkpoint: null } } });
    }
    expect(started).toHaveLength(1);
  });

  test("that dies is started again, and its job ends once", async () => {
    const { started, startEmbedded } = inProcess(1);
    const service = await start([], { startEmbedded });
    const { items } = await service.submit(sampleItem({ request: sampleRequest({ steps: 20 }) }));
    await isSampling(service);
    await started[0]?.die();
    const job = await service.ended(items[0]?.jobs[0] ?? "");
    expect(job).toMatchObject({ state: "succeeded", attempts: 2 });
    expect(started).toHaveLength(2);
  });

  test("that does not start makes jobs wait, with the reason", async () => {
    let attempts = 0;
    const service = await start([], {
      startEmbedded: async () => {
        attempts++;
        throw new Error("no such file");
      },
    });
    const { items } = await service.submit(sampleItem());
    const id = items[0]?.jobs[0] ?? "";
    await service.until(() => (service.told(id)?.waiting?.detail ?? "").includes("no such file"));
    expect((await service.job(id)).waiting).toMatchObject({ reason: "engine", remedy: expect.any(String) });
    expect(attempts).toBeLessThan(4);
    await service.request("jobs.cancel", { id });
  });

  test("is asked by name even where a ComfyUI is configured", async () => {
    const { startEmbedded } = inProcess();
    const service = await start([await startEngine()], { startEmbedded });
    const { items } = await service.submit(sampleItem({ prefer: "embedded" }));
    expect(await service.ended(items[0]?.jobs[0] ?? "")).toMatchObject({ state: "succeeded", engine: "embedded" });
  });

  test("does not replace a ComfyUI that was asked for", async () => {
    const service = await start([], { startEmbedded: () => expect.fail("a ComfyUI was asked for") });
    const { items } = await service.submit(sampleItem({ prefer: "comfyui" }));
    const id = items[0]?.jobs[0] ?? "";
    await service.until(() => service.told(id)?.waiting?.reason === "engine");
    expect((await service.job(id)).waiting).toMatchObject({ remedy: expect.stringContaining("config.toml") });
  });
});

describe("another daemon", () => {
  test("takes up what runs at a ComfyUI, and the engine works once", async () => {
    const engine = await startEngine({ jobSeconds: 1 });
    const first = await start([engine]);
    const request = sampleRequest({ steps: 20 });
    const { items } = await first.submit(sampleItem({ target: sampleTarget(game), request }), sampleItem());
    await isSampling(first);
    await first.stop(0);
    const second = await start([engine]);
    const ids = [...(items[0]?.jobs ?? []), items[0]?.place ?? "", ...(items[1]?.jobs ?? [])];
    for (const id of ids) expect(await second.ended(id)).toMatchObject({ state: "succeeded", attempts: 1 });
    expect(await finished(engine)).toBe(2);
    expect(existsSync(sprite())).toBe(true);
  });

  test("makes anew what the engine has forgotten", async () => {
    const engine = await startEngine({ jobSeconds: 1 });
    const first = await start([engine]);
    const { items } = await first.submit(sampleItem({ request: sampleRequest({ steps: 20 }) }));
    await isSampling(first);
    await first.stop(0);
    await engine.restart();
    const second = await start([engine]);
    expect(await second.ended(items[0]?.jobs[0] ?? "")).toMatchObject({ state: "succeeded", attempts: 2 });
  });

  test("stops at the engine what was cancelled without its hearing of it", async () => {
    const engine = await startEngine({ jobSeconds: 15 });
    const first = await start([engine]);
    const { items } = await first.submit(sampleItem({ request: sampleRequest({ steps: 50 }) }));
    const id = items[0]?.jobs[0] ?? "";
    await isSampling(first);
    await first.stop(0);
    // The engine is away while the job is cancelled.
    const away = await start([{ url: "http://127.0.0.1:9" }]);
    await away.request("jobs.cancel", { id });
    await away.stop(0);
    await start([engine]);
    while ((await queued(engine)).some((count) => count > 0));
    expect(await finished(engine)).toBe(1);
  });

  test("cancels jobs of a client that does not come back", async () => {
    const engine = await startEngine({ jobSeconds: 15 });
    const service = await start([engine]);
    const { items } = await service.request("sprites.submit", {
      key: randomUUID(),
      onDisconnect: "cancel",
      items: [sampleItem()],
    });
    const id = items[0]?.jobs[0] ?? "";
    await service.until(() => service.told(id)?.state === "running");
    service.service.clientSeen(service.client);
    service.service.clientGone(randomUUID());
    expect((await service.job(id)).state).toBe("running");
    service.service.clientGone(service.client);
    expect((await service.ended(id)).state).toBe("cancelled");
  });
});

describe("whatever the engine does wrong, the job comes to its end", () => {
  const cases: [Parameters<EmbeddedServer["faults"]["set"]>, string][] = [
    [["lost_socket", { afterEvents: 1 }], "succeeded"],
    [["half_open_socket"], "succeeded"],
    [["restart_with_empty_history", { afterSteps: 1, downMs: 50, times: 1 }], "succeeded"],
    [["late_history", { ms: 150 }], "succeeded"],
    [["nan_in_json"], "succeeded"],
    [["node_errors_on_success"], "failed"],
    [["truncated_image", { times: 1 }], "succeeded"],
    [["truncated_image", { cut: true, times: 1 }], "succeeded"],
    [["truncated_image", {}], "failed"],
    [["slow_drip", { bytes: 4096, ms: 1 }], "succeeded"],
    [["wrong_content_type"], "succeeded"],
    [["internal_server_error", { path: "/prompt", times: 2 }], "succeeded"],
    [["internal_server_error", { path: "/prompt" }], "failed"],
    [["lost_reply", { times: 1 }], "succeeded"],
    [["connection_reset", { path: "/history", times: 2 }], "succeeded"],
    [["execution_error"], "failed"],
    [["out_of_memory"], "failed"],
    [["unknown_events"], "succeeded"],
  ];
  test.each(cases)("%j: %s", async (fault, end) => {
    const engine = await startEngine({ jobSeconds: 0.1 });
    const service = await start([engine], { clock: hurriedClock });
    await service.until(() =>
      service.events.some((event) => event.type === "engine" && event.engine.state === "ready"),
    );
    await service.request("models.list", {});
    engine.faults.set(...fault);
    const { items } = await service.submit(sampleItem({ target: sampleTarget(game) }));
    const make = await service.ended(items[0]?.jobs[0] ?? "");
    const place = await service.ended(items[0]?.place ?? "");
    expect([make.state, place.state, make.error]).toEqual([end, end, end === "failed" ? expect.anything() : null]);
    if (end === "failed") expect(make.error?.remedy).toBeTruthy();
    expect(existsSync(sprite())).toBe(end === "succeeded");
    const ends = service.events.filter(
      (event) => event.type === "job" && event.job.id === make.id && event.job.endedAt,
    );
    expect(new Set(ends.map((event) => event.type === "job" && event.job.state)).size).toBe(1);
  });
});

test("an engine that falls silent in the middle of a job is waited for", async () => {
  const engine = await startEngine({ jobSeconds: 1 });
  const service = await start([engine], { clock: hurriedClock });
  const { items } = await service.submit(sampleItem({ request: sampleRequest({ steps: 20 }) }));
  await isSampling(service);
  engine.faults.set("silent_server");
  const isWaiting = (): boolean =>
    service.events.some(
      (event) => event.type === "progress" && event.progress.stage === "waiting for the engine to answer",
    );
  await service.until(isWaiting);
  engine.faults.clear();
  expect(await service.ended(items[0]?.jobs[0] ?? "")).toMatchObject({ state: "succeeded", attempts: 1 });
});

describe("the person's view", () => {
  test("a snapshot holds what waits and what ended, at most 500", async () => {
    const service = await start([{ url: "http://127.0.0.1:9" }]);
    await service.request("queue.pause", { paused: true });
    const { items } = await service.submit(...Array.from({ length: 600 }, () => sampleItem()));
    const first = items[0]?.jobs[0] ?? "";
    await service.request("jobs.cancel", { id: first });
    const snapshot = await service.request("snapshot", {});
    expect(snapshot).toMatchObject({ paused: true, total: { waiting: 599, running: 0, ended: 1 } });
    expect(snapshot.jobs).toHaveLength(500);
    expect(snapshot.seq).toBe(service.events.length);
    const { jobs, next } = await service.request("jobs.list", { states: ["cancelled"] });
    expect([jobs.map(({ id }) => id), next]).toEqual([[first], null]);
  });

  test("jobs are paused, hurried and retried", async () => {
    const engine = await startEngine();
    const service = await start([engine]);
    await service.request("queue.pause", { paused: true });
    const { items } = await service.submit(sampleItem());
    const id = items[0]?.jobs[0] ?? "";
    expect((await service.request("jobs.pause", { id, paused: true })).job.paused).toBe(true);
    expect((await service.request("jobs.prioritize", { id, priority: "high" })).job.priority).toBe("high");
    await expect(service.request("jobs.retry", { id })).rejects.toMatchObject({ code: "conflict" });
    await service.request("jobs.cancel", { id });
    expect((await service.request("jobs.retry", { id })).job).toMatchObject({ state: "waiting", paused: false });
    await service.request("queue.pause", { paused: false });
    await service.until(() => service.told(id)?.state === "succeeded");
    await expect(service.request("jobs.retry", { id })).rejects.toMatchObject({ code: "conflict" });
    await expect(service.request("jobs.get", { id: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
  });

  test("artifacts and pictures can be read", async () => {
    const service = await start([await startEngine()]);
    const { items } = await service.submit(sampleItem());
    const { result } = await service.ended(items[0]?.jobs[0] ?? "");
    if (result?.kind !== "sprite") throw new Error("no sprite");
    const { sprite: hash, output } = result.sprite;
    const { path, mediaType, bytes } = await service.request("artifacts.stat", { hash });
    expect([mediaType, bytes]).toEqual(["image/png", readFileSync(path).length]);
    const chunk = await service.request("artifacts.read", { hash, offset: 0, length: 1 << 20 });
    expect(Buffer.from(chunk.bytes)).toEqual(readFileSync(path));
    const image = await service.request("images.read", { source: hash, maxWidth: 8, maxHeight: 16 });
    expect(image).toMatchObject({ width: 16, height: 16, output, view: { width: 8, height: 8 } });
    expect(image.view.rgba).toHaveLength(8 * 8 * 4);
    expect(await service.request("images.read", { source: path })).toMatchObject({ output });
  });

  test("a full disk fails the job and says so; a retry goes on", async () => {
    let full = true;
    const service = await start([await startEngine()], {
      writeArtifact: async (file, bytes) => {
        if (full) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        await file.writeFile(bytes);
      },
    });
    const { items } = await service.submit(sampleItem({ target: sampleTarget(game) }));
    const id = items[0]?.jobs[0] ?? "";
    expect((await service.ended(id)).error).toMatchObject({ code: "storage_full", remedy: expect.any(String) });
    expect((await service.ended(items[0]?.place ?? "")).error).toMatchObject({ code: "storage_full" });
    full = false;
    await service.request("jobs.retry", { id });
    await service.until(() => service.told(items[0]?.place ?? "")?.state === "succeeded");
    expect(existsSync(sprite())).toBe(true);
  });
});

describe("settings", () => {
  test("are changed while it runs", async () => {
    const engine = await startEngine();
    const service = await start([{ url: "http://127.0.0.1:9" }]);
    const { items } = await service.submit(sampleItem());
    const config = configSchema.parse({ comfyui: [{ url: engine.url }], idleSeconds: 5 });
    expect(await service.request("config.set", { config })).toEqual({ config });
    expect(await service.ended(items[0]?.jobs[0] ?? "")).toMatchObject({ state: "succeeded", engine: engine.url });
    expect(service.service.config().idleSeconds).toBe(5);
    expect((await service.request("config.get", {})).path).toBe(join(folder.path, "config", "config.toml"));
  });

  test("that cannot be read make jobs wait rather than go to an engine nobody wanted", async () => {
    const config = join(folder.path, "config");
    await mkdir(config);
    await writeFile(join(config, "config.toml"), "[[comfyui]]\nurl = 3");
    const service = await TestService.start(folder.path, { startEmbedded: () => expect.fail("nobody wanted it") });
    open.push(service);
    const { items } = await service.submit(sampleItem());
    const id = items[0]?.jobs[0] ?? "";
    await service.until(() => service.told(id)?.waiting?.reason === "engine");
    expect((await service.job(id)).waiting?.detail).toContain("config.toml");
    const { findings } = await service.request("doctor.run", {});
    expect(findings).toContainEqual(expect.objectContaining({ id: "config", severity: "error" }));
    const engine = await startEngine();
    await writeFile(join(config, "config.toml"), `[[comfyui]]\nurl = "${engine.url}"`);
    expect(await service.ended(id)).toMatchObject({ state: "succeeded" });
  });
});

test("the doctor sees a database that was damaged", async () => {
  const state = join(folder.path, "state");
  await mkdir(state, { mode: 0o700 });
  await writeFile(join(state, "jobs.db"), "no database ".repeat(1000));
  const service = await start([await startEngine()]);
  expect(service.logged.join()).toContain("damaged");
  const { findings } = await service.request("doctor.run", {});
  expect(findings.find(({ id }) => id === "state.database")).toMatchObject({
    severity: "warning",
    remedy: expect.any(String),
  });
  expect(findings.find(({ id }) => id === "node.version")?.severity).toBe("ok");
  expect(findings.find(({ id }) => id === "engine.reachable")?.severity).toBe("ok");
  expect(readdirSync(state).some((name) => name.startsWith("jobs.db.corrupt-"))).toBe(true);
  const { items } = await service.submit(sampleItem());
  expect((await service.ended(items[0]?.jobs[0] ?? "")).state).toBe("succeeded");
});
