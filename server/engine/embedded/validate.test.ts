import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Files } from "./files.ts";
import { graphSchema, type Graph } from "./graph.ts";
import { embeddedModels } from "./models.ts";
import type { GraphError } from "./rejection.ts";
import { spriteGraph } from "./test-support.ts";
import { validateGraph, type Validation } from "./validate.ts";

const catalog = { models: embeddedModels, files: new Files() };

function validate(graph: Graph, targets: string[] | null = null): Validation {
  return validateGraph(graphSchema.parse(structuredClone(graph)), catalog, targets);
}

/** The one error of a node in a refused graph. */
function errorOf(graph: Graph, node: string): GraphError {
  const result = validate(graph);
  if (result.ok) throw new Error("The graph was accepted");
  expect(result.refusal.error).toMatchObject({
    type: "prompt_outputs_failed_validation",
    message: "Prompt outputs failed validation",
  });
  const errors = result.refusal.node_errors[node];
  expect(errors?.dependent_outputs).toContain("save");
  expect(errors?.errors).toHaveLength(1);
  const [error] = errors?.errors ?? [];
  if (error === undefined) throw new Error("The node has no error");
  expect(result.refusal.error.details).toContain(`${error.message}: ${error.details}`);
  return error;
}

test("a sound graph is accepted with its outputs", () => {
  expect(validate(spriteGraph())).toMatchObject({ ok: true, outputs: ["save"], nodeErrors: {} });
});

describe("a graph as a whole", () => {
  test("missing_node_type: an unknown class, or none", () => {
    const graph = spriteGraph();
    graph["odd"] = { class_type: "ReActorFaceSwap", inputs: {}, _meta: { title: "Swap" } };
    expect(validate(graph)).toMatchObject({
      ok: false,
      refusal: {
        error: {
          type: "missing_node_type",
          message: "Node 'Swap' not found. The custom node may not be installed.",
          details: "Node ID '#odd'",
          extra_info: { node_id: "odd", class_type: "ReActorFaceSwap", node_title: "Swap" },
        },
      },
    });
    graph["odd"] = { inputs: {} };
    expect(validate(graph)).toMatchObject({ refusal: { error: { type: "missing_node_type" } } });
  });

  test("prompt_no_outputs: nothing is saved, or not what is asked for", () => {
    const graph = spriteGraph();
    delete graph["save"];
    const none = { ok: false, refusal: { error: { type: "prompt_no_outputs", message: "Prompt has no outputs" } } };
    expect(validate(graph)).toMatchObject(none);
    expect(validate({})).toMatchObject(none);
    expect(validate(spriteGraph(), ["other"])).toMatchObject(none);
    expect(validate(spriteGraph(), ["save"])).toMatchObject({ ok: true });
  });

  test("one bad output of two is dropped, and its errors come with the acceptance", () => {
    const graph = spriteGraph();
    graph["second"] = { class_type: "SaveImage", inputs: { images: ["decode", 0] } };
    const result = validate(graph);
    expect(result).toMatchObject({ ok: true, outputs: ["save"] });
    if (!result.ok) return;
    expect(result.nodeErrors["second"]).toMatchObject({ class_type: "SaveImage", dependent_outputs: ["second"] });
    expect(result.nodeErrors["second"]?.errors[0]?.type).toBe("required_input_missing");
  });
});

describe("a node's inputs", () => {
  test("required_input_missing", () => {
    const graph = spriteGraph();
    delete graph["sampler"]?.inputs["seed"];
    expect(errorOf(graph, "sampler")).toEqual({
      type: "required_input_missing",
      message: "Required input is missing",
      details: "seed",
      extra_info: { input_name: "seed" },
    });
  });

  test("value_not_in_list, with the list when it is short", () => {
    const checkpoint = errorOf(spriteGraph({ checkpoint: { ckpt_name: "sd.safetensors" } }), "checkpoint");
    expect(checkpoint).toMatchObject({
      type: "value_not_in_list",
      details: "ckpt_name: 'sd.safetensors' not in ['dgx-pixels-embedded.safetensors']",
      extra_info: { input_name: "ckpt_name", received_value: "sd.safetensors" },
    });
    const sampler = errorOf(spriteGraph({ sampler: { sampler_name: "none" } }), "sampler");
    expect(sampler.details).toMatch(/^sampler_name: 'none' not in \(list of length \d+\)$/);
    expect(sampler.extra_info["input_config"]).toBeNull();
  });

  test("return_type_mismatch", () => {
    expect(errorOf(spriteGraph({ decode: { samples: ["checkpoint", 0] } }), "decode")).toMatchObject({
      type: "return_type_mismatch",
      message: "Return type mismatch between linked nodes",
      details: "samples, received_type(MODEL) mismatch input_type(LATENT)",
      extra_info: { input_name: "samples", received_type: "MODEL", linked_node: ["checkpoint", 0] },
    });
  });

  test("value_smaller_than_min and value_bigger_than_max", () => {
    expect(errorOf(spriteGraph({ sampler: { steps: 0 } }), "sampler")).toMatchObject({
      type: "value_smaller_than_min",
      message: "Value 0 smaller than min of 1",
      details: "steps",
    });
    expect(errorOf(spriteGraph({ canvas: { width: 16_385 } }), "canvas")).toMatchObject({
      type: "value_bigger_than_max",
      message: "Value 16385 bigger than max of 16384",
    });
  });

  test("invalid_input_type, and what Python's int takes", () => {
    for (const seed of ["twelve", "", null, {}, "1.5"]) {
      expect(errorOf(spriteGraph({ sampler: { seed } }), "sampler").type).toBe("invalid_input_type");
    }
    for (const seed of ["12", 12.7, true]) expect(validate(spriteGraph({ sampler: { seed } })).ok).toBe(true);
    expect(validate(spriteGraph({ positive: { text: 12 } })).ok).toBe(true);
    expect(errorOf(spriteGraph({ decode: { samples: "latent" } }), "decode").type).toBe("invalid_input_type");
  });

  test("bad_linked_input", () => {
    expect(errorOf(spriteGraph({ decode: { samples: ["sampler"] } }), "decode").type).toBe("bad_linked_input");
  });

  test("custom_validation_failed: a picture that is not there", () => {
    const graph = spriteGraph({ save: { images: ["load", 0] } });
    graph["load"] = { class_type: "LoadImage", inputs: { image: "gone.png" } };
    expect(errorOf(graph, "load")).toMatchObject({
      type: "custom_validation_failed",
      details: "image - Invalid image file: gone.png",
    });
  });

  test("links to nothing are exceptions, at the output and within", () => {
    expect(errorOf(spriteGraph({ decode: { samples: ["gone", 0] } }), "decode").type).toBe(
      "exception_during_inner_validation",
    );
    expect(errorOf(spriteGraph({ save: { images: ["gone", 0] } }), "save").type).toBe("exception_during_validation");
    expect(errorOf(spriteGraph({ decode: { samples: ["sampler", 3] } }), "decode").details).toContain("no output 3");
  });

  test("dependency_cycle, named by its way", () => {
    const graph = spriteGraph({ decode: { samples: ["repeat", 0] } });
    graph["repeat"] = { class_type: "RepeatLatentBatch", inputs: { samples: ["again", 0], amount: 1 } };
    graph["again"] = { class_type: "RepeatLatentBatch", inputs: { samples: ["repeat", 0], amount: 1 } };
    expect(errorOf(graph, "again")).toMatchObject({
      type: "dependency_cycle",
      details: "repeat -> again -> repeat",
      extra_info: { cycle_nodes: ["repeat", "again"] },
    });
  });

  test("a chain too long to follow is an error, not an overflow", () => {
    const graph = spriteGraph({ decode: { samples: ["n0", 0] } });
    for (let i = 0; i < 3000; i += 1) {
      const samples = i === 2999 ? ["sampler", 0] : [`n${i + 1}`, 0];
      graph[`n${i}`] = { class_type: "RepeatLatentBatch", inputs: { samples, amount: 1 } };
    }
    expect(validate(graph).ok).toBe(false);
  });
});

test("any JSON at all is judged without an exception", () => {
  const names = ["CheckpointLoaderSimple", "KSampler", "VAEDecode", "SaveImage", "EmptyLatentImage", "Nothing"];
  const keys = fc.constantFrom("a", "b", "images", "samples", "vae", "seed", "width", "__proto__", "constructor");
  const node = fc.record(
    {
      class_type: fc.constantFrom(...names),
      inputs: fc.dictionary(keys, fc.oneof(fc.jsonValue(), fc.tuple(keys, fc.integer()))),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.dictionary(keys, fc.oneof({ weight: 5, arbitrary: node }, fc.jsonValue())), (graph) => {
      const parsed = graphSchema.safeParse(graph);
      if (parsed.success) expect(typeof validateGraph(parsed.data, catalog, null).ok).toBe("boolean");
    }),
    { numRuns: process.env["DGX_PIXELS_ROUNDS"] === "full" ? 5000 : 300 },
  );
});
