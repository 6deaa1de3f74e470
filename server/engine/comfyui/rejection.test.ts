import { expect, test } from "vitest";
import { explainRejection } from "./rejection.ts";
import { rejectionSchema } from "./schemas.ts";

const fields = { "1.ckpt_name": "checkpoint", "2.steps": "steps", "2.sampler_name": "sampler", "3.image": "reference" };
const models = {
  engine: "e",
  checkpoints: ["sd_xl_base_1.0.safetensors", "pixel-art.safetensors"],
  loras: [],
  vaes: [],
  controlnets: [],
  samplers: [],
  schedulers: [],
};

function refused(node: string, type: string, extra: object, message = "") {
  return rejectionSchema.parse({
    error: { type: "prompt_outputs_failed_validation", message: "failed", details: "", extra_info: {} },
    node_errors: {
      [node]: {
        class_type: "KSampler",
        dependent_outputs: ["9"],
        errors: [{ type, message, details: "", extra_info: extra }],
      },
    },
  });
}

test("a missing model names the nearest ones, from the engine's lists where it left its own out", () => {
  const rejection = refused("1", "value_not_in_list", {
    input_name: "ckpt_name",
    input_config: null,
    received_value: "sdxl_base.safetensors",
  });
  const error = explainRejection(rejection, fields, models);
  expect(error.code).toBe("unknown_model");
  expect(error.message).toContain("sdxl_base.safetensors");
  expect(error.data?.["nearest"]).toEqual(["sd_xl_base_1.0.safetensors"]);
  expect(explainRejection(rejection, fields, null).code).toBe("unknown_model");
});

test.for([
  ["the old combo", [["euler", "ddim"], {}]],
  ["the new combo", ["COMBO", { options: ["euler", "ddim"] }]],
] as const)("a value not in a list offers what is near: %s", ([, input_config]) => {
  const rejection = refused("2", "value_not_in_list", {
    input_name: "sampler_name",
    input_config,
    received_value: "eular",
  });
  const error = explainRejection(rejection, fields, models);
  expect(error).toMatchObject({ code: "engine_rejected", data: { field: "sampler", nearest: ["euler"] } });
  expect(error.remedy).toContain("euler");
});

test("a value out of range says the range", () => {
  const rejection = refused("2", "value_bigger_than_max", {
    input_name: "steps",
    input_config: ["INT", { default: 20, min: 1, max: 10000 }],
    received_value: 99999,
  });
  const error = explainRejection(rejection, fields, models);
  expect(error.message).toBe('The engine refuses the value 99999 of "steps"');
  expect(error.remedy).toBe("Choose a value from 1 to 10000.");
});

test.for([
  ["value_smaller_than_min", "2", "steps", /larger/],
  ["custom_validation_failed", "3", "image", /readable image/],
  ["required_input_missing", "2", "model", /incomplete/],
  ["return_type_mismatch", "2", "model", /another kind/],
  ["exception_during_validation", "2", "model", /Change the value/],
] as const)("%s has a remedy", ([type, node, input_name, remedy]) => {
  const error = explainRejection(refused(node, type, { input_name }, "Details"), fields, models);
  expect(error.code).toBe("engine_rejected");
  expect(error.remedy).toMatch(remedy);
  expect(error.why).toContain("Details");
});

test("the person's own field is told before an input of the graph's", () => {
  const rejection = rejectionSchema.parse({
    error: { type: "prompt_outputs_failed_validation", message: "", details: "", extra_info: {} },
    node_errors: {
      "7": { class_type: "X", errors: [{ type: "required_input_missing", extra_info: { input_name: "a" } }] },
      "2": {
        class_type: "KSampler",
        errors: [{ type: "value_smaller_than_min", extra_info: { input_name: "steps" } }],
      },
    },
  });
  expect(explainRejection(rejection, fields, null).data?.["field"]).toBe("steps");
});

test("a missing node class is named", () => {
  const rejection = rejectionSchema.parse({
    error: {
      type: "missing_node_type",
      message: "Node 'X' not found.",
      details: "Node ID '#5'",
      extra_info: { node_id: "5", class_type: "PixelSnap", node_title: "PixelSnap" },
    },
    node_errors: {},
  });
  expect(explainRejection(rejection, fields, null).message).toBe('The engine has no node "PixelSnap"');
});

test("older servers name it in a sentence", () => {
  const message = "Cannot execute because node PixelSnap does not exist.";
  const rejection = rejectionSchema.parse({ error: { type: "invalid_prompt", message, details: "Node ID '#5'" } });
  expect(explainRejection(rejection, fields, null).message).toBe('The engine has no node "PixelSnap"');
});

test.for([
  [{ error: "plain text", node_errors: [] }, "plain text"],
  [{ error: { type: "prompt_no_outputs", message: "Prompt has no outputs", details: "" } }, "Prompt has no outputs"],
  [{ error: { type: "invalid_prompt" } }, "invalid_prompt"],
  [{}, "unknown"],
] as const)("an answer of %j still says something", ([answer, cause]) => {
  const error = explainRejection(rejectionSchema.parse(answer), fields, null);
  expect(error).toMatchObject({ code: "engine_rejected", why: cause });
  expect(error.remedy).toBeTruthy();
});
