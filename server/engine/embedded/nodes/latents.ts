import { decodedImage, decodedPicture } from "../decode-latent.ts";
import type { InputSpec, NodeClass } from "./node-class.ts";
import { crop, paste, type RgbaImage } from "../../../sprite/image.ts";
import type { Latent } from "../values.ts";

const pixels: InputSpec = ["INT", { default: 512, min: 16, max: 16384, step: 8 }];
const position: InputSpec = ["INT", { default: 0, min: 0, max: 16384, step: 8 }];
/** Latent cells are 8 pixels wide. */
const toLatentGrid = (size: number): number => Math.max(8, Math.floor(size / 8) * 8);

/** The same latent with each of its pictures changed. */
function mapped(
  latent: Latent,
  width: number,
  height: number,
  change: (image: RgbaImage, i: number) => RgbaImage,
): Latent {
  const items = latent.items.map((item, i) => ({
    ...item,
    content: { kind: "image" as const, image: change(decodedImage(latent, item), i) },
  }));
  return { ...latent, width, height, items };
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
          mask: null,
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
      return { outputs: [latent.items.map((item) => decodedPicture(latent, item))] };
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
            mask: null,
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
  LatentCrop: {
    displayName: "Crop Latent",
    category: "latent/transform",
    inputs: () => ({
      required: {
        samples: ["LATENT"],
        width: ["INT", { default: 512, min: 64, max: 16384, step: 8 }],
        height: ["INT", { default: 512, min: 64, max: 16384, step: 8 }],
        x: position,
        y: position,
      },
    }),
    outputs: ["LATENT"],
    run: (inputs) => {
      const latent = inputs.link("samples", "LATENT");
      const [x, y] = [toCell(inputs.number("x"), latent.width), toCell(inputs.number("y"), latent.height)];
      const width = Math.min(toLatentGrid(inputs.number("width")), latent.width - x);
      const height = Math.min(toLatentGrid(inputs.number("height")), latent.height - y);
      return { outputs: [mapped(latent, width, height, (image) => crop(image, x, y, width, height))] };
    },
  },
  LatentComposite: {
    displayName: "Latent Composite",
    category: "latent",
    inputs: () => ({
      required: { samples_to: ["LATENT"], samples_from: ["LATENT"], x: position, y: position, feather: position },
    }),
    outputs: ["LATENT"],
    run: (inputs) => {
      const [to, from] = [inputs.link("samples_to", "LATENT"), inputs.link("samples_from", "LATENT")];
      const [x, y] = [toCell(inputs.number("x"), Infinity), toCell(inputs.number("y"), Infinity)];
      const composite = mapped(to, to.width, to.height, (image, i) => {
        const source = from.items[i % from.items.length];
        const target = { ...image, data: image.data.slice() };
        if (source !== undefined) paste(target, decodedImage(from, source), x, y);
        return target;
      });
      return { outputs: [composite] };
    },
  },
  SetLatentNoiseMask: {
    displayName: "Set Latent Noise Mask",
    category: "latent/inpaint",
    inputs: () => ({ required: { samples: ["LATENT"], mask: ["MASK"] } }),
    outputs: ["LATENT"],
    run: (inputs) => ({ outputs: [{ ...inputs.link("samples", "LATENT"), mask: inputs.link("mask", "MASK") }] }),
  },
};

/** An offset on the latent's grid that leaves at least one cell of it. */
function toCell(offset: number, size: number): number {
  return Math.min(Math.floor(offset / 8) * 8, size - 8);
}
