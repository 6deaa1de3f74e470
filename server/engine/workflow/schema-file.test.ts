import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { slotsSchemaText } from "./schema-file.ts";

const file = new URL("../../../docs/schemas/slots.schema.json", import.meta.url);

// `DGX_PIXELS_UPDATE_SCHEMAS=1 npx vitest run server/engine/workflow/schema-file.test.ts && npm run format` writes it anew.
test("docs/schemas/slots.schema.json is what the code accepts", async () => {
  const current = slotsSchemaText();
  if (process.env["DGX_PIXELS_UPDATE_SCHEMAS"] === "1") await writeFile(file, current);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(JSON.parse(current));
});
