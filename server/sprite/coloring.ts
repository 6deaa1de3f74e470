import { type Rgb, parseHex, toHex, toOklab } from "./color.ts";
import { applyPalette } from "./dither.ts";
import type { RgbaImage } from "./image.ts";
import { drawOutline } from "./outline.ts";
import { countByColor, learnPalette, maxColors, nearestIndex } from "./palette.ts";
import type { SpriteOptions } from "./sprite-options.ts";

/**
 * All frames in one palette, given or learned, dithered and outlined as asked, with the colours used from dark to light.
 * `isExact` says that every colour is meant, so that near ones are not merged.
 */
export function colorFrames(
  frames: readonly RgbaImage[],
  options: Pick<SpriteOptions, "colors" | "palette" | "dither" | "outline">,
  isExact: boolean,
): { frames: RgbaImage[]; palette: string[] } {
  const given = options.palette && [...new Set(options.palette.map(parseHex))];
  const outline = options.outline === null ? null : outlineColor(parseHex(options.outline), given);
  const most = Math.max(1, (options.colors ?? maxColors) - (outline === null ? 0 : 1));
  const palette = given ?? learnPalette(countByColor(frames), most, options.colors === null && !isExact);
  const colored = frames.map((frame) => {
    const painted = applyPalette(frame, palette, options.dither);
    return outline === null ? painted : drawOutline(painted, outline);
  });
  const used = [...countByColor(colored).keys()].toSorted((one, other) => {
    return toOklab(one).l - toOklab(other).l || one - other;
  });
  return { frames: colored, palette: used.map(toHex) };
}

/** A given palette is kept even by the outline. */
function outlineColor(wanted: Rgb, palette: readonly Rgb[] | null): Rgb {
  return palette ? palette[nearestIndex(toOklab(wanted), palette.map(toOklab))]! : wanted;
}
