import type { Node, Tree } from "web-tree-sitter";
import { bindDirective } from "../binding.ts";
import { parseDirectives } from "../directive.ts";
import type { Problem, Span } from "../problem.ts";
import { codeBefore, referencesIn } from "../reference-list.ts";
import type { BoundDirective, SourceFile } from "../source-file.ts";
import { parseRust } from "./language.ts";
import { NodeFinder } from "./node-finder.ts";
import { nextPlace, type NextPlace } from "./place.ts";
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
  const places = directivePlaces(text, root);
  const comments = [...places.keys()].flatMap((start) => withContinuations(text, start));
  const directives: BoundDirective[] = [];
  const problems: Problem[] = [];
  for (const directive of parseDirectives(text, comments)) {
    const start = text.lastIndexOf("//", directive.start);
    const line = codeBefore(text, start);
    const place = line ?? places.get(start) ?? null;
    const beside = place ? referencesIn(references, place) : [];
    const { bound, problem } = bindDirective(directive, line ? "line" : "next", beside);
    directives.push(bound);
    problems.push(...directive.problems);
    if (problem) problems.push(problem);
  }
  return { directives, references, problems: problems.toSorted((a, b) => a.start - b.start) };
}

/** The comments that are directives, by their start, each with what follows it. */
function directivePlaces(text: string, root: Node): Map<number, Span | null> {
  const places = new Map<number, Span | null>();
  const finder = new NodeFinder(root);
  let last: NextPlace = { span: null, until: -1 };
  for (const { index } of text.matchAll(directiveComment)) {
    // In a string, a longer comment or a doc comment the node begins elsewhere.
    const node = finder.find(index);
    if (node?.type !== "line_comment" || node.startIndex !== index) continue;
    if (index >= last.until) last = nextPlace(finder);
    places.set(index, last.span);
  }
  finder.delete();
  return places;
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
