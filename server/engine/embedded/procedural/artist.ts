import { drawGround, isGround, type Ground } from "./ground.ts";
import { fromHex, Look, toRgb } from "./look.ts";
import { Pen } from "./pen.ts";
import { hashText, random } from "./random.ts";
import { recolor } from "./recolor.ts";
import { reveal } from "./reveal.ts";
import { drawings } from "./subjects/registry.ts";
import { resizeNearest } from "../picture.ts";
import type { GenerateOptions, Motion, Sprite, SpriteGenerator, SpriteRequest } from "../generator.ts";
import type { RgbaImage } from "../../../sprite/image.ts";
import { describe, type Description } from "./words.ts";

/** Sprites are drawn at most this many pixels high or wide; larger ones have larger squares. */
const nativeSide = 64;

/** Draws by rules: words choose a subject, colours and a mood, the seed the rest. */
export class ProceduralArtist implements SpriteGenerator {
  readonly name = "procedural";
  readonly procedural = true;

  async generate(request: SpriteRequest, { signal, onStep }: GenerateOptions): Promise<Sprite> {
    signal.throwIfAborted();
    const sprite = draw(request);
    for (let step = 1; step <= request.steps; step += 1) {
      signal.throwIfAborted();
      await onStep(step, () => reveal(sprite.image, step / request.steps, request.seed));
    }
    signal.throwIfAborted();
    return sprite;
  }
}

function draw(request: SpriteRequest): Sprite {
  const description = describe(request.prompt);
  const { init } = request;
  if (init !== undefined) {
    return {
      image: recolor(init.image, init.strength, description),
      ignored: description.ignored,
      notes: ["The reference picture was kept, with the colours the prompt names."],
      motion: motionOf(description),
      facing: "front",
    };
  }
  const { subject } = description;
  const notes =
    subject === null ? ["No word of the prompt names something it can draw, so it invented a creature."] : [];
  // One square of `scale` pixels for each pixel drawn.
  const scale = Math.max(1, Math.ceil(Math.min(request.width, request.height) / nativeSide));
  const [width, height] = [Math.ceil(request.width / scale), Math.ceil(request.height / scale)];
  const seeded = random(
    (hashText(description.kind) ^ Math.imul(request.seed >>> 0, 0x9e3779b1) ^ Math.floor(request.seed / 2 ** 32)) >>> 0,
  );
  const ground = groundOf(description, request.tile);
  const drawn =
    ground === null
      ? drawSubject(width, height, description, seeded)
      : drawGround(ground, width, height, description, seeded);
  if (ground !== null && subject !== ground) notes.push(`A tile was asked for, so it drew ${ground}.`);
  if (scale > 1)
    notes.push(`It draws at most ${nativeSide} pixels across, so each of its pixels is ${scale} of the sprite's.`);
  return {
    image: enlarge(drawn, scale, request.width, request.height),
    ignored: description.ignored,
    notes,
    motion: ground === "water" || ground === "lava" ? "scroll" : motionOf(description),
    facing: ground === null && subject !== null && !isGround(subject) ? (drawings[subject].facing ?? "front") : "front",
  };
}

function motionOf({ subject }: Description): Motion {
  return subject === null || isGround(subject) ? "bob" : drawings[subject].motion;
}

/** What fills the cell: the ground that the prompt names, or one that goes with its subject when a tile is wanted. */
function groundOf({ subject, others }: Description, tile: boolean): Ground | null {
  if (isGround(subject)) return subject;
  if (!tile) return null;
  const other = others.find(isGround);
  if (other !== undefined) return other;
  if (subject === "tree" || subject === "bush" || subject === "flower") return "grass";
  if (subject === "fire" || subject === "explosion") return "lava";
  if (subject === "house" || subject === "castle" || subject === "door") return "brick";
  if (subject === "boat" || subject === "fish") return "water";
  return "cobble";
}

function drawSubject(
  width: number,
  height: number,
  description: Description,
  seeded: ReturnType<typeof random>,
): RgbaImage {
  const subject = description.subject === null || isGround(description.subject) ? "monster" : description.subject;
  const drawing = drawings[subject];
  const pen = new Pen(width, height, boxOf(width, height, drawing.aspect ?? 1, description));
  const colors = typeof drawing.colors === "function" ? drawing.colors(description.kind) : drawing.colors;
  const look = new Look(description, seeded, colors, drawing.gloss ?? 0);
  drawing.draw(pen, look);
  if (look.has("magic")) sparkle(pen, seeded, toRgb(fromHex("#fff4b8")));
  if (look.has("poison") && subject !== "potion") sparkle(pen, seeded, toRgb(fromHex("#a6e04a")));
  return pen.finish(Math.min(width, height) >= 9);
}

/** Where the subject lies: as large as fits beside its outline, standing on the bottom where the cell is higher. */
function boxOf(
  width: number,
  height: number,
  aspect: number,
  { moods }: Description,
): { left: number; top: number; width: number; height: number } {
  const margin = Math.min(width, height) >= 9 ? 1 : 0;
  const size = moods.has("small") ? 0.72 : 1;
  const [room, space] = [Math.max(1, width - 2 * margin), Math.max(1, height - 2 * margin)];
  // Cells a little higher or wider than the subject are filled; beyond it the subject keeps its shape.
  const high = Math.min(space, (room * 1.35) / aspect) * size;
  const wide = Math.min(room, space * 1.35) * size;
  const fitted = Math.min(wide, high * Math.max(aspect, wide / high > 1.3 ? 1.3 : aspect));
  // Whole pixels on both sides keep mirrored halves alike.
  const across = Math.max(1, room - 2 * Math.round((room - fitted) / 2));
  const down = Math.max(1, Math.round(high));
  return {
    left: margin + (room - across) / 2,
    top: margin + space - down - Math.floor((space - down) / 4),
    width: across,
    height: down,
  };
}

/** Bright crosses and dots around the subject. */
function sparkle(pen: Pen, seeded: ReturnType<typeof random>, color: readonly [number, number, number]): void {
  const count = Math.round(pen.size / 6);
  for (let i = 0; i < count; i += 1) {
    const [x, y] = [seeded.between(0.03, 0.97), seeded.between(0.03, 0.8)];
    if (pen.covers(x, y)) continue;
    pen.dot(x, y, color, true);
    if (pen.size < 24 || !seeded.chance(0.5)) continue;
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      pen.dot(x + (dx * 1.01) / pen.size, y + (dy * 1.01) / pen.size, color, true);
    }
  }
}

function enlarge(image: RgbaImage, scale: number, width: number, height: number): RgbaImage {
  if (scale === 1) return image;
  const large = resizeNearest(image, image.width * scale, image.height * scale);
  if (large.width === width && large.height === height) return large;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    data.set(large.data.subarray(y * large.width * 4, (y * large.width + width) * 4), y * width * 4);
  }
  return { width, height, data };
}
