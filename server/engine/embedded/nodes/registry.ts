import { conditioningNodes } from "./conditioning.ts";
import { imageNodes } from "./images.ts";
import { latentNodes } from "./latents.ts";
import { loaderNodes } from "./loaders.ts";
import { maskNodes } from "./masks.ts";
import { samplingNodes } from "./sampling.ts";
import type { Catalog, InputSpecs, NodeClass } from "./node-class.ts";

const classes = new Map<string, NodeClass>(
  [loaderNodes, conditioningNodes, latentNodes, samplingNodes, imageNodes, maskNodes].flatMap((group) =>
    Object.entries(group),
  ),
);

export function nodeClass(name: string): NodeClass | null {
  return classes.get(name) ?? null;
}

/** Every class as `/object_info` describes it, or the one that is named; an unknown one gives `{}`. */
export function objectInfo(catalog: Catalog, name?: string): Record<string, object> {
  const named = name === undefined ? [...classes] : [...classes].filter(([key]) => key === name);
  return Object.fromEntries(named.map(([key, node]) => [key, describe(key, node, node.inputs(catalog))]));
}

function describe(name: string, node: NodeClass, inputs: InputSpecs): object {
  const order = Object.fromEntries(Object.entries(inputs).map(([kind, specs]) => [kind, Object.keys(specs)]));
  return {
    input: inputs,
    input_order: order,
    output: node.outputs,
    output_is_list: node.outputs.map(() => false),
    output_name: node.outputs,
    name,
    display_name: node.displayName,
    description: "",
    python_module: "nodes",
    category: node.category,
    output_node: node.outputNode === true,
  };
}
