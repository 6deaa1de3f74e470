import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeImage } from "../../codec/decode.ts";
import { encodePng } from "../../codec/encode.ts";
import { readTextChunk } from "../../sprite/png-text.ts";
import { fromPicture } from "./picture.ts";
import type { Graph } from "./graph.ts";
import { ProceduralArtist } from "./procedural/artist.ts";
import { startEmbeddedServer, type EmbeddedServer } from "./server.ts";
import {
  ask,
  ended,
  firstImage,
  gridData,
  isEnd,
  spriteGraph,
  submit,
  TestSocket,
  type Json,
  type Message,
} from "./test-support.ts";

let server: EmbeddedServer;
const logged: string[] = [];

beforeEach(async () => {
  logged.length = 0;
  server = await startEmbeddedServer({ models: { loras: ["a.safetensors"] }, log: (line) => logged.push(line) });
});

afterEach(async () => {
  await server.close();
  expect(logged).toEqual([]);
});

const uuid = "12345678-1234-4234-8234-123456789abc";

function eventTypes(messages: readonly Message[]): string[] {
  return messages
    .map(({ type }) => type)
    .filter((type) => !["status", "progress_state", "feature_flags"].includes(type));
}

describe("a prompt", () => {
  test("tells its client every step, writes a picture, and keeps it in the history", async () => {
    const socket = await TestSocket.open(server, "client");
    const id = await submit(server, spriteGraph(), { client_id: "client", prompt_id: uuid });
    expect(id).toBe(uuid);
    await socket.until(isEnd);
    const types = eventTypes(socket.messages);
    expect(types.slice(0, 2)).toEqual(["execution_start", "execution_cached"]);
    expect(types.filter((type) => type === "progress")).toHaveLength(4);
    expect(types.filter((type) => type === "binary")).toHaveLength(4);
    expect(types.slice(-3)).toEqual(["executed", "execution_success", "executing"]);
    expect(socket.of("progress").at(-1)).toMatchObject({ value: 4, max: 4, node: "sampler", prompt_id: uuid });
    const states: Json = socket.of("progress_state").at(-1);
    expect(states.nodes.sampler).toMatchObject({ state: "finished", display_node_id: "sampler" });

    const entry = await ended(server, id);
    expect(entry.status).toMatchObject({ status_str: "success", completed: true });
    expect(entry.status.messages.map(([event]: [string]) => event)).toEqual([
      "execution_start",
      "execution_cached",
      "execution_success",
    ]);
    expect(entry.prompt.slice(0, 2)).toEqual([0, uuid]);
    expect(entry.meta.save.real_node_id).toBe("save");
    expect(entry.outputs.save.images).toEqual([{ filename: "sprite_00001_.png", subfolder: "test", type: "output" }]);
    socket.close();
  });

  test("gives back the sprite exactly: the grid that was asked for, on a matte of its own", async () => {
    const grid = { cell: { width: 33, height: 17 }, frames: 1, directions: 1, tile: false };
    const id = await submit(server, spriteGraph({ canvas: { width: 1024, height: 768 } }), {
      extra_data: gridData(grid),
    });
    const picture = await decodeImage(await firstImage(server, id));
    expect([picture.width, picture.height]).toEqual([1024, 768]);
    expect(picture.data.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
    const sprite = await new ProceduralArtist().generate(
      { prompt: "red dragon", negative: "blurry", seed: 7, width: 33, height: 17, steps: 1, tile: false },
      { signal: new AbortController().signal, onStep: async () => undefined },
    );
    const recovered = fromPicture(picture, 33, 17, false);
    const opaque = (data: Uint8ClampedArray): number[] =>
      [...data].map((value, i) => ((data[i - (i % 4) + 3] ?? 0) === 0 ? 0 : value));
    expect(opaque(recovered.data)).toEqual(opaque(sprite.image.data));
  });

  test("writes ComfyUI's texts and its own into the PNG, and the same into the history", async () => {
    const graph = spriteGraph({ positive: { text: "red dragon, xyzzy" } });
    const id = await submit(server, graph, {
      extra_data: { extra_pnginfo: { "dgx-pixels": { v: 1 }, other: [1, 2] } },
    });
    const png = await firstImage(server, id);
    expect(JSON.parse(readTextChunk(png, "prompt") ?? "")).toEqual(graph);
    expect(JSON.parse(readTextChunk(png, "other") ?? "")).toEqual([1, 2]);
    const facts = { engine: "embedded", generator: "procedural", procedural: true, ignored: ["xyzzy"], notes: [] };
    expect(JSON.parse(readTextChunk(png, "dgx-pixels-engine") ?? "")).toEqual(facts);
    expect((await ended(server, id)).outputs.save.dgx_pixels).toEqual([facts]);
  });

  test("draws the same for equal seeds and another for other seeds", async () => {
    const draw = async (seed: number): Promise<string> =>
      Buffer.from(
        (await decodeImage(await firstImage(server, await submit(server, spriteGraph({ sampler: { seed } }))))).data,
      ).toString("base64");
    const first = await draw(1);
    expect(await draw(2)).not.toBe(first);
    expect(await draw(1)).toBe(first);
  });

  test("runs no node twice: outputs that are cached are told of without being executed", async () => {
    const socket = await TestSocket.open(server, "client");
    const first = await submit(server, spriteGraph(), { client_id: "client" });
    await socket.until(isEnd);
    socket.messages.length = 0;
    const second = await submit(server, spriteGraph(), { client_id: "client" });
    await socket.until(isEnd);
    expect(eventTypes(socket.messages)).toEqual([
      "execution_start",
      "execution_cached",
      "executed",
      "execution_success",
      "executing",
    ]);
    expect(socket.of("execution_cached")[0].nodes).toContain("sampler");
    expect((await ended(server, second)).outputs).toEqual((await ended(server, first)).outputs);

    await ask(server, "/free", { unload_models: true, free_memory: true });
    socket.messages.length = 0;
    await submit(server, spriteGraph(), { client_id: "client" });
    await socket.until(isEnd);
    expect(socket.of("execution_cached")[0].nodes).toEqual([]);
    socket.close();
  });

  test("another grid is another drawing, although the graph is equal", async () => {
    const draw = async (side: number): Promise<unknown> => {
      const cell = { width: side, height: side };
      const id = await submit(server, spriteGraph(), { extra_data: gridData({ cell }) });
      return (await ended(server, id)).outputs.save.images[0].filename;
    };
    expect(await draw(16)).not.toBe(await draw(32));
  });

  test("previews come in the form that the client understands, or not at all", async () => {
    const older = await TestSocket.open(server, "older", false);
    await submit(server, spriteGraph({ sampler: { seed: 1 } }), { client_id: "older" });
    await older.until(isEnd);
    const [plain] = older.of("binary") as Buffer[];
    expect(plain?.readUInt32BE(0)).toBe(1);
    expect(plain?.readUInt32BE(4)).toBe(2);
    expect((await decodeImage(plain?.subarray(8) ?? Buffer.alloc(0))).width).toBeLessThanOrEqual(256);
    older.close();

    const newer = await TestSocket.open(server, "newer");
    await submit(server, spriteGraph({ sampler: { seed: 2 } }), { client_id: "newer", prompt_id: uuid });
    await newer.until(isEnd);
    const [rich] = newer.of("binary") as Buffer[];
    expect(rich?.readUInt32BE(0)).toBe(4);
    const length = rich?.readUInt32BE(4) ?? 0;
    expect(JSON.parse(rich?.subarray(8, 8 + length).toString() ?? "")).toMatchObject({
      node_id: "sampler",
      prompt_id: uuid,
      image_type: "image/png",
    });
    newer.messages.length = 0;
    await submit(server, spriteGraph({ sampler: { seed: 3 } }), {
      client_id: "newer",
      extra_data: { preview_method: "none" },
    });
    await newer.until(isEnd);
    expect(newer.of("binary")).toEqual([]);
    newer.close();
  });
});

describe("batches, frames and pictures to start from", () => {
  async function pictures(id: string): Promise<Buffer[]> {
    const { images } = (await ended(server, id)).outputs.save;
    return Promise.all(
      images.map(async (_: unknown, i: number) =>
        Buffer.from((await decodeImage(await firstImage(server, id, "save", i))).data),
      ),
    );
  }

  test("a batch has consecutive seeds", async () => {
    const batch = await pictures(await submit(server, spriteGraph({ canvas: { batch_size: 2 } })));
    const [second] = await pictures(await submit(server, spriteGraph({ sampler: { seed: 8 } })));
    expect(batch).toHaveLength(2);
    expect(batch[0]?.equals(batch[1] ?? Buffer.alloc(0))).toBe(false);
    expect(batch[1]?.equals(second ?? Buffer.alloc(0))).toBe(true);
  });

  test("a batch for a sheet is one sprite in its poses, and says so", async () => {
    const grid = { cell: { width: 32, height: 32 }, frames: 2, directions: 4 };
    const id = await submit(server, spriteGraph({ canvas: { batch_size: 8 } }), { extra_data: gridData(grid) });
    const poses = await pictures(id);
    const [single] = await pictures(await submit(server, spriteGraph(), { extra_data: gridData({ cell: grid.cell }) }));
    expect(poses[0]?.equals(single ?? Buffer.alloc(0))).toBe(true);
    expect(new Set(poses.map((pose) => pose.toString("base64"))).size).toBeGreaterThan(5);
    const facts = (await ended(server, id)).outputs.save.dgx_pixels;
    expect(facts[0].notes.join()).toContain("frames are one drawing");
    expect(facts[2].notes.join()).toContain("directions are one drawing");
  });

  test("words of a pose move a picture that is there, and keep its colours", async () => {
    const next: Graph = {
      ...spriteGraph({ positive: { text: "red dragon, side view, facing left, animation frame 1 of 4" } }),
      next_positive: {
        class_type: "CLIPTextEncode",
        inputs: { text: "red dragon, side view, facing left, animation frame 2 of 4", clip: ["checkpoint", 1] },
      },
    };
    const sampler = next["sampler"];
    Object.assign(next, {
      next_sampler: {
        class_type: "KSampler",
        inputs: { ...sampler?.inputs, positive: ["next_positive", 0], latent_image: ["sampler", 0], denoise: 0.45 },
      },
      next_decode: { class_type: "VAEDecode", inputs: { samples: ["next_sampler", 0], vae: ["checkpoint", 2] } },
      next_save: { class_type: "SaveImage", inputs: { images: ["next_decode", 0], filename_prefix: "next" } },
    });
    const extra_data = gridData({ cell: { width: 32, height: 32 }, frames: 4, directions: 4 });
    const id = await submit(server, next, { extra_data });
    const [first] = await pictures(id);
    const second = Buffer.from((await decodeImage(await firstImage(server, id, "next_save"))).data);
    expect(second.equals(first ?? Buffer.alloc(0))).toBe(false);
    const colours = (data: Buffer): Set<number> =>
      new Set(Array.from({ length: data.length / 4 }, (_, i) => data.readUInt32LE(i * 4)));
    expect([...colours(second)].every((colour) => colours(first ?? Buffer.alloc(0)).has(colour))).toBe(true);
  });

  test("a reference picture keeps its shape and takes the prompt's colour", async () => {
    const data = new Uint8ClampedArray(16 * 16 * 4);
    for (let i = 0; i < 256; i += 1)
      data.set(i % 16 > 4 && i % 16 < 11 ? [60, 90, 200, 255] : [255, 0, 255, 255], i * 4);
    const png = await encodePng({ width: 16, height: 16, data });
    const form = new FormData();
    form.set("image", new File([Buffer.from(png)], "sketch.png"));
    const uploaded = await (await fetch(`${server.url}/upload/image`, { method: "POST", body: form })).json();
    expect(uploaded).toEqual({ name: "sketch.png", subfolder: "", type: "input" });
    const graph = {
      ...spriteGraph({ sampler: { latent_image: ["encode", 0], denoise: 0.6 }, positive: { text: "green slime" } }),
      load: { class_type: "LoadImage", inputs: { image: "sketch.png" } },
      scale: {
        class_type: "ImageScale",
        inputs: { image: ["load", 0], upscale_method: "nearest-exact", width: 256, height: 256, crop: "center" },
      },
      encode: { class_type: "VAEEncode", inputs: { pixels: ["scale", 0], vae: ["checkpoint", 2] } },
    };
    const id = await submit(server, graph, { extra_data: gridData({ cell: { width: 16, height: 16 } }) });
    const sprite = fromPicture(await decodeImage(await firstImage(server, id)), 16, 16, false);
    const at = (x: number, y: number): number[] => [...sprite.data.subarray((y * 16 + x) * 4, (y * 16 + x) * 4 + 4)];
    expect(at(2, 8)[3]).toBe(0);
    const [red = 0, green = 0, blue = 0, alpha] = at(8, 8);
    expect(alpha).toBe(255);
    expect(green).toBeGreaterThan(Math.max(red, blue));
  });
});

describe("stopping", () => {
  test("an interrupt by id reaches the running job within a step; another id does not", async () => {
    await server.close();
    server = await startEmbeddedServer({ jobSeconds: 60 });
    const socket = await TestSocket.open(server, "client");
    const id = await submit(server, spriteGraph({ sampler: { steps: 1000 } }), { client_id: "client" });
    const waiting = await submit(server, spriteGraph({ sampler: { seed: 1, steps: 1000 } }), { client_id: "client" });
    await socket.until((message) => message.type === "progress");
    await ask(server, "/interrupt", { prompt_id: waiting });
    await ask(server, "/interrupt", { prompt_id: id });
    await socket.until((message) => message.type === "execution_interrupted");
    const [event] = socket.of("execution_interrupted");
    expect(event).toMatchObject({ prompt_id: id, node_id: "sampler", node_type: "KSampler" });
    const entry = await ended(server, id);
    expect(entry.status).toMatchObject({ status_str: "error", completed: false });
    expect((await ask(server, `/api/jobs/${id}`)).body.status).toBe("cancelled");

    await socket.until((message) => message.type === "progress" && message.data.prompt_id === waiting);
    expect((await ask(server, `/api/jobs/${waiting}/cancel`, {})).body).toEqual({ cancelled: true });
    await socket.until((message) => message.type === "execution_interrupted" && message.data.prompt_id === waiting);
    socket.close();
  });

  test("a pending prompt is deleted without an event; prompts run by number", async () => {
    await server.close();
    server = await startEmbeddedServer({ jobSeconds: 60 });
    const socket = await TestSocket.open(server, "client");
    const running = await submit(server, spriteGraph(), { client_id: "client" });
    await socket.until((message) => message.type === "execution_start");
    const last = await submit(server, spriteGraph());
    const front = await submit(server, spriteGraph(), { front: true });
    const numbered = await submit(server, spriteGraph(), { number: 0.5 });
    const queue = (await ask(server, "/queue")).body;
    expect(queue.queue_running[0][1]).toBe(running);
    const order = queue.queue_pending.toSorted((a: Json, b: Json) => a[0] - b[0]).map((item: Json) => item[1]);
    expect(order).toEqual([front, numbered, last]);
    expect((await ask(server, "/prompt")).body.exec_info.queue_remaining).toBe(4);

    expect((await ask(server, "/queue", { delete: [last, "unknown"] })).status).toBe(200);
    expect((await ask(server, `/api/jobs/${front}/cancel`, {})).body.cancelled).toBe(true);
    expect((await ask(server, `/api/jobs/${numbered}`)).body).toMatchObject({ id: numbered, status: "pending" });
    await ask(server, "/queue", { clear: true });
    expect((await ask(server, "/queue")).body.queue_pending).toEqual([]);
    expect((await ask(server, `/api/jobs/${last}`)).status).toBe(404);
    // An empty body stops whatever runs.
    await ask(server, "/interrupt", "");
    await socket.until((message) => message.type === "execution_interrupted");
    socket.close();
  });
});

describe("history and jobs", () => {
  test("list, page, delete and clear", async () => {
    const ids = [];
    for (const seed of [1, 2, 3]) {
      const id = await submit(server, spriteGraph({ sampler: { seed } }));
      await ended(server, id);
      ids.push(id);
    }
    expect(Object.keys((await ask(server, "/history")).body)).toEqual(ids);
    expect(Object.keys((await ask(server, "/history?max_items=1")).body)).toEqual(ids.slice(2));
    expect(Object.keys((await ask(server, "/history?max_items=1&offset=1")).body)).toEqual(ids.slice(1, 2));
    expect((await ask(server, "/history?max_items=x")).status).toBe(400);
    const page = (await ask(server, "/api/jobs?status=completed&limit=2&offset=1")).body;
    expect(page.jobs.map((job: Json) => job.id)).toEqual([ids[1], ids[0]]);
    expect(page.jobs[0]).toMatchObject({ status: "completed", outputs_count: 1 });
    expect(page.pagination).toEqual({ offset: 1, limit: 2, total: 3, has_more: false });
    expect((await ask(server, "/api/jobs?status=none")).status).toBe(400);
    const job = (await ask(server, `/api/jobs/${ids[0]}`)).body;
    expect(job.outputs.save.images).toHaveLength(1);
    expect(job.workflow.prompt).toEqual(spriteGraph({ sampler: { seed: 1 } }));
    await ask(server, "/history", { delete: [ids[0]] });
    expect((await ask(server, `/history/${ids[0]}`)).body).toEqual({});
    await ask(server, "/history", { clear: true });
    expect((await ask(server, "/history")).body).toEqual({});
    expect((await ask(server, `/api/jobs/${uuid}/cancel`, {})).body).toEqual({ cancelled: false });
  });

  test("a restart forgets the history and keeps the outputs", async () => {
    const id = await submit(server, spriteGraph());
    const { outputs } = await ended(server, id);
    const { url } = server;
    await server.restart();
    expect(server.url).toBe(url);
    expect((await ask(server, "/history")).body).toEqual({});
    expect((await ask(server, `/view?${new URLSearchParams(outputs.save.images[0]).toString()}`)).status).toBe(200);
  });
});

describe("what the server is", () => {
  test("says that it is embedded and procedural, and offers no weights", async () => {
    const { system, devices } = (await ask(server, "/system_stats")).body;
    expect(system.comfyui_version).toMatch(/^\d+\.\d+\.\d+\+dgx-pixels/);
    expect(system.dgx_pixels).toEqual({ engine: "embedded", generator: "procedural", procedural: true });
    expect(devices[0].type).toBe("cpu");
    expect((await ask(server, "/models")).body).toContain("checkpoints");
    expect((await ask(server, "/models/loras")).body).toEqual(["a.safetensors"]);
    expect((await ask(server, "/models/__proto__")).status).toBe(404);
    expect((await ask(server, "/embeddings")).body).toEqual([]);
    expect((await ask(server, "/features")).body.supports_preview_metadata).toBe(true);
    expect((await ask(server, "/view_metadata/checkpoints?filename=x")).status).toBe(404);
    expect((await ask(server, "/")).text).toContain("DGX-Pixels");
  });

  test("describes its node classes as ComfyUI does", async () => {
    const all = (await ask(server, "/object_info")).body;
    expect(Object.keys(all).length).toBeGreaterThan(20);
    const one = (await ask(server, "/object_info/KSampler")).body;
    expect(one.KSampler).toEqual(all.KSampler);
    expect(one.KSampler.input.required.sampler_name[0]).toContain("euler_ancestral");
    expect(one.KSampler.input.required.steps).toEqual(["INT", { default: 20, min: 1, max: 10_000 }]);
    expect(one.KSampler.output).toEqual(["LATENT"]);
    expect((await ask(server, "/object_info/Nothing")).body).toEqual({});
  });

  test("answers below /api too", async () => {
    for (const path of ["/queue", "/history", "/object_info/KSampler", "/features", "/models"]) {
      expect((await ask(server, `/api${path}`)).body).toEqual((await ask(server, path)).body);
    }
    const socket = await TestSocket.open({ url: `${server.url}/api` }, "client");
    socket.close();
  });

  test("an older server knows neither jobs nor flags", async () => {
    await server.close();
    server = await startEmbeddedServer({ older: true });
    expect((await ask(server, "/api/jobs")).status).toBe(404);
    expect((await ask(server, `/api/jobs/${uuid}/cancel`, {})).status).toBe(404);
    expect((await ask(server, "/features")).status).toBe(404);
    const socket = await TestSocket.open(server, "client", false);
    socket.socket.send(JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } }));
    await submit(server, spriteGraph(), { client_id: "client" });
    await socket.until(isEnd);
    expect((socket.of("binary")[0] as Buffer).readUInt32BE(0)).toBe(1);
    expect(socket.of("feature_flags")).toEqual([]);
    socket.close();
  });
});

describe("guards", () => {
  test("pages of other sites and names of other hosts are refused", async () => {
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${server.url}/queue`, { headers })).status;
    expect(await status({})).toBe(200);
    expect(await status({ origin: server.url })).toBe(200);
    expect(await status({ origin: "http://evil.example" })).toBe(403);
    expect(await status({ origin: "null" })).toBe(403);
    // fetch sets Host and Sec-Fetch-Site itself.
    const { request } = await import("node:http");
    const raw = async (headers: Record<string, string>): Promise<number | undefined> => {
      const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
      request(`${server.url}/queue`, { headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
      return promise;
    };
    expect(await raw({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await raw({ host: "rebound.example" })).toBe(403);
    expect(await raw({ host: "localhost:1" })).toBe(200);
  });

  test("a socket from another site, or on another path, is refused", async () => {
    const { WebSocket } = await import("ws");
    const refusal = async (path: string, origin: string): Promise<number | undefined> => {
      const socket = new WebSocket(`${server.url.replace("http", "ws")}${path}`, { origin });
      const { promise, resolve } = Promise.withResolvers<number | undefined>();
      socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
      socket.on("error", () => undefined);
      return promise;
    };
    expect(await refusal("/ws", "http://evil.example")).toBe(403);
    expect(await refusal("/elsewhere", server.url)).toBe(404);
  });

  test("paths do not leave their folder, and what is not there is not found", async () => {
    expect((await ask(server, "/view?filename=../x.png")).status).toBe(400);
    expect((await ask(server, "/view?filename=x.png&subfolder=../..")).status).toBe(403);
    expect((await ask(server, "/view?filename=x.png&type=secret")).status).toBe(400);
    expect((await ask(server, "/view?filename=x.png")).status).toBe(404);
    expect((await ask(server, "/view")).status).toBe(404);
    expect((await ask(server, "/nowhere")).status).toBe(404);
    expect((await ask(server, "/system_stats", {})).status).toBe(405);
    expect((await ask(server, "/%E0%A4%A")).status).toBe(400);
    const outside = await submit(server, spriteGraph({ save: { filename_prefix: "../../x" } }));
    expect((await ended(server, outside)).status.messages.at(-1)[1].exception_message).toContain("outside");
  });

  test("an upload keeps what has its name, and equal content once", async () => {
    const upload = async (content: string, fields: Record<string, string> = {}): Promise<Json> => {
      const form = new FormData();
      form.set("image", new File([content], "a.png"));
      for (const [key, value] of Object.entries(fields)) form.set(key, value);
      const response = await fetch(`${server.url}/upload/image`, { method: "POST", body: form });
      return response.status === 200 ? await response.json() : response.status;
    };
    expect((await upload("one")).name).toBe("a.png");
    expect((await upload("one")).name).toBe("a.png");
    expect((await upload("two")).name).toBe("a (1).png");
    expect((await upload("three", { overwrite: "true" })).name).toBe("a.png");
    expect((await ask(server, "/view?filename=a.png&type=input")).text).toBe("three");
    expect(await upload("one", { subfolder: "deep", type: "temp" })).toEqual({
      name: "a.png",
      subfolder: "deep",
      type: "temp",
    });
    expect(await upload("one", { subfolder: ".." })).toBe(400);
    expect(await upload("one", { type: "elsewhere" })).toBe(400);
    expect((await ask(server, "/upload/image", {})).status).toBe(400);
  });
});

test("a client that takes over an id loses it when its old socket ends, as in ComfyUI", async () => {
  const old = await TestSocket.open(server, "client");
  const fresh = await TestSocket.open(server, "client");
  old.close();
  await old.closed;
  // The server hears of it before it answers anything else.
  await ask(server, "/queue");
  const id = await submit(server, spriteGraph(), { client_id: "client" });
  await ended(server, id);
  expect(fresh.of("execution_start")).toEqual([]);
  fresh.close();
});

test("a client that comes back is told the status and the running node alone", async () => {
  await server.close();
  server = await startEmbeddedServer({ jobSeconds: 60 });
  const first = await TestSocket.open(server, "client");
  await submit(server, spriteGraph({ sampler: { steps: 1000 } }), { client_id: "client" });
  await first.until((message) => message.type === "progress");
  first.close();
  await first.closed;
  await ask(server, "/queue");
  const again = await TestSocket.open(server, "client");
  const told = again.messages.filter(({ type }) => type !== "feature_flags");
  expect(told.slice(0, 2).map(({ type }) => type)).toEqual(["status", "executing"]);
  expect(told[1]?.data).toEqual({ node: "sampler" });
  again.close();
});
