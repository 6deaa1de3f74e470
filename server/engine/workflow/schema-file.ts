import { z } from "zod";
import { slotsSchema } from "./slots.ts";

/** Text of `docs/schemas/slots.schema.json`: what editors check a slots file by. */
export function slotsSchemaText(): string {
  const schema = z.toJSONSchema(slotsSchema, { io: "input", target: "draft-7" });
  return `${JSON.stringify({ title: "A workflow's slots (NAME.slots.json)", ...schema }, null, 2)}\n`;
}
