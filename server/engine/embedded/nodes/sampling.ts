import { samplerNames, schedulerNames } from "../models.ts";
import { subjectOf } from "../../../project/presets.ts";
import { fromPicture, matteInWords, resizeNearest } from "../picture.ts";
import { poseInWords, poseOf, posed, type Pose } from "../poses.ts";
import type { RgbaImage } from "../../../sprite/image.ts";
import type { Sprite } from "../generator.ts";
import type { InputSpec, NodeClass, NodeInputs, RunContext, SpriteGrid } from "./node-class.ts";
import type { Latent, LatentContent, LatentItem } from "../values.ts";

/** Sprite pixels across a picture whose grid nobody named. */
const usualCells = 64;

const seed: InputSpec = ["INT", { default: 0, min: 0, max: 2 ** 64 - 1, control_after_generate: true }];
const steps: InputSpec = ["INT", { default: 20, min: 1, max: 10_000 }];
const cfg: InputSpec = ["FLOAT", { default: 8, min: 0, max: 100, step: 0.1, round: 0.01 }];
const links = {
  positive: ["CONDITIONING"],
  negative: ["CONDITIONING"],
  latent_image: ["LATENT"],
} as const satisfies Record<string, InputSpec>;

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Sampling {
  readonly seed: number;
  readonly steps: number;
  /** 0 keeps the latent's picture, 1 forgets it. */
  readonly strength: number;
}

/** Size of the sprite to draw for a picture of this size. */
export function cellOf(grid: SpriteGrid, latent: Size): Size {
  if (grid.cell !== null) return grid.cell;
  const width = Math.min(usualCells, latent.width);
  return { width, height: Math.max(1, Math.round((width * latent.height) / latent.width)) };
}

/**
 * Draws every picture of the batch. A pose comes from the prompt's words (`facing left`, `animation frame 2 of 4`);
 * where they say nothing, a batch for a sheet is one sprite in all its poses, row by row, and any other batch has
 * the seed after the one before it for each picture.
 */
async function sample(inputs: NodeInputs, context: RunContext, sampling: Sampling): Promise<Latent> {
  const latent = inputs.link("latent_image", "LATENT");
  const cell = cellOf(context.grid, latent);
  const prompt = inputs.link("positive", "CONDITIONING").text;
  const words = poseInWords(prompt);
  const layout = { tile: context.grid.tile, matte: matteInWords(prompt) };
  const drawings = latent.items.map((item) => drawingOf(item, context.grid, words, sampling));
  const distinct = new Set(drawings.map(({ key }) => key)).size;

  const bases = new Map<string, Sprite>();
  const items: LatentItem[] = [];
  for (const { item, key, seed: itemSeed, strength, pose } of drawings) {
    const before = bases.size;
    let base = bases.get(key);
    if (base === undefined) {
      base = await context.generator.generate(
        {
          prompt: subjectOf(words.rest),
          negative: inputs.link("negative", "CONDITIONING").text,
          seed: itemSeed,
          ...cell,
          steps: sampling.steps,
          tile: context.grid.tile,
          ...initOf(item, cell, context.grid, strength),
        },
        {
          signal: context.signal,
          // One bar for the whole batch, as ComfyUI shows it: a step counts when every picture has taken it.
          onStep: async (step, preview) => {
            const done = (before * sampling.steps + step) / distinct;
            if (Number.isInteger(done)) await context.onStep(done, sampling.steps, preview);
          },
        },
      );
      bases.set(key, base);
    }
    const sprite = masked(posed(base, pose), latent, item, cell, context.grid);
    items.push({ ...item, content: { kind: "sprite", sprite, layout } });
  }
  return { ...latent, items, mask: null };
}

interface Drawing {
  readonly item: LatentItem;
  /** Items of one key are poses of one drawing. */
  readonly key: string;
  readonly seed: number;
  readonly strength: number;
  readonly pose: Pose;
}

function drawingOf(
  item: LatentItem,
  grid: SpriteGrid,
  words: ReturnType<typeof poseInWords>,
  sampling: Sampling,
): Drawing {
  const { direction, frame } = words;
  const fresh = item.content === null;
  const inWords = direction !== null || frame !== null;
  const poses = inWords ? 1 : grid.frames * grid.directions;
  const round = Math.floor(item.index / poses);
  const pose = inWords
    ? // A picture that is there already looks the way it looks.
      { frame: frame?.index ?? 0, frames: frame?.count ?? 1, direction: (fresh ? direction : null) ?? "down" }
    : poseOf(fresh ? item.index : item.index % grid.frames, grid);
  return {
    item,
    key: fresh ? String(round) : `own ${item.index}`,
    seed: sampling.seed + round,
    // A later frame is its first one, moved: drawn anew, its colours would flicker.
    strength: !fresh && pose.frame > 0 ? 0 : sampling.strength,
    pose,
  };
}

function initOf(
  item: LatentItem,
  cell: Size,
  grid: SpriteGrid,
  strength: number,
): { init?: { image: RgbaImage; strength: number } } {
  if (item.content === null || strength >= 1) return {};
  return { init: { image: spriteOf(item.content, cell, grid), strength } };
}

/** What a latent shows, on the sprite's grid. */
function spriteOf(content: NonNullable<LatentContent>, cell: Size, grid: SpriteGrid): RgbaImage {
  if (content.kind === "image") return fromPicture(content.image, cell.width, cell.height, grid.tile);
  const { image } = content.sprite;
  if (image.width === cell.width && image.height === cell.height) return image;
  return resizeNearest(image, cell.width, cell.height);
}

/**
 * The sprite where the latent's mask lets it be, what was there before elsewhere. A tile is kept whole: it has no
 * seam that a mask could be there to mend.
 */
function masked(sprite: Sprite, latent: Latent, item: LatentItem, cell: Size, grid: SpriteGrid): Sprite {
  const { mask } = latent;
  if (mask === null || item.content === null) return sprite;
  const before = spriteOf(item.content, cell, grid);
  if (grid.tile) return { ...sprite, image: before };
  const data = before.data.slice();
  for (let y = 0; y < cell.height; y += 1) {
    const row = Math.floor(((y + 0.5) * mask.height) / cell.height);
    for (let x = 0; x < cell.width; x += 1) {
      const column = Math.floor(((x + 0.5) * mask.width) / cell.width);
      if ((mask.data[row * mask.width + column] ?? 0) < 0.5) continue;
      const at = (y * cell.width + x) * 4;
      data.set(sprite.image.data.subarray(at, at + 4), at);
    }
  }
  return { ...sprite, image: { ...before, data } };
}

/** The nodes that draw. */
export const samplingNodes: Readonly<Record<string, NodeClass>> = {
  KSampler: {
    displayName: "KSampler",
    category: "sampling",
    inputs: () => ({
      required: {
        model: ["MODEL"],
        seed,
        steps,
        cfg,
        sampler_name: [samplerNames],
        scheduler: [schedulerNames],
        ...links,
        denoise: ["FLOAT", { default: 1, min: 0, max: 1, step: 0.01 }],
      },
    }),
    outputs: ["LATENT"],
    usesGrid: true,
    run: async (inputs, context) => ({
      outputs: [
        await sample(inputs, context, {
          seed: inputs.number("seed"),
          steps: inputs.number("steps"),
          strength: inputs.number("denoise"),
        }),
      ],
    }),
  },
  KSamplerAdvanced: {
    displayName: "KSampler (Advanced)",
    category: "sampling",
    inputs: () => ({
      required: {
        model: ["MODEL"],
        add_noise: [["enable", "disable"]],
        noise_seed: seed,
        steps,
        cfg,
        sampler_name: [samplerNames],
        scheduler: [schedulerNames],
        ...links,
        start_at_step: ["INT", { default: 0, min: 0, max: 10_000 }],
        end_at_step: ["INT", { default: 10_000, min: 0, max: 10_000 }],
        return_with_leftover_noise: [["disable", "enable"]],
      },
    }),
    outputs: ["LATENT"],
    usesGrid: true,
    run: async (inputs, context) => {
      const total = inputs.number("steps");
      const start = Math.min(total, inputs.number("start_at_step"));
      return {
        outputs: [
          await sample(inputs, context, {
            seed: inputs.number("noise_seed"),
            steps: Math.max(1, Math.min(total, inputs.number("end_at_step")) - start),
            strength: inputs.text("add_noise") === "enable" ? (total - start) / total : 0,
          }),
        ],
      };
    },
  },
};
