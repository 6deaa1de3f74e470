import { setTimeout as delay } from "node:timers/promises";
import type { SpriteGenerator } from "../../server/engine/embedded/generator.ts";
import { ProceduralArtist } from "../../server/engine/embedded/procedural/artist.ts";
import { startEmbeddedServer } from "../../server/engine/embedded/server.ts";
import { conformance } from "./conformance.ts";

/** So that what is stopped half-way is never finished before. */
const stepMs = 8;

/** The embedded engine's own artist, at the pace of a model. */
function pacedArtist(): SpriteGenerator {
  const artist = new ProceduralArtist();
  return {
    name: artist.name,
    procedural: artist.procedural,
    generate: (request, options) =>
      artist.generate(request, {
        ...options,
        async onStep(step, preview) {
          await delay(stepMs, undefined, { signal: options.signal });
          await options.onStep(step, preview);
        },
      }),
  };
}

for (const older of [false, true]) {
  conformance(older ? "the embedded engine as a ComfyUI of 2025" : "the embedded engine", async () => {
    const server = await startEmbeddedServer({
      generator: pacedArtist(),
      older,
      models: {
        checkpoints: ["another-checkpoint.safetensors"],
        loras: ["style.safetensors"],
        vae: ["own-vae.safetensors"],
      },
    });
    return { url: server.url, restart: () => server.restart(100), stop: () => server.close() };
  });
}
