import type { Node, TreeCursor } from "web-tree-sitter";
import type { Span } from "../problem.ts";
import { firstArgument, heartOf } from "./literals.ts";

/** More tokens than a turbofish such as `::<Vec<Handle<Image>>>` has. */
const maxTurbofish = 64;

/** Tokens that are no part of an argument. */
const beforeArgument: ReadonlySet<string> = new Set(["(", "line_comment", "block_comment", "&"]);

/**
 * The argument list of a method call: an `arguments` node, or a `token_tree` where the call stands in a macro, whose
 * inside the grammar leaves as tokens. The cursor stands at the method's name and moves. Null when nothing is called.
 */
export function argumentsOf(cursor: TreeCursor): Node | null {
  return cursor.nodeType === "field_identifier" ? callArguments(cursor) : tokenArguments(cursor);
}

function callArguments(cursor: TreeCursor): Node | null {
  cursor.gotoParent();
  if (!at(cursor, "field_expression") || !cursor.gotoParent()) return null;
  if (at(cursor, "generic_function")) cursor.gotoParent();
  return at(cursor, "call_expression") ? cursor.currentNode.childForFieldName("arguments") : null;
}

function tokenArguments(cursor: TreeCursor): Node | null {
  if (!cursor.gotoNextSibling()) return null;
  if (at(cursor, "::")) {
    for (let count = 0; !at(cursor, "token_tree") && count < maxTurbofish; count++) {
      if (!cursor.gotoNextSibling()) return null;
    }
  }
  if (!at(cursor, "token_tree")) return null;
  const tokens = cursor.currentNode;
  return tokens.child(0)?.type === "(" ? tokens : null;
}

/** The first argument of a call. */
export interface FirstArgument extends Span {
  /** The string or constant's name that it says, null where the value is made when the program runs. */
  readonly heart: Node | null;
}

/** The first argument in a list that `argumentsOf` gave; null when it is empty. */
export function firstArgumentOf(list: Node): FirstArgument | null {
  if (list.type === "token_tree") return firstTokens(list);
  const argument = firstArgument(list);
  return argument && { start: argument.startIndex, end: argument.endIndex, heart: heartOf(argument) };
}

function firstTokens(list: Node): FirstArgument | null {
  const own = list.children.filter((token) => !beforeArgument.has(token.type));
  const end = own.findIndex((token) => token.type === "," || token.type === ")");
  const tokens = end < 0 ? own : own.slice(0, end);
  const first = tokens[0];
  const last = tokens.at(-1);
  if (first === undefined || last === undefined) return null;
  const span = { start: first.startIndex, end: last.endIndex };
  if (first.type === "string_literal" || first.type === "raw_string_literal") return { ...span, heart: first };
  const isPath = tokens.every((token) => token.type === "identifier" || token.type === "::");
  return { ...span, heart: isPath && last.type === "identifier" ? last : null };
}

/** The tokens of a macro's call. The cursor stands at the macro's name, without its path, and moves. */
export function macroArguments(cursor: TreeCursor): Node | null {
  // In a path such as `bevy::asset::embedded_asset` the name is the last part.
  const isLast = !cursor.gotoNextSibling();
  if (isLast && (!cursor.gotoParent() || !at(cursor, "scoped_identifier") || !cursor.gotoNextSibling())) return null;
  if (!at(cursor, "!") || !cursor.gotoNextSibling()) return null;
  return at(cursor, "token_tree") ? cursor.currentNode : null;
}

/**
 * The string or name that `AssetPath::from(…)` and its like are given, the cursor standing at `AssetPath` and moving:
 * in an expression, or in a macro's tokens.
 */
export function assetPathHeart(cursor: TreeCursor): Node | null {
  // In `bevy::asset::AssetPath::from` the name is the last of an inner path.
  if (!cursor.gotoNextSibling() && (!cursor.gotoParent() || !cursor.gotoNextSibling())) return null;
  if (!at(cursor, "::") || !cursor.gotoNextSibling()) return null;
  if (!/^(?:from|from_static|parse|try_parse)$/.test(cursor.nodeText)) return null;
  if (cursor.gotoNextSibling()) {
    return at(cursor, "token_tree") ? (firstTokens(cursor.currentNode)?.heart ?? null) : null;
  }
  cursor.gotoParent();
  return cursor.gotoParent() && at(cursor, "call_expression") ? heartOf(cursor.currentNode) : null;
}

// Moving a cursor changes its type behind the type checker's back: a call forgets what was concluded.
function at(cursor: TreeCursor, type: string): boolean {
  return cursor.nodeType === type;
}
