import { z } from "zod";
import type { EngineModels } from "../../protocol/engine-info.ts";
import { PixelsError } from "../../protocol/errors.ts";
import { nearestModels, unknownModel } from "../workflow/model-match.ts";
import { comboOptions, type NodeErrors, type Rejection } from "./schemas.ts";

/** Models by the person's field: what such a file is called and where it lies. */
const modelFields: Record<
  string,
  { kind: string; folder: string; list: "checkpoints" | "loras" | "vaes" | "controlnets" }
> = {
  checkpoint: { kind: "checkpoint", folder: "checkpoints", list: "checkpoints" },
  vae: { kind: "VAE", folder: "vae", list: "vaes" },
  loras: { kind: "LoRA", folder: "loras", list: "loras" },
  controlnet: { kind: "ControlNet", folder: "controlnet", list: "controlnets" },
};

/**
 * Turns ComfyUI's refusal into what a person can act on: their own field, its value, what is allowed, and for a
 * model the nearest names. `fields` maps `node.input` to the field; `models` stands in where the server left its
 * list out, as it does for long ones.
 */
export function explainRejection(
  rejection: Rejection,
  fields: Readonly<Record<string, string>>,
  models: EngineModels | null,
): PixelsError {
  const found = firstInputError(rejection.node_errors, fields);
  const { type } = rejection.error;
  const missing = missingNodeClass(rejection);
  if (missing !== null) return missingNode(missing);
  if (!found) {
    return new PixelsError({
      code: "engine_rejected",
      message: "The engine refuses the graph",
      cause: [rejection.error.message, rejection.error.details].filter(Boolean).join(": ") || type,
      remedy: "Check the workflow's graph in ComfyUI itself; `dgx-pixels doctor` checks its nodes and models.",
      data: { type },
    });
  }
  return explainInput(found, models);
}

/** Newer servers name the class in `extra_info`, older ones in the message alone. */
function missingNodeClass({ error }: Rejection): string | null {
  if (error.type !== "missing_node_type" && error.type !== "invalid_prompt") return null;
  const named = z.looseObject({ class_type: z.string() }).safeParse(error.extra_info);
  return named.success ? named.data.class_type : (/\bnode (\S+) does not exist/.exec(error.message)?.[1] ?? null);
}

interface InputError {
  readonly node: string;
  readonly classType: string;
  readonly input: string;
  readonly field: string | null;
  readonly type: string;
  readonly details: string;
  readonly received: unknown;
  readonly config: unknown;
}

/** The first error on one of the person's fields, else the first on any input. */
function firstInputError(nodeErrors: NodeErrors, fields: Readonly<Record<string, string>>): InputError | null {
  const all = Object.entries(nodeErrors).flatMap(([node, { class_type, errors }]) =>
    errors.map((error): InputError => {
      const input = error.extra_info.input_name ?? "";
      return {
        node,
        classType: class_type,
        input,
        field: fields[`${node}.${input}`] ?? null,
        type: error.type,
        details: [error.message, error.details].filter(Boolean).join(": "),
        received: error.extra_info.received_value,
        config: error.extra_info.input_config,
      };
    }),
  );
  return all.find(({ field }) => field !== null) ?? all[0] ?? null;
}

function explainInput(refused: InputError, models: EngineModels | null): PixelsError {
  const { field, received } = refused;
  const value = typeof received === "string" ? received : JSON.stringify(received);
  const listed = comboOptions(z.array(z.unknown()).catch([]).parse(refused.config));
  const model = field === null ? undefined : modelFields[field];
  if (refused.type === "value_not_in_list" && model && typeof received === "string") {
    const names = listed.length > 0 ? listed : (models?.[model.list] ?? []);
    return unknownModel(model.kind, model.folder, received, names);
  }
  const data = {
    field,
    node: refused.node,
    class: refused.classType,
    input: refused.input,
    type: refused.type,
    received,
  };
  const what = field === null ? `the input "${refused.input}" of its node ${refused.classType}` : `"${field}"`;
  if (refused.type === "value_not_in_list") {
    const nearest = nearestModels(value, listed);
    return new PixelsError({
      code: "engine_rejected",
      message: `The engine does not know the value ${value} of ${what}`,
      cause: refused.details,
      remedy:
        listed.length > 0
          ? `Use ${(nearest.length > 0 ? nearest : listed.slice(0, 8)).join(" or ")}.`
          : "Choose another value.",
      data: { ...data, nearest },
    });
  }
  const limits = z.tuple(
    [z.unknown(), z.looseObject({ min: z.number().optional(), max: z.number().optional() })],
    z.unknown(),
  );
  const range = limits.safeParse(refused.config);
  const { min, max } = range.success ? range.data[1] : {};
  const allowed = min === undefined || max === undefined ? "" : ` from ${min} to ${max}`;
  const remedies: Record<string, string> = {
    value_smaller_than_min: `Choose a value${allowed || " that is larger"}.`,
    value_bigger_than_max: `Choose a value${allowed || " that is smaller"}.`,
    required_input_missing: "The graph is incomplete: connect or set that input.",
    return_type_mismatch: "The graph connects outputs of another kind: check it in ComfyUI.",
    custom_validation_failed: field === "reference" ? "Check that the reference picture is a readable image." : "",
  };
  return new PixelsError({
    code: "engine_rejected",
    message: `The engine refuses ${received === undefined ? what : `the value ${value} of ${what}`}`,
    cause: refused.details || refused.type,
    remedy: remedies[refused.type] || "Change the value, or check the workflow's graph in ComfyUI.",
    data,
  });
}

function missingNode(classType: string): PixelsError {
  return new PixelsError({
    code: "engine_rejected",
    message: `The engine has no node "${classType}"`,
    cause: "The workflow uses it.",
    remedy: `Update ComfyUI if "${classType}" is one of its own nodes; else install the custom node it comes with.`,
    data: { class: classType },
  });
}
