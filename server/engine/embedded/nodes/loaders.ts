import type { Catalog, InputSpec, NodeClass } from "./node-class.ts";

/** A combo of the files in one model folder. */
function combo(catalog: Catalog, folder: string): InputSpec {
  return [catalog.models[folder] ?? []];
}

const strength: InputSpec = ["FLOAT", { default: 1, min: -100, max: 100, step: 0.01 }];

/** Nodes that load weights. The embedded engine has none: names pass along so that graphs stay as they are. */
export const loaderNodes: Readonly<Record<string, NodeClass>> = {
  CheckpointLoaderSimple: {
    displayName: "Load Checkpoint",
    category: "loaders",
    inputs: (catalog) => ({ required: { ckpt_name: combo(catalog, "checkpoints") } }),
    outputs: ["MODEL", "CLIP", "VAE"],
    run: (inputs) => ({ outputs: [{ checkpoint: inputs.text("ckpt_name"), loras: [] }, {}, {}] }),
  },
  LoraLoader: {
    displayName: "Load LoRA",
    category: "loaders",
    inputs: (catalog) => ({
      required: {
        model: ["MODEL"],
        clip: ["CLIP"],
        lora_name: combo(catalog, "loras"),
        strength_model: strength,
        strength_clip: strength,
      },
    }),
    outputs: ["MODEL", "CLIP"],
    run: (inputs) => {
      const model = inputs.link("model", "MODEL");
      return {
        outputs: [{ ...model, loras: [...model.loras, inputs.text("lora_name")] }, inputs.link("clip", "CLIP")],
      };
    },
  },
  LoraLoaderModelOnly: {
    displayName: "LoraLoaderModelOnly",
    category: "loaders",
    inputs: (catalog) => ({
      required: { model: ["MODEL"], lora_name: combo(catalog, "loras"), strength_model: strength },
    }),
    outputs: ["MODEL"],
    run: (inputs) => {
      const model = inputs.link("model", "MODEL");
      return { outputs: [{ ...model, loras: [...model.loras, inputs.text("lora_name")] }] };
    },
  },
  VAELoader: {
    displayName: "Load VAE",
    category: "loaders",
    inputs: (catalog) => ({ required: { vae_name: combo(catalog, "vae") } }),
    outputs: ["VAE"],
    run: () => ({ outputs: [{}] }),
  },
  ControlNetLoader: {
    displayName: "Load ControlNet Model",
    category: "loaders",
    inputs: (catalog) => ({ required: { control_net_name: combo(catalog, "controlnet") } }),
    outputs: ["CONTROL_NET"],
    run: () => ({ outputs: [{}] }),
  },
};
