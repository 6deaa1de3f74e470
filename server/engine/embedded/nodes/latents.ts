import { resizeNearest, toPicture } from "../picture.ts";
import type { InputSpec, NodeClass } from "./node-class.ts";
import type { Latent, LatentItem, Picture } from "../values.ts";

const pixels: InputSpec = ["INT", { default: 512, min: 16, max: 16384, step: 8 }];
/** Latent cells are 8 pixels wide. */
const toLatentGrid = (size: number): number => Math.max(8, Math.floor(size / 8) * 8);

function decoded(latent: Latent, item: LatentItem): Picture {
  const { width, height } = latent;
  if (item.content === null) return { image: gray(width, height), sprite: null };
  if (item.content.kind === "image") return { image: resizeNearest(item.content.image, width, height), sprite: null };
  return { image: toPicture(item.content.sprite.image, width, height), sprite: item.content.sprite };
}

/** What a VAE makes of a latent of zeros. */
function gray(width: number, height: number): Picture["image"] {
  const data = new Uint8ClampedArray(width * height * 4).fill(128);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { width, height, data };
}

/** Nodes that make, pick and translate latents. */
export const latentNodes: Readonly<Record<string, NodeClass>> = {
  EmptyLatentImage: {
    displayName: "Empty Latent Image",
    category: "latent",
    inputs: () => ({
      required: { width: pixels, height: pixels, batch_size: ["INT", { default: 1, min: 1, max: 4096 }] },
    }),
    outputs: ["LATENT"],
    run: (inputs) => ({
      outputs: [
        {
          width: toLatentGrid(inputs.number("width")),
          height: toLatentGrid(inputs.number("height")),
          items: Array.from({ length: inputs.number("batch_size") }, (_, index) => ({ index, content: null })),
        },
      ],
    }),
  },
  VAEDecode: {
    displayName: "VAE Decode",
    category: "latent",
    inputs: () => ({ required: { samples: ["LATENT"], vae: ["VAE"] } }),
    outputs: ["IMAGE"],
    run: (inputs) => {
      const latent = inputs.link("samples", "LATENT");
      return { outputs: [latent.items.map((item) => decoded(latent, item))] };
    },
  },
  VAEEncode: {
    displayName: "VAE Encode",
    category: "latent",
    inputs: () => ({ required: { pixels: ["IMAGE"], vae: ["VAE"] } }),
    outputs: ["LATENT"],
    run: (inputs) => {
      const pictures = inputs.link("pixels", "IMAGE");
      const first = pictures[0]?.image;
      return {
        outputs: [
          {
            width: toLatentGrid(first?.width ?? 8),
            height: toLatentGrid(first?.height ?? 8),
            items: pictures.map(({ image }, index) => ({ index, content: { kind: "image", image } })),
          },
        ],
      };
    },
  },
  RepeatLatentBatch: {
    displayName: "Repeat Latent Batch",
    category: "latent/batch",
    inputs: () => ({ required: { samples: ["LATENT"], amount: ["INT", { default: 1, min: 1, max: 64 }] } }),
    outputs: ["LATENT"],
    run: (inputs) => {
      const latent = inputs.link("samples", "LATENT");
      const count = latent.items.length;
      const items = Array.from({ length: inputs.number("amount") }, (_, round) =>
        latent.items.map((item) => ({ ...item, index: item.index + round * count })),
      ).flat();
      return { outputs: [{ ...latent, items }] };
    },
  },
  LatentFromBatch: {
    displayName: "Latent From Batch",
    category: "latent/batch",
    inputs: () => ({
      required: {
        samples: ["LATENT"],
        batch_index: ["INT", { default: 0, min: 0, max: 63 }],
        length: ["INT", { default: 1, min: 1, max: 64 }],
      },
    }),
    outputs: ["LATENT"],
    run: (inputs) => {
      const latent = inputs.link("samples", "LATENT");
      const start = Math.min(latent.items.length - 1, inputs.number("batch_index"));
      return { outputs: [{ ...latent, items: latent.items.slice(start, start + inputs.number("length")) }] };
    },
  },
};
