import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { PixelPool } from "../pixel-pool.ts";
import { pixelsHash } from "../../protocol/hashing.ts";
import type { SpriteArtifact } from "../../protocol/job.ts";
import type { PixelOptions } from "../../protocol/sprite-request.ts";

export interface PixelStageInput {
  readonly sources: readonly string[];
  readonly pixels: PixelOptions;
  readonly engine: SpriteArtifact["engine"];
  readonly request: string | null;
  readonly seed: number | null;
  /** The person's own file that the only source is a copy of. */
  readonly file?: string;
}

/** Makes the sprite of images that are artifacts, and stores it. Throws `not_found` when a source is gone. */
export async function runPixelStage(
  tools: { artifacts: ArtifactStore; pixels: Pick<PixelPool, "run"> },
  input: PixelStageInput,
  signal: AbortSignal,
): Promise<SpriteArtifact> {
  const release = tools.artifacts.hold(input.sources);
  try {
    const paths: string[] = [];
    for (const source of input.sources) paths.push((await tools.artifacts.stat(source)).path);
    const { file, pixels } = input;
    const made = await tools.pixels.run(
      { sources: paths, options: pixels, ...(file !== undefined && { name: file }) },
      signal,
    );
    const { hash } = await tools.artifacts.put(made.png);
    const { width, height, cell, columns, rows, palette, confidence, warnings, output } = made;
    return {
      seed: input.seed,
      sources: [...input.sources],
      sprite: hash,
      output,
      width,
      height,
      cell,
      columns,
      rows,
      palette,
      confidence,
      warnings,
      engine: input.engine,
      request: input.request,
      pixels: pixelsHash(input.pixels),
    };
  } finally {
    release();
  }
}
