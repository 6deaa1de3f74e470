import { EventEmitter, once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { EngineModels, EngineStatus } from "../../protocol/engine-info.ts";
import { PixelsError } from "../../protocol/errors.ts";
import { graphSchema, type Graph } from "../workflow/graph.ts";
import { ComfyApi } from "./api.ts";
import { stopPrompt } from "./cancel.ts";
import { parsePreviewFrame } from "./frames.ts";
import { ComfyHttp, unavailable } from "./http.ts";
import type { EngineImage } from "./images.ts";
import { parsePythonJson } from "./json.ts";
import { PromptRun, type RunOptions } from "./run.ts";
import { comboOptions, eventDataSchema, socketMessageSchema } from "./schemas.ts";
import { ComfySocket } from "./socket.ts";
import { defaultTimings, type Timings } from "./timings.ts";

export interface SessionOptions {
  /** Address of the server, such as `http://127.0.0.1:8188`. */
  readonly url: string;
  /** Name in statuses and model lists; the address by default. */
  readonly id?: string;
  readonly kind?: EngineStatus["kind"];
  readonly timings?: Partial<Timings>;
}

/** One ComfyUI: its connection, kept up until `close`, and the prompts it runs for this client. */
export class ComfySession {
  readonly #api: ComfyApi;
  readonly #timings: Timings;
  readonly #runs = new Set<PromptRun>();
  readonly #events = new EventEmitter<{ status: [EngineStatus]; attempt: [] }>();
  readonly #closing = new AbortController();
  #socket: ComfySocket | null = null;
  #status: EngineStatus;
  #connecting: Promise<void> | null = null;
  /** The prompt this client's events are about: previews of older servers name none. */
  #current: string | null = null;

  constructor(options: SessionOptions) {
    this.#timings = { ...defaultTimings, ...options.timings };
    this.#api = new ComfyApi(new ComfyHttp(options.url, this.#timings.httpTimeoutMs));
    this.#events.setMaxListeners(0);
    this.#status = {
      id: options.id ?? this.#api.url,
      kind: options.kind ?? "comfyui",
      state: "starting",
      version: null,
      device: null,
      warm: null,
      problem: null,
    };
  }

  get status(): EngineStatus {
    return this.#status;
  }

  /** Hears of every change of the status. Returns what ends it. */
  onStatus(listener: (status: EngineStatus) => void): () => void {
    this.#events.on("status", listener);
    return () => void this.#events.off("status", listener);
  }

  /**
   * Connects, and stays connected: after a drop it tries again until `close`. Returns how the first try went, as a
   * status; a server that is down is `unreachable`, not an error.
   */
  async connect(): Promise<EngineStatus> {
    if (!this.#connecting) {
      const attempted = once(this.#events, "attempt");
      this.#connecting = this.#stayConnected();
      await attempted;
    }
    return this.#status;
  }

  /**
   * Runs a prompt, or takes up one that was submitted before (`adopt`), and returns its pictures in the order of
   * `outputs`. While the server is away it waits; aborting `signal` stops the prompt on the server first.
   *
   * Rejects with `engine_unavailable` (not submitted), `engine_rejected` or `unknown_model` (refused, naming the
   * person's field), `engine_failed`, `engine_lost` (the server no longer knows it: submit it again),
   * `invalid_image`, `cancelled`, or `engine_unavailable` when the session is closed meanwhile (the prompt goes on).
   */
  async run(options: RunOptions): Promise<EngineImage[]> {
    const run = new PromptRun(
      {
        api: this.#api,
        timings: this.#timings,
        clientId: () => this.#socket?.clientId ?? null,
        models: () => this.models(),
        closed: this.#closing.signal,
      },
      options,
    );
    this.#runs.add(run);
    try {
      const images = await run.result();
      this.#setWarm(options.graph);
      return images;
    } finally {
      this.#runs.delete(run);
    }
  }

  /**
   * Stops exactly this prompt and waits until it has; false when the server no longer had it.
   * Rejects with `engine_unavailable` when it is not known to have stopped.
   */
  async cancel(promptId: string): Promise<boolean> {
    const { had, confirmed, cause } = await stopPrompt(this.#api, promptId, this.#timings);
    if (!confirmed) throw unavailable(this.#api.url, cause ?? "The engine has not stopped the job.");
    return had;
  }

  /** What the engine can load. A node class it lacks gives an empty list. */
  async models(): Promise<EngineModels> {
    const options = async (nodeClass: string, input: string): Promise<string[]> => {
      const info = await this.#api.objectInfo(nodeClass);
      return comboOptions(info?.input.required[input] ?? info?.input.optional[input] ?? []);
    };
    const [checkpoints, loras, vaes, controlnets, samplers, schedulers] = await Promise.all([
      options("CheckpointLoaderSimple", "ckpt_name"),
      options("LoraLoader", "lora_name"),
      options("VAELoader", "vae_name"),
      options("ControlNetLoader", "control_net_name"),
      options("KSampler", "sampler_name"),
      options("KSampler", "scheduler"),
    ]);
    return { engine: this.#status.id, checkpoints, loras, vaes, controlnets, samplers, schedulers };
  }

  /** Whether the engine has a node class. */
  async hasNode(nodeClass: string): Promise<boolean> {
    return (await this.#api.objectInfo(nodeClass)) !== null;
  }

  systemStats() {
    return this.#api.systemStats();
  }

  /** Uploads a picture and returns the name that a LoadImage node takes, which may differ from the one given. */
  async uploadImage(image: { name: string; bytes: Uint8Array; signal?: AbortSignal }): Promise<string> {
    const form = new FormData();
    form.set("image", new Blob([new Uint8Array(image.bytes)]), image.name);
    form.set("type", "input");
    form.set("subfolder", "dgx-pixels");
    form.set("overwrite", "true");
    const uploaded = await this.#api.upload(form, image.signal);
    return uploaded.subfolder === "" ? uploaded.name : `${uploaded.subfolder}/${uploaded.name}`;
  }

  /** Asks the engine to give its models' memory back; it does so after the prompt in hand. */
  async free(): Promise<void> {
    await this.#api.free({ unload_models: true, free_memory: true });
    this.#setStatus({ warm: null });
  }

  /** Ends the connection and every `run`. Prompts on the server go on: another session can adopt them. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#socket?.close();
    await this.#connecting;
  }

  async #stayConnected(): Promise<void> {
    const { retryMs, backoffMs } = this.#timings;
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const socket = await this.#attempt();
        failures = 0;
        this.#events.emit("attempt");
        await socket.closed;
        this.#socket = null;
        this.#current = null;
      } catch (error) {
        this.#setStatus({ state: "unreachable", problem: problemOf(this.#api.url, error) });
        this.#events.emit("attempt");
        const ms = Math.min(backoffMs, retryMs * 2 ** Math.min(failures++, 10));
        await delay(ms, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #attempt(): Promise<ComfySocket> {
    this.#api.forgetFeatures();
    const stats = await this.#api.systemStats({ signal: this.#closing.signal });
    const socket = await ComfySocket.open(
      this.#api.url,
      { onText: (text) => this.#text(text), onFrame: (bytes) => this.#frame(bytes) },
      this.#timings.heartbeatMs,
    );
    if (this.#closing.signal.aborted) socket.close();
    this.#socket = socket;
    this.#setStatus({
      state: "ready",
      version: stats.system.comfyui_version,
      device: stats.devices[0]?.name ?? null,
      warm: this.#status.warm ?? (await this.#lastCheckpoint()),
      problem: null,
    });
    for (const run of this.#runs) run.wake();
    return socket;
  }

  /** After a restart of ours the engine still holds what its last prompt loaded. */
  async #lastCheckpoint(): Promise<string | null> {
    try {
      const last = z.tuple([z.unknown(), z.unknown(), graphSchema], z.unknown());
      const parsed = last.safeParse((await this.#api.lastHistory())?.prompt);
      return parsed.success ? checkpointOf(parsed.data[2]) : null;
    } catch {
      return null;
    }
  }

  #text(text: string): void {
    let message: z.infer<typeof socketMessageSchema>;
    try {
      message = socketMessageSchema.parse(parsePythonJson(text));
    } catch {
      return; // The socket is a hint: what cannot be read is left to HTTP.
    }
    const data = eventDataSchema.parse(message.data);
    if (message.type === "status") {
      const remaining = data.status?.exec_info.queue_remaining ?? 0;
      if (this.#socket) this.#setStatus({ state: remaining > 0 ? "busy" : "ready" });
      for (const run of this.#runs) run.queueChanged();
      return;
    }
    // After a reconnect `executing` comes without an id: it cannot be told whose it is.
    if (data.prompt_id === undefined) return;
    const ends = message.type === "executing" && data.node === null;
    this.#current = ends ? null : data.prompt_id;
    for (const run of this.#runs) if (run.id === data.prompt_id) run.event(message.type, data);
  }

  #frame(bytes: Uint8Array): void {
    const frame = parsePreviewFrame(bytes);
    const promptId = frame?.promptId ?? this.#current;
    if (!frame || promptId === null) return;
    for (const run of this.#runs) if (run.id === promptId) run.preview({ ...frame, promptId });
  }

  #setWarm(graph: Graph): void {
    const warm = checkpointOf(graph);
    if (warm !== null) this.#setStatus({ warm });
  }

  #setStatus(change: Partial<EngineStatus>): void {
    const next = { ...this.#status, ...change };
    if (JSON.stringify(next) === JSON.stringify(this.#status)) return;
    this.#status = next;
    this.#events.emit("status", next);
  }
}

/** The checkpoint that a graph loads, else null. */
export function checkpointOf(graph: Graph): string | null {
  for (const { class_type, inputs } of Object.values(graph)) {
    const name = inputs["ckpt_name"];
    if (class_type.startsWith("CheckpointLoader") && typeof name === "string") return name;
  }
  return null;
}

function problemOf(url: string, error: unknown): NonNullable<EngineStatus["problem"]> {
  const { message, why, remedy } =
    error instanceof PixelsError ? error : unavailable(url, `its WebSocket could not be opened: ${String(error)}`);
  return {
    message: why === undefined ? message : `${message}: ${why}`,
    remedy: remedy ?? "Start it; jobs wait for it until then.",
  };
}
