import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { EngineStatus } from "../../protocol/engine-info.ts";
import type { Progress } from "../../protocol/job.ts";
import { startEmbeddedServer, type EmbeddedServer } from "../embedded/server.ts";
import type { Graph } from "../workflow/graph.ts";
import type { PreviewFrame } from "./frames.ts";
import type { RunOptions } from "./run.ts";
import { ComfySession } from "./session.ts";
import type { Timings } from "./timings.ts";

const quick: Partial<Timings> = {
  silenceMs: 300,
  pollMs: 50,
  retryMs: 20,
  backoffMs: 100,
  lostMs: 400,
  cancelMs: 2_000,
  heartbeatMs: 200,
  httpTimeoutMs: 3_000,
};

/** Small, and long enough to be met half-way. */
function graphOf(steps: number): Graph {
  return {
    checkpoint: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "dgx-pixels-embedded.safetensors" } },
    positive: { class_type: "CLIPTextEncode", inputs: { text: "red dragon", clip: ["checkpoint", 1] } },
    negative: { class_type: "CLIPTextEncode", inputs: { text: "", clip: ["checkpoint", 1] } },
    canvas: { class_type: "EmptyLatentImage", inputs: { width: 64, height: 64, batch_size: 1 } },
    sampler: {
      class_type: "KSampler",
      inputs: {
        model: ["checkpoint", 0],
        positive: ["positive", 0],
        negative: ["negative", 0],
        latent_image: ["canvas", 0],
        seed: 1,
        steps,
        cfg: 7,
        sampler_name: "euler",
        scheduler: "karras",
        denoise: 1,
      },
    },
    decode: { class_type: "VAEDecode", inputs: { samples: ["sampler", 0], vae: ["checkpoint", 2] } },
    save: { class_type: "SaveImage", inputs: { filename_prefix: "test", images: ["decode", 0] } },
  };
}

const sessions: ComfySession[] = [];
let server: EmbeddedServer;

beforeEach(async () => {
  server = await startEmbeddedServer({ jobSeconds: 0.15 });
});
afterEach(async () => {
  server.faults.clear();
  await Promise.all(sessions.splice(0).map((session) => session.close()));
  await server.close();
});

async function connected(timings: Partial<Timings> = {}, url = server.url): Promise<ComfySession> {
  const session = new ComfySession({ url, timings: { ...quick, ...timings } });
  sessions.push(session);
  await session.connect();
  return session;
}

function run(session: ComfySession, options: Partial<RunOptions> & { steps?: number } = {}) {
  const progress: Progress[] = [];
  const previews: PreviewFrame[] = [];
  const sampling = Promise.withResolvers<void>();
  const promptId = randomUUID();
  const result = session.run({
    promptId,
    graph: graphOf(options.steps ?? 6),
    outputs: ["save"],
    onProgress(item) {
      progress.push(item);
      if ((item.step ?? 0) > 0) sampling.resolve();
    },
    onPreview: (preview) => void previews.push(preview),
    ...options,
  });
  result.then(() => sampling.resolve(), sampling.reject);
  sampling.promise.catch(() => undefined);
  return { promptId, result, progress, previews, sampling: sampling.promise };
}

describe("a picture comes through", () => {
  test("a lost socket in the middle of a job", async () => {
    const session = await connected();
    server.faults.set("lost_socket", { afterEvents: 3, times: 1 });
    expect(await run(session).result).toHaveLength(1);
    await expect.poll(() => session.status.problem).toBeNull();
  });

  test("a socket that says nothing more", async () => {
    const session = await connected();
    server.faults.set("half_open_socket", {});
    expect(await run(session).result).toHaveLength(1);
  });

  test("a history that is written late", async () => {
    const session = await connected();
    server.faults.set("late_history", { ms: 150 });
    expect(await run(session).result).toHaveLength(1);
  });

  test("NaN and Infinity in its JSON", async () => {
    server.faults.set("nan_in_json", {});
    const session = await connected();
    expect(session.status.state).toBe("ready");
    expect(await run(session).result).toHaveLength(1);
  });

  test("events and frames of unknown kinds", async () => {
    server.faults.set("unknown_events", {});
    const session = await connected();
    const job = run(session);
    expect(await job.result).toHaveLength(1);
    for (const { promptId } of job.previews) expect(promptId).toBe(job.promptId);
  });

  test("a picture that arrives cut the first time, both ways", async () => {
    const session = await connected();
    for (const cut of [false, true]) {
      server.faults.set("truncated_image", { cut, times: 1 });
      expect(await run(session).result).toHaveLength(1);
    }
  });

  test("a content type that lies about whole pictures and good JSON", async () => {
    server.faults.set("wrong_content_type", {});
    const session = await connected();
    expect(await run(session).result).toHaveLength(1);
  });

  test("an answer to the submission that was lost: it is not submitted twice", async () => {
    const session = await connected();
    server.faults.set("lost_reply", { times: 1 });
    const job = run(session);
    expect(await job.result).toHaveLength(1);
    const history = z.record(z.string(), z.unknown()).parse(await (await fetch(`${server.url}/history`)).json());
    expect(Object.keys(history)).toEqual([job.promptId]);
  });

  test("a server that fails for a while, and one that hangs up", async () => {
    const session = await connected();
    for (const fault of ["internal_server_error", "connection_reset"] as const) {
      const job = run(session);
      await job.sampling;
      server.faults.set(fault, { times: 3 });
      expect(await job.result).toHaveLength(1);
    }
  });

  test("a server that is silent for a while: the wait is told", async () => {
    const session = await connected({ httpTimeoutMs: 150 });
    const job = run(session);
    await job.sampling;
    server.faults.set("silent_server", {});
    await expect.poll(() => job.progress.at(-1)?.stage).toBe("waiting for the engine to answer");
    server.faults.clear();
    expect(await job.result).toHaveLength(1);
  });

  test("an older server that answers no jobs interface", async () => {
    const older = await startEmbeddedServer({ jobSeconds: 0.15, older: true });
    try {
      const session = await connected({}, older.url);
      expect(await run(session).result).toHaveLength(1);
    } finally {
      await older.close();
    }
  });
});

describe("a job ends with what to do", () => {
  test("a restart that forgot it", async () => {
    const session = await connected();
    server.faults.set("restart_with_empty_history", { downMs: 50, times: 1 });
    await expect(run(session).result).rejects.toMatchObject({ code: "engine_lost", remedy: "Retry the job." });
    await expect.poll(() => session.status.state).toBe("ready");
    expect(await run(session).result).toHaveLength(1);
  });

  test("an answer that took the prompt without one of its outputs: refused, and stopped there", async () => {
    const session = await connected();
    server.faults.set("node_errors_on_success", { times: 1 });
    await expect(run(session, { steps: 400 }).result).rejects.toMatchObject({ code: "engine_rejected" });
    await expect
      .poll(async () => await (await fetch(`${server.url}/queue`)).json())
      .toEqual({ queue_running: [], queue_pending: [] });
  });

  test("pictures that never arrive whole", async () => {
    const session = await connected();
    server.faults.set("truncated_image", {});
    await expect(run(session).result).rejects.toMatchObject({ code: "invalid_image" });
  });

  test("an exception in a node, and memory that ran out", async () => {
    const session = await connected();
    server.faults.set("execution_error", { message: "boom", times: 1 });
    await expect(run(session).result).rejects.toMatchObject({
      code: "engine_failed",
      message: "The engine failed in its node KSampler",
      why: expect.stringContaining("boom"),
    });
    server.faults.set("out_of_memory", { times: 1 });
    await expect(run(session).result).rejects.toMatchObject({
      code: "engine_failed",
      message: "The engine ran out of memory",
      remedy: expect.stringContaining("smaller"),
    });
  });

  test("a graph whose outputs make no picture", async () => {
    const session = await connected();
    await expect(run(session, { outputs: ["decode"] }).result).rejects.toMatchObject({
      code: "engine_failed",
      data: { node: "decode" },
    });
  });

  test("a picture that was deleted meanwhile is lost, so that the job is submitted again", async () => {
    const session = await connected();
    server.faults.set("internal_server_error", { path: "/view", status: 404 });
    await expect(run(session).result).rejects.toMatchObject({ code: "engine_lost" });
    server.faults.clear();
    expect(await run(session).result).toHaveLength(1);
  });

  test("a picture that drips in is bounded in time", async () => {
    const session = await connected({ httpTimeoutMs: 100, cancelMs: 200 });
    const abort = new AbortController();
    const job = run(session, { signal: abort.signal });
    await job.sampling;
    server.faults.set("slow_drip", { bytes: 1, ms: 50 });
    await expect.poll(() => job.progress.at(-1)?.stage).toBe("waiting for the engine to answer");
    abort.abort();
    await expect(job.result).rejects.toMatchObject({ code: "cancelled" });
  });

  test("a submission to a server that is away was not made", async () => {
    const session = await connected();
    server.faults.set("connection_reset", {});
    await expect(run(session).result).rejects.toMatchObject({
      code: "engine_unavailable",
      remedy: expect.stringContaining("Start it"),
    });
  });
});

describe("cancelling", () => {
  test("before anything was sent, nothing is sent", async () => {
    const session = await connected();
    await expect(run(session, { signal: AbortSignal.abort() }).result).rejects.toMatchObject({ code: "cancelled" });
    expect(await (await fetch(`${server.url}/history`)).json()).toEqual({});
  });

  test("while the submission hangs: it is stopped when it arrives after all", async () => {
    const session = await connected({ cancelMs: 300, httpTimeoutMs: 200 });
    server.faults.set("silent_server", {});
    const abort = new AbortController();
    const job = run(session, { signal: abort.signal, steps: 400 });
    abort.abort();
    await expect(job.result).rejects.toMatchObject({
      code: "cancelled",
      why: expect.stringContaining("could not be told"),
      data: { confirmed: false },
    });
    server.faults.clear();
    await expect
      .poll(async () => await (await fetch(`${server.url}/queue`)).json())
      .toEqual({ queue_running: [], queue_pending: [] });
  });

  test("on an older server, running and pending, by id alone", async () => {
    const older = await startEmbeddedServer({ jobSeconds: 2, older: true });
    try {
      const session = await connected({}, older.url);
      const [first, second] = [new AbortController(), new AbortController()];
      const running = run(session, { signal: first.signal, steps: 100 });
      await running.sampling;
      const pending = run(session, { signal: second.signal });
      await expect.poll(() => pending.progress.at(-1)?.stage).toBe("waiting in the engine's queue");
      second.abort();
      await expect(pending.result).rejects.toMatchObject({ code: "cancelled", data: { confirmed: true } });
      first.abort();
      await expect(running.result).rejects.toMatchObject({ code: "cancelled", data: { confirmed: true } });
    } finally {
      await older.close();
    }
  });
});

describe("the status", () => {
  test("goes from starting to ready, busy and back, and names what is warm", async () => {
    const session = new ComfySession({ url: `${server.url}/`, timings: quick, id: "embedded", kind: "embedded" });
    sessions.push(session);
    const seen: EngineStatus[] = [];
    const stop = session.onStatus((status) => seen.push(status));
    expect(session.status).toMatchObject({ id: "embedded", kind: "embedded", state: "starting" });
    expect(await session.connect()).toMatchObject({ state: "ready", problem: null });
    await run(session).result;
    await expect.poll(() => session.status).toMatchObject({ state: "ready", warm: "dgx-pixels-embedded.safetensors" });
    expect(seen.map(({ state }) => state)).toContain("busy");
    stop();
    const count = seen.length;
    await session.free();
    expect(session.status.warm).toBeNull();
    expect(seen).toHaveLength(count);
  });

  test("a server whose last prompt is known says what is warm", async () => {
    await run(await connected()).result;
    expect((await connected()).status.warm).toBe("dgx-pixels-embedded.safetensors");
  });

  test("a server that is not there is unreachable with a remedy, and found when it comes", async () => {
    const { url } = server;
    await server.close();
    const session = await connected({}, url);
    expect(session.status).toMatchObject({ state: "unreachable", problem: { remedy: expect.any(String) } });
    server = await startEmbeddedServer({ port: Number(new URL(url).port) });
    await expect.poll(() => session.status.state).toBe("ready");
  });

  test.for([
    ["something else than ComfyUI", 200, "<html>hello</html>", /not the answer of a ComfyUI/],
    ["a proxy that refuses", 403, "forbidden", /refuses this client/],
    ["a page of an error", 502, "bad gateway", /status 502/],
  ] as const)("%s is said so", async ([, status, body, expected]) => {
    const other = await listening((_, response) => response.writeHead(status).end(body));
    try {
      const session = await connected({}, other.url);
      expect(session.status.state).toBe("unreachable");
      expect(session.status.problem?.message).toMatch(expected);
    } finally {
      await other.close();
    }
  });

  test("a proxy that passes no WebSocket on is said so", async () => {
    const stats = JSON.stringify({ system: {}, devices: [{}] });
    const other = await listening((_, response) => response.end(stats));
    try {
      const session = await connected({}, other.url);
      expect(session.status.problem?.message).toMatch(/WebSocket could not be opened/);
    } finally {
      await other.close();
    }
  });
});

test("models are what its loaders list, and a class it lacks gives none", async () => {
  const session = await connected();
  const models = await session.models();
  expect(models.checkpoints).toContain("dgx-pixels-embedded.safetensors");
  expect(models.samplers).toContain("euler");
  expect(await session.hasNode("KSampler")).toBe(true);
  expect(await session.hasNode("NoSuchNode")).toBe(false);
});

test("an uploaded picture goes by the name the server gives it", async () => {
  const session = await connected();
  const [image] = await run(session).result;
  if (!image) throw new Error("no image");
  expect(await session.uploadImage({ name: "a.png", bytes: image.bytes })).toBe("dgx-pixels/a.png");
});

test("a server that gives prompts ids of its own is followed by those", async () => {
  const theirs = randomUUID();
  const png = (await run(await connected()).result)[0]?.bytes ?? new Uint8Array();
  const other = await listening((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const json = (value: unknown) => response.end(JSON.stringify(value));
    if (pathname === "/prompt") return json({ prompt_id: theirs, number: 1, node_errors: [] });
    if (pathname === "/queue") return json({ queue_running: [], queue_pending: [] });
    if (pathname === "/view") return response.end(png);
    if (pathname === `/history/${theirs}`) {
      return json({ [theirs]: { outputs: { save: { images: [{ filename: "a.png" }] } } } });
    }
    return response.writeHead(404).end();
  });
  try {
    const session = await connected({}, other.url);
    const accepted: string[] = [];
    expect(await run(session, { onAccepted: (id) => accepted.push(id) }).result).toHaveLength(1);
    expect(accepted).toEqual([theirs]);
  } finally {
    await other.close();
  }
});

async function listening(
  answer: Parameters<typeof createServer>[1] & {},
): Promise<{ url: string; close(): Promise<void> }> {
  const http: Server = createServer(answer as Parameters<typeof createServer>[1]);
  const ready = Promise.withResolvers<void>();
  http.listen(0, "127.0.0.1", ready.resolve);
  await ready.promise;
  return {
    url: `http://127.0.0.1:${portOf(http)}`,
    async close() {
      const closed = Promise.withResolvers<void>();
      http.close(() => closed.resolve());
      http.closeAllConnections();
      await closed.promise;
    },
  };
}

function portOf(listener: Server): number {
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen on a port");
  return address.port;
}
