import type { Node } from "web-tree-sitter";
import { isAside, stringOf, type RustString } from "./literals.ts";

/** What `#[asset(…)]` of bevy_asset_loader says about its field. */
export interface AssetAttribute {
  /** `path = "…"`, or each of `paths("…", …)`. */
  readonly paths: readonly RustString[];
  readonly key: RustString | null;
  /** False where the field's type holds handles of something else, such as `Handle<AudioSource>`. */
  readonly mayBeImage: boolean;
}

/** Reads the attribute whose name `asset` is; `cfg_attr(…, asset(…))` too. Null when the word is something else. */
export function assetAttribute(text: string, name: Node): AssetAttribute | null {
  const tokens = name.nextSibling;
  if (tokens?.type !== "token_tree") return null;
  let item = name.parent;
  while (item?.type === "token_tree" || item?.type === "attribute") item = item.parent;
  if (item?.type !== "attribute_item") return null;
  const paths: RustString[] = [];
  let key: RustString | null = null;
  let word = "";
  for (const token of tokens.children) {
    if (token.type === "identifier") word = token.text;
    else if (token.type === ",") word = "";
    else if (word === "paths" && token.type === "token_tree") {
      paths.push(...token.namedChildren.flatMap((child) => stringOf(text, child) ?? []));
    } else {
      const string = stringOf(text, token);
      if (string !== null && word === "path") paths.push(string);
      if (string !== null && word === "key") key = string;
    }
  }
  return { paths, key, mayBeImage: !/\bHandle\s*<\s*(?!(?:\w+\s*::\s*)*Image\b)/.test(fieldType(item)) };
}

/** The written type of the field an attribute stands at, "" for other places. */
function fieldType(attribute: Node): string {
  let node = attribute.nextNamedSibling;
  while (node !== null && isAside(node)) node = node.nextNamedSibling;
  if (node?.type === "field_declaration") return node.childForFieldName("type")?.text ?? "";
  return "";
}
