import type { RgbaImage } from "./image.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the pixel stage is asked for; the protocol's `PixelOptions` fits it. */
export interface SpriteOptions {
  /** One cell of the sheet in sprite pixels; `auto` keeps the size the picture's own grid has. */
  readonly size: "auto" | Size;
  readonly frames: number;
  readonly directions: number;
  /** Colours to learn, 2 … 256; null keeps as many as the picture needs, at most 256. */
  readonly colors: number | null;
  /** Fixed colours as #rrggbb; wins over `colors`. */
  readonly palette: readonly string[] | null;
  readonly dither: "none" | "bayer2" | "bayer4" | "bayer8";
  /** `auto` cuts the border's matte out, `keep` leaves it, #rrggbb is the matte to cut. */
  readonly background: string;
  readonly outline: string | null;
  /** Anchor in the cell, 0 … 1 from the top left. */
  readonly pivot: { readonly x: number; readonly y: number };
  readonly tile: boolean;
}

export interface SpriteResult {
  /** The sheet: `cell.width·columns × cell.height·rows`, alpha 0 or 255, colour 0 where transparent. */
  readonly image: RgbaImage;
  readonly cell: Size;
  readonly columns: number;
  readonly rows: number;
  /** The colours used, dark to light. */
  readonly palette: string[];
  /** 0 … 1: how well the grid found explains the picture; null when every pixel was already a cell. */
  readonly confidence: number | null;
  /** What a person should know, in their words. */
  readonly warnings: string[];
}

/** What is done to a picture when nothing is asked for: its own grid and colours, its background cut out. */
export const plainOptions = {
  size: "auto",
  frames: 1,
  directions: 1,
  colors: null,
  palette: null,
  dither: "none",
  background: "auto",
  outline: null,
  pivot: { x: 0.5, y: 0.5 },
  tile: false,
} as const satisfies SpriteOptions;
