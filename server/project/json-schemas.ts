import { z } from "zod";
import { pixelsTomlSchema } from "./pixels-toml.ts";
import { spritesJsonSchema } from "./sprites-json.ts";

/** The published schemas of the files people and tools read, by file name in `docs/schemas`. */
export function publishedSchemas(): Readonly<Record<string, unknown>> {
  return {
    "pixels.schema.json": {
      ...z.toJSONSchema(pixelsTomlSchema, { io: "input", target: "draft-7" }),
      title: "pixels.toml",
      description: "What a crate's sprites look like where a directive does not say otherwise, and where they go.",
    },
    "sprites.schema.json": {
      ...z.toJSONSchema(spritesJsonSchema, { io: "input", target: "draft-7" }),
      title: ".sprites.json",
      description: "The sprites of an asset folder that no RON manifest lists.",
    },
  };
}
