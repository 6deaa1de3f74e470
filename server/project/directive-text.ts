import type { Span } from "./problem.ts";

interface Segment {
  /** Where the segment begins in the directive's own text, and in the file. */
  readonly at: number;
  readonly source: number;
}

/**
 * The text of one directive without comment marks, its lines joined by line breaks, and the way back to the file.
 * `text` begins after `@sprite`.
 */
export interface DirectiveText {
  readonly text: string;
  /** Span of the word `@sprite` in the file. */
  readonly marker: Span;
  /** The place in the file of an offset in `text`. */
  toFile(offset: number): number;
}

const marker = /^\/\/[ \t]*(@sprite)(?=[\s"|]|$)/;
const continuation = /^\/\/[ \t]*\|/;

/** Finds the directives among `//` comments and joins each with the lines that continue it. */
export function directiveTexts(text: string, comments: readonly Span[]): DirectiveText[] {
  const found: DirectiveText[] = [];
  for (let index = 0; index < comments.length; index++) {
    const first = comments[index];
    const head = first && marker.exec(text.slice(first.start, first.end));
    if (!first || !head) continue;
    const markerEnd = first.start + head[0].length;
    const segments: Segment[] = [{ at: 0, source: markerEnd }];
    let joined = text.slice(markerEnd, first.end).trimEnd();
    for (let last = first; ; index++) {
      const next = comments[index + 1];
      const bar = next && isNextLine(text, last, next) && continuation.exec(text.slice(next.start, next.end));
      if (!next || !bar) break;
      joined += "\n";
      const start = next.start + bar[0].length;
      segments.push({ at: joined.length, source: start });
      joined += text.slice(start, next.end).trimEnd();
      last = next;
    }
    found.push({
      text: joined,
      marker: { start: markerEnd - "@sprite".length, end: markerEnd },
      toFile: (offset) => toFile(segments, offset),
    });
  }
  return found;
}

/** Whether `comment` stands alone on the line after `last`. */
function isNextLine(text: string, last: Span, comment: Span): boolean {
  return /^\r?\n[ \t]*$/.test(text.slice(last.end, comment.start));
}

function toFile(segments: readonly Segment[], offset: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((segments[middle]?.at ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const segment = segments[low] ?? { at: 0, source: 0 };
  return segment.source + offset - segment.at;
}
