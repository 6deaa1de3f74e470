import type { Lora } from "../../protocol/sprite-request.ts";
import { asLink, rewire, type Graph, type GraphNode } from "./graph.ts";
import type { Part, Slots } from "./slots.ts";

/** One cell of a sheet: direction and frame, both from 0. */
export interface Cell {
  readonly direction: number;
  readonly frame: number;
}

/** A copy of a node in the expanded graph: its id there, and the cell it makes; null where it serves them all. */
export interface Copy {
  readonly id: string;
  readonly cell: Cell | null;
}

/** Adds optional parts, in order. Changes `graph`. */
export function joinParts(graph: Graph, parts: readonly Part[]): void {
  for (const part of parts) {
    const own = new Set(Object.keys(part.nodes));
    Object.assign(graph, structuredClone(part.nodes));
    for (const { from, to } of part.replace) rewire(graph, from, to, own);
    for (const { node, input, from } of part.connect) {
      const holder = graph[node];
      if (holder) holder.inputs[input] = [...from];
    }
  }
}

/** Inserts one loader a LoRA after the declared outputs, the first nearest to the checkpoint. Changes `graph`. */
export function insertLoras(graph: Graph, points: NonNullable<Slots["loras"]>, loras: readonly Lora[]): void {
  const ids = loras.map((_, i) => `lora_${i + 1}`);
  const last = ids.at(-1);
  if (last === undefined) return;
  // Consumers move to the end of the chain first: its own links must stay as they are.
  rewire(graph, points.model, [last, 0], new Set());
  if (points.clip) rewire(graph, points.clip, [last, 1], new Set());
  for (const [i, lora] of loras.entries()) {
    const before = ids[i - 1];
    const model = before === undefined ? [...points.model] : [before, 0];
    const names = { model, lora_name: lora.name, strength_model: lora.strength };
    graph[`lora_${i + 1}`] = points.clip
      ? {
          class_type: "LoraLoader",
          inputs: {
            ...names,
            clip: before === undefined ? [...points.clip] : [before, 1],
            strength_clip: lora.strength,
          },
        }
      : { class_type: "LoraLoaderModelOnly", inputs: names };
  }
}

/**
 * Copies the row group once a direction and the frame group once for each further frame. Changes `graph`, and
 * returns where each node stands now. Without a repeat every node is its own only copy.
 */
export function repeatGroups(
  graph: Graph,
  repeat: Slots["repeat"],
  directions: number,
  frames: number,
): (node: string) => readonly Copy[] {
  const copies = new Map<string, Copy[]>();
  if (repeat) {
    const row = takeOut(graph, repeat.row);
    const frame = takeOut(graph, repeat.frame);
    for (let direction = 0; direction < directions; direction++) {
      const inRow = (id: string) => (row.has(id) ? `${id}_r${direction + 1}` : null);
      place(graph, copies, row, inRow, { direction, frame: 0 });
      for (let index = 1; index < frames; index++) {
        const inFrame = (id: string) => (frame.has(id) ? `${id}_r${direction + 1}f${index + 1}` : inRow(id));
        place(graph, copies, frame, inFrame, { direction, frame: index });
      }
    }
    for (const id of [...row.keys(), ...frame.keys()]) if (!copies.has(id)) copies.set(id, []);
  }
  return (node) => copies.get(node) ?? (graph[node] ? [{ id: node, cell: null }] : []);
}

/** Removes the nodes from the graph and returns them; an optional part's node that is not there is none. */
function takeOut(graph: Graph, ids: readonly string[]): Map<string, GraphNode> {
  const taken = new Map<string, GraphNode>();
  for (const id of ids) {
    const node = graph[id];
    if (!node) continue;
    taken.set(id, node);
    delete graph[id];
  }
  return taken;
}

function place(
  graph: Graph,
  copies: Map<string, Copy[]>,
  group: ReadonlyMap<string, GraphNode>,
  rename: (id: string) => string | null,
  cell: Cell,
): void {
  for (const [id, node] of group) {
    const copy = structuredClone(node);
    for (const [input, value] of Object.entries(copy.inputs)) {
      const link = asLink(value);
      if (link) copy.inputs[input] = [rename(link[0]) ?? link[0], link[1]];
    }
    const name = rename(id) ?? id;
    graph[name] = copy;
    copies.set(id, [...(copies.get(id) ?? []), { id: name, cell }]);
  }
}
