import type { Node } from "web-tree-sitter";

/** More tokens than a turbofish such as `::<Vec<Handle<Image>>>` has. */
const maxTurbofish = 64;

/**
 * The argument list of a method call, given the method's name: an `arguments` node, or a `token_tree` where the call
 * stands in a macro, whose inside the grammar leaves as tokens. Null when the name is not a called method.
 */
export function argumentsOf(method: Node): Node | null {
  const field = method.parent;
  if (field?.type === "field_expression") {
    const callee = field.parent?.type === "generic_function" ? field.parent : field;
    return callee.parent?.type === "call_expression" ? callee.parent.childForFieldName("arguments") : null;
  }
  if (field?.type !== "token_tree" || method.previousSibling?.type !== ".") return null;
  let token = method.nextSibling;
  for (let count = 0; token !== null && count < maxTurbofish; count++) {
    if (token.type === "token_tree") return token.child(0)?.type === "(" ? token : null;
    if (count === 0 && token.type !== "::") return null;
    token = token.nextSibling;
  }
  return null;
}

/** The first argument among a macro's tokens when it is one token, else the token it begins with. */
export function firstTokenArgument(tokens: Node): Node | null {
  let token = tokens.child(1);
  while (token !== null && (token.type === "line_comment" || token.type === "block_comment" || token.type === "&")) {
    token = token.nextSibling;
  }
  return token === null || token.type === ")" ? null : token;
}

/** The tokens of a macro's call, given its name. */
export function macroArguments(name: Node): Node | null {
  const path = name.parent?.type === "scoped_identifier" ? name.parent : name;
  const bang = path.nextSibling;
  const tokens = bang?.type === "!" ? bang.nextSibling : null;
  return tokens?.type === "token_tree" ? tokens : null;
}
