import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `npm run test:comfyui`: the conformance suite against the server that DGX_PIXELS_COMFYUI_URL names. */
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/comfyui/real-server.suite.ts"],
    // A CPU may take a while for a picture; a hang still ends.
    testTimeout: 600_000,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
});
