import type { Span } from "./problem.ts";
import type { AssetReference } from "./source-file.ts";

/** The references that begin in a span, of a list in the order of the text. */
export function referencesIn(references: readonly AssetReference[], span: Span): readonly AssetReference[] {
  return references.slice(firstFrom(references, span.start), firstFrom(references, span.end));
}

/** Index of the first reference that begins at `offset` or after it. */
function firstFrom(references: readonly AssetReference[], offset: number): number {
  let low = 0;
  let high = references.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((references[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The part of a line before the comment that begins at `offset`, null when it holds nothing but blanks. */
export function codeBefore(text: string, offset: number): Span | null {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return text.slice(start, offset).trim() === "" ? null : { start, end: offset };
}
