import { availableParallelism, freemem, totalmem } from "node:os";
import { get } from "./route.ts";
import { objectInfo } from "../nodes/registry.ts";
import { empty, json, jsonObject, text } from "../reply.ts";
import { serverFeatures } from "../socket-hub.ts";

/** The ComfyUI whose interface this server speaks; the suffix says that it is not that program. */
const version = "0.38.1+dgx-pixels.embedded";

/** What the server is and has. */
export const infoRoutes = [
  get(/^\/$/, () => text("DGX-Pixels embedded engine: speaks ComfyUI's interface, draws sprites by rules.\n")),
  get(/^\/system_stats$/, (_request, { faults, generator }) =>
    jsonObject(
      {
        system: {
          os: process.platform,
          ram_total: totalmem(),
          ram_free: freemem(),
          comfyui_version: version,
          required_frontend_version: null,
          python_version: "",
          pytorch_version: "",
          embedded_python: false,
          argv: [],
          dgx_pixels: { engine: "embedded", generator: generator.name, procedural: generator.procedural },
        },
        devices: [
          {
            name: `cpu (${availableParallelism()} threads)`,
            type: "cpu",
            index: 0,
            vram_total: totalmem(),
            vram_free: freemem(),
            torch_vram_total: 0,
            torch_vram_free: 0,
          },
        ],
      },
      faults,
    ),
  ),
  get(/^\/features$/, () => json(serverFeatures)),
  get(/^\/object_info$/, (_request, { catalog, faults }) => jsonObject(objectInfo(catalog), faults)),
  get(/^\/object_info\/([^/]+)$/, ({ parameters }, { catalog, faults }) =>
    jsonObject(objectInfo(catalog, parameters[0]), faults),
  ),
  get(/^\/models$/, (_request, { catalog }) => json(Object.keys(catalog.models))),
  get(/^\/models\/([^/]+)$/, ({ parameters }, { catalog }) => {
    const files = Object.hasOwn(catalog.models, parameters[0] ?? "") ? catalog.models[parameters[0] ?? ""] : undefined;
    return files === undefined ? empty(404) : json(files);
  }),
  // No weights lie on disk, so there is no header to read.
  get(/^\/view_metadata\/([^/]+)$/, () => empty(404)),
  get(/^\/embeddings$/, (_request, { catalog }) =>
    json((catalog.models["embeddings"] ?? []).map((name) => name.replace(/\.[^.]+$/, ""))),
  ),
];
