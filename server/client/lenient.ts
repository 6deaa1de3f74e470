import { z } from "zod";
import { PixelsError } from "../protocol/errors.ts";

/**
 * Parses what a daemon sent. A newer minor version may add fields; those are dropped, so that an older client
 * can join a newer daemon. Anything else that does not fit throws `protocol_mismatch`.
 */
export function parseLenient<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const again = dropUnknownKeys(value, parsed.error) ? schema.safeParse(value) : parsed;
  if (again.success) return again.data;
  throw new PixelsError({
    code: "protocol_mismatch",
    message: `The daemon's ${what} cannot be understood`,
    cause: z.prettifyError(again.error),
    remedy: "Restart the daemon with `dgx-pixels daemon restart`; if it stays, update DGX-Pixels.",
  });
}

/** Removes the keys that the schema does not know from a freshly decoded value; false when there were none. */
function dropUnknownKeys(value: unknown, error: z.ZodError): boolean {
  let dropped = false;
  for (const issue of error.issues) {
    if (issue.code !== "unrecognized_keys") continue;
    let holder: unknown = value;
    for (const step of issue.path) holder = isObject(holder) ? Reflect.get(holder, step) : undefined;
    if (!isObject(holder)) continue;
    for (const key of issue.keys) dropped = Reflect.deleteProperty(holder, key) || dropped;
  }
  return dropped;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
