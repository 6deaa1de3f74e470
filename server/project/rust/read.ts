import type { Node, Tree } from "web-tree-sitter";
import { bindDirective } from "../binding.ts";
import { parseDirectives, type Directive } from "../directive.ts";
import type { Problem, Span } from "../problem.ts";
import { codeBefore, referencesIn } from "../reference-list.ts";
import type { AssetReference, BoundDirective, SourceFile } from "../source-file.ts";
import { parseRust } from "./language.ts";
import { NextPlaces } from "./place.ts";
import { mayHoldReferences, rustReferences } from "./references.ts";

const directiveComment = /\/\/[ \t]*@sprite(?![\w-])/g;

/**
 * Reads what a Rust file says about sprites: directives in `//` comments, each bound to its image, and every place
 * that names an asset. Needs `initRust()` once before. Never throws for what the text holds.
 *
 * `tree` is the text's own tree, of `parseRust`, where the caller keeps one; it stays the caller's.
 */
export function readRust(text: string, options: { readonly tree?: Tree } = {}): SourceFile {
  const mayHoldDirectives = text.search(directiveComment) >= 0;
  if (!mayHoldDirectives && !mayHoldReferences(text)) return { directives: [], references: [], problems: [] };
  const tree = options.tree ?? parseRust(text);
  try {
    return readTree(text, tree.rootNode);
  } finally {
    if (options.tree === undefined) tree.delete();
  }
}

function readTree(text: string, root: Node): SourceFile {
  const references = rustReferences(text, root);
  const comments = new Map<number, Node>();
  for (const { index } of text.matchAll(directiveComment)) {
    const node = root.descendantForIndex(index);
    if (node?.type === "line_comment" && node.startIndex === index) comments.set(index, node);
  }
  const directives: BoundDirective[] = [];
  const problems: Problem[] = [];
  const places = new NextPlaces();
  const spans = [...comments.keys()].flatMap((start) => withContinuations(text, start));
  for (const directive of parseDirectives(text, spans)) {
    const start = text.lastIndexOf("//", directive.start);
    const comment = comments.get(start);
    if (comment === undefined) continue;
    const { bound, problem } = bind(text, comment, directive, references, places);
    directives.push(bound);
    problems.push(...directive.problems);
    if (problem) problems.push(problem);
  }
  return { directives, references, problems: problems.toSorted((a, b) => a.start - b.start) };
}

function bind(
  text: string,
  comment: Node,
  directive: Directive,
  references: readonly AssetReference[],
  places: NextPlaces,
): { bound: BoundDirective; problem: Problem | null } {
  const line = codeBefore(text, { start: comment.startIndex, end: comment.endIndex });
  if (line) return bindDirective(directive, "line", referencesIn(references, line));
  const place = places.find(comment, directive.end);
  return bindDirective(directive, "next", place ? referencesIn(references, place) : []);
}

/** A comment and the comments alone on the lines after it that begin with `|`: after a line comment nothing hides them. */
function withContinuations(text: string, start: number): Span[] {
  const spans = [{ start, end: lineEnd(text, start) }];
  const next = /\r?\n[ \t]*(?=\/\/[ \t]*\|)/y;
  for (let end = lineEnd(text, start); ;) {
    next.lastIndex = end;
    const gap = next.exec(text);
    if (gap === null) return spans;
    const comment = end + gap[0].length;
    end = lineEnd(text, comment);
    spans.push({ start: comment, end });
  }
}

/** The end of a line's text, before its line break. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  if (end < 0) return text.length;
  return text.charAt(end - 1) === "\r" ? end - 1 : end;
}
