import { z } from "zod";

/** The largest side of one cell, and of one engine image, in pixels. */
export const maxSide = 4096;

export const side = z.int().min(1).max(maxSide);
export const hash = z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in lower-case hex");
export const hexColor = z.string().regex(/^#[0-9a-f]{6}$/, "a colour as #rrggbb in lower case");
/** Seeds stay exact in JavaScript and JSON: 0 … 2⁵³−1. */
export const seed = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const loraSchema = z.strictObject({ name: z.string().min(1), strength: z.number().min(-10).max(10) });

/**
 * What the engine gets. Its hash (`request` in pixels.lock) decides whether a sprite is stale,
 * so nothing that leaves the picture unchanged belongs here.
 */
export const engineRequestSchema = z.strictObject({
  /** A workflow's name: `single_sprite`, `tileset`, … or a person's own. */
  workflow: z.string().min(1),
  prompt: z.string(),
  negative: z.string(),
  /** File name or pattern of the checkpoint; null leaves it to the workflow's own choice. */
  checkpoint: z.string().min(1).nullable(),
  vae: z.string().min(1).nullable(),
  loras: z.array(loraSchema),
  sampler: z.string().min(1),
  scheduler: z.string().min(1),
  steps: z.int().min(1).max(500),
  cfg: z.number().min(0).max(100),
  /** null: the daemon draws one when the job is submitted and keeps it. */
  seed: seed.nullable(),
  /** Size of the image the engine makes, in engine pixels. */
  render: z.strictObject({ width: side, height: side }),
  /** The wanted cell, which the embedded engine draws on directly. */
  cell: z.strictObject({ width: side, height: side }),
  frames: z.int().min(1).max(256),
  directions: z.union([z.literal(1), z.literal(4), z.literal(8)]),
  /** Artifact hash of the reference image (`from=`), and how far to depart from it, 0 … 1. */
  reference: hash.nullable(),
  denoise: z.number().min(0).max(1),
  /** The picture repeats without a seam. */
  tile: z.boolean(),
});

/** What the pixel stage gets: how an engine image becomes a sprite. Its hash is `pixels` in pixels.lock. */
export const pixelOptionsSchema = z.strictObject({
  /** One cell of the sheet, in sprite pixels; `auto` keeps the size the picture's own grid has. */
  size: z.union([z.literal("auto"), z.strictObject({ width: side, height: side })]),
  frames: z.int().min(1).max(256),
  directions: z.union([z.literal(1), z.literal(4), z.literal(8)]),
  /** Number of colours to learn; null keeps as many as the picture needs, at most 256. */
  colors: z.int().min(2).max(256).nullable(),
  /** Fixed colours; wins over `colors`. */
  palette: z.array(hexColor).min(1).max(256).nullable(),
  dither: z.enum(["none", "bayer2", "bayer4", "bayer8"]),
  /** `auto` cuts the border's matte out, `keep` leaves it, a colour is the matte to cut. */
  background: z.union([z.literal("auto"), z.literal("keep"), hexColor]),
  /** Colour of a one-pixel outline drawn around the sprite. */
  outline: hexColor.nullable(),
  /** Anchor in the cell, 0 … 1 from the top left; trimmed sprites are padded around it. */
  pivot: z.strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) }),
  tile: z.boolean(),
});

export const spriteRequestSchema = z.strictObject({ engine: engineRequestSchema, pixels: pixelOptionsSchema });

/** A relative path with forward slashes that stays where it is put. */
export const relativePath = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith("/") && !path.includes("\\") && !/^[a-z]:/i.test(path), "must be relative")
  .refine((path) => !path.split("/").some((part) => part === ".." || part === "" || part === "."), "must not escape");

/** Where a sprite goes: workspace › crate › asset root › path, each relative to the one before. */
export const targetSchema = z.strictObject({
  /** Absolute path of the workspace folder. */
  workspace: z.string().startsWith("/"),
  /** The crate's folder in the workspace; "" when they are the same. */
  crate: z.union([z.literal(""), relativePath]),
  /** The asset root in the workspace, such as `assets`. */
  assetRoot: relativePath,
  /** The sprite in the asset root, such as `sprites/dragon.png`. */
  path: relativePath,
  manifest: z.discriminatedUnion("kind", [
    /** A RON manifest of bevy_asset_loader; `layoutKey` for sheets. */
    z.strictObject({
      kind: z.literal("ron"),
      /** The file in the workspace. */
      file: relativePath,
      key: z.string().min(1),
      layoutKey: z.string().min(1).nullable(),
    }),
    /** `.sprites.json` in the asset root. */
    z.strictObject({ kind: z.literal("sprites-json") }),
    z.strictObject({ kind: z.literal("none") }),
  ]),
  metadata: z.enum(["full", "id", "none"]),
  /** Frames a second, written to the manifests that can hold it. */
  fps: z.number().positive().max(240).nullable(),
});

export type Lora = z.infer<typeof loraSchema>;
export type EngineRequest = z.infer<typeof engineRequestSchema>;
export type PixelOptions = z.infer<typeof pixelOptionsSchema>;
export type SpriteRequest = z.infer<typeof spriteRequestSchema>;
export type Target = z.infer<typeof targetSchema>;
