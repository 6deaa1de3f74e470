import { maxSide } from "../protocol/sprite-request.ts";
import type { Size } from "./directive-keys.ts";
import type { Span } from "./problem.ts";

/** A fault at an offset of the word it was found in. */
export interface WordFault extends Span {
  readonly message: string;
  readonly remedy?: string;
}

const form = "Write width and height in pixels with an x between them, such as `64x64`.";

/** Reads `WxH`, each side a whole number from 1 to 4096. */
export function readSize(word: string): { value: Size | null; faults: readonly WordFault[] } {
  if (/\dpx$/i.test(word)) {
    const unit = { start: word.length - 2, end: word.length };
    return { value: null, faults: [{ ...unit, message: "A size is written without a unit", remedy: form }] };
  }
  const [first = "", second, ...more] = word.split(/[xX×*]/);
  const whole = { start: 0, end: word.length };
  if (second === undefined) {
    const message = /^\d+$/.test(word) ? `The size \`${word}\` has no height` : `\`${word}\` is not a size`;
    return { value: null, faults: [{ ...whole, message, remedy: form }] };
  }
  if (more.length > 0) {
    return { value: null, faults: [{ ...whole, message: `A size has two sides; \`${word}\` has more`, remedy: form }] };
  }
  const faults = [...sideFaults("width", first, 0), ...sideFaults("height", second, first.length + 1)];
  if (faults.length > 0) return { value: null, faults };
  if (word.charAt(first.length) !== "x") {
    const at = { start: first.length, end: first.length + 1 };
    return { value: null, faults: [{ ...at, message: "A size is written with a small x", remedy: form }] };
  }
  return { value: { width: Number(first), height: Number(second) }, faults: [] };
}

function sideFaults(name: "width" | "height", side: string, start: number): WordFault[] {
  // An empty side is shown by the character beside it.
  const at =
    side === "" ? { start: Math.max(0, start - 1), end: Math.max(1, start) } : { start, end: start + side.length };
  if (side === "") return [{ ...at, message: `The ${name} is missing`, remedy: form }];
  if (/^\d+$/.test(side)) {
    const value = Number(side);
    if (value >= 1 && value <= maxSide) return [];
    const remedy = value === 0 ? "The smallest sprite is `1x1`." : `The largest sprite is \`${maxSide}x${maxSide}\`.`;
    return [{ ...at, message: `The ${name} is 1 to ${maxSide} pixels, not ${side}`, remedy }];
  }
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(side)) {
    return [
      { ...at, message: `The ${name} is a whole number of pixels from 1 to ${maxSide}, not ${side}`, remedy: form },
    ];
  }
  return [{ ...at, message: `The ${name} \`${side}\` is not a number`, remedy: form }];
}
