import { linkedNodes, type Graph } from "./graph.ts";
import { nodeClass } from "./nodes/registry.ts";
import { refusal, type GraphError, type NodeErrors, type Refusal } from "./rejection.ts";
import { validateInputs } from "./validate-inputs.ts";
import type { Catalog } from "./nodes/node-class.ts";

/** The longest chain of nodes that is followed: Python's own limit on recursion is about this. */
const maxDepth = 900;

export type Validation =
  | { readonly ok: true; readonly outputs: string[]; readonly nodeErrors: Readonly<Record<string, NodeErrors>> }
  | { readonly ok: false; readonly refusal: Refusal };

interface Verdict {
  readonly valid: boolean;
  readonly errors: readonly GraphError[];
}

/**
 * Judges a graph as ComfyUI does: a node of an unknown class or no output node refuses it as a whole; otherwise every
 * output whose nodes are sound is run, and the graph is refused only when there is none. `targets` narrows the outputs.
 */
export function validateGraph(graph: Graph, catalog: Catalog, targets: readonly string[] | null): Validation {
  const outputs: string[] = [];
  for (const [id, node] of Object.entries(graph)) {
    const name = node.class_type;
    const title = node._meta?.title ?? name ?? `Node ID #${id}`;
    const type = name === undefined ? null : nodeClass(name);
    if (type === null) {
      const message =
        name === undefined
          ? `Node '${title}' has no class_type. The workflow may be corrupted or a custom node is missing.`
          : `Node '${title}' not found. The custom node may not be installed.`;
      const extra = { node_id: id, class_type: name ?? null, node_title: title };
      return { ok: false, refusal: refusal("missing_node_type", message, `Node ID '#${id}'`, extra) };
    }
    if (type.outputNode === true && (targets === null || targets.includes(id))) outputs.push(id);
  }
  if (outputs.length === 0) return { ok: false, refusal: refusal("prompt_no_outputs", "Prompt has no outputs") };

  const verdicts = new Map<string, Verdict>();
  const nodeErrors: Record<string, NodeErrors> = Object.create(null);
  const good: string[] = [];
  for (const output of outputs) {
    if (judge(graph, output, catalog, verdicts, [])) {
      good.push(output);
      continue;
    }
    for (const [id, { valid, errors }] of verdicts) {
      if (valid || errors.length === 0) continue;
      nodeErrors[id] ??= { errors: [...errors], dependent_outputs: [], class_type: graph[id]?.class_type ?? "" };
      nodeErrors[id].dependent_outputs.push(output);
    }
  }
  if (good.length > 0) return { ok: true, outputs: good, nodeErrors };
  const details = Object.values(nodeErrors)
    .flatMap(({ errors }) => errors.map((error) => `${error.message}: ${error.details}`))
    .join("\n");
  return {
    ok: false,
    refusal: refusal("prompt_outputs_failed_validation", "Prompt outputs failed validation", details, {}, nodeErrors),
  };
}

/** Whether a node and all it depends on are sound; `path` leads to it from the output. */
function judge(graph: Graph, id: string, catalog: Catalog, verdicts: Map<string, Verdict>, path: string[]): boolean {
  const known = verdicts.get(id);
  if (known !== undefined) return known.valid;
  const node = graph[id];
  const type = nodeClass(node?.class_type ?? "");
  if (node === undefined || type === null) return false;

  const here = [...path, id];
  let errors: GraphError[];
  try {
    if (here.length > maxDepth) throw new Error("RecursionError: maximum recursion depth exceeded");
    errors = validateInputs(graph, node, type, catalog);
  } catch (error) {
    errors = [
      {
        type: path.length === 0 ? "exception_during_validation" : "exception_during_inner_validation",
        message: path.length === 0 ? "Exception when validating node" : "Exception when validating inner node",
        details: error instanceof Error ? error.message : String(error),
        extra_info: { exception_type: "KeyError", traceback: [] },
      },
    ];
  }
  let sound = true;
  for (const next of linkedNodes(node)) {
    const cycle = here.indexOf(next);
    if (cycle >= 0) {
      errors.push({
        type: "dependency_cycle",
        message: "Dependency cycle detected",
        details: [...here.slice(cycle), next].join(" -> "),
        extra_info: { cycle_nodes: here.slice(cycle) },
      });
    } else if (here.length <= maxDepth && next in graph && !judge(graph, next, catalog, verdicts, here)) sound = false;
  }
  const valid = sound && errors.length === 0;
  verdicts.set(id, { valid, errors });
  return valid;
}
