import { decodeImage } from "../../../codec/decode.ts";
import { encodePng } from "../../../codec/encode.ts";
import { withTextChunk } from "../../../sprite/png-text.ts";
import { annotatedName, staysInside, type FileType } from "../files.ts";
import { pythonJson } from "../python-json.ts";
import { crop, type RgbaImage } from "../../../sprite/image.ts";
import { resizeNearest } from "../picture.ts";
import type { NodeClass, NodeResult, RunContext } from "./node-class.ts";
import type { Picture } from "../values.ts";

/** Keyword of the PNG chunk in which the embedded engine says how it drew a picture. */
export const engineChunk = "dgx-pixels-engine";

const resizeMethods = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"];

/** Writes a batch with ComfyUI's text chunks, and says in `ui.dgx_pixels` the same as in the engine's own chunk. */
async function save(
  pictures: readonly Picture[],
  prefix: string,
  type: FileType,
  context: RunContext,
): Promise<NodeResult> {
  if (!staysInside(prefix)) throw new Error(`Saving image outside the output folder is not allowed: ${prefix}`);
  const slash = prefix.lastIndexOf("/");
  const facts = pictures.map(({ sprite }) => ({
    engine: "embedded",
    generator: context.generator.name,
    procedural: context.generator.procedural,
    ignored: sprite?.ignored ?? [],
    notes: sprite?.notes ?? [],
  }));
  const images = [];
  for (const [index, { image }] of pictures.entries()) {
    let png = await encodePng(image);
    png = withTextChunk(png, "prompt", pythonJson(context.graph));
    for (const [key, value] of Object.entries(context.pngInfo)) png = withTextChunk(png, key, pythonJson(value));
    png = withTextChunk(png, engineChunk, JSON.stringify(facts[index]));
    const name = context.files.nextOutput(prefix.slice(slash + 1), prefix.slice(0, Math.max(0, slash)), type);
    context.files.write(name, png);
    images.push(name);
  }
  return { outputs: [], ui: { images, dgx_pixels: facts } };
}

/** Nodes that read, change and write pictures. */
export const imageNodes: Readonly<Record<string, NodeClass>> = {
  LoadImage: {
    displayName: "Load Image",
    category: "image",
    inputs: ({ files }) => ({ required: { image: [files.list("input"), { image_upload: true }] } }),
    outputs: ["IMAGE", "MASK"],
    check: (inputs, { files }) => {
      const image = inputs["image"];
      if (typeof image !== "string" || files.read(annotatedName(image)) !== null) return null;
      return { input: "image", reason: `Invalid image file: ${image}` };
    },
    fingerprint: (inputs, { files }) => files.hash(annotatedName(String(inputs["image"]))) ?? "",
    run: async (inputs, { files }) => {
      const bytes = files.read(annotatedName(inputs.text("image")));
      if (bytes === null) throw new Error(`No such file: ${inputs.text("image")}`);
      return {
        outputs: [
          [{ image: await decodeImage(bytes), sprite: null }],
          { width: 64, height: 64, data: new Float32Array(64 * 64) },
        ],
      };
    },
  },
  SaveImage: {
    displayName: "Save Image",
    category: "image",
    outputNode: true,
    inputs: () => ({ required: { images: ["IMAGE"], filename_prefix: ["STRING", { default: "ComfyUI" }] } }),
    outputs: [],
    run: (inputs, context) => save(inputs.link("images", "IMAGE"), inputs.text("filename_prefix"), "output", context),
  },
  PreviewImage: {
    displayName: "Preview Image",
    category: "image",
    outputNode: true,
    inputs: () => ({ required: { images: ["IMAGE"] } }),
    outputs: [],
    run: (inputs, context) => save(inputs.link("images", "IMAGE"), "ComfyUI_temp", "temp", context),
  },
  ImageScale: {
    displayName: "Upscale Image",
    category: "image/upscaling",
    inputs: () => ({
      required: {
        image: ["IMAGE"],
        upscale_method: [resizeMethods],
        width: ["INT", { default: 512, min: 0, max: 16384, step: 1 }],
        height: ["INT", { default: 512, min: 0, max: 16384, step: 1 }],
        crop: [["disabled", "center"]],
      },
    }),
    outputs: ["IMAGE"],
    run: (inputs) => {
      const { width, height } = { width: inputs.number("width"), height: inputs.number("height") };
      const pictures = inputs.link("image", "IMAGE").map(({ image, sprite }) => {
        // As in ComfyUI, a side of 0 keeps the proportions, and two of them the picture.
        if (width === 0 && height === 0) return { image, sprite };
        const across = width === 0 ? Math.max(1, Math.round((image.width * height) / image.height)) : width;
        const down = height === 0 ? Math.max(1, Math.round((image.height * width) / image.width)) : height;
        const fitted = inputs.text("crop") === "center" ? cropToAspect(image, across, down) : image;
        return { image: resizeNearest(fitted, across, down), sprite };
      });
      return { outputs: [pictures] };
    },
  },
  ImageScaleBy: {
    displayName: "Upscale Image By",
    category: "image/upscaling",
    inputs: () => ({
      required: {
        image: ["IMAGE"],
        upscale_method: [resizeMethods],
        scale_by: ["FLOAT", { default: 1, min: 0.01, max: 8, step: 0.01 }],
      },
    }),
    outputs: ["IMAGE"],
    run: (inputs) => {
      const by = inputs.number("scale_by");
      const pictures = inputs.link("image", "IMAGE").map(({ image, sprite }) => ({
        image: resizeNearest(
          image,
          Math.max(1, Math.round(image.width * by)),
          Math.max(1, Math.round(image.height * by)),
        ),
        sprite,
      }));
      return { outputs: [pictures] };
    },
  },
  ImageBatch: {
    displayName: "Batch Images",
    category: "image",
    inputs: () => ({ required: { image1: ["IMAGE"], image2: ["IMAGE"] } }),
    outputs: ["IMAGE"],
    run: (inputs) => {
      const [first, second] = [inputs.link("image1", "IMAGE"), inputs.link("image2", "IMAGE")];
      const size = first[0]?.image;
      const fitted = second.map(({ image, sprite }) => ({
        image: size === undefined ? image : resizeNearest(image, size.width, size.height),
        sprite,
      }));
      return { outputs: [[...first, ...fitted]] };
    },
  },
};

/** The middle of the picture, as wide as the target's proportions allow. */
function cropToAspect(image: RgbaImage, width: number, height: number): RgbaImage {
  const across = Math.min(image.width, Math.max(1, Math.round((image.height * width) / height)));
  const down = Math.min(image.height, Math.max(1, Math.round((image.width * height) / width)));
  return crop(image, (image.width - across) >> 1, (image.height - down) >> 1, across, down);
}
