import type { InputSpec, NodeClass } from "./node-class.ts";

const fraction = (value: number): InputSpec => ["FLOAT", { default: value, min: 0, max: 1, step: 0.001 }];

/** Joins the texts of two conditionings, an empty one left out. */
function joined(first: string, second: string): string {
  return [first, second].filter((text) => text.trim() !== "").join(", ");
}

/** Nodes that make and mix conditioning, and those that tune a model without changing what it is asked for. */
export const conditioningNodes: Readonly<Record<string, NodeClass>> = {
  CLIPTextEncode: {
    displayName: "CLIP Text Encode (Prompt)",
    category: "conditioning",
    inputs: () => ({ required: { text: ["STRING", { multiline: true, dynamicPrompts: true }], clip: ["CLIP"] } }),
    outputs: ["CONDITIONING"],
    run: (inputs) => ({ outputs: [{ text: inputs.text("text") }] }),
  },
  CLIPSetLastLayer: {
    displayName: "CLIP Set Last Layer",
    category: "conditioning",
    inputs: () => ({
      required: { clip: ["CLIP"], stop_at_clip_layer: ["INT", { default: -1, min: -24, max: -1, step: 1 }] },
    }),
    outputs: ["CLIP"],
    run: (inputs) => ({ outputs: [inputs.link("clip", "CLIP")] }),
  },
  ConditioningCombine: {
    displayName: "Conditioning (Combine)",
    category: "conditioning",
    inputs: () => ({ required: { conditioning_1: ["CONDITIONING"], conditioning_2: ["CONDITIONING"] } }),
    outputs: ["CONDITIONING"],
    run: (inputs) => ({
      outputs: [
        {
          text: joined(
            inputs.link("conditioning_1", "CONDITIONING").text,
            inputs.link("conditioning_2", "CONDITIONING").text,
          ),
        },
      ],
    }),
  },
  ConditioningConcat: {
    displayName: "Conditioning (Concat)",
    category: "conditioning",
    inputs: () => ({ required: { conditioning_to: ["CONDITIONING"], conditioning_from: ["CONDITIONING"] } }),
    outputs: ["CONDITIONING"],
    run: (inputs) => ({
      outputs: [
        {
          text: joined(
            inputs.link("conditioning_to", "CONDITIONING").text,
            inputs.link("conditioning_from", "CONDITIONING").text,
          ),
        },
      ],
    }),
  },
  ConditioningZeroOut: {
    displayName: "ConditioningZeroOut",
    category: "advanced/conditioning",
    inputs: () => ({ required: { conditioning: ["CONDITIONING"] } }),
    outputs: ["CONDITIONING"],
    run: () => ({ outputs: [{ text: "" }] }),
  },
  ControlNetApplyAdvanced: {
    displayName: "Apply ControlNet",
    category: "conditioning/controlnet",
    inputs: () => ({
      required: {
        positive: ["CONDITIONING"],
        negative: ["CONDITIONING"],
        control_net: ["CONTROL_NET"],
        image: ["IMAGE"],
        strength: ["FLOAT", { default: 1, min: 0, max: 10, step: 0.01 }],
        start_percent: fraction(0),
        end_percent: fraction(1),
      },
      optional: { vae: ["VAE"] },
    }),
    outputs: ["CONDITIONING", "CONDITIONING"],
    run: (inputs) => ({
      outputs: [inputs.link("positive", "CONDITIONING"), inputs.link("negative", "CONDITIONING")],
    }),
  },
  ModelSamplingDiscrete: {
    displayName: "ModelSamplingDiscrete",
    category: "advanced/model",
    inputs: () => ({
      required: {
        model: ["MODEL"],
        sampling: [["eps", "v_prediction", "lcm", "x0", "img_to_img"]],
        zsnr: ["BOOLEAN", { default: false }],
      },
    }),
    outputs: ["MODEL"],
    run: (inputs) => ({ outputs: [inputs.link("model", "MODEL")] }),
  },
};
