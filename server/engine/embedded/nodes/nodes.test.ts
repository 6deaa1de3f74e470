import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImage } from "../../../codec/decode.ts";
import type { RgbaImage } from "../../../sprite/image.ts";
import type { Graph } from "../graph.ts";
import { fromPicture } from "../picture.ts";
import { startEmbeddedServer, type EmbeddedServer } from "../server.ts";
import { ended, firstImage, gridData, spriteGraph, submit } from "../test-support.ts";

let server: EmbeddedServer;

beforeAll(async () => {
  server = await startEmbeddedServer();
});

afterAll(async () => {
  await server.close();
});

async function pictureOf(graph: Graph, cell = { width: 32, height: 32 }): Promise<RgbaImage> {
  return decodeImage(await firstImage(server, await submit(server, graph, { extra_data: gridData({ cell }) })));
}

function graphWith(nodes: Graph, change: Parameters<typeof spriteGraph>[0] = {}): Graph {
  return { ...spriteGraph(change), ...nodes };
}

test("joined conditionings are one prompt; one that is zeroed out says nothing", async () => {
  const second = { class_type: "CLIPTextEncode", inputs: { text: "slime", clip: ["last", 0] } };
  const last = { class_type: "CLIPSetLastLayer", inputs: { clip: ["checkpoint", 1], stop_at_clip_layer: -2 } };
  const combine = {
    class_type: "ConditioningCombine",
    inputs: { conditioning_1: ["positive", 0], conditioning_2: ["second", 0] },
  };
  const concat = {
    class_type: "ConditioningConcat",
    inputs: { conditioning_to: ["positive", 0], conditioning_from: ["second", 0] },
  };
  const zero = { class_type: "ConditioningZeroOut", inputs: { conditioning: ["negative", 0] } };
  const nodes = { last, second, combine, concat, zero };
  const plain = await pictureOf(spriteGraph({ positive: { text: "green, slime" } }));
  for (const source of ["combine", "concat"]) {
    const change = { positive: { text: "green" }, sampler: { positive: [source, 0], negative: ["zero", 0] } };
    expect((await pictureOf(graphWith(nodes, change))).data).toEqual(plain.data);
  }
});

test("KSamplerAdvanced draws from where it starts", async () => {
  const advanced = (start: number, noise: string): Graph =>
    graphWith(
      {
        advanced: {
          class_type: "KSamplerAdvanced",
          inputs: {
            model: ["checkpoint", 0],
            positive: ["positive", 0],
            negative: ["negative", 0],
            latent_image: [start === 0 ? "canvas" : "sampler", 0],
            add_noise: noise,
            noise_seed: 7,
            steps: 4,
            cfg: 7,
            sampler_name: "euler",
            scheduler: "normal",
            start_at_step: start,
            end_at_step: 10_000,
            return_with_leftover_noise: "disable",
          },
        },
      },
      { decode: { samples: ["advanced", 0] } },
    );
  const plain = await pictureOf(spriteGraph());
  expect((await pictureOf(advanced(0, "enable"))).data).toEqual(plain.data);
  expect((await pictureOf(advanced(2, "disable"))).data).toEqual(plain.data);
});

test("an empty latent that is decoded is grey, and sizes are whole latent cells", async () => {
  const picture = await pictureOf(
    spriteGraph({ canvas: { width: 70, height: 33 }, decode: { samples: ["canvas", 0] } }),
  );
  expect([picture.width, picture.height]).toEqual([64, 32]);
  expect([...picture.data.subarray(0, 4)]).toEqual([128, 128, 128, 255]);
});

test("a mask lets a sampler draw in it alone", async () => {
  const half = { class_type: "SolidMask", inputs: { value: 1, width: 128, height: 256 } };
  const none = { class_type: "SolidMask", inputs: { value: 0, width: 256, height: 256 } };
  const mask = {
    class_type: "MaskComposite",
    inputs: { destination: ["none", 0], source: ["half", 0], x: 128, y: 0, operation: "or" },
  };
  const masked = { class_type: "SetLatentNoiseMask", inputs: { samples: ["sampler", 0], mask: ["mask", 0] } };
  const green = { class_type: "CLIPTextEncode", inputs: { text: "green slime", clip: ["checkpoint", 1] } };
  const red = spriteGraph({ positive: { text: "red slime" }, decode: { samples: ["again", 0] } });
  const again = {
    class_type: "KSampler",
    inputs: { ...red["sampler"]?.inputs, positive: ["green", 0], latent_image: ["masked", 0], denoise: 0.9 },
  };
  const before = fromPicture(await pictureOf(spriteGraph({ positive: { text: "red slime" } })), 32, 32, false);
  const after = fromPicture(await pictureOf({ ...red, half, none, mask, masked, green, again }), 32, 32, false);
  const at = (image: RgbaImage, x: number): number[] => [
    ...image.data.subarray((22 * 32 + x) * 4, (22 * 32 + x) * 4 + 4),
  ];
  expect(at(after, 10)).toEqual(at(before, 10));
  const [red22 = 0, green22 = 0] = at(after, 22);
  expect(green22).toBeGreaterThan(red22);
});

test("pictures are scaled by sides, by a factor, and cropped to proportions", async () => {
  const scaled = async (inputs: Record<string, unknown>, className = "ImageScale"): Promise<[number, number]> => {
    const scale = { class_type: className, inputs: { image: ["decode", 0], upscale_method: "area", ...inputs } };
    const { width, height } = await pictureOf(graphWith({ scale }, { save: { images: ["scale", 0] } }));
    return [width, height];
  };
  expect(await scaled({ width: 100, height: 50, crop: "disabled" })).toEqual([100, 50]);
  expect(await scaled({ width: 100, height: 50, crop: "center" })).toEqual([100, 50]);
  expect(await scaled({ width: 0, height: 64, crop: "disabled" })).toEqual([64, 64]);
  expect(await scaled({ width: 32, height: 0, crop: "disabled" })).toEqual([32, 32]);
  expect(await scaled({ width: 0, height: 0, crop: "disabled" })).toEqual([256, 256]);
  expect(await scaled({ scale_by: 0.5 }, "ImageScaleBy")).toEqual([128, 128]);
});

test("a batch of pictures is one size; PreviewImage writes to temp", async () => {
  const small = { class_type: "ImageScaleBy", inputs: { image: ["decode", 0], upscale_method: "area", scale_by: 0.5 } };
  const batch = { class_type: "ImageBatch", inputs: { image1: ["decode", 0], image2: ["small", 0] } };
  const preview = { class_type: "PreviewImage", inputs: { images: ["batch", 0] } };
  const id = await submit(server, graphWith({ small, batch, preview }, { save: { images: ["batch", 0] } }));
  const { outputs } = await ended(server, id);
  expect(outputs.preview.images).toHaveLength(2);
  expect(outputs.preview.images[0].type).toBe("temp");
  const second = await decodeImage(await firstImage(server, id, "save", 1));
  expect([second.width, second.height]).toEqual([256, 256]);
});

test("a picked item of a batch is the one that stood there", async () => {
  const pick = { class_type: "LatentFromBatch", inputs: { samples: ["canvas", 0], batch_index: 2, length: 1 } };
  const change = { canvas: { batch_size: 4 }, sampler: { latent_image: ["pick", 0] } };
  const picked = await pictureOf(graphWith({ pick }, change));
  expect(picked.data).toEqual((await pictureOf(spriteGraph({ sampler: { seed: 9 } }))).data);
});
