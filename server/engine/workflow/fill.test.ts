import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EngineModels } from "../../protocol/engine-info.ts";
import type { EngineRequest } from "../../protocol/sprite-request.ts";
import { loadWorkflows, type Workflow } from "./catalog.ts";
import { fillWorkflow, type FilledWorkflow } from "./fill.ts";
import { linksOf } from "./graph.ts";

const catalog = await loadWorkflows([fileURLToPath(new URL("../../../workflows", import.meta.url))]);
const models: EngineModels = {
  engine: "test",
  checkpoints: ["sd_xl_base_1.0.safetensors", "pixel-xl.safetensors"],
  loras: ["style.safetensors", "lcm_lora_sdxl.safetensors"],
  vaes: ["sdxl_vae.safetensors"],
  controlnets: ["openpose-sdxl.safetensors"],
  samplers: ["euler", "euler_ancestral", "lcm"],
  schedulers: ["karras", "sgm_uniform"],
};

function request(change: Partial<EngineRequest> = {}): EngineRequest & { seed: number } {
  return {
    workflow: "single_sprite",
    prompt: "red dragon",
    negative: "blurry",
    checkpoint: null,
    vae: null,
    loras: [],
    sampler: "euler",
    scheduler: "karras",
    steps: 20,
    cfg: 7,
    render: { width: 1024, height: 768 },
    cell: { width: 64, height: 48 },
    frames: 1,
    directions: 1,
    reference: null,
    denoise: 0.5,
    tile: false,
    ...change,
    seed: change.seed ?? 42,
  };
}

function fill(name: string, change: Partial<EngineRequest> = {}, reference: string | null = null): FilledWorkflow {
  return fillWorkflow(catalog.get(name), request(change), models, reference);
}

/** Every link leads to a node, and every node is needed by an output. */
function expectSound({ graph, outputs }: FilledWorkflow): void {
  const needed = new Set<string>();
  const visit = (id: string) => {
    if (needed.has(id)) return;
    needed.add(id);
    for (const { node, link } of linksOf(graph)) if (node === id) visit(link[0]);
  };
  for (const id of outputs) visit(id);
  for (const id of needed) expect(Object.keys(graph)).toContain(id);
  expect(outputs).not.toHaveLength(0);
}

test("all values of a request reach their inputs", () => {
  const { graph, outputs, fields, pngInfo } = fill("single_sprite");
  expect(outputs).toEqual(["save"]);
  expect(graph["positive"]?.inputs["text"]).toBe("red dragon");
  expect(graph["negative"]?.inputs["text"]).toBe("blurry");
  expect(graph["checkpoint"]?.inputs["ckpt_name"]).toBe("pixel-xl.safetensors");
  expect(graph["canvas"]?.inputs).toEqual({ width: 1024, height: 768, batch_size: 1 });
  expect(graph["sampler"]?.inputs).toMatchObject({
    seed: 42,
    steps: 20,
    cfg: 7,
    sampler_name: "euler",
    scheduler: "karras",
    denoise: 1,
  });
  expect(graph["save"]?.inputs["filename_prefix"]).toBe("dgx-pixels/single_sprite");
  expect(fields["sampler.steps"]).toBe("steps");
  expect(pngInfo).toEqual({
    "dgx-pixels": { cell: { width: 64, height: 48 }, frames: 1, directions: 1, tile: false },
  });
});

test("filling leaves the workflow as it was", () => {
  const before = structuredClone(catalog.get("animation").graph);
  fill("animation", { frames: 3, directions: 4, vae: "sdxl_vae", loras: [{ name: "style", strength: 1 }] });
  expect(catalog.get("animation").graph).toEqual(before);
});

test("a checkpoint, VAE and LoRAs are found by their stems", () => {
  const { graph } = fill("single_sprite", {
    checkpoint: "SD_XL_BASE_1.0",
    vae: "sdxl_vae",
    loras: [
      { name: "style", strength: 0.8 },
      { name: "*lcm*lora*sdxl*", strength: -1 },
    ],
  });
  expect(graph["checkpoint"]?.inputs["ckpt_name"]).toBe("sd_xl_base_1.0.safetensors");
  expect(graph["vae"]?.inputs["vae_name"]).toBe("sdxl_vae.safetensors");
  expect(graph["decode"]?.inputs["vae"]).toEqual(["vae", 0]);
  expect(graph["lora_1"]?.inputs).toEqual({
    model: ["checkpoint", 0],
    clip: ["checkpoint", 1],
    lora_name: "style.safetensors",
    strength_model: 0.8,
    strength_clip: 0.8,
  });
  expect(graph["lora_2"]?.inputs).toMatchObject({ model: ["lora_1", 0], clip: ["lora_1", 1], strength_model: -1 });
  expect(graph["sampler"]?.inputs["model"]).toEqual(["lora_2", 0]);
  expect(graph["positive"]?.inputs["clip"]).toEqual(["lora_2", 1]);
});

test("LCM sampling stands after the LoRAs", () => {
  const { graph } = fill("single_sprite", { sampler: "lcm", loras: [{ name: "lcm_lora_sdxl", strength: 1 }] });
  expect(graph["lcm"]?.inputs["model"]).toEqual(["lora_1", 0]);
  expect(graph["sampler"]?.inputs["model"]).toEqual(["lcm", 0]);
});

test("LoRAs of a graph without a text encoder change the model alone", () => {
  const { clip: _, ...loras } = catalog.get("single_sprite").slots.loras ?? { model: ["checkpoint", 0] };
  const base = catalog.get("single_sprite");
  const workflow: Workflow = { ...base, slots: { ...base.slots, loras } };
  const { graph } = fillWorkflow(workflow, request({ loras: [{ name: "style", strength: 1 }] }), models, null);
  expect(graph["lora_1"]?.class_type).toBe("LoraLoaderModelOnly");
  expect(graph["positive"]?.inputs["clip"]).toEqual(["checkpoint", 1]);
});

describe("animation", () => {
  test("makes one row a direction: the first frame from the prompt, the others from it", () => {
    const filled = fill("animation", { frames: 3, directions: 4 });
    expect(filled.outputs).toHaveLength(12);
    expect(filled.outputs.slice(0, 4)).toEqual(["save_r1", "next_save_r1f2", "next_save_r1f3", "save_r2"]);
    const { graph } = filled;
    expect(graph["positive_r2"]?.inputs["text"]).toBe("red dragon, side view, facing left, animation frame 1 of 3");
    expect(graph["next_positive_r4f3"]?.inputs["text"]).toBe(
      "red dragon, back view, facing up, animation frame 3 of 3",
    );
    expect(graph["next_sampler_r2f3"]?.inputs).toMatchObject({
      latent_image: ["sampler_r2", 0],
      denoise: 0.5,
      seed: 42,
    });
    expect(graph["sampler_r2"]?.inputs["denoise"]).toBe(1);
    expect(graph["next_save_r2f3"]?.inputs["filename_prefix"]).toBe("dgx-pixels/animation_r2f3");
    expectSound(filled);
  });

  test("one frame and one direction leave the groups' copies and the words out", () => {
    const { graph, outputs } = fill("animation");
    expect(outputs).toEqual(["save_r1"]);
    expect(graph["positive_r1"]?.inputs["text"]).toBe("red dragon");
    expect(Object.keys(graph).some((id) => id.startsWith("next_"))).toBe(false);
  });

  test("eight directions go clockwise from down", () => {
    const { graph } = fill("animation", { directions: 8 });
    const facing = Array.from(
      { length: 8 },
      (_, i) => /facing (.*)$/.exec(String(graph[`positive_r${i + 1}`]?.inputs["text"]))?.[1],
    );
    expect(facing).toEqual(["down", "down left", "left", "up left", "up", "up right", "right", "down right"]);
  });

  test("braces in a prompt stay", () => {
    const { graph } = fill("animation", { prompt: "a {frame} of {value}", frames: 2 });
    expect(graph["positive_r1"]?.inputs["text"]).toBe("a {frame} of {value}, animation frame 1 of 2");
  });

  test("a reference starts every row", () => {
    const filled = fill("animation", { frames: 2, directions: 4, denoise: 0.3 }, "dgx-pixels/knight.png");
    expect(filled.graph["sampler_r3"]?.inputs).toMatchObject({ latent_image: ["reference_latent", 0], denoise: 0.3 });
    expect(filled.graph["reference"]?.inputs["image"]).toBe("dgx-pixels/knight.png");
    expectSound(filled);
  });

  test("poses are followed where there is a ControlNet for them", () => {
    const poses = ["a.png", "b.png", "c.png", "d.png", "e.png", "f.png", "g.png", "h.png"];
    const posed = fillWorkflow(catalog.get("animation"), request({ frames: 2, directions: 4 }), models, null, {
      poses,
    });
    expect(posed.graph["controlnet"]?.inputs["control_net_name"]).toBe("openpose-sdxl.safetensors");
    expect(posed.graph["next_pose_r2f2"]?.inputs["image"]).toBe("d.png");
    expect(posed.graph["next_pose_applied_r2f2"]?.inputs["image"]).toEqual(["next_pose_r2f2", 0]);
    expect(posed.graph["next_sampler_r2f2"]?.inputs["positive"]).toEqual(["next_pose_applied_r2f2", 0]);
    expectSound(posed);
    const without = fillWorkflow(
      catalog.get("animation"),
      request({ frames: 2, directions: 4 }),
      { ...models, controlnets: [] },
      null,
      { poses },
    );
    expect(Object.keys(without.graph).some((id) => id.includes("pose"))).toBe(false);
  });
});

test("tileset takes halves of the size, on the latent's grid", () => {
  const filled = fill("tileset", { tile: true, render: { width: 840, height: 512 }, steps: 5 });
  expect(filled.graph["upright_second_half"]?.inputs).toMatchObject({ x: 424, width: 424, height: 512 });
  expect(filled.graph["upright_sampler"]?.inputs["steps"]).toBe(3);
  expectSound(filled);
});

test("img2img needs its reference", () => {
  const filled = fill("img2img", {}, "dgx-pixels/a.png");
  expect(filled.graph["reference"]?.inputs["image"]).toBe("dgx-pixels/a.png");
  expect(filled.graph["sampler"]?.inputs["denoise"]).toBe(0.5);
  expectSound(filled);
  expect(() => fill("img2img")).toThrow(expect.objectContaining({ code: "invalid_request" }));
});

test("a batch is a slot of its own", () => {
  const filled = fillWorkflow(catalog.get("batch_generation"), request(), models, null, { batch: 8 });
  expect(filled.graph["canvas"]?.inputs["batch_size"]).toBe(8);
});

test.for([
  ["frames", { frames: 2 }, null],
  ["directions", { directions: 4 as const }, null],
  ["tile", { tile: true }, null],
  ["reference", {}, "a.png"],
] as const)("a value without a slot is an error that names it: %s", ([slot, change, reference]) => {
  expect(() => fill("single_sprite", change, reference)).toThrow(
    expect.objectContaining({
      code: "missing_slot",
      message: `The workflow "single_sprite" has no slot "${slot}"`,
      data: { workflow: "single_sprite", slot },
    }),
  );
});

test.for(["checkpoint", "vae", "loras", "batch"] as const)("so is %s where it is not declared", (slot) => {
  const base = catalog.get("single_sprite");
  const { checkpoint: _, ...places } = base.slots.slots;
  const { loras: __, ...rest } = base.slots;
  const bare: Workflow = { ...base, slots: { ...rest, slots: places, parts: [] } };
  const change = { checkpoint: "pixel-xl", vae: "sdxl_vae", loras: [{ name: "style", strength: 1 }], batch: {} };
  expect(() =>
    fillWorkflow(bare, request(slot === "batch" ? {} : { [slot]: change[slot] }), models, null, {
      batch: slot === "batch" ? 2 : 1,
    }),
  ).toThrow(expect.objectContaining({ code: "missing_slot", data: expect.objectContaining({ slot }) }));
});

test.for([
  ["a checkpoint", { checkpoint: "pixl-xl" }, "unknown_model", ["pixel-xl.safetensors"]],
  ["a LoRA", { loras: [{ name: "styles", strength: 1 }] }, "unknown_model", ["style.safetensors"]],
  ["a VAE", { vae: "sdxlvae" }, "unknown_model", ["sdxl_vae.safetensors"]],
  ["a sampler", { sampler: "eulre_ancestral" }, "invalid_request", ["euler_ancestral", "euler"]],
  ["a scheduler", { scheduler: "karas" }, "invalid_request", ["karras"]],
] as const)("%s that the engine lacks is an error with near names", ([, change, code, nearest]) => {
  const filling = () => fill("single_sprite", { ...change, loras: "loras" in change ? [...change.loras] : [] });
  expect(filling).toThrow(expect.objectContaining({ code }));
  expect(filling).toThrow(expect.objectContaining({ data: expect.objectContaining({ nearest }) }));
});

test("a workflow without patterns keeps the checkpoint it was saved with", () => {
  const base = catalog.get("single_sprite");
  const own: Workflow = { ...base, slots: { ...base.slots, models: {} } };
  expect(fillWorkflow(own, request(), models, null).graph["checkpoint"]?.inputs["ckpt_name"]).toBe(
    "sd_xl_base_1.0.safetensors",
  );
  expect(() => fillWorkflow(own, request(), { ...models, checkpoints: ["pixel-xl.safetensors"] }, null)).toThrow(
    expect.objectContaining({ code: "unknown_model", data: expect.objectContaining({ kind: "checkpoint" }) }),
  );
});

test("no checkpoint at all is said so; samplers that are not listed are left to the engine", () => {
  const bare = { ...models, checkpoints: [], samplers: [], schedulers: [] };
  const workflow = catalog.get("single_sprite");
  expect(() => fillWorkflow(workflow, request(), bare, null)).toThrow(
    expect.objectContaining({ code: "unknown_model", why: "It has no checkpoint at all." }),
  );
  const own = { ...bare, checkpoints: ["any.ckpt"] };
  expect(fillWorkflow(workflow, request({ sampler: "mine" }), own, null).graph["sampler"]?.inputs["sampler_name"]).toBe(
    "mine",
  );
});

test("whatever is asked, links hold together", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("single_sprite", "batch_generation", "tileset", "animation"),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(1 as const, 4 as const, 8 as const),
      fc.integer({ min: 0, max: 3 }),
      fc.boolean(),
      fc.boolean(),
      (name, frames, directions, loras, vae, lcm) => {
        const sheet = name === "animation" ? { frames, directions } : {};
        expectSound(
          fill(name, {
            ...sheet,
            loras: Array.from({ length: loras }, () => ({ name: "style", strength: 1 })),
            vae: vae ? "sdxl_vae" : null,
            sampler: lcm ? "lcm" : "euler",
          }),
        );
      },
    ),
    { numRuns: 40 },
  );
});
