import type { SpriteArtifact } from "../protocol/job.ts";
import type { Target } from "../protocol/sprite-request.ts";

/** Keyword of the iTXt chunk. */
export const chunkKeyword = "dgx-pixels";

/** Largest length of the chunk's data in bytes: keyword, five bytes of iTXt header, text. */
export const maxChunkBytes = 512;

const maxTextBytes = maxChunkBytes - chunkKeyword.length - 5;

/**
 * What a placed PNG says about itself, as JSON of at most 497 bytes, or null when it is to say nothing.
 * `id` has the version, the request's hash, the engine and the licence; `full` adds as much as fits of
 * seed, checkpoint, cell, hash of the pixel options and notes. Never a path of this machine.
 *
 * `license` is `CC0-1.0` for what the embedded engine drew, `model` where the checkpoint's licence decides,
 * and `own` for what was made of a person's picture.
 */
export function provenanceText(sprite: SpriteArtifact, metadata: Target["metadata"]): string | null {
  if (metadata === "none") return null;
  const { kind, notes } = sprite.engine;
  const facts: Record<string, unknown> = {
    version: 1,
    ...(sprite.request !== null && { request: sprite.request }),
    engine: kind,
    license: { embedded: "CC0-1.0", comfyui: "model", file: "own" }[kind],
  };
  const more: Record<string, unknown> = {
    seed: sprite.seed,
    checkpoint: sprite.engine.checkpoint === null ? null : fileName(sprite.engine.checkpoint),
    cell: `${sprite.cell.width}x${sprite.cell.height}`,
    pixels: sprite.pixels,
    notes: notes.length === 0 ? null : notes,
  };
  if (metadata === "full") {
    for (const [name, value] of Object.entries(more)) {
      const longer = { ...facts, [name]: value };
      if (value !== null && Buffer.byteLength(JSON.stringify(longer)) <= maxTextBytes) facts[name] = value;
    }
  }
  return JSON.stringify(facts);
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
