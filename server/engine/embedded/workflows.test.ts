import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../codec/decode.ts";
import { encodePng } from "../../codec/encode.ts";
import type { EngineModels } from "../../protocol/engine-info.ts";
import { resourcePath } from "../../protocol/entry-points.ts";
import type { EngineRequest } from "../../protocol/sprite-request.ts";
import { scaffoldPrompt } from "../../project/presets.ts";
import type { RgbaImage } from "../../sprite/image.ts";
import { loadWorkflows } from "../workflow/catalog.ts";
import { fillWorkflow } from "../workflow/fill.ts";
import { embeddedModels, samplerNames, schedulerNames } from "./models.ts";
import { fromPicture } from "./picture.ts";
import { ProceduralArtist } from "./procedural/artist.ts";
import { startEmbeddedServer, type EmbeddedServer } from "./server.ts";
import { ended, firstImage, submit, type Json } from "./test-support.ts";

const catalog = await loadWorkflows([resourcePath("workflows")]);
const models: EngineModels = {
  engine: "embedded",
  checkpoints: [...(embeddedModels["checkpoints"] ?? [])],
  loras: ["style.safetensors"],
  vaes: ["own.safetensors"],
  controlnets: ["openpose-sdxl.safetensors"],
  samplers: [...samplerNames],
  schedulers: [...schedulerNames],
};
const prompt = scaffoldPrompt("red dragon", { tile: false, background: "auto", palette: null });
const request: EngineRequest & { seed: number } = {
  workflow: "single_sprite",
  prompt,
  negative: "blurry",
  checkpoint: null,
  vae: null,
  loras: [],
  sampler: "euler_ancestral",
  scheduler: "karras",
  steps: 2,
  cfg: 7,
  seed: 11,
  render: { width: 512, height: 512 },
  cell: { width: 32, height: 32 },
  frames: 1,
  directions: 1,
  reference: null,
  denoise: 0.5,
  tile: false,
};

let server: EmbeddedServer;

beforeAll(async () => {
  server = await startEmbeddedServer({
    models: { loras: models.loras, vae: models.vaes, controlnet: models.controlnets },
  });
});

afterAll(async () => {
  await server.close();
});

interface Made {
  readonly sprites: RgbaImage[];
  readonly facts: Json[];
}

async function make(
  change: Partial<typeof request>,
  reference: string | null = null,
  extras: { batch?: number; poses?: string[] } = {},
): Promise<Made> {
  const whole = { ...request, ...change };
  const filled = fillWorkflow(catalog.get(whole.workflow), whole, models, reference, extras);
  const id = await submit(server, filled.graph, { extra_data: { extra_pnginfo: filled.pngInfo } });
  const entry = await ended(server, id);
  expect(entry.status.messages.at(-1)).toMatchObject(["execution_success", {}]);
  const made: Made = { sprites: [], facts: [] };
  for (const node of filled.outputs) {
    const output: Json = entry.outputs[node];
    for (const [index, facts] of output.dgx_pixels.entries()) {
      const picture = await decodeImage(await firstImage(server, id, node, index));
      expect([picture.width, picture.height]).toEqual([512, 512]);
      made.sprites.push(fromPicture(picture, whole.cell.width, whole.cell.height, whole.tile));
      made.facts.push(facts);
    }
  }
  return made;
}

async function drawn(words: string, tile: boolean, side = 32): Promise<Uint8ClampedArray> {
  const { image } = await new ProceduralArtist().generate(
    { prompt: words, negative: "", seed: 11, width: side, height: side, steps: 1, tile },
    { signal: new AbortController().signal, onStep: async () => undefined },
  );
  return visible(image);
}

/** The pixels, transparent ones without a colour. */
function visible({ data }: RgbaImage): Uint8ClampedArray {
  return data.map((value, i) => (data[i - (i % 4) + 3] === 0 ? 0 : value));
}

test("single_sprite, with the person's own VAE, LoRAs and LCM sampling", async () => {
  const plain = await make({});
  expect(plain.facts).toEqual([
    { engine: "embedded", generator: "procedural", procedural: true, ignored: [], notes: [] },
  ]);
  const [sprite] = plain.sprites;
  expect(sprite && visible(sprite)).toEqual(await drawn("red dragon", false));
  const rich = await make({
    vae: "own",
    sampler: "lcm",
    scheduler: "sgm_uniform",
    loras: [{ name: "style", strength: 0.8 }],
  });
  expect(rich.sprites).toEqual(plain.sprites);
});

test("batch_generation", async () => {
  const { sprites } = await make({ workflow: "batch_generation" }, null, { batch: 3 });
  expect(sprites).toHaveLength(3);
  expect(sprites[1]).not.toEqual(sprites[0]);
});

test("img2img from an uploaded picture", async () => {
  const data = new Uint8ClampedArray(64 * 64 * 4).map((_, i) => [255, 0, 255, 255][i % 4] ?? 0);
  for (let y = 16; y < 48; y += 1) for (let x = 16; x < 48; x += 1) data.set([40, 160, 60, 255], (y * 64 + x) * 4);
  const form = new FormData();
  form.set("image", new File([Buffer.from(await encodePng({ width: 64, height: 64, data }))], "reference.png"));
  const name = (await (await fetch(`${server.url}/upload/image`, { method: "POST", body: form })).json()) as {
    name: string;
  };
  const { sprites, facts } = await make({ workflow: "img2img", reference: "0".repeat(64) }, name.name);
  const alpha = (x: number, y: number): number | undefined => sprites[0]?.data[(y * 32 + x) * 4 + 3];
  expect([alpha(2, 2), alpha(16, 16)]).toEqual([0, 255]);
  expect(facts[0].notes.join()).toContain("reference picture was kept");
});

describe("animation", () => {
  test("frames and directions are poses of one drawing", async () => {
    const { sprites, facts } = await make({ workflow: "animation", frames: 3, directions: 4 });
    expect(sprites).toHaveLength(12);
    const rows = [0, 3, 6, 9].map((i) => sprites.slice(i, i + 3).map(visible));
    expect(rows[0]?.[0]).toEqual(await drawn("red dragon", false));
    // The dragon looks right: that row is the drawing, the left one its mirror.
    expect(rows[2]).toEqual(rows[0]);
    const mirrored = (row: Uint8ClampedArray): number[] =>
      Array.from({ length: row.length / 4 }, (_, i) => [
        ...row.subarray((i - (i % 32) + 31 - (i % 32)) * 4).subarray(0, 4),
      ]).flat();
    expect(mirrored(rows[1]?.[0] ?? new Uint8ClampedArray())).toEqual([...(rows[0]?.[0] ?? [])]);
    for (const row of rows) expect(row[1]).not.toEqual(row[0]);
    expect(facts[1].notes.join()).toContain("The frames are one drawing, moved: bob.");
    expect(facts[4].notes.join()).toContain("frames are one drawing");
  });

  test("with poses through a ControlNet", async () => {
    const form = new FormData();
    const pose = await encodePng({ width: 8, height: 8, data: new Uint8ClampedArray(256).fill(255) });
    form.set("image", new File([Buffer.from(pose)], "pose.png"));
    await fetch(`${server.url}/upload/image`, { method: "POST", body: form });
    const { sprites } = await make({ workflow: "animation", frames: 2 }, null, { poses: ["pose.png", "pose.png"] });
    expect(sprites).toHaveLength(2);
  });
});

describe("tileset", () => {
  test.each([
    [32, "grass"],
    [16, "stone floor"],
  ])("a tile of %d that is rolled for its seam comes back as a tile", async (side, words) => {
    const cell = { width: side, height: side };
    const scaffolded = scaffoldPrompt(words, { tile: true, background: "auto", palette: null });
    const { sprites, facts } = await make({ workflow: "tileset", prompt: scaffolded, tile: true, cell });
    const [sprite] = sprites;
    expect(facts[0].ignored).toEqual([]);
    // The same pixels, moved around: the graph rolls the picture by halves.
    const words32 = (data: Uint8ClampedArray): number[] =>
      [...new Uint32Array(data.slice().buffer)].toSorted((a, b) => a - b);
    expect(words32(sprite?.data ?? new Uint8ClampedArray())).toEqual(words32(await drawn(words, true, side)));
  });
});
