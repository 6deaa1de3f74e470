import type { EngineModels } from "../../protocol/engine-info.ts";
import { PixelsError } from "../../protocol/errors.ts";
import type { EngineRequest } from "../../protocol/sprite-request.ts";
import type { Workflow } from "./catalog.ts";
import { insertLoras, joinParts, repeatGroups, type Cell, type Copy } from "./expand.ts";
import type { Graph } from "./graph.ts";
import { firstMatch, matchModel, nearestModels, unknownModel } from "./model-match.ts";
import { slotNames, type Part, type Place, type SlotName, type SlotPlaces } from "./slots.ts";

/** What goes beside an engine request: neither changes what the lock compares. */
export interface FillExtras {
  /** Pictures made at once, 1 … 64. */
  readonly batch?: number;
  /** Names of uploaded pose pictures, row by row (direction, then frame). */
  readonly poses?: readonly string[];
}

/** A graph ready to submit. */
export interface FilledWorkflow {
  readonly graph: Graph;
  /** Ids of the nodes whose pictures are the result, row by row (direction, then frame). */
  readonly outputs: string[];
  /** The person's own name for an input, by `node.input`: for the messages of a rejection. */
  readonly fields: Readonly<Record<string, string>>;
  /** Written into the pictures; the embedded engine reads the wanted grid from it. */
  readonly pngInfo: { readonly "dgx-pixels": PixelsInfo };
}

/** `extra_data.extra_pnginfo["dgx-pixels"]` of a prompt. */
export interface PixelsInfo {
  readonly cell: { readonly width: number; readonly height: number };
  readonly frames: number;
  readonly directions: number;
  readonly tile: boolean;
}

/** Rows of a sheet: down, left, right, up; eight go clockwise from down. */
const directionNames: Record<EngineRequest["directions"], readonly string[]> = {
  1: [""],
  4: ["front view, facing down", "side view, facing left", "side view, facing right", "back view, facing up"],
  8: [
    "front view, facing down",
    "three-quarter view, facing down left",
    "side view, facing left",
    "three-quarter back view, facing up left",
    "back view, facing up",
    "three-quarter back view, facing up right",
    "side view, facing right",
    "three-quarter view, facing down right",
  ],
};

/**
 * Puts a request's values into the slots of a workflow.
 *
 * Model names are matched against `models` (exact, file stem, any case, glob). `reference` is the name the engine
 * gave the uploaded picture. Throws `missing_slot` for a value the workflow has no place for, `unknown_model` with
 * the nearest names, and `invalid_request` for a sampler, scheduler or reference that cannot work.
 */
export function fillWorkflow(
  workflow: Workflow,
  request: EngineRequest & { seed: number },
  models: EngineModels,
  reference: string | null,
  extras: FillExtras = {},
): FilledWorkflow {
  const { slots } = workflow;
  const controlnet =
    extras.poses && slots.models.controlnet ? firstMatch(slots.models.controlnet, models.controlnets) : null;
  const parts = slots.parts.filter((part) => joins(part, request, reference, controlnet));
  const declared = [slots.slots, ...parts.map((part) => part.slots)];
  checkSlots(workflow, request, reference, extras, declared);

  const values: Partial<Record<SlotName, string | number>> = {
    prompt: request.prompt,
    negative: request.negative,
    sampler: known("sampler", request.sampler, models.samplers),
    scheduler: known("scheduler", request.scheduler, models.schedulers),
    steps: request.steps,
    cfg: request.cfg,
    seed: request.seed,
    width: request.render.width,
    height: request.render.height,
    batch: extras.batch ?? 1,
    denoise: request.denoise,
    prefix: `dgx-pixels/${workflow.name}`,
    ...(slots.slots.checkpoint && { checkpoint: checkpointName(workflow, request.checkpoint, models) }),
    ...(request.vae !== null && { vae: required("VAE", "vae", request.vae, models.vaes) }),
    ...(reference !== null && { reference }),
    ...(controlnet !== null && { controlnet }),
  };
  const loras = request.loras.map((lora) => ({
    name: required("LoRA", "loras", lora.name, models.loras),
    strength: lora.strength,
  }));

  const graph = structuredClone(workflow.graph);
  joinParts(graph, parts);
  if (slots.loras) insertLoras(graph, slots.loras, loras);
  const copiesOf = repeatGroups(graph, slots.repeat, request.directions, request.frames);
  const fields: Record<string, string> = {};
  for (const places of declared) {
    for (const slot of slotNames) {
      for (const place of places[slot] ?? []) {
        for (const copy of copiesOf(place.node)) {
          const value = slot === "pose" ? extras.poses?.[cellIndex(copy.cell, request)] : values[slot];
          const node = graph[copy.id];
          if (value === undefined || !node) continue;
          node.inputs[place.input] = placed(slot, place, value, copy, request);
          fields[`${copy.id}.${place.input}`] = slot;
        }
      }
    }
  }
  for (const i of loras.keys()) fields[`lora_${i + 1}.lora_name`] = "loras";

  const outputs = slots.outputs
    .flatMap((id) => copiesOf(id))
    .map((copy, i) => ({ id: copy.id, order: copy.cell ? cellIndex(copy.cell, request) : i }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ id }) => id);
  return {
    graph,
    outputs,
    fields,
    pngInfo: {
      "dgx-pixels": {
        cell: request.cell,
        frames: request.frames,
        directions: request.directions,
        tile: request.tile,
      },
    },
  };
}

function joins(part: Part, request: EngineRequest, reference: string | null, controlnet: string | null): boolean {
  const values = {
    vae: request.vae,
    sampler: request.sampler,
    scheduler: request.scheduler,
    reference,
    tile: request.tile ? "true" : null,
    controlnet,
  };
  const value = values[part.when.field];
  return value !== null && (part.when.is?.includes(value) ?? true);
}

/** A value that would go nowhere is an error with the slot's name, never a silent no-op. */
function checkSlots(
  workflow: Workflow,
  request: EngineRequest,
  reference: string | null,
  extras: FillExtras,
  declared: readonly SlotPlaces[],
): void {
  const has = (slot: SlotName) => declared.some((places) => places[slot] !== undefined);
  const { slots, name } = workflow;
  const demands: [slot: string, met: boolean, remedy: string][] = [
    ["checkpoint", request.checkpoint === null || has("checkpoint"), "Leave `model` out."],
    ["vae", request.vae === null || has("vae"), "Leave the VAE out."],
    ["loras", request.loras.length === 0 || slots.loras !== undefined, "Leave the LoRAs out."],
    ["reference", reference === null || has("reference"), "Use the workflow img2img, or leave `from` out."],
    ["batch", (extras.batch ?? 1) === 1 || has("batch"), "Use the workflow batch_generation."],
    ["frames", request.frames === 1 || slots.repeat !== undefined, "Use the workflow animation."],
    ["directions", request.directions === 1 || slots.repeat !== undefined, "Use the workflow animation."],
    ["tile", !request.tile || slots.tile, "Use the workflow tileset."],
  ];
  for (const [slot, met, remedy] of demands) {
    if (met) continue;
    throw new PixelsError({
      code: "missing_slot",
      message: `The workflow "${name}" has no slot "${slot}"`,
      cause: "The request sets it, and it would have no effect.",
      remedy: `${remedy} Or declare the slot in ${name}.slots.json.`,
      data: { workflow: name, slot },
    });
  }
  if (slots.slots.reference && reference === null) {
    throw new PixelsError({
      code: "invalid_request",
      message: `The workflow "${name}" starts from a reference picture, and there is none`,
      remedy: 'Name one, such as from="sketch.png", or use the workflow single_sprite.',
      data: { workflow: name, slot: "reference" },
    });
  }
}

function checkpointName(workflow: Workflow, wanted: string | null, models: EngineModels): string {
  if (wanted !== null) return required("checkpoint", "checkpoints", wanted, models.checkpoints);
  const patterns = workflow.slots.models.checkpoint ?? savedCheckpoint(workflow);
  const found = firstMatch(patterns, models.checkpoints);
  if (found !== null) return found;
  throw unknownModel("checkpoint", "checkpoints", patterns.join(" or "), models.checkpoints);
}

/** A workflow that declares no patterns was saved with the checkpoint it is meant for. */
function savedCheckpoint({ graph, slots }: Workflow): string[] {
  const names = (slots.slots.checkpoint ?? []).map(({ node, input }) => graph[node]?.inputs[input]);
  return names.filter((name) => typeof name === "string").slice(0, 1);
}

function required(kind: string, folder: string, wanted: string, names: readonly string[]): string {
  const found = matchModel(wanted, names);
  if (found === null) throw unknownModel(kind, folder, wanted, names);
  return found;
}

/** A sampler or scheduler of the engine. An engine that lists none is left to judge for itself. */
function known(field: string, wanted: string, names: readonly string[]): string {
  if (names.length === 0 || names.includes(wanted)) return wanted;
  const nearest = nearestModels(wanted, names);
  throw new PixelsError({
    code: "invalid_request",
    message: `The engine has no ${field} "${wanted}"`,
    remedy: `Use ${(nearest.length > 0 ? nearest : names.slice(0, 8)).join(" or ")}.`,
    data: { field, value: wanted, nearest },
  });
}

function cellIndex(cell: Cell | null, request: EngineRequest): number {
  return cell === null ? 0 : cell.direction * request.frames + cell.frame;
}

function placed(
  slot: SlotName,
  place: Place,
  value: string | number,
  { cell }: Copy,
  request: EngineRequest,
): string | number {
  if (typeof value === "number") {
    const scaled = value * (place.times ?? 1);
    if (place.multipleOf === undefined) return scaled;
    return Math.max(place.multipleOf, Math.round(scaled / place.multipleOf) * place.multipleOf);
  }
  if (slot === "prefix") return cell === null ? value : `${value}_r${cell.direction + 1}f${cell.frame + 1}`;
  if (place.template === undefined) return value;
  const direction = cell === null ? "" : (directionNames[request.directions][cell.direction] ?? "");
  const frame = cell === null || request.frames === 1 ? "" : `animation frame ${cell.frame + 1} of ${request.frames}`;
  const words: Record<string, string> = {
    value,
    direction: direction && `, ${direction}`,
    frame: frame && `, ${frame}`,
  };
  // One pass, so that braces in a prompt stay as they are.
  return place.template.replace(/\{(value|direction|frame)\}/g, (whole, word: string) => words[word] ?? whole);
}
