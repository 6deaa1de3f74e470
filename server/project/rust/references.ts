import type { Node } from "web-tree-sitter";
import { imageExtensions, isImagePath, splitAssetPath } from "../asset-path.ts";
import type { Span } from "../problem.ts";
import type { AssetReference, ReferenceKind } from "../source-file.ts";
import { assetAttribute } from "./attributes.ts";
import { RustConstants } from "./constants.ts";
import { argumentsOf, firstTokenArgument, macroArguments } from "./calls.ts";
import { firstArgument, heartOf, stringOf } from "./literals.ts";

/** Methods of Bevy's asset server and load builders, legacy ones too, whose first argument is a path. */
const loadMethods: ReadonlySet<string> = new Set([
  "load",
  "load_untyped",
  "load_untyped_async",
  "load_erased",
  "load_with_settings",
  "load_with_settings_override",
  "load_override",
  "load_acquire",
  "load_acquire_override",
  "load_acquire_with_settings",
  "load_acquire_override_with_settings",
]);

const embeddingMacros: ReadonlySet<string> = new Set(["embedded_asset", "load_embedded_asset", "embedded_path"]);

/**
 * Words that may begin a reference. The text is searched for them and the tree says whether they do: walking every
 * node of a large file from JavaScript would take a hundred times as long.
 */
const words =
  /\b(?:load(?:_\w+)?(?=\s*(?:\(|::))|with_dynamic_assets_file(?=\s*(?:\(|::))|(?:embedded_asset|load_embedded_asset|embedded_path)(?=\s*!)|AssetPath(?=\s*::)|asset(?=\s*\())/g;

const imageStrings = new RegExp(String.raw`\.(?:${imageExtensions.join("|")})(?:#[^"\\\n]{0,255})?"`, "gi");

/** Whether a text can hold references at all; most files need no tree. */
export function mayHoldReferences(text: string): boolean {
  return text.search(words) >= 0 || text.search(imageStrings) >= 0;
}

/** Every place of a Rust file that names an asset, in the order of the text. */
export function rustReferences(text: string, root: Node): AssetReference[] {
  return new ReferenceCollector(text, root).collect();
}

class ReferenceCollector {
  readonly #text: string;
  readonly #root: Node;
  readonly #constants: RustConstants;
  /** By start: a string that two patterns meet is one reference. */
  readonly #found = new Map<number, AssetReference>();

  constructor(text: string, root: Node) {
    this.#text = text;
    this.#root = root;
    this.#constants = new RustConstants(text, root);
  }

  collect(): AssetReference[] {
    for (const match of this.#text.matchAll(words)) {
      const node = this.#root.descendantForIndex(match.index);
      // In a comment or a string the smallest node is another one.
      if (node?.startIndex === match.index && node.endIndex === match.index + match[0].length) {
        this.#word(match[0], node);
      }
    }
    for (const match of this.#text.matchAll(imageStrings)) this.#imageString(match.index);
    return [...this.#found.values()].toSorted((a, b) => a.start - b.start);
  }

  #word(word: string, node: Node): void {
    if (word === "asset") this.#attribute(node);
    else if (word === "AssetPath") this.#assetPath(node);
    else if (embeddingMacros.has(word)) this.#embedded(node);
    else if (word === "with_dynamic_assets_file") this.#call("manifest", node);
    else if (word === "load_folder") this.#call("load_folder", node);
    else if (loadMethods.has(word)) this.#call("load", node);
  }

  #attribute(node: Node): void {
    const attribute = assetAttribute(this.#text, node);
    if (attribute === null) return;
    for (const path of attribute.paths) this.#addPath("attribute", path, path.value);
    const { key } = attribute;
    if (key !== null) this.#add({ ...unknownPath("key", key), key: key.value, image: attribute.mayBeImage });
  }

  /** `AssetPath::from("…")`, in an expression or in a macro's tokens. */
  #assetPath(node: Node): void {
    const path = node.parent?.type === "scoped_identifier" ? node.parent : node;
    if (path.parent?.type === "call_expression") {
      const heart = heartOf(path.parent);
      if (heart) this.#addHeart("load", heart);
      return;
    }
    const method = node.nextSibling?.nextSibling;
    if (!method || !/^(?:from|from_static|parse|try_parse)$/.test(method.text)) return;
    const tokens = method.nextSibling;
    const argument = tokens?.type === "token_tree" ? firstTokenArgument(tokens) : null;
    if (argument) this.#addHeart("load", argument);
  }

  #embedded(node: Node): void {
    const tokens = macroArguments(node);
    const strings = tokens?.namedChildren.flatMap((child) => stringOf(this.#text, child) ?? []) ?? [];
    // The macro's middle argument is a source folder: the file comes last.
    const file = strings.at(-1);
    if (file) this.#addPath("embedded", file, `embedded://${file.value}`);
  }

  #call(kind: "load" | "load_folder" | "manifest", method: Node): void {
    const list = argumentsOf(method);
    if (list === null) return;
    const tokens = list.type === "token_tree";
    const argument = tokens ? firstTokenArgument(list) : firstArgument(list);
    if (argument === null) return;
    const heart = tokens ? argument : heartOf(argument);
    // `load` of an atomic takes an ordering, which names no asset.
    if (/^(?:\w+::)*(?:Ordering::)?(?:Relaxed|SeqCst|Acquire|Release|AcqRel)$/.test(argument.text.slice(0, 80))) return;
    if (heart !== null && this.#addHeart(kind, heart)) return;
    this.#add({ ...unknownPath(kind, { start: argument.startIndex, end: argument.endIndex }), dynamic: true });
  }

  /** Adds what a literal or a constant's name says; false when it says no string. */
  #addHeart(kind: "load" | "load_folder" | "manifest", heart: Node): boolean {
    const string = stringOf(this.#text, heart);
    if (string !== null) {
      this.#addPath(kind, string, string.value);
      return true;
    }
    if (heart.type !== "identifier" && heart.type !== "scoped_identifier") return false;
    const constant = this.#constants.get(heart.text);
    if (constant === null) return false;
    this.#addPath(kind, { start: heart.startIndex, end: heart.endIndex }, constant.value);
    return true;
  }

  /** A string that ends like an image counts where it is a constant's, or stands in `bsn!`. */
  #imageString(at: number): void {
    let node = this.#root.descendantForIndex(at);
    while (node && node.type !== "string_literal" && node.type !== "raw_string_literal") {
      if (node.type !== "string_content" && node.type !== "escape_sequence") return;
      node = node.parent;
    }
    const string = node && stringOf(this.#text, node);
    if (!node || !string || this.#found.has(string.start)) return;
    const kind = holderOf(node);
    if (kind !== null) this.#addPath(kind, string, string.value);
  }

  #addPath(kind: ReferenceKind, span: Span, written: string): void {
    const { source, path, label } = splitAssetPath(written);
    const image = kind !== "load_folder" && kind !== "manifest" && isImagePath(path);
    const { start, end } = span;
    this.#add({ kind, start, end, path, source, label, key: null, image, dynamic: false });
  }

  #add(reference: AssetReference): void {
    if (!this.#found.has(reference.start)) this.#found.set(reference.start, reference);
  }
}

/** A reference without a path, at a span. */
function unknownPath(kind: ReferenceKind, span: Span): AssetReference {
  const { start, end } = span;
  return { kind, start, end, path: null, source: null, label: null, key: null, image: false, dynamic: false };
}

/** What makes a bare string a reference: the constant or the `bsn!` it stands in. */
function holderOf(string: Node): "constant" | "bsn" | null {
  for (let node = string.parent; node !== null; node = node.parent) {
    if (node.type === "const_item" || node.type === "static_item") return "constant";
    if (node.type === "macro_invocation") {
      return /^(?:\w+::)*bsn\w*$/.test(node.childForFieldName("macro")?.text ?? "") ? "bsn" : null;
    }
    if (node.type === "function_item") return null;
  }
  return null;
}
