import { linkOf, type Graph, type GraphNode } from "./graph.ts";
import { nodeClass } from "./nodes/registry.ts";
import type { Catalog, InputSpec, NodeClass } from "./nodes/node-class.ts";
import type { GraphError } from "./rejection.ts";

/** ComfyUI lists at most this many choices in an error. */
const listedChoices = 20;

/** The output type a link carries. Throws when its node or output does not exist, as ComfyUI's own look-up does. */
function linkedType(graph: Graph, link: readonly unknown[]): string {
  const [id, slot] = link;
  const source = graph[String(id)];
  const outputs = nodeClass(source?.class_type ?? "")?.outputs;
  if (outputs === undefined) throw new Error(`KeyError: '${String(id)}'`);
  const type = typeof slot === "number" ? outputs.at(slot) : undefined;
  if (type === undefined) throw new Error(`IndexError: node ${String(id)} has no output ${String(slot)}`);
  return type;
}

/**
 * What is wrong with one node's own inputs, as ComfyUI says it. Literals are converted in place the way Python's
 * `int`, `float` and `str` do. Throws for a link to nothing.
 */
export function validateInputs(graph: Graph, node: GraphNode, type: NodeClass, catalog: Catalog): GraphError[] {
  const errors: GraphError[] = [];
  const { required, optional } = type.inputs(catalog);
  for (const name of Object.keys(required)) {
    if (!(name in node.inputs)) {
      errors.push({
        type: "required_input_missing",
        message: "Required input is missing",
        details: name,
        extra_info: { input_name: name },
      });
    }
  }
  // An input that ComfyUI's class checks itself is not compared with its combo.
  const custom = type.check?.(node.inputs, catalog) ?? null;
  for (const [name, spec] of Object.entries({ ...required, ...optional })) {
    if (!(name in node.inputs)) continue;
    const error = inputError(graph, node, name, spec, type.check !== undefined);
    if (error !== null) errors.push(error);
    else if (custom?.input === name) {
      errors.push({
        type: "custom_validation_failed",
        message: "Custom validation failed for node",
        details: `${name} - ${custom.reason}`,
        extra_info: { input_name: name, input_config: spec, received_value: node.inputs[name] },
      });
    }
  }
  return errors;
}

function inputError(
  graph: Graph,
  node: GraphNode,
  name: string,
  spec: InputSpec,
  checksItself: boolean,
): GraphError | null {
  const [type, options = {}] = spec;
  const link = linkOf(node.inputs[name]);
  const received = { input_name: name, input_config: spec, received_value: node.inputs[name] };
  if (link !== null) {
    if (link.length !== 2) {
      return {
        type: "bad_linked_input",
        message: "Bad linked input, must be a length-2 list of [node_id, slot_index]",
        details: name,
        extra_info: received,
      };
    }
    const receivedType = linkedType(graph, link);
    const wanted = typeof type === "string" ? type : "COMBO";
    if (receivedType === wanted) return null;
    return {
      type: "return_type_mismatch",
      message: "Return type mismatch between linked nodes",
      details: `${name}, received_type(${receivedType}) mismatch input_type(${wanted})`,
      extra_info: { input_name: name, input_config: spec, received_type: receivedType, linked_node: link },
    };
  }
  const converted = convert(node.inputs[name], type);
  if (converted === undefined) {
    const wanted = typeof type === "string" ? type : "COMBO";
    return {
      type: "invalid_input_type",
      message: `Failed to convert an input value to a ${wanted} value`,
      details: `${name}, ${shown(node.inputs[name])}, not a ${wanted}`,
      extra_info: received,
    };
  }
  node.inputs[name] = converted;
  return rangeError(name, spec, converted, options) ?? (checksItself ? null : comboError(name, spec, converted));
}

function rangeError(
  name: string,
  spec: InputSpec,
  value: unknown,
  { min, max }: Readonly<Record<string, unknown>>,
): GraphError | null {
  if (typeof value !== "number") return null;
  const extra_info = { input_name: name, input_config: spec, received_value: value };
  if (typeof min === "number" && value < min) {
    const message = `Value ${value} smaller than min of ${min}`;
    return { type: "value_smaller_than_min", message, details: name, extra_info };
  }
  if (typeof max === "number" && value > max) {
    const message = `Value ${value} bigger than max of ${max}`;
    return { type: "value_bigger_than_max", message, details: name, extra_info };
  }
  return null;
}

function comboError(name: string, spec: InputSpec, value: unknown): GraphError | null {
  const [choices] = spec;
  if (typeof choices === "string" || choices.some((choice) => choice === value)) return null;
  const many = choices.length > listedChoices;
  const list = many ? `(list of length ${choices.length})` : `[${choices.map((choice) => `'${choice}'`).join(", ")}]`;
  return {
    type: "value_not_in_list",
    message: "Value not in list",
    details: `${name}: '${shown(value)}' not in ${list}`,
    extra_info: { input_name: name, input_config: many ? null : spec, received_value: value },
  };
}

/** The literal as its type, or undefined where Python's conversion fails. */
function convert(value: unknown, type: InputSpec[0]): unknown {
  switch (type) {
    case "INT":
    case "FLOAT": {
      const number = typeof value === "boolean" ? Number(value) : typeof value === "string" ? parse(value) : value;
      if (typeof number !== "number" || !Number.isFinite(number)) return undefined;
      if (type === "FLOAT") return number;
      return typeof value === "string" && !Number.isInteger(number) ? undefined : Math.trunc(number);
    }
    case "STRING":
      return typeof value === "string" ? value : shown(value);
    case "BOOLEAN":
      return Boolean(value);
    default:
      // A literal where a link belongs: the node cannot run on it.
      return typeof type === "string" ? undefined : (value ?? null);
  }
}

function parse(text: string): number {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : Number.NaN;
}

/** A value as a person reads it in an error. */
function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
