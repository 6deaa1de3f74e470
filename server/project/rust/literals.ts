import type { Node } from "web-tree-sitter";
import { unescapeRust } from "../escapes.ts";
import type { Span } from "../problem.ts";

/** A string of the program: what it says, and the span of its content. */
export interface RustString extends Span {
  readonly value: string;
}

/** The text of a string literal node; null for other nodes, byte strings, C strings and strings without an end. */
export function stringOf(text: string, node: Node): RustString | null {
  const { startIndex, endIndex, type } = node;
  const raw = type === "raw_string_literal" && text.charAt(startIndex) === "r";
  if (!raw && (type !== "string_literal" || text.charAt(startIndex) !== '"')) return null;
  const quote = raw ? text.indexOf('"', startIndex) : startIndex;
  const start = quote + 1;
  const end = endIndex - 1 - (raw ? quote - startIndex - 1 : 0);
  if (end < start || text.charAt(end) !== '"') return null;
  const value = raw ? text.slice(start, end) : unescapeRust(text, start, end).value;
  return { value, start, end };
}

/** Calls that give back their first argument as a path. */
const pathCalls =
  /^(?:\w+::)*(?:AssetPath(?:::<[^>]*>)?::(?:from|from_static|from_path|parse|try_parse)|String::from|Path::new|PathBuf::from)$/;

/** Methods that give back the path they are called on. */
const pathMethods: ReadonlySet<string> = new Set([
  "into",
  "to_string",
  "to_owned",
  "as_str",
  "as_ref",
  "clone",
  "into_owned",
  "unwrap",
]);

/** More layers than a person writes around a string. */
const maxLayers = 16;

/**
 * The string literal or the constant's name at the heart of an expression such as `&AssetPath::from("a.png")`;
 * null when the value is made when the program runs.
 */
export function heartOf(expression: Node): Node | null {
  let node: Node | null = expression;
  for (let layer = 0; node !== null && layer < maxLayers; layer++) {
    switch (node.type) {
      case "string_literal":
      case "raw_string_literal":
      case "identifier":
      case "scoped_identifier":
        return node;
      case "reference_expression":
        node = node.childForFieldName("value");
        break;
      case "parenthesized_expression":
        node = firstArgument(node);
        break;
      case "call_expression":
        node = throughCall(node);
        break;
      default:
        return null;
    }
  }
  return null;
}

function throughCall(call: Node): Node | null {
  const callee = call.childForFieldName("function");
  if (callee?.type === "field_expression") {
    const method = callee.childForFieldName("field")?.text ?? "";
    return pathMethods.has(method) ? callee.childForFieldName("value") : null;
  }
  const name = callee?.type === "scoped_identifier" ? callee.text.replaceAll(/\s/g, "") : "";
  const list = call.childForFieldName("arguments");
  return pathCalls.test(name) && list ? firstArgument(list) : null;
}

/** The first child that is an expression: no comment, no attribute. */
export function firstArgument(list: Node): Node | null {
  return list.namedChildren.find((child) => !isAside(child.type)) ?? null;
}

/** Kinds of nodes that stand among others without being one of them. */
export function isAside(type: string): boolean {
  return type === "line_comment" || type === "block_comment" || type === "attribute_item";
}
