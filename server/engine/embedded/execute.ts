import { setImmediate, setTimeout } from "node:timers/promises";
import type { RgbaImage } from "../../sprite/image.ts";
import { linkOf } from "./graph.ts";
import { NodeInputs, type Catalog, type NodeClass, type NodeResult, type SpriteGrid } from "./nodes/node-class.ts";
import { nodeClass } from "./nodes/registry.ts";
import { executionOrder, signatures, type OutputCache } from "./output-cache.ts";
import { toPicture } from "./picture.ts";
import type { Faults } from "./faults.ts";
import type { SpriteGenerator } from "./generator.ts";
import type { HistoryEntry } from "./history.ts";
import type { QueuedPrompt } from "./queue.ts";
import type { SocketHub } from "./socket-hub.ts";

/** Side of the picture a preview shows, at most. */
const previewSide = 256;
/** How much of a declared job's time passes in its samplers. */
const samplerShare = 0.9;

export interface ExecutionContext {
  readonly hub: SocketHub;
  readonly faults: Faults;
  readonly catalog: Catalog;
  readonly generator: SpriteGenerator;
  readonly cache: OutputCache;
  readonly grid: SpriteGrid;
  readonly pngInfo: Readonly<Record<string, unknown>>;
  readonly sendPreviews: boolean;
  /** Seconds the whole job takes at least; 0 for as fast as it goes. */
  readonly jobSeconds: number;
  /** Aborted by an interrupt, or when the server goes. */
  readonly signal: AbortSignal;
  /** Called before each node, and with null after the last. */
  readonly onNode: (id: string | null) => void;
  /** Called after each sampler step. */
  readonly onSamplerStep: () => void;
}

/** An error as Python names it. */
class EngineFault extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** Runs one prompt node by node, telling its client as ComfyUI does, and returns how it ended. Never throws. */
export async function execute(prompt: QueuedPrompt, context: ExecutionContext): Promise<HistoryEntry> {
  return new Execution(prompt, context).run();
}

class Execution {
  readonly #prompt: QueuedPrompt;
  readonly #context: ExecutionContext;
  readonly #started = performance.now();
  readonly #messages: [string, Record<string, unknown>][] = [];
  readonly #outputs: Record<string, Record<string, unknown>> = {};
  readonly #results = new Map<string, NodeResult>();
  readonly #executed: string[] = [];
  readonly #states = new Map<string, { value: number; max: number; state: string }>();
  #samplers = { count: 0, done: 0 };

  constructor(prompt: QueuedPrompt, context: ExecutionContext) {
    this.#prompt = prompt;
    this.#context = context;
  }

  async run(): Promise<HistoryEntry> {
    const { graph, outputs } = this.#prompt;
    const { cache, catalog, grid } = this.#context;
    this.#record("execution_start", {});
    const order = executionOrder(graph, outputs);
    const signed = signatures(graph, order, catalog, grid);
    const cached = order.filter((id) => cache.get(signed.get(id) ?? "") !== undefined);
    cache.keep(new Set(signed.values()));
    this.#record("execution_cached", { nodes: cached });
    const isSampler = (id: string): boolean => nodeClass(graph[id]?.class_type ?? "")?.category === "sampling";
    this.#samplers.count = order.filter((id) => isSampler(id) && !cached.includes(id)).length;

    let current = order[0] ?? "";
    try {
      for (const id of order) {
        current = id;
        await this.#step(id, signed.get(id) ?? "");
      }
      await this.#pace(1);
      this.#record("execution_success", {});
      return this.#entry(true);
    } catch (error) {
      this.#fail(current, error);
      return this.#entry(false);
    }
  }

  async #step(id: string, signature: string): Promise<void> {
    // Lets requests in between nodes, so that an interrupt reaches a job that never waits.
    await setImmediate();
    const { signal, cache, onNode } = this.#context;
    signal.throwIfAborted();
    const node = this.#prompt.graph[id];
    const type = nodeClass(node?.class_type ?? "");
    if (node === undefined || type === null) throw new EngineFault("KeyError", `'${id}'`);

    const known = cache.get(signature);
    if (known !== undefined) {
      this.#show(id, known);
      return;
    }
    onNode(id);
    this.#send("executing", { node: id, display_node: id });
    this.#progress(id, 0, 1, "running");
    this.#injectFault(type, node.class_type ?? "");
    const result = await type.run(this.#inputs(id), {
      nodeId: id,
      files: this.#context.catalog.files,
      generator: this.#context.generator,
      grid: this.#context.grid,
      graph: this.#prompt.graph,
      pngInfo: this.#context.pngInfo,
      signal,
      onStep: (step, max, preview) => this.#samplerStep(id, step, max, preview),
    });
    cache.set(signature, result);
    if (type.category === "sampling") this.#samplers.done += 1;
    this.#executed.push(id);
    this.#show(id, result);
    this.#progress(id, 1, 1, "finished");
  }

  /** Keeps a node's result, and tells of it where it has something to show. */
  #show(id: string, result: NodeResult): void {
    this.#results.set(id, result);
    if (result.ui === undefined) return;
    this.#outputs[id] = { ...result.ui };
    this.#send("executed", { node: id, display_node: id, output: result.ui });
  }

  #inputs(id: string): NodeInputs {
    const values = new Map<string, unknown>();
    for (const [name, input] of Object.entries(this.#prompt.graph[id]?.inputs ?? {})) {
      const link = linkOf(input);
      values.set(name, link === null ? input : this.#results.get(String(link[0]))?.outputs.at(Number(link[1])));
    }
    return new NodeInputs(values);
  }

  async #samplerStep(id: string, step: number, max: number, preview: (() => RgbaImage) | null): Promise<void> {
    const { hub, signal, sendPreviews, onSamplerStep, grid } = this.#context;
    await this.#pace(((this.#samplers.done + step / max) / Math.max(1, this.#samplers.count)) * samplerShare);
    await setImmediate();
    signal.throwIfAborted();
    this.#send("progress", { value: step, max, node: id });
    this.#progress(id, step, max, "running");
    if (preview !== null && sendPreviews && hub.has(this.#prompt.clientId)) {
      await hub.sendPreview(this.#prompt.clientId, id, this.#prompt.id, previewOf(preview(), grid.tile));
    }
    onSamplerStep();
    signal.throwIfAborted();
  }

  /** Waits until so much of the declared time has passed. */
  async #pace(fraction: number): Promise<void> {
    const { jobSeconds, signal } = this.#context;
    const left = this.#started + jobSeconds * 1000 * fraction - performance.now();
    if (jobSeconds > 0 && left > 0) await setTimeout(left, undefined, { signal });
  }

  #injectFault(type: NodeClass, name: string): void {
    const { faults } = this.#context;
    if (type.category === "sampling" && faults.take("out_of_memory") !== null) {
      throw new EngineFault(
        "torch.OutOfMemoryError",
        "Allocation on device 0 would exceed allowed memory. (out of memory)",
      );
    }
    const failing = faults.peek("execution_error");
    if (failing !== null && (failing.node === undefined ? type.category === "sampling" : failing.node === name)) {
      faults.take("execution_error");
      throw new EngineFault("RuntimeError", failing.message ?? "mat1 and mat2 shapes cannot be multiplied");
    }
  }

  #fail(id: string, error: unknown): void {
    const node = { node_id: id, node_type: this.#prompt.graph[id]?.class_type ?? "", executed: this.#executed };
    if (this.#context.signal.aborted) {
      this.#record("execution_interrupted", node);
      return;
    }
    const shown = error instanceof Error ? error : new Error(String(error));
    this.#progress(id, 0, 1, "error");
    this.#record("execution_error", {
      ...node,
      exception_type: shown instanceof EngineFault ? shown.type : shown.name,
      exception_message: shown.message,
      traceback: (shown.stack ?? "").split("\n").map((line) => `${line}\n`),
      current_inputs: {},
      current_outputs: this.#executed,
    });
  }

  #progress(id: string, value: number, max: number, state: string): void {
    this.#states.set(id, { value, max, state });
    const nodes = Object.fromEntries(
      [...this.#states].map(([key, progress]) => [
        key,
        {
          ...progress,
          node_id: key,
          prompt_id: this.#prompt.id,
          display_node_id: key,
          parent_node_id: null,
          real_node_id: key,
        },
      ]),
    );
    this.#send("progress_state", { nodes });
  }

  #send(event: string, data: object): void {
    this.#context.hub.send(this.#prompt.clientId, event, { ...data, prompt_id: this.#prompt.id });
  }

  /** Sends an event that the history keeps too. */
  #record(event: string, data: Record<string, unknown>): void {
    const whole = { prompt_id: this.#prompt.id, ...data, timestamp: Date.now() };
    this.#messages.push([event, whole]);
    this.#send(event, whole);
  }

  #entry(succeeded: boolean): HistoryEntry {
    return { prompt: this.#prompt, outputs: this.#outputs, succeeded, messages: this.#messages };
  }
}

/** A sprite in progress as a small picture on its matte. */
function previewOf(sprite: RgbaImage, tile: boolean): RgbaImage {
  const scale = previewSide / Math.max(sprite.width, sprite.height);
  const width = Math.max(1, Math.round(sprite.width * scale));
  const height = Math.max(1, Math.round(sprite.height * scale));
  return toPicture(sprite, width, height, { tile, matte: null });
}
