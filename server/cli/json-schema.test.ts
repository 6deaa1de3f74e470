import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { cliJsonSchema } from "./json-schema.ts";

const file = new URL("../../docs/schemas/cli.schema.json", import.meta.url);

// `DGX_PIXELS_UPDATE_SCHEMAS=1 npx vitest run server/cli/json-schema.test.ts && npm run format` writes it anew.
test("docs/schemas/cli.schema.json is what the commands print", async () => {
  const current = JSON.stringify(cliJsonSchema(), null, 2);
  if (process.env["DGX_PIXELS_UPDATE_SCHEMAS"] === "1") await writeFile(file, current);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(JSON.parse(current));
});
