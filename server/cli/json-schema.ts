import { z } from "zod";
import { errorSchema } from "../protocol/errors.ts";
import { jobSchema, placementSchema, spriteArtifactSchema } from "../protocol/job.ts";
import { targetSchema } from "../protocol/sprite-request.ts";
import { jsonResults } from "./json-results.ts";

/** What stands in several results, and is described once. */
const shared = {
  error: errorSchema,
  job: jobSchema,
  placement: placementSchema,
  sprite: spriteArtifactSchema,
  target: targetSchema,
};

const resultPrefix = "result-";

/**
 * JSON Schema of every document that `--json` prints, published as docs/schemas/cli.schema.json: the definition
 * `result-COMMAND` is the document of a command that is done, `failure` that of one that is not.
 */
export function cliJsonSchema(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(shared)) registry.add(schema, { id });
  registry.add(z.strictObject({ ok: z.literal(false), error: errorSchema }), { id: "failure" });
  for (const [command, result] of Object.entries(jsonResults)) {
    registry.add(z.strictObject({ ok: z.literal(true), result }), { id: resultPrefix + command });
  }
  const uri = (id: string): string => `#/definitions/${id}`;
  const { schemas } = z.toJSONSchema(registry, { target: "draft-7", io: "output", uri });
  const definitions = Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _draft, $id: _own, ...schema }]) => [id, schema]),
  );
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "dgx-pixels --json",
    description: "The one document that a command prints: its own result when it is done, `failure` otherwise.",
    anyOf: Object.keys(definitions)
      .filter((id) => id === "failure" || id.startsWith(resultPrefix))
      .map((id) => ({ $ref: uri(id) })),
    definitions,
  };
}
