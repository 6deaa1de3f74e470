import type { Progress } from "../../protocol/job.ts";
import { asLink, type Graph } from "../workflow/graph.ts";

/** Share of the nodes; the sampler's steps have the rest, since nearly all time goes there. */
const nodeShare = 0.2;
/** Progress below which an estimate of the rest is a guess. */
const leastForEta = 0.04;

/** Turns a prompt's events into one figure that never goes back. Pure but for the clock it is given. */
export class ProgressMeter {
  readonly #classes: ReadonlyMap<string, string>;
  readonly #done = new Set<string>();
  /** Sampler steps by node: done and planned. */
  readonly #steps = new Map<string, { done: number; total: number }>();
  readonly #now: () => number;
  #current: string | null = null;
  #fraction = 0;
  #start: { at: number; fraction: number } | null = null;

  /** `now` in milliseconds. */
  constructor(graph: Graph, now: () => number) {
    this.#now = now;
    this.#classes = new Map(Object.entries(graph).map(([id, node]) => [id, node.class_type]));
    for (const id of Object.keys(graph)) {
      const total = plannedSteps(graph, id);
      if (total !== null) this.#steps.set(id, { done: 0, total });
    }
  }

  /** Nodes whose results the server still had. */
  cached(nodes: readonly string[]): void {
    for (const node of nodes) this.finished(node);
  }

  executing(node: string): void {
    if (this.#current !== null && this.#current !== node) this.finished(this.#current);
    this.#current = node;
    this.#start ??= { at: this.#now(), fraction: this.#measure() };
  }

  step(node: string, value: number, max: number): void {
    if (this.#steps.has(node) && max > 0) this.#steps.set(node, { done: Math.min(value, max), total: max });
    this.#start ??= { at: this.#now(), fraction: this.#measure() };
  }

  finished(node: string): void {
    if (!this.#classes.has(node)) return;
    this.#done.add(node);
    const steps = this.#steps.get(node);
    if (steps) steps.done = steps.total;
    if (this.#current === node) this.#current = null;
  }

  /** What to show now. */
  progress(): Progress {
    this.#fraction = Math.max(this.#fraction, this.#measure());
    const steps = [...this.#steps.values()];
    const total = sum(steps.map((step) => step.total));
    const made = this.#start ? this.#fraction - this.#start.fraction : 0;
    const elapsed = this.#start ? (this.#now() - this.#start.at) / 1000 : 0;
    return {
      stage: stageOf(this.#current === null ? null : (this.#classes.get(this.#current) ?? null)),
      fraction: this.#fraction,
      step: total === 0 ? null : Math.round(sum(steps.map((step) => step.done))),
      steps: total === 0 ? null : Math.round(total),
      etaSeconds: made < leastForEta ? null : Math.max(0, (elapsed / made) * (1 - this.#fraction)),
    };
  }

  #measure(): number {
    const nodes = this.#classes.size === 0 ? 0 : this.#done.size / this.#classes.size;
    const steps = [...this.#steps.values()];
    const total = sum(steps.map((step) => step.total));
    if (total === 0) return nodes;
    return Math.min(1, nodeShare * nodes + (1 - nodeShare) * (sum(steps.map((step) => step.done)) / total));
  }
}

/** Steps a sampler will take: its own, or those of the scheduler that makes its sigmas. Null for other nodes. */
function plannedSteps(graph: Graph, id: string): number | null {
  const node = graph[id];
  if (!node || !/Sampler/.test(node.class_type) || !("latent_image" in node.inputs)) return null;
  const scheduler = asLink(node.inputs["sigmas"]);
  const steps = node.inputs["steps"] ?? (scheduler === null ? undefined : graph[scheduler[0]]?.inputs["steps"]);
  return typeof steps === "number" ? steps : 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function stageOf(nodeClass: string | null): string {
  if (nodeClass === null) return "working";
  if (/Loader/.test(nodeClass)) return "loading the model";
  if (/Sampler/.test(nodeClass)) return "sampling";
  if (/TextEncode/.test(nodeClass)) return "reading the prompt";
  if (/VAEDecode/.test(nodeClass)) return "decoding the picture";
  if (/VAEEncode|LoadImage/.test(nodeClass)) return "reading the reference";
  if (/SaveImage|PreviewImage/.test(nodeClass)) return "saving the picture";
  return "working";
}
