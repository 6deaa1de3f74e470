import type { Node } from "web-tree-sitter";
import type { Span } from "../problem.ts";
import { isAside } from "./literals.ts";

/** Nodes whose children stand one after another: statements, items, fields, arguments. */
const lists: ReadonlySet<string> = new Set([
  "source_file",
  "block",
  "declaration_list",
  "field_declaration_list",
  "ordered_field_declaration_list",
  "field_initializer_list",
  "enum_variant_list",
  "match_block",
  "arguments",
  "array_expression",
  "tuple_expression",
]);

/** In a macro more tokens than this before an image belong to something else. */
const maxTokens = 256;

/**
 * Finds where a directive that stands alone looks for its image: the next statement, field, item or element after
 * its comment, attributes included. Asked in the order of the text, a run of comments costs one look.
 */
export class NextPlaces {
  /** From the comment asked about last to the element that follows it. */
  #gap: Span = { start: 0, end: 0 };
  #place: Span | null = null;

  /** The span to search, null when nothing follows. `after` is the end of the directive's last comment. */
  find(comment: Node, after: number): Span | null {
    const { parent } = comment;
    if (parent === null) return null;
    if (lists.has(parent.type)) return this.#nextElement(comment);
    if (parent.type === "token_tree" || parent.type === "ERROR") return nextTokens(comment, after);
    // Inside a statement, such as between the calls of a chain: what is left of it.
    let element = parent;
    while (element.parent !== null && !lists.has(element.parent.type)) element = element.parent;
    return { start: after, end: element.endIndex };
  }

  #nextElement(comment: Node): Span | null {
    if (comment.startIndex > this.#gap.start && comment.startIndex < this.#gap.end) return this.#place;
    let next = comment.nextNamedSibling;
    while (next !== null && isAside(next)) next = next.nextNamedSibling;
    this.#gap = { start: comment.startIndex, end: next?.startIndex ?? comment.parent?.endIndex ?? comment.endIndex };
    this.#place = next && { start: attributesBefore(comment), end: next.endIndex };
    return this.#place;
  }
}

/** Where the element after a comment begins: its attributes may stand above the comment. */
function attributesBefore(comment: Node): number {
  let start = comment.startIndex;
  let before = comment.previousNamedSibling;
  while (before !== null && isAside(before)) {
    if (before.type === "attribute_item") start = before.startIndex;
    before = before.previousNamedSibling;
  }
  return start;
}

/** In a macro's tokens: up to the next `,` or `;`, or over the first group, such as `Sprite { … }` in `bsn!`. */
function nextTokens(comment: Node, after: number): Span | null {
  let end = after;
  let token = comment.nextSibling;
  for (let count = 0; token !== null && count < maxTokens; count++) {
    if (token.type === "," || token.type === ";") break;
    end = token.endIndex;
    if (token.type === "token_tree" && token.child(0)?.type === "{") break;
    token = token.nextSibling;
  }
  return end > after ? { start: after, end } : null;
}
