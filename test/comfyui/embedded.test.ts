import { startEmbeddedServer } from "../../server/engine/embedded/server.ts";
import { conformance } from "./conformance.ts";

for (const older of [false, true]) {
  conformance(older ? "the embedded engine as a ComfyUI of 2025" : "the embedded engine", async () => {
    const server = await startEmbeddedServer({
      jobSeconds: 0.4,
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
