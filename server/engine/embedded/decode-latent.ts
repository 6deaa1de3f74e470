import { resizeNearest, toPicture } from "./picture.ts";
import type { RgbaImage } from "../../sprite/image.ts";
import type { Latent, LatentItem, Picture } from "./values.ts";

/** What a VAE makes of one item: the picture that the sprite is delivered in. */
export function decodedPicture(latent: Latent, item: LatentItem): Picture {
  return { image: decodedImage(latent, item), sprite: item.content?.kind === "sprite" ? item.content.sprite : null };
}

export function decodedImage({ width, height }: Latent, { content }: LatentItem): RgbaImage {
  if (content === null) return gray(width, height);
  if (content.kind === "sprite") return toPicture(content.sprite.image, width, height, content.layout);
  const { image } = content;
  return image.width === width && image.height === height ? image : resizeNearest(image, width, height);
}

/** What a VAE makes of a latent of zeros. */
function gray(width: number, height: number): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4).fill(128);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { width, height, data };
}
