import { setTimeout as delay } from "node:timers/promises";
import type { EngineModels } from "../../protocol/engine-info.ts";
import { PixelsError } from "../../protocol/errors.ts";
import type { Progress } from "../../protocol/job.ts";
import type { Graph } from "../workflow/graph.ts";
import type { ComfyApi, Submission } from "./api.ts";
import { stopPrompt, type Stopped } from "./cancel.ts";
import type { PreviewFrame } from "./frames.ts";
import { fetchImage, type EngineImage } from "./images.ts";
import { ProgressMeter } from "./progress.ts";
import { explainRejection } from "./rejection.ts";
import { nodeStatesSchema, type EventData, type NodeErrors, type Outputs, type Rejection } from "./schemas.ts";
import type { Timings } from "./timings.ts";
import { isBlocked, truthOf } from "./truth.ts";

export interface RunOptions {
  /** A canonical lower-case UUID, kept by the caller before this is called. */
  readonly promptId: string;
  readonly graph: Graph;
  /** Nodes whose pictures are wanted, in this order. */
  readonly outputs: readonly string[];
  /** `extra_pnginfo`: written into the pictures, one text chunk a key. */
  readonly pngInfo?: Readonly<Record<string, unknown>> | undefined;
  /** The person's field by `node.input`, for the message of a rejection. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly onPreview?: ((preview: PreviewFrame) => void) | undefined;
  /** Takes up a prompt that was submitted before, by this or a former process. */
  readonly adopt?: boolean | undefined;
  /** The id the server goes by; another than `promptId` only from servers before 0.3.45. */
  readonly onAccepted?: ((promptId: string) => void) | undefined;
}

/** What a run needs of its session. */
export interface RunHost {
  readonly api: ComfyApi;
  readonly timings: Timings;
  /** Id of the open socket, or null while there is none. */
  clientId(): string | null;
  models(): Promise<EngineModels>;
  /** Aborted when the session closes: prompts are left to whoever adopts them. */
  readonly closed: AbortSignal;
}

/** One prompt from its submission to its pictures. The socket's events are hints; HTTP decides. */
export class PromptRun {
  readonly #host: RunHost;
  readonly #options: RunOptions;
  readonly #meter: ProgressMeter;
  /** Pictures the socket told of, in case the history is gone before it is read. */
  readonly #told: Outputs = {};
  #toldSuccess = false;
  /** Aborted by the caller's signal, which stops the prompt, or by the session's end, which leaves it. */
  readonly #halt: AbortSignal;
  #id: string;
  /** The socket that gets this prompt's events. */
  #eventsTo: string | null = null;
  #lastEvent = 0;
  #expectEnd = false;
  #wake: (() => void) | null = null;
  #reported: Progress | null = null;

  constructor(host: RunHost, options: RunOptions) {
    this.#host = host;
    this.#options = options;
    this.#id = options.promptId;
    this.#halt = options.signal ? AbortSignal.any([options.signal, host.closed]) : host.closed;
    this.#meter = new ProgressMeter(options.graph, () => performance.now());
  }

  get id(): string {
    return this.#id;
  }

  async result(): Promise<EngineImage[]> {
    try {
      if (!this.#options.adopt) await this.#submit();
      return await this.#follow();
    } catch (error) {
      if (this.#options.signal?.aborted) throw cancelled(await this.#stop());
      if (this.#host.closed.aborted) throw left();
      throw error;
    }
  }

  /** Looks at HTTP again now: after a reconnect, or when the queue changed. */
  wake(): void {
    this.#wake?.();
  }

  /** The queue changed: a prompt that has not started may have been deleted, which no event tells. */
  queueChanged(): void {
    if (this.#lastEvent === 0) this.wake();
  }

  event(type: string, data: EventData): void {
    this.#lastEvent = performance.now();
    switch (type) {
      case "execution_cached":
        if (Array.isArray(data.nodes)) this.#meter.cached(data.nodes.filter((node) => typeof node === "string"));
        break;
      case "executing":
        if (typeof data.node === "string") this.#meter.executing(data.node);
        else this.#endTold();
        break;
      case "progress":
        if (typeof data.node === "string") this.#meter.step(data.node, data.value ?? 0, data.max ?? 0);
        break;
      case "progress_state":
        this.#nodeStates(data.nodes);
        break;
      case "executed":
        // Cached outputs come without an `executing` before them.
        if (typeof data.node === "string") {
          this.#meter.finished(data.node);
          if (data.output) this.#told[data.node] = data.output;
        }
        break;
      case "execution_success":
        this.#toldSuccess = true;
        this.#endTold();
        break;
      case "execution_interrupted":
        this.#endTold();
        break;
      case "execution_error":
        if (!isBlocked(data)) this.#endTold();
        break;
      default:
        return;
    }
    this.#report(this.#meter.progress());
  }

  preview(frame: PreviewFrame): void {
    this.#lastEvent = performance.now();
    this.#options.onPreview?.(frame);
  }

  #nodeStates(nodes: unknown): void {
    for (const [node, { value, max, state }] of Object.entries(nodeStatesSchema.catch({}).parse(nodes))) {
      if (state === "finished") this.#meter.finished(node);
      // Before a node's first step its `max` says nothing yet.
      else if (state === "running" && value > 0) this.#meter.step(node, value, max);
    }
  }

  #endTold(): void {
    this.#expectEnd = true;
    this.wake();
  }

  async #submit(): Promise<void> {
    const { promptId, signal, fields = {} } = this.#options;
    this.#halt.throwIfAborted();
    this.#report({ ...this.#meter.progress(), stage: "handing over to the engine" });
    this.#eventsTo = this.#host.clientId();
    const sent = this.#host.api.submit(submissionOf(this.#options, this.#eventsTo ?? promptId));
    let reply: Awaited<typeof sent>;
    try {
      reply = await untilAborted(sent, this.#halt);
    } catch (error) {
      if (signal?.aborted) {
        // It may still arrive after the cancel that follows now.
        sent.then(() => this.#stop()).catch(() => undefined);
        throw error;
      }
      if (await this.#arrivedAnyway()) return;
      throw error;
    }
    if (reply.taken) {
      this.#id = reply.answer.prompt_id;
      this.#options.onAccepted?.(this.#id);
      if (Object.keys(reply.answer.node_errors).length === 0) return;
      // Taken, but without the outputs that have errors: half a result is none.
      await this.#stop();
      throw await this.#rejected(partialRejection(reply.answer.node_errors), fields);
    }
    throw await this.#rejected(reply.answer, fields);
  }

  async #rejected(rejection: Rejection, fields: Readonly<Record<string, string>>): Promise<PixelsError> {
    return explainRejection(rejection, fields, await this.#host.models().catch(() => null));
  }

  /** The answer to a submission was lost; the prompt itself may not be. */
  async #arrivedAnyway(): Promise<boolean> {
    try {
      const { state } = await truthOf(this.#host.api, this.#id);
      return state !== "unknown";
    } catch {
      return false;
    }
  }

  async #follow(): Promise<EngineImage[]> {
    const { retryMs, backoffMs, lostMs } = this.#host.timings;
    let unknownSince: number | null = null;
    let failures = 0;
    for (;;) {
      this.#halt.throwIfAborted();
      try {
        const truth = await truthOf(this.#host.api, this.#id);
        if (truth.state !== "unknown") unknownSince = null;
        switch (truth.state) {
          case "succeeded":
            return await this.#collect(truth.outputs);
          case "failed":
            throw truth.error;
          case "cancelled":
            throw stoppedElsewhere();
          case "pending":
            this.#report({ ...this.#meter.progress(), stage: "waiting in the engine's queue" });
            break;
          case "running":
            this.#report(this.#meter.progress());
            break;
          case "unknown":
            unknownSince ??= performance.now();
            if (performance.now() - unknownSince >= lostMs) {
              if (this.#toldSuccess) return await this.#collect(this.#told);
              throw lost();
            }
            break;
        }
        failures = 0;
        await this.#pause(unknownSince === null ? this.#nextLook() : Math.min(retryMs, lostMs / 4));
      } catch (error) {
        if (!(error instanceof PixelsError) || error.code !== "engine_unavailable") throw error;
        this.#report({ ...this.#meter.progress(), stage: "waiting for the engine to answer" });
        await this.#pause(Math.min(backoffMs, retryMs * 2 ** Math.min(failures++, 10)));
      }
    }
  }

  /** Milliseconds until HTTP is asked again. */
  #nextLook(): number {
    const { retryMs, silenceMs, pollMs } = this.#host.timings;
    // Success is told before the history is written.
    if (this.#expectEnd) return retryMs;
    const heard = this.#eventsTo !== null && this.#eventsTo === this.#host.clientId();
    return heard ? silenceMs : pollMs;
  }

  /** Waits, less when woken. Events put the look at HTTP off: silence alone calls for it. */
  async #pause(ms: number): Promise<void> {
    const woken = Promise.withResolvers<void>();
    this.#wake = woken.resolve;
    const timer = new AbortController();
    try {
      let rest = ms;
      while (rest > 0) {
        const from = performance.now();
        const wait = delay(rest, false, { signal: timer.signal });
        const early = await untilAborted(Promise.race([wait, woken.promise.then(() => true)]), this.#halt);
        if (early) return;
        rest = this.#lastEvent > from ? ms - (performance.now() - this.#lastEvent) : 0;
      }
    } finally {
      this.#wake = null;
      timer.abort();
    }
  }

  async #collect(outputs: Outputs): Promise<EngineImage[]> {
    this.#report({ ...this.#meter.progress(), stage: "fetching the picture" });
    const images: EngineImage[] = [];
    for (const node of this.#options.outputs) {
      const made = outputs[node]?.images ?? [];
      if (made.length === 0) throw noPicture(node);
      for (const image of made) {
        try {
          images.push(await fetchImage(this.#host.api, node, image, this.#host.timings.retryMs, this.#halt));
        } catch (error) {
          // The server's cache named a file that is gone, and would do so again.
          if (error instanceof PixelsError && error.code === "engine_lost") {
            await this.#host.api.free({ unload_models: false, free_memory: true }).catch(() => undefined);
          }
          throw error;
        }
      }
    }
    this.#report({ ...this.#meter.progress(), stage: "fetched the picture", fraction: 1, etaSeconds: 0 });
    return images;
  }

  #stop(): Promise<Stopped> {
    return stopPrompt(this.#host.api, this.#id, this.#host.timings);
  }

  #report(progress: Progress): void {
    const last = this.#reported;
    // A figure shown once never goes back, whatever order events and answers come in.
    const next = { ...progress, fraction: Math.max(progress.fraction, last?.fraction ?? 0) };
    if (last && last.stage === next.stage && last.fraction === next.fraction && last.step === next.step) return;
    this.#reported = next;
    this.#options.onProgress?.(next);
  }
}

function submissionOf({ promptId, graph, outputs, pngInfo }: RunOptions, clientId: string): Submission {
  return {
    prompt: withOwnFileNames(graph, outputs, promptId),
    prompt_id: promptId,
    client_id: clientId,
    extra_data: { extra_pnginfo: pngInfo ?? {}, preview_method: "auto" },
  };
}

/** Saved files carry the prompt's id: the cache of an equal graph could name one that was moved since. */
function withOwnFileNames(graph: Graph, outputs: readonly string[], promptId: string): Graph {
  const own = { ...graph };
  for (const id of outputs) {
    const node = graph[id];
    const prefix = node?.inputs["filename_prefix"];
    if (!node || typeof prefix !== "string") continue;
    own[id] = { ...node, inputs: { ...node.inputs, filename_prefix: `${prefix}_${promptId}` } };
  }
  return own;
}

/** Rejects as soon as the signal aborts; the promise itself goes on. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function partialRejection(nodeErrors: NodeErrors): Rejection {
  return {
    error: { type: "prompt_outputs_failed_validation", message: "Outputs were left out", details: "", extra_info: {} },
    node_errors: nodeErrors,
  };
}

function left(): PixelsError {
  return new PixelsError({
    code: "engine_unavailable",
    message: "The connection to the engine was ended",
    cause: "What was submitted goes on there.",
    remedy: "Take the prompt up again by its id.",
  });
}

function lost(): PixelsError {
  return new PixelsError({
    code: "engine_lost",
    message: "The engine no longer knows this job",
    cause: "It was restarted, or the job was removed from its queue or its history.",
    remedy: "Retry the job.",
  });
}

function noPicture(node: string): PixelsError {
  return new PixelsError({
    code: "engine_failed",
    message: `The engine ended the job without a picture from node "${node}"`,
    cause: "A node before it blocked it, or it is no node that saves pictures.",
    remedy: "Check the workflow's `outputs` and run its graph in ComfyUI itself.",
    data: { node },
  });
}

function stoppedElsewhere(): PixelsError {
  return new PixelsError({
    code: "cancelled",
    message: "The job was stopped in ComfyUI",
    cause: "Somebody interrupted it there.",
    remedy: "Retry the job.",
  });
}

function cancelled({ confirmed, cause }: Stopped): PixelsError {
  return new PixelsError({
    code: "cancelled",
    message: "The job was cancelled",
    ...(!confirmed && { cause, remedy: "It may go on in ComfyUI for a while: look there." }),
    data: { confirmed },
  });
}
