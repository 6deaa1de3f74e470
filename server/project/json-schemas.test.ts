import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { publishedSchemas } from "./json-schemas.ts";

const folder = new URL("../../docs/schemas/", import.meta.url);

// `DGX_PIXELS_UPDATE_SCHEMAS=1 npx vitest run server/project/json-schemas.test.ts && npm run format` writes them anew.
test.for(Object.entries(publishedSchemas()))("docs/schemas/%s is what the code accepts", async ([name, schema]) => {
  const file = new URL(name, folder);
  const current = JSON.stringify(schema, null, 2);
  if (process.env["DGX_PIXELS_UPDATE_SCHEMAS"] === "1") await writeFile(file, current);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(JSON.parse(current));
});
