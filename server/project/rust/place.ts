import type { TreeCursor } from "web-tree-sitter";
import type { Span } from "../problem.ts";
import { isAside } from "./literals.ts";
import type { NodeFinder } from "./node-finder.ts";

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

/** What follows a directive's comment. */
export interface NextPlace {
  /** The span to search, null when nothing follows. */
  readonly span: Span | null;
  /** Directives that begin before this offset have the same place. */
  readonly until: number;
}

/**
 * Where a directive that stands alone looks for its image: the next statement, field, item or element after its
 * comment, attributes included. `finder` stands at the comment and stays there.
 */
export function nextPlace(finder: NodeFinder): NextPlace {
  const { startIndex, endIndex } = finder.cursor;
  return finder.around((next) =>
    finder.around((around) => {
      around.gotoParent();
      const { nodeType } = around;
      if (lists.has(nodeType)) return nextElement(next, around, finder.attributesStart ?? startIndex);
      if (nodeType === "token_tree" || nodeType === "ERROR") return nextTokens(next, endIndex);
      return restOfElement(around, endIndex);
    }),
  );
}

function nextElement(cursor: TreeCursor, around: TreeCursor, start: number): NextPlace {
  do {
    if (!cursor.gotoNextSibling()) return { span: null, until: around.endIndex };
  } while (!cursor.nodeIsNamed || isAside(cursor.nodeType));
  return { span: { start, end: cursor.endIndex }, until: cursor.startIndex };
}

/** In a macro's tokens: up to the next `,` or `;`, or over the first group in braces, such as `Sprite { … }` in `bsn!`. */
function nextTokens(cursor: TreeCursor, start: number): NextPlace {
  let until: number | null = null;
  let end = start;
  for (let count = 0; count < maxTokens && cursor.gotoNextSibling(); count++) {
    const type = cursor.nodeType;
    if (type === "," || type === ";") break;
    if (isAside(type)) continue;
    until ??= cursor.startIndex;
    end = cursor.endIndex;
    if (type === "token_tree" && cursor.currentNode.child(0)?.type === "{") break;
  }
  return { span: end > start ? { start, end } : null, until: until ?? start };
}

/** Inside a statement, such as between the calls of a chain: what is left of it. */
function restOfElement(cursor: TreeCursor, start: number): NextPlace {
  let end = cursor.endIndex;
  while (cursor.gotoParent() && !lists.has(cursor.nodeType)) end = cursor.endIndex;
  return { span: { start, end }, until: start };
}
