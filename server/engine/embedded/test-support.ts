import { WebSocket } from "ws";
import type { Graph } from "./graph.ts";
import type { EmbeddedServer } from "./server.ts";

/** The usual graph of one sprite; `change` replaces inputs of its nodes. */
export function spriteGraph(change: Readonly<Record<string, Record<string, unknown>>> = {}): Graph {
  const nodes: [id: string, className: string, inputs: Record<string, unknown>][] = [
    ["checkpoint", "CheckpointLoaderSimple", { ckpt_name: "dgx-pixels-embedded.safetensors" }],
    ["positive", "CLIPTextEncode", { text: "red dragon", clip: ["checkpoint", 1] }],
    ["negative", "CLIPTextEncode", { text: "blurry", clip: ["checkpoint", 1] }],
    ["canvas", "EmptyLatentImage", { width: 256, height: 256, batch_size: 1 }],
    [
      "sampler",
      "KSampler",
      {
        model: ["checkpoint", 0],
        positive: ["positive", 0],
        negative: ["negative", 0],
        latent_image: ["canvas", 0],
        seed: 7,
        steps: 4,
        cfg: 7,
        sampler_name: "euler",
        scheduler: "normal",
        denoise: 1,
      },
    ],
    ["decode", "VAEDecode", { samples: ["sampler", 0], vae: ["checkpoint", 2] }],
    ["save", "SaveImage", { images: ["decode", 0], filename_prefix: "test/sprite" }],
  ];
  return Object.fromEntries(
    nodes.map(([id, class_type, inputs]) => [id, { class_type, inputs: { ...inputs, ...change[id] } }]),
  );
}

/** `extra_data` that asks for a grid. */
export function gridData(grid: object): object {
  return { extra_pnginfo: { "dgx-pixels": grid } };
}

/** Any JSON, to be looked into by tests. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of many shapes
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly text: string;
}

/** One request on a connection of its own. */
export async function ask(server: { url: string }, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(server.url + path, {
    headers: { connection: "close" },
    ...(body !== undefined && { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  let json: Json = null;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  return { status: response.status, body: json, text };
}

export async function submit(server: EmbeddedServer, graph: Graph, more: object = {}): Promise<string> {
  const answer = await ask(server, "/prompt", { prompt: graph, ...more });
  if (answer.status !== 200) throw new Error(answer.text);
  return String(answer.body.prompt_id);
}

/** The history entry, once there is one. */
export async function ended(server: EmbeddedServer, id: string): Promise<Json> {
  for (;;) {
    const { body } = await ask(server, `/history/${id}`);
    if (body?.[id] !== undefined) return body[id];
  }
}

export async function firstImage(server: EmbeddedServer, id: string, node = "save", index = 0): Promise<Uint8Array> {
  const entry = await ended(server, id);
  const name: Record<string, string> = entry.outputs[node].images[index];
  const response = await fetch(`${server.url}/view?${new URLSearchParams(name).toString()}`, {
    headers: { connection: "close" },
  });
  if (response.status !== 200) throw new Error(`/view: ${response.status}`);
  return response.bytes();
}

export type Message =
  | { readonly type: string; readonly data: Json }
  | { readonly type: "binary"; readonly data: Buffer };

/** A client's socket that keeps what it hears. */
export class TestSocket {
  readonly messages: Message[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<void>;
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data, isBinary) => {
      if (!Buffer.isBuffer(data)) return;
      const text = data.toString().replaceAll(/\b-?(?:NaN|Infinity)\b/g, "null");
      const message: Message = isBinary ? { type: "binary", data } : JSON.parse(text);
      this.messages.push(message);
      this.#wake();
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve();
      this.#wake();
    });
  }

  static async open(server: { url: string }, clientId: string, features = true): Promise<TestSocket> {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws?clientId=${clientId}`);
    const client = new TestSocket(socket);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("open", resolve);
    socket.once("error", reject);
    await promise;
    if (features) {
      socket.send(JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } }));
      await client.until((message) => message.type === "feature_flags");
    }
    return client;
  }

  /** Waits for the first message that fits, of those to come and those that came. Throws when the socket ends first. */
  async until(fits: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error("The socket was closed");
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  of(type: string): Json[] {
    return this.messages.filter((message) => message.type === type).map((message) => message.data);
  }

  close(): void {
    this.socket.terminate();
  }
}

/** Ends a job's events: `executing` of no node. */
export function isEnd(message: Message): boolean {
  return message.type === "executing" && message.data.node === null;
}
