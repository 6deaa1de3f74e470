// How often the pixel stage finds a sprite again in degraded pictures of it, and how long a picture of 1024² takes.
import sharp from "sharp";
import { decodeImage } from "../server/codec/decode.ts";
import { encodePng } from "../server/codec/encode.ts";
import type { RgbaImage } from "../server/sprite/image.ts";
import { makeSprite } from "../server/sprite/make-sprite.ts";
import { plainOptions } from "../server/sprite/sprite-options.ts";
import { colorAt, degradations, degrade, drawCreature } from "../test/pixels/pictures.ts";
import { isQuick, type Measure, percentile, report } from "./report.ts";

sharp.concurrency(1);
sharp.cache(false);

const widths = isQuick ? [32, 71] : [24, 32, 40, 48, 57, 64, 71, 80, 96, 110, 128];
const sizes = widths.flatMap((width) => [
  { width, height: width },
  { width, height: Math.round(width * 0.8) },
]);

const measures: Measure[] = [];
for (const level of degradations) {
  const missed: number[] = [];
  const wrong: number[] = [];
  const milliseconds: number[] = [];
  for (const [seed, size] of sizes.entries()) {
    const sprite = drawCreature(size.width, size.height, seed);
    const png = await encodePng(await degrade(sprite, level, seed));
    const before = process.cpuUsage();
    const picture = await decodeImage(png);
    const { image } = makeSprite([picture], { ...plainOptions, size });
    await encodePng(image);
    const { user, system } = process.cpuUsage(before);
    milliseconds.push((user + system) / 1000);
    wrong.push(wrongCells(image, sprite));
    const { cell } = makeSprite([picture], plainOptions);
    missed.push(cell.width === size.width && cell.height === size.height ? 0 : 1);
  }
  measures.push(
    { name: `${level}: size not found by itself`, value: mean(missed), unit: "share of pictures" },
    { name: `${level}: wrong colour, size given`, value: mean(wrong), unit: "share of cells" },
    { name: `${level}: decode, make, encode, p50`, value: percentile(milliseconds, 0.5), unit: "ms of one core" },
  );
}
await report("pixels-smoke", measures);

/** Share of the sprite's opaque cells that did not come back in their colour (within 30 in RGB). */
function wrongCells(actual: RgbaImage, expected: RgbaImage): number {
  let [wrong, opaque] = [0, 0];
  for (let y = 0; y < expected.height; y++) {
    for (let x = 0; x < expected.width; x++) {
      const [is, should] = [colorAt(actual, x, y), colorAt(expected, x, y)];
      if (!should) continue;
      opaque++;
      if (!is || Math.hypot(is[0] - should[0], is[1] - should[1], is[2] - should[2]) >= 30) wrong++;
    }
  }
  return wrong / opaque;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
