import sharp, { type Sharp } from "sharp";
import type { RgbaImage } from "../sprite/image.ts";

/** What transparent parts of a JPEG preview show. */
const previewBackground = "#2b2b2b";
const previewQualities = [85, 70, 50, 30];

/** A 32-bit RGBA PNG, never a palette one; straight alpha and the colour under transparency stay as they are. */
export async function encodePng(image: RgbaImage): Promise<Uint8Array> {
  return raw(image).png({ palette: false, compressionLevel: 9, adaptiveFiltering: false }).toBuffer();
}

/**
 * A preview of at most `maxBytes` (≥1024): a PNG where it fits, so that pixels stay crisp,
 * else a JPEG whose quality and then size go down until it does.
 */
export async function encodePreview(
  image: RgbaImage,
  maxBytes: number,
): Promise<{ mediaType: "image/jpeg" | "image/png"; bytes: Uint8Array }> {
  // A picture of more pixels than bytes allowed hardly ever fits as a PNG.
  if (image.width * image.height <= maxBytes) {
    const bytes = await encodePng(image);
    if (bytes.byteLength <= maxBytes) return { mediaType: "image/png", bytes };
  }
  for (let side = Math.max(image.width, image.height); ; side = Math.max(1, side >> 1)) {
    for (const quality of previewQualities) {
      const bytes = await raw(image)
        .flatten({ background: previewBackground })
        .resize({ width: side, height: side, fit: "inside", withoutEnlargement: true })
        .jpeg({ quality })
        .toBuffer();
      if (bytes.byteLength <= maxBytes || side === 1) return { mediaType: "image/jpeg", bytes };
    }
  }
}

function raw(image: RgbaImage): Sharp {
  const { width, height, data } = image;
  return sharp(Buffer.from(data.buffer, data.byteOffset, data.byteLength), { raw: { width, height, channels: 4 } });
}
