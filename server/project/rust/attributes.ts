import type { Node, TreeCursor } from "web-tree-sitter";
import { isAside, stringOf, type RustString } from "./literals.ts";

/** More attributes and comments than stand between an attribute and its field. */
const maxAsides = 64;

/** What `#[asset(…)]` of bevy_asset_loader says about its field. */
export interface AssetAttribute {
  /** `path = "…"`, or each of `paths("…", …)`. */
  readonly paths: readonly RustString[];
  readonly key: RustString | null;
  /** False where the field's type holds handles of something else, such as `Handle<AudioSource>`. */
  readonly mayBeImage: boolean;
}

/**
 * Reads the attribute at whose name `asset` the cursor stands, moving it; `cfg_attr(…, asset(…))` too.
 * Null when the word is something else.
 */
export function assetAttribute(text: string, cursor: TreeCursor): AssetAttribute | null {
  if (!cursor.gotoNextSibling() || cursor.nodeType !== "token_tree") return null;
  const tokens = cursor.currentNode;
  do {
    if (!cursor.gotoParent()) return null;
  } while (cursor.nodeType === "token_tree" || cursor.nodeType === "attribute");
  if (cursor.nodeType !== "attribute_item") return null;
  return { ...namesIn(text, tokens), mayBeImage: !holdsOtherHandles(fieldType(cursor)) };
}

function namesIn(text: string, tokens: Node): Pick<AssetAttribute, "paths" | "key"> {
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
  return { paths, key };
}

/** The written type of the field behind an attribute, "" for other places. */
function fieldType(cursor: TreeCursor): string {
  for (let asides = 0; asides < maxAsides && cursor.gotoNextSibling(); asides++) {
    const type = cursor.nodeType;
    if (type === "field_declaration") return cursor.currentNode.childForFieldName("type")?.text ?? "";
    if (!isAside(type)) return "";
  }
  return "";
}

function holdsOtherHandles(type: string): boolean {
  return /\bHandle\s*<\s*(?!(?:\w+\s*::\s*)*Image\b)/.test(type);
}
