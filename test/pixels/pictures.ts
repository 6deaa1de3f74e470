// Sprites with a known truth, and the ways in which pictures of them lose it.
import sharp, { type Sharp } from "sharp";
import { decodeImage } from "../../server/codec/decode.ts";
import type { RgbaImage } from "../../server/sprite/image.ts";

type Color = readonly [number, number, number];
export const magenta: Color = [255, 0, 255];

/** Numbers 0 … 1 that are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An image of the given function's colours; null is transparent. */
export function draw(width: number, height: number, color: (x: number, y: number) => Color | null): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const rgb = color(x, y);
      if (rgb) data.set([...rgb, 255], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** A shaded, outlined creature of five overlapping ellipses with speckles, transparent around. */
export function drawCreature(width: number, height: number, seed: number): RgbaImage {
  const random = randomNumbers(seed);
  const channel = (range: number): number => Math.round(20 + range * random());
  const palette = Array.from({ length: 4 }, (): Color => [channel(200), channel(200), channel(120)]);
  const parts = Array.from({ length: 5 }, () => ({
    x: width * (0.3 + 0.4 * random()),
    y: height * (0.3 + 0.4 * random()),
    wide: width * (0.1 + 0.17 * random()),
    tall: height * (0.1 + 0.17 * random()),
    color: palette[Math.floor(random() * 4)] ?? magenta,
    speckle: palette[Math.floor(random() * 4)] ?? magenta,
  }));
  type Part = (typeof parts)[number];
  const reach = (part: Part, x: number, y: number): number =>
    ((x + 0.5 - part.x) / part.wide) ** 2 + ((y + 0.5 - part.y) / part.tall) ** 2;
  const partAt = (x: number, y: number): Part | undefined => parts.findLast((part) => reach(part, x, y) < 1);
  return draw(width, height, (x, y) => {
    const part = partAt(x, y);
    if (!part) return null;
    if (!partAt(x - 1, y) || !partAt(x + 1, y) || !partAt(x, y - 1) || !partAt(x, y + 1)) return [20, 15, 30];
    if (random() < 0.06) return part.speckle;
    const lit = (x - part.x) / part.wide + (y - part.y) / part.tall;
    const light = lit < -0.6 ? 1.25 : lit > 0.6 ? 0.65 : 1;
    const [r, g, b] = part.color;
    return [Math.round(r * light), Math.round(g * light), Math.round(b * light)];
  });
}

/** The image with `matte` where it is transparent. */
export function onMatte(image: RgbaImage, matte: Color = magenta): RgbaImage {
  return draw(image.width, image.height, (x, y) => colorAt(image, x, y) ?? matte);
}

export function colorAt({ width, data }: RgbaImage, x: number, y: number): Color | null {
  const [r = 0, g = 0, b = 0, alpha = 0] = data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4);
  return alpha === 0 ? null : [r, g, b];
}

export function flipped(image: RgbaImage): RgbaImage {
  return draw(image.width, image.height, (x, y) => colorAt(image, image.width - 1 - x, y));
}

export const degradations = ["integer", "non-integer", "blur and noise", "drift and JPEG"] as const;

/** An opaque picture of about 1024 pixels as an engine would make it of the sprite, at one of four levels of damage. */
export async function degrade(
  sprite: RgbaImage,
  level: (typeof degradations)[number],
  seed: number,
): Promise<RgbaImage> {
  const random = randomNumbers(seed);
  const side = 1024;
  const flat = onMatte(sprite);
  const longest = Math.max(flat.width, flat.height);
  const scale = level === "integer" ? Math.floor(side / longest) : side / longest;
  const [width, height] = [Math.round(flat.width * scale), Math.round(flat.height * scale)];
  const large = toSharp(flat).resize(width, height, { kernel: "nearest", fit: "fill" });
  if (level === "integer" || level === "non-integer") return fromSharp(large);

  let picture = await fromSharp(toSharp(await fromSharp(large)).blur(1.2 + random()));
  if (level === "drift and JPEG") picture = drift(picture, 0.25 * scale, random);
  for (const [index, value] of picture.data.entries()) {
    if (index % 4 < 3) picture.data[index] = value + (random() - 0.5) * 16;
  }
  if (level === "blur and noise") return picture;
  return decodeImage(await toSharp(picture).flatten().jpeg({ quality: 90 }).toBuffer());
}

function clamp(value: number, length: number): number {
  return Math.max(0, Math.min(length - 1, Math.round(value)));
}

/** Lines that wander by up to `reach` pixels, as a model's do. */
function drift(image: RgbaImage, reach: number, random: () => number): RgbaImage {
  const [startX, startY] = [random() * 6, random() * 6];
  return draw(image.width, image.height, (x, y) =>
    colorAt(
      image,
      clamp(x + reach * Math.sin(x / 160 + startX), image.width),
      clamp(y + reach * Math.sin(y / 140 + startY), image.height),
    ),
  );
}

export function toSharp({ width, height, data }: RgbaImage): Sharp {
  return sharp(Buffer.from(data), { raw: { width, height, channels: 4 } });
}

async function fromSharp(image: Sharp): Promise<RgbaImage> {
  return decodeImage(await image.png().toBuffer());
}
