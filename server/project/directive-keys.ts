import type { Lora } from "../protocol/sprite-request.ts";
import type { Located, Span } from "./problem.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What each key of a directive means, once read. */
export interface DirectiveValues {
  /** Target in the asset root, with forward slashes. */
  path: string;
  /** Target by its key in a RON manifest. */
  key: string;
  /** 1 … 256, left to right in the sheet. */
  frames: number;
  directions: 1 | 4 | 8;
  /** Frames a second, above 0, at most 240. */
  fps: number;
  /** A palette's name, or its colours as `#rrggbb`. */
  palette: string | readonly string[];
  /** 2 … 256 colours to learn. */
  colors: number;
  /** 0 … 2⁵³−1. */
  seed: number;
  style: string;
  /** Checkpoint by file name or pattern. */
  model: string;
  lora: readonly Lora[];
  /** May be empty, which switches a style's negative prompt off. */
  negative: string;
  /** 1 … 500. */
  steps: number;
  /** 0 … 100. */
  cfg: number;
  sampler: string;
  workflow: string;
  /** Reference image, by its path. */
  from: string;
  /** How far to depart from the reference, 0 … 1. */
  strength: number;
  /** 1 … 64. */
  variants: number;
  /** A colour as `#rrggbb` is the matte to cut out. */
  background: string;
  /** `#rrggbb`, or null for `none`. */
  outline: string | null;
  /** Anchor in the cell, 0 … 1 from the top left. */
  pivot: { readonly x: number; readonly y: number };
  tile: boolean;
}

export type DirectiveKey = keyof DirectiveValues;

/** A key's value; the span is the value's text, `keySpan` the key's. For a flag they are the same. */
export interface Setting<T> extends Located<T> {
  readonly keySpan: Span;
}

/** The keys that were written and could be read. */
export type DirectiveSettings<K extends DirectiveKey = DirectiveKey> = { [P in K]?: Setting<DirectiveValues[P]> };
