import { createHash } from "node:crypto";
import { canonicalJson } from "../../protocol/hashing.ts";
import { linkOf, linkedNodes, type Graph } from "./graph.ts";
import { nodeClass } from "./nodes/registry.ts";
import type { Catalog, NodeResult, SpriteGrid } from "./nodes/node-class.ts";

/** Bytes of pictures kept: what a large graph makes beyond it is made again. */
const maxBytes = 64 << 20;

/** Outputs of nodes that have run, by everything they depend on. Like ComfyUI's, it holds the last graph's alone. */
export class OutputCache {
  #results = new Map<string, NodeResult>();
  #bytes = 0;

  get(signature: string): NodeResult | undefined {
    return this.#results.get(signature);
  }

  set(signature: string, result: NodeResult): void {
    const bytes = pictureBytes(result.outputs);
    if (this.#bytes + bytes > maxBytes) return;
    this.#bytes += bytes;
    this.#results.set(signature, result);
  }

  /** Keeps what is named, drops the rest. */
  keep(named: ReadonlySet<string>): void {
    this.#results = new Map([...this.#results].filter(([signature]) => named.has(signature)));
    this.#bytes = pictureBytes([...this.#results.values()]);
  }

  clear(): void {
    this.#results.clear();
    this.#bytes = 0;
  }
}

/** Bytes of all pixels that a value holds. */
function pictureBytes(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (value === null || typeof value !== "object") return 0;
  return Object.values(value).reduce((sum: number, item) => sum + pictureBytes(item), 0);
}

/** The nodes that the outputs need, each after those it takes its inputs from. */
export function executionOrder(graph: Graph, outputs: readonly string[]): string[] {
  const order = new Set<string>();
  const visit = (id: string): void => {
    const node = graph[id];
    if (node === undefined || order.has(id)) return;
    for (const next of linkedNodes(node)) visit(next);
    order.add(id);
  };
  for (const output of outputs) visit(output);
  return [...order];
}

/** A hash for each node of all that its outputs depend on: its class, its literals, and the signatures of its links. */
export function signatures(
  graph: Graph,
  order: readonly string[],
  catalog: Catalog,
  grid: SpriteGrid,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const id of order) {
    const node = graph[id];
    const type = nodeClass(node?.class_type ?? "");
    if (node === undefined || type === null) continue;
    const inputs = Object.entries(node.inputs).map(([name, input]) => {
      const link = linkOf(input);
      return [name, link === null ? input : [found.get(String(link[0])), link[1]]];
    });
    const parts = [
      node.class_type,
      Object.fromEntries(inputs),
      type.usesGrid === true ? grid : null,
      type.fingerprint?.(node.inputs, catalog) ?? null,
    ];
    found.set(id, createHash("sha256").update(canonicalJson(parts)).digest("hex"));
  }
  return found;
}
