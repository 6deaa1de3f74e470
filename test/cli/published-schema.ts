import { readFileSync } from "node:fs";
import { z } from "zod";
import type { JsonResults } from "../../server/cli/json-results.ts";

const file = new URL("../../docs/schemas/cli.schema.json", import.meta.url);
const { anyOf: _any, ...document } = z.looseObject({}).parse(JSON.parse(readFileSync(file, "utf8")));

/** The definition of the published schema that a document of `--json` must fit. */
export function publishedSchema(name: "failure" | `result-${keyof JsonResults}`): z.ZodType {
  return z.fromJSONSchema({ ...document, $ref: `#/definitions/${name}` });
}
