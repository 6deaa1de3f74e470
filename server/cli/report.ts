import type { Job, Placement, SpriteArtifact } from "../protocol/job.ts";
import type { CliContext } from "./cli-context.ts";
import { showPicture } from "./show-picture.ts";
import { printable } from "./terminal/printable.ts";

/** What a group of jobs came to, for a person: each sprite's picture and facts, then what was written where. */
export async function reportJobs(context: CliContext, jobs: readonly Job[]): Promise<void> {
  for (const { title, result } of jobs) {
    if (result?.kind === "sprite") await reportSprite(context, title, result.sprite);
    if (result?.kind === "placed") reportPlacement(context, result.placement);
  }
}

async function reportSprite(context: CliContext, title: string, sprite: SpriteArtifact): Promise<void> {
  const { output } = context;
  output.line();
  await showPicture(context, sprite.sprite);
  output.line(`${title} · ${describeSprite(sprite)}`);
  for (const note of sprite.engine.notes) output.line(`  note: ${note}`);
  if (sprite.engine.ignored.length > 0) output.line(`  not understood: ${sprite.engine.ignored.join(", ")}`);
  for (const warning of sprite.warnings) output.line(`  warning: ${warning}`);
}

/** `64×64, 14 colours, seed 42, by ComfyUI (sd_xl_base_1.0.safetensors)` */
export function describeSprite(sprite: SpriteArtifact): string {
  const sheet =
    sprite.columns * sprite.rows > 1
      ? ` (${sprite.columns}×${sprite.rows} cells of ${sprite.cell.width}×${sprite.cell.height})`
      : "";
  const seed = sprite.seed === null ? [] : [`seed ${sprite.seed}`];
  const { kind, name, checkpoint } = sprite.engine;
  const maker = {
    comfyui: `by ${checkpoint ?? "ComfyUI"}`,
    embedded: "drawn by procedure (embedded engine)",
    file: `from ${name}`,
  }[kind];
  return [
    `${sprite.width}×${sprite.height}${sheet}`,
    sprite.palette.length === 1 ? "1 colour" : `${sprite.palette.length} colours`,
    ...seed,
    maker,
  ].join(", ");
}

function reportPlacement({ output }: CliContext, placement: Placement): void {
  output.line("wrote");
  // Each path alone on its line, so that a terminal makes a link of it.
  for (const { path } of placement.files) output.line(path);
  for (const note of placement.notes) output.line(`  note: ${note}`);
  if (placement.manifestDiff !== "")
    output.styled(colorDiff(printable(placement.manifestDiff), output.color).trimEnd());
}

function colorDiff(diff: string, color: boolean): string {
  if (!color) return diff;
  return diff.replaceAll(/^(\+.*|-.*|@@.*)$/gm, (line) => {
    const code = line.startsWith("+") ? 32 : line.startsWith("-") ? 31 : 36;
    return `\x1b[${code}m${line}\x1b[0m`;
  });
}
