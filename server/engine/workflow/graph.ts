import { z } from "zod";

/** An input that takes another node's output: `[node id, output index]`. */
export const linkSchema = z.tuple([z.string().min(1), z.int().min(0)]);

export const graphNodeSchema = z.looseObject({
  class_type: z.string().min(1),
  inputs: z.record(z.string(), z.unknown()),
});

/** A ComfyUI graph in its API format: node id → class and inputs. */
export const graphSchema = z.record(z.string().min(1), graphNodeSchema);

export type Link = z.infer<typeof linkSchema>;
export type GraphNode = z.infer<typeof graphNodeSchema>;
export type Graph = z.infer<typeof graphSchema>;

/** The link an input holds, or null when it holds a value. */
export function asLink(value: unknown): Link | null {
  const parsed = linkSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** Every link of a graph, with the input that holds it. */
export function* linksOf(graph: Graph): Generator<{ node: string; input: string; link: Link }> {
  for (const [node, { inputs }] of Object.entries(graph)) {
    for (const [input, value] of Object.entries(inputs)) {
      const link = asLink(value);
      if (link) yield { node, input, link };
    }
  }
}

/** Points every input that takes `from` at `to` instead, except in the nodes named. Changes `graph`. */
export function rewire(graph: Graph, from: Link, to: Link, except: ReadonlySet<string>): void {
  for (const { node, input, link } of linksOf(graph)) {
    if (except.has(node) || link[0] !== from[0] || link[1] !== from[1]) continue;
    const holder = graph[node];
    if (holder) holder.inputs[input] = [...to];
  }
}
