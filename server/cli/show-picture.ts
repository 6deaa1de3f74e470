import type { CliContext } from "./cli-context.ts";
import { type ColorDepth, halfBlocks } from "./terminal/half-blocks.ts";

/** Draws a picture (an artifact's hash or an absolute path) in the terminal; returns its own size. */
export async function showPicture(context: CliContext, source: string): Promise<{ width: number; height: number }> {
  const { io, output } = context;
  const client = await context.daemon();
  const columns = Math.min(io.out.columns ?? 80, 128);
  const { width, height, view } = await client.request("images.read", { source, maxWidth: columns, maxHeight: 128 });
  if (!output.json) {
    const data = new Uint8ClampedArray(view.rgba);
    output.line(halfBlocks({ width: view.width, height: view.height, data }, colorDepth(context)));
  }
  return { width, height };
}

function colorDepth({ io, output }: CliContext): ColorDepth {
  if (!output.color) return "none";
  return /^(?:truecolor|24bit)$/.test(io.env["COLORTERM"] ?? "") ? "truecolor" : "256";
}
