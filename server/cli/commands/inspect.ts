import type { Finding } from "../../protocol/engine-info.ts";
import { PixelsError } from "../../protocol/errors.ts";
import type { CliContext } from "../cli-context.ts";
import type { JsonResults } from "../json-results.ts";

const marks: Record<Finding["severity"], string> = { ok: "✓", note: "·", warning: "!", error: "✗" };

/** Looks at everything a sprite needs and says what to do about what is missing. Fails when something stops work. */
export async function doctor(context: CliContext): Promise<JsonResults["doctor"]> {
  const client = await context.daemon();
  const { findings } = await client.request("doctor.run", {}, { deadlineMs: 60_000 });
  for (const { severity, subject, message, remedy } of findings) {
    context.output.line(`${marks[severity]} ${subject}: ${message}`);
    if (remedy !== undefined) context.output.line(`    try: ${remedy}`);
  }
  const errors = findings.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first) {
    throw new PixelsError({
      code: "unsupported",
      message: errors.length === 1 ? "One finding stops work" : `${errors.length} findings stop work`,
      cause: errors.map(({ subject, message }) => `${subject}: ${message}`).join("\n"),
      ...(first.remedy !== undefined && { remedy: first.remedy }),
      data: { findings },
    });
  }
  return { findings };
}

/** Lists what each engine can load. */
export async function listModels(context: CliContext): Promise<JsonResults["models"]> {
  const client = await context.daemon();
  const { engines } = await client.request("models.list", {}, { deadlineMs: 60_000 });
  for (const engine of engines) {
    context.output.line(engine.engine);
    for (const kind of ["checkpoints", "loras", "vaes", "controlnets"] as const) {
      const names = engine[kind];
      context.output.line(`  ${kind}: ${names.length === 0 ? "none" : ""}`.trimEnd());
      for (const name of names) context.output.line(`    ${name}`);
    }
    context.output.line(`  samplers: ${engine.samplers.join(", ")}`);
    context.output.line(`  schedulers: ${engine.schedulers.join(", ")}`);
  }
  return { engines };
}
