import type { CliContext } from "./cli-context.ts";
import { detectGraphics, type TerminalGraphics } from "./terminal/detect.ts";
import { drawPicture } from "./terminal/draw.ts";

/** Draws a picture (an artifact's hash or an absolute path) in the terminal; returns its own size. */
export async function showPicture(context: CliContext, source: string): Promise<{ width: number; height: number }> {
  const { io, output } = context;
  const client = await context.daemon();
  const { width, height, view } = await client.request("images.read", { source });
  if (!output.json) {
    const room = { columns: Math.min((io.out.columns ?? 80) - 1, 48), rows: 24 };
    const picture = { width: view.width, height: view.height, data: view.rgba };
    output.styled(drawPicture(picture, await graphicsOf(context), room));
  }
  return { width, height };
}

const asked = new WeakMap<object, Promise<TerminalGraphics>>();

/** Asked once a terminal: each question costs a round trip. */
async function graphicsOf({ io, output }: CliContext): Promise<TerminalGraphics> {
  let answer = asked.get(io.out);
  if (!answer) asked.set(io.out, (answer = detectGraphics({ input: io.input, out: io.out, env: io.env })));
  const graphics = await answer;
  return output.color ? graphics : { ...graphics, protocol: "blocks", colors: "none" };
}
