import { linksOf, type Graph, type Link } from "./graph.ts";
import { requiredSlots, type Slots, type SlotPlaces } from "./slots.ts";

/**
 * What in a slots file does not fit its graph, one sentence each with the slot and the node; empty when all fits.
 * Everything that could fail silently while filling is found here.
 */
export function slotProblems(graph: Graph, slots: Slots): string[] {
  const problems: string[] = [];
  const report = (problem: string) => void problems.push(problem);

  for (const { node, input, link } of linksOf(graph)) {
    if (!graph[link[0]]) report(`Node "${node}": input "${input}" takes node "${link[0]}", which does not exist.`);
  }
  checkPlaces("Slot", slots.slots, graph, report);

  let joined: Graph = graph;
  for (const part of slots.parts) {
    const label = `Part "${part.name}"`;
    for (const id of Object.keys(part.nodes)) {
      if (graph[id]) report(`${label}: node "${id}" is in the graph already.`);
    }
    joined = { ...joined, ...part.nodes };
    for (const { node, input, link } of linksOf(part.nodes)) {
      checkLink(`${label}, node "${node}", input "${input}"`, link, joined, report);
    }
    for (const { from, to } of part.replace) {
      checkLink(`${label}, replace.from`, from, joined, report);
      checkLink(`${label}, replace.to`, to, joined, report);
    }
    for (const { node, input, from } of part.connect) {
      if (!joined[node]) report(`${label}: connect names node "${node}", which does not exist.`);
      else if (!(input in joined[node].inputs)) report(`${label}: node "${node}" has no input "${input}".`);
      checkLink(`${label}, connect.from`, from, joined, report);
    }
    checkPlaces(`${label}, slot`, part.slots, joined, report);
  }
  if (slots.loras) {
    checkLink("loras.model", slots.loras.model, graph, report);
    if (slots.loras.clip) checkLink("loras.clip", slots.loras.clip, graph, report);
  }
  for (const id of slots.outputs) if (!graph[id]) report(`Output node "${id}" does not exist.`);
  if (slots.repeat) checkRepeat(slots.repeat, joined, report);

  for (const name of requiredSlots) {
    if (slots.slots[name] && slots.ignores.includes(name)) report(`Slot "${name}" is declared and ignored at once.`);
    if (!slots.slots[name] && !slots.ignores.includes(name)) {
      report(`Slot "${name}" is missing: declare where it goes, or list it in "ignores".`);
    }
  }
  return problems;
}

type Report = (problem: string) => void;

function checkLink(where: string, [node]: Link, graph: Graph, report: Report): void {
  if (!graph[node]) report(`${where}: node "${node}" does not exist.`);
}

function checkPlaces(label: string, slots: SlotPlaces, graph: Graph, report: Report): void {
  for (const [name, places] of Object.entries(slots)) {
    for (const place of places ?? []) {
      const node = graph[place.node];
      if (!node) report(`${label} "${name}": node "${place.node}" does not exist.`);
      else if (!(place.input in node.inputs)) {
        const has = Object.keys(node.inputs).join(", ") || "none";
        report(
          `${label} "${name}": node "${place.node}" (${node.class_type}) has no input "${place.input}"; it has ${has}.`,
        );
      }
    }
  }
}

function checkRepeat(repeat: NonNullable<Slots["repeat"]>, graph: Graph, report: Report): void {
  const row = new Set(repeat.row);
  const frame = new Set(repeat.frame);
  for (const id of [...row, ...frame]) if (!graph[id]) report(`repeat: node "${id}" does not exist.`);
  for (const id of row) if (frame.has(id)) report(`repeat: node "${id}" is both in a row and in a frame.`);
  for (const { node, input, link } of linksOf(graph)) {
    const from = link[0];
    // A node that stands once cannot choose among the copies of one that stands often.
    if (!frame.has(node) && frame.has(from))
      report(`repeat: node "${node}", input "${input}" takes the frame node "${from}".`);
    if (!frame.has(node) && !row.has(node) && row.has(from)) {
      report(`repeat: node "${node}", input "${input}" takes the row node "${from}".`);
    }
  }
}
