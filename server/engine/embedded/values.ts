import type { RgbaImage } from "../../sprite/image.ts";
import type { Sprite } from "./generator.ts";
import type { Layout } from "./picture.ts";

/** What a text encoder gives: here the text itself, which is all that the generator reads. */
export interface Conditioning {
  readonly text: string;
}

/** null is the empty latent; an image was encoded by a VAE; a sprite was drawn by a sampler. */
export type LatentContent =
  | { readonly kind: "image"; readonly image: RgbaImage }
  | { readonly kind: "sprite"; readonly sprite: Sprite; readonly layout: Layout }
  | null;

/** One picture of a latent batch. */
export interface LatentItem {
  /** Place in the batch it was made in; ComfyUI draws its noise by it, so a picked item stays the same. */
  readonly index: number;
  readonly content: LatentContent;
}

export interface Latent {
  /** Size of the picture in pixels, not in latent cells. */
  readonly width: number;
  readonly height: number;
  readonly items: readonly LatentItem[];
  /** What a sampler may change; null is all of it. */
  readonly mask: Mask | null;
}

/** One value a pixel, 0 … 1, row by row. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** A picture that a node hands on, with what its generator said about it. */
export interface Picture {
  readonly image: RgbaImage;
  readonly sprite: Sprite | null;
}

/** ComfyUI's wire types and what flows along them here. */
export interface ValueTypes {
  MODEL: { readonly checkpoint: string; readonly loras: readonly string[] };
  CLIP: object;
  VAE: object;
  CONTROL_NET: object;
  CONDITIONING: Conditioning;
  LATENT: Latent;
  IMAGE: readonly Picture[];
  MASK: Mask;
}

export type ValueType = keyof ValueTypes;
