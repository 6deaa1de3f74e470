import { z } from "zod";

/** The same keys on an object that inherits none: a node may be called `constructor`. */
function bare<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  const copy: Record<string, T> = Object.create(null);
  return Object.assign(copy, record);
}

/** One node of ComfyUI's API format. An input is a literal, or a link `[node id, output slot]`. */
const graphNodeSchema = z.looseObject({
  class_type: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}).transform(bare),
  _meta: z.looseObject({ title: z.string().optional() }).optional(),
});

export const graphSchema = z.record(z.string(), graphNodeSchema).transform(bare);

export type GraphNode = z.infer<typeof graphNodeSchema>;
export type Graph = z.infer<typeof graphSchema>;

/** What a literal is, or the link that stands in its place. Any list is a link to ComfyUI, right or wrong. */
export function linkOf(input: unknown): readonly unknown[] | null {
  return Array.isArray(input) ? input : null;
}

/** The node ids `node` takes its inputs from, in the order of its inputs. */
export function linkedNodes(node: GraphNode): string[] {
  return Object.values(node.inputs).flatMap((input) => {
    const link = linkOf(input);
    return link !== null && link.length === 2 ? [String(link[0])] : [];
  });
}
