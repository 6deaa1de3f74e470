import type { Node, TreeCursor } from "web-tree-sitter";

/** More tokens than a turbofish such as `::<Vec<Handle<Image>>>` has. */
const maxTurbofish = 64;

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

/** The first argument among a macro's tokens when it is one token, else the token it begins with. */
export function firstTokenArgument(tokens: Node): Node | null {
  const skipped = ["(", "line_comment", "block_comment", "&"];
  const first = tokens.children.find((token) => !skipped.includes(token.type));
  return first === undefined || first.type === ")" ? null : first;
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
 * What `AssetPath::from(…)` and its like are given, the cursor standing at `AssetPath`: the whole call expression,
 * or in a macro the first token of its arguments.
 */
export function assetPathCall(cursor: TreeCursor): Node | null {
  if (!cursor.gotoNextSibling() || !at(cursor, "::") || !cursor.gotoNextSibling()) return null;
  if (!/^(?:from|from_static|parse|try_parse)$/.test(cursor.nodeText)) return null;
  if (cursor.gotoNextSibling()) return at(cursor, "token_tree") ? firstTokenArgument(cursor.currentNode) : null;
  cursor.gotoParent();
  return cursor.gotoParent() && at(cursor, "call_expression") ? cursor.currentNode : null;
}

// Moving a cursor changes its type behind the type checker's back: a call forgets what was concluded.
function at(cursor: TreeCursor, type: string): boolean {
  return cursor.nodeType === type;
}
