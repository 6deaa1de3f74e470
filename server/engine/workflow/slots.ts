import { z } from "zod";
import { graphNodeSchema, linkSchema } from "./graph.ts";

const nodeId = z.string().min(1).describe("Id of a node in the graph or in the same part.");

const placeSchema = z.strictObject({
  node: nodeId,
  input: z.string().min(1).describe("Name of that node's input."),
  template: z
    .string()
    .optional()
    .describe(
      "Text around the value, which stands for {value}. {direction} and {frame} are empty, or such as `, facing left` and `, animation frame 2 of 4`.",
    ),
  times: z.number().positive().optional().describe("Factor for a number, such as 0.5 for half the width."),
  multipleOf: z.int().min(1).optional().describe("Rounds a number to a multiple of this, and to at least one of it."),
});

const places = z.array(placeSchema).min(1);

/** What a request can set in a graph. Each is a list, since one value can go to several nodes. */
const slotShape = {
  prompt: places.describe("What to draw.").optional(),
  negative: places.describe("What not to draw.").optional(),
  checkpoint: places.describe("File name of the checkpoint.").optional(),
  vae: places.describe("File name of a VAE that replaces the checkpoint's own.").optional(),
  controlnet: places.describe("File name of the ControlNet that follows poses.").optional(),
  pose: places.describe("Name of an uploaded pose picture, one a frame.").optional(),
  sampler: places.describe("Sampler name.").optional(),
  scheduler: places.describe("Scheduler name.").optional(),
  steps: places.describe("Sampling steps.").optional(),
  cfg: places.describe("Classifier-free guidance scale.").optional(),
  seed: places.describe("Noise seed, 0 to 2^53-1.").optional(),
  width: places.describe("Width of the picture in pixels.").optional(),
  height: places.describe("Height of the picture in pixels.").optional(),
  batch: places.describe("Pictures made at once.").optional(),
  reference: places.describe("Name of the uploaded reference picture.").optional(),
  denoise: places.describe("How far to depart from the reference or from the first frame, 0 to 1.").optional(),
  prefix: places.describe("Beginning of the saved files' names.").optional(),
};

const slotsOnlySchema = z.strictObject(slotShape);
export const slotNames = slotsOnlySchema.keyof().options;

/** Every request has these, so a workflow takes each of them or says that it ignores it. */
export const requiredSlots = [
  "prompt",
  "negative",
  "sampler",
  "scheduler",
  "steps",
  "cfg",
  "seed",
  "width",
  "height",
] as const;

const whenSchema = z.strictObject({
  field: z
    .enum(["vae", "sampler", "scheduler", "reference", "tile", "controlnet"])
    .describe("`controlnet` holds when a ControlNet is found and the request has poses."),
  is: z.array(z.string()).min(1).optional().describe("The values it holds for; without it, any that is set."),
});

const partSchema = z.strictObject({
  name: z.string().min(1).describe("Shown in error messages."),
  when: whenSchema.describe("The part joins the graph only then."),
  nodes: z.record(z.string().min(1), graphNodeSchema).describe("Nodes that join, as in the graph's own file."),
  replace: z
    .array(z.strictObject({ from: linkSchema, to: linkSchema }))
    .default([])
    .describe("Whatever took `from` takes `to` instead; the part's own nodes excepted."),
  connect: z
    .array(z.strictObject({ node: nodeId, input: z.string().min(1), from: linkSchema }))
    .default([])
    .describe("Single inputs that take another output."),
  slots: slotsOnlySchema.default({}),
});

/** `NAME.slots.json`: where the values of a request go in the graph of `NAME.json`. */
export const slotsSchema = z.strictObject({
  $schema: z.string().optional(),
  title: z.string().min(1),
  description: z.string(),
  slots: slotsOnlySchema,
  ignores: z
    .array(z.enum(requiredSlots))
    .default([])
    .describe("Values this workflow has no use for, said on purpose; without it a missing slot is an error."),
  models: z
    .strictObject({
      checkpoint: z.array(z.string().min(1)).min(1).optional(),
      controlnet: z.array(z.string().min(1)).min(1).optional(),
    })
    .default({})
    .describe("Patterns of file names, the first that the engine has wins. Used when the request names no file."),
  loras: z
    .strictObject({ model: linkSchema, clip: linkSchema.optional() })
    .optional()
    .describe("Outputs after which a chain of LoRA loaders is inserted: any number of them."),
  parts: z.array(partSchema).default([]).describe("Optional parts of the graph, joined in this order."),
  repeat: z
    .strictObject({
      row: z.array(nodeId).min(1).describe("Nodes that stand once a direction; they make its first frame."),
      frame: z.array(nodeId).min(1).describe("Nodes that stand once for each further frame of a direction."),
    })
    .optional()
    .describe("Makes frames and directions: groups of nodes that are copied."),
  tile: z.boolean().default(false).describe("The pictures of this workflow repeat without a seam."),
  outputs: z.array(nodeId).min(1).describe("Nodes whose pictures are the result, in order."),
});

export type Place = z.infer<typeof placeSchema>;
export type SlotPlaces = z.infer<typeof slotsOnlySchema>;
export type SlotName = keyof typeof slotShape;
export type Part = z.infer<typeof partSchema>;
export type Slots = z.infer<typeof slotsSchema>;
