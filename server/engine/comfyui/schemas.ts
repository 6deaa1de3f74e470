import { z } from "zod";

/*
 * ComfyUI's answers as far as they are used. Fields come and go between its versions, so objects are loose and
 * whatever is not needed to go on may be missing.
 */

/** The bare NaN and Infinity of Python arrive as null; a null figure is unknown, never 0. */
const figure = z
  .number()
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);
const text = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);

export const systemStatsSchema = z.looseObject({
  system: z.looseObject({
    comfyui_version: text,
    pytorch_version: text,
    ram_total: figure,
    ram_free: figure,
    argv: z.array(z.string()).catch([]),
  }),
  devices: z
    .array(
      z.looseObject({
        name: z.string().catch("unknown device"),
        type: z.string().catch("unknown"),
        vram_total: figure,
        vram_free: figure,
      }),
    )
    .catch([]),
});

const nodeErrorSchema = z.looseObject({
  class_type: z.string().catch("node"),
  errors: z
    .array(
      z.looseObject({
        type: z.string().catch("unknown"),
        message: z.string().catch(""),
        details: z.string().catch(""),
        extra_info: z
          .looseObject({
            input_name: z.string().optional(),
            input_config: z.unknown().optional(),
            received_value: z.unknown().optional(),
          })
          .catch({}),
      }),
    )
    .catch([]),
});

/** `[]` from older servers means none. */
const nodeErrorsSchema = z.record(z.string(), nodeErrorSchema).catch({});

export const acceptedSchema = z.looseObject({ prompt_id: z.string(), node_errors: nodeErrorsSchema });

export const rejectionSchema = z.looseObject({
  error: z
    .union([
      z.looseObject({
        type: z.string(),
        message: z.string().catch(""),
        details: z.string().catch(""),
        extra_info: z.looseObject({}).catch({}),
      }),
      z.string().transform((message) => ({ type: "unknown", message, details: "", extra_info: {} })),
    ])
    .catch({ type: "unknown", message: "", details: "", extra_info: {} }),
  node_errors: nodeErrorsSchema,
});

/** `[number, prompt id, graph, extra data, outputs]`, and more in newer servers. */
const queueItemSchema = z
  .tuple([z.number(), z.string()], z.unknown())
  .transform((item) => ({ number: item[0], id: item[1] }));

/** Pending items come in heap order: they are sorted here into the order they will run in. */
export const queueSchema = z.looseObject({
  queue_running: z.array(queueItemSchema),
  queue_pending: z.array(queueItemSchema).transform((items) => items.toSorted((a, b) => a.number - b.number)),
});

export const imageRefSchema = z.looseObject({
  filename: z.string(),
  subfolder: z.string().catch(""),
  type: z.string().catch("output"),
});

const nodeOutputSchema = z.looseObject({ images: z.array(imageRefSchema).optional().catch(undefined) });
export const outputsSchema = z.record(z.string(), nodeOutputSchema.catch({}));

export const statusSchema = z.looseObject({
  status_str: z.string().catch(""),
  completed: z.boolean().catch(false),
  messages: z.array(z.tuple([z.string(), z.unknown()], z.unknown())).catch([]),
});

/** `{}` for a prompt that is unknown or has not ended. */
export const historySchema = z.record(
  z.string(),
  z.looseObject({ prompt: z.unknown().optional(), outputs: outputsSchema.catch({}), status: statusSchema.nullish() }),
);

/** `GET /api/jobs/{id}` of newer servers. */
export const jobSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  outputs: outputsSchema.optional().catch(undefined),
  execution_status: statusSchema.nullish(),
});

export const cancelledSchema = z.looseObject({ cancelled: z.boolean() });

export const uploadedSchema = z.looseObject({
  name: z.string().min(1),
  subfolder: z.string().catch(""),
  type: z.string().catch("input"),
});

const inputSpecSchema = z.array(z.unknown()).catch([]);

/** `{}` for a class the server does not have. */
export const objectInfoSchema = z.record(
  z.string(),
  z.looseObject({
    input: z
      .looseObject({
        required: z.record(z.string(), inputSpecSchema).catch({}),
        optional: z.record(z.string(), inputSpecSchema).catch({}),
      })
      .catch({ required: {}, optional: {} }),
  }),
);

/** Choices of a combo: `[["a","b"], {}]`, or `["COMBO", {"options": ["a","b"]}]` in newer servers. */
export function comboOptions(spec: readonly unknown[]): string[] {
  const names = z.array(z.string());
  const old = names.safeParse(spec[0]);
  if (old.success) return old.data;
  const recent = z.looseObject({ options: names }).safeParse(spec[1]);
  return recent.success ? recent.data.options : [];
}

/** A text message of the socket. Types this client does not know are left alone. */
export const socketMessageSchema = z.looseObject({ type: z.string(), data: z.looseObject({}).catch({}) });

export const eventDataSchema = z.looseObject({
  prompt_id: z.string().optional().catch(undefined),
  node: z.string().nullish().catch(undefined),
  nodes: z.unknown().optional(),
  value: z.number().optional().catch(undefined),
  max: z.number().optional().catch(undefined),
  output: nodeOutputSchema.nullish().catch(undefined),
  status: z
    .looseObject({ exec_info: z.looseObject({ queue_remaining: z.number().catch(0) }) })
    .optional()
    .catch(undefined),
});

export const executionErrorSchema = z.looseObject({
  node_id: z.string().nullish().catch(undefined),
  node_type: z.string().catch("a node"),
  exception_type: z.string().catch(""),
  exception_message: z.string().catch(""),
});

/** `progress_state`: how far each node is. */
export const nodeStatesSchema = z.record(
  z.string(),
  z.looseObject({ value: z.number().catch(0), max: z.number().catch(0), state: z.string().catch("") }),
);

export type SystemStats = z.infer<typeof systemStatsSchema>;
export type Rejection = z.infer<typeof rejectionSchema>;
export type NodeErrors = z.infer<typeof nodeErrorsSchema>;
export type ImageRef = z.infer<typeof imageRefSchema>;
export type Outputs = z.infer<typeof outputsSchema>;
export type ExecutionStatus = z.infer<typeof statusSchema>;
export type EventData = z.infer<typeof eventDataSchema>;
