import { request } from "node:http";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEmbeddedServer, type EmbeddedServer } from "./server.ts";
import { ask, ended } from "./test-support.ts";

const rounds = process.env["DGX_PIXELS_ROUNDS"] === "full" ? 1000 : 40;
let server: EmbeddedServer;
const logged: string[] = [];

beforeAll(async () => {
  server = await startEmbeddedServer({ log: (line) => logged.push(line) });
});

afterAll(async () => {
  await server.close();
  expect(logged).toEqual([]);
});

async function raw(method: string, path: string, body: Uint8Array, type: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = { "content-type": type, "content-length": body.byteLength };
  const message = request(server.url, { method, path, headers, agent: false }, (response) => {
    response.resume();
    response.on("end", () => resolve(response.statusCode ?? 0));
  });
  message.on("error", reject);
  message.end(body);
  return promise;
}

const posts = [
  "/prompt",
  "/queue",
  "/history",
  "/interrupt",
  "/free",
  "/upload/image",
  "/api/prompt",
  "/api/upload/image",
];

test("random bytes to every route that takes a body are refused, never a failure of the server", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...posts),
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.constantFrom("application/json", "multipart/form-data; boundary=x", "multipart/form-data", ""),
      async (path, body, type) => {
        const status = await raw("POST", path, body, type);
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      },
    ),
    { numRuns: rounds },
  );
});

test("any path is answered with 2xx or 4xx", async () => {
  const part = fc.oneof(
    fc.constantFrom(
      "api",
      "history",
      "view",
      "object_info",
      "models",
      "jobs",
      "cancel",
      "..",
      "%00",
      "%2e%2e",
      "%",
      "ws",
    ),
    fc.string({ unit: "grapheme-ascii", maxLength: 8 }).map(encodeURIComponent),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"),
      fc.array(part),
      async (method, parts) => {
        const status = await raw(
          method,
          `/${parts.join("/")}?filename=${parts.join("")}&limit=x&max_items=1`,
          new Uint8Array(),
          "",
        );
        expect(status).toBeGreaterThanOrEqual(200);
        expect(status).toBeLessThan(500);
      },
    ),
    { numRuns: rounds },
  );
});

type Node = { class_type: string; inputs: Record<string, unknown> };

/** What a random node takes and gives; sizes and numbers are drawn for each. */
const kinds: readonly { give: string; take: Record<string, string>; node: (pick: () => number) => Node }[] = [
  {
    give: "CONDITIONING",
    take: {},
    node: (pick) => ({
      class_type: "CLIPTextEncode",
      inputs: { text: ["red dragon", "", "frame 2 of 4, facing left", "\u0000"][pick() % 4], clip: ["checkpoint", 1] },
    }),
  },
  {
    give: "LATENT",
    take: {},
    node: (pick) => ({
      class_type: "EmptyLatentImage",
      inputs: { width: 16 + (pick() % 90), height: 16 + (pick() % 90), batch_size: 1 + (pick() % 3) },
    }),
  },
  {
    give: "LATENT",
    take: { positive: "CONDITIONING", negative: "CONDITIONING", latent_image: "LATENT" },
    node: (pick) => ({
      class_type: "KSampler",
      inputs: {
        model: ["checkpoint", 0],
        seed: pick(),
        steps: 1 + (pick() % 3),
        cfg: 7,
        sampler_name: "euler",
        scheduler: "normal",
        denoise: (pick() % 11) / 10,
      },
    }),
  },
  {
    give: "IMAGE",
    take: { samples: "LATENT" },
    node: () => ({ class_type: "VAEDecode", inputs: { vae: ["checkpoint", 2] } }),
  },
  {
    give: "LATENT",
    take: { pixels: "IMAGE" },
    node: () => ({ class_type: "VAEEncode", inputs: { vae: ["checkpoint", 2] } }),
  },
  { give: "IMAGE", take: { image1: "IMAGE", image2: "IMAGE" }, node: () => ({ class_type: "ImageBatch", inputs: {} }) },
  {
    give: "IMAGE",
    take: { image: "IMAGE" },
    node: (pick) => ({
      class_type: "ImageScale",
      inputs: {
        upscale_method: "area",
        width: pick() % 80,
        height: pick() % 80,
        crop: ["disabled", "center"][pick() % 2],
      },
    }),
  },
  {
    give: "LATENT",
    take: { samples: "LATENT" },
    node: (pick) => ({
      class_type: "LatentCrop",
      inputs: { width: 64, height: 64 + (pick() % 64), x: pick() % 200, y: pick() % 200 },
    }),
  },
  {
    give: "LATENT",
    take: { samples_to: "LATENT", samples_from: "LATENT" },
    node: (pick) => ({ class_type: "LatentComposite", inputs: { x: pick() % 200, y: pick() % 200, feather: 0 } }),
  },
  {
    give: "LATENT",
    take: { samples: "LATENT" },
    node: (pick) => ({ class_type: "RepeatLatentBatch", inputs: { amount: 1 + (pick() % 2) } }),
  },
  {
    give: "LATENT",
    take: { samples: "LATENT" },
    node: (pick) => ({ class_type: "LatentFromBatch", inputs: { batch_index: pick() % 5, length: 1 + (pick() % 3) } }),
  },
  {
    give: "MASK",
    take: {},
    node: (pick) => ({
      class_type: "SolidMask",
      inputs: { value: pick() % 2, width: 1 + (pick() % 99), height: 1 + (pick() % 99) },
    }),
  },
  {
    give: "MASK",
    take: { destination: "MASK", source: "MASK" },
    node: (pick) => ({
      class_type: "MaskComposite",
      inputs: { x: pick() % 99, y: pick() % 99, operation: ["add", "xor", "subtract"][pick() % 3] },
    }),
  },
  {
    give: "LATENT",
    take: { samples: "LATENT", mask: "MASK" },
    node: () => ({ class_type: "SetLatentNoiseMask", inputs: {} }),
  },
];

/** A graph that fits together: each node takes what an earlier one gives. */
function grow(numbers: readonly number[]): Record<string, Node> {
  let next = 0;
  const pick = (): number => numbers[next++ % numbers.length] ?? 0;
  const graph: Record<string, Node> = {
    checkpoint: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "dgx-pixels-embedded.safetensors" } },
  };
  const given = new Map<string, string[]>();
  const add = (kind: (typeof kinds)[number]): void => {
    const node = kind.node(pick);
    for (const [input, type] of Object.entries(kind.take)) {
      const sources = given.get(type);
      const source = sources?.[pick() % sources.length];
      if (source === undefined) return;
      node.inputs[input] = [source, 0];
    }
    const id = String(given.size * 100 + Object.keys(graph).length);
    graph[id] = node;
    given.set(kind.give, [...(given.get(kind.give) ?? []), id]);
  };
  for (const kind of kinds.slice(0, 4)) add(kind);
  for (let count = 3 + (pick() % 8); count > 0; count -= 1) {
    const kind = kinds[pick() % kinds.length];
    if (kind !== undefined) add(kind);
  }
  const images = given.get("IMAGE") ?? [];
  graph["save"] = { class_type: "SaveImage", inputs: { images: [images.at(-1), 0], filename_prefix: "fuzz" } };
  return graph;
}

test("random graphs that fit together run to an end", async () => {
  const succeeded: boolean[] = [];
  const numbers = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 20, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(numbers, fc.boolean(), fc.integer({ min: 1, max: 70 }), async (drawn, tile, side) => {
      const extra_data = {
        extra_pnginfo: { "dgx-pixels": { cell: { width: side, height: 9 }, frames: 2, directions: 4, tile } },
      };
      const { status, body } = await ask(server, "/prompt", { prompt: grow(drawn), extra_data });
      expect(status).toBe(200);
      const entry = await ended(server, body.prompt_id);
      expect(entry.status.status_str).toBe("success");
      succeeded.push(true);
    }),
    { numRuns: rounds },
  );
  expect(succeeded).toHaveLength(rounds);
});
