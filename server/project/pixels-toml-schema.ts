import { z } from "zod";
import { pixelsTomlSchema } from "./pixels-toml.ts";

/** The JSON Schema of pixels.toml, for editors that complete TOML (`docs/schemas/pixels.schema.json`). */
export function pixelsJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(pixelsTomlSchema, { io: "input", target: "draft-7" }),
    title: "pixels.toml",
    description: "What a crate's sprites look like where a directive does not say otherwise, and where they go.",
  };
}
