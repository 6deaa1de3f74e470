/** One error, in the shape ComfyUI gives it at the top of a refusal and at each node. */
export interface GraphError {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: Readonly<Record<string, unknown>>;
}

export interface NodeErrors {
  readonly errors: GraphError[];
  readonly dependent_outputs: string[];
  readonly class_type: string;
}

/** The body of a refused `/prompt`. */
export interface Refusal {
  readonly error: GraphError;
  readonly node_errors: Readonly<Record<string, NodeErrors>>;
}

export function refusal(
  type: string,
  message: string,
  details = "",
  extra: Record<string, unknown> = {},
  nodeErrors: Readonly<Record<string, NodeErrors>> = {},
): Refusal {
  return { error: { type, message, details, extra_info: extra }, node_errors: nodeErrors };
}
