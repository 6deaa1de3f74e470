import type { Node, TreeCursor } from "web-tree-sitter";
import { imageExtensions, isImagePath, splitAssetPath } from "../asset-path.ts";
import type { Span } from "../problem.ts";
import type { AssetReference, ReferenceKind } from "../source-file.ts";
import { assetAttribute } from "./attributes.ts";
import { RustConstants } from "./constants.ts";
import { argumentsOf, assetPathHeart, firstArgumentOf, macroArguments } from "./calls.ts";
import { stringOf } from "./literals.ts";
import { NodeFinder } from "./node-finder.ts";

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

const atomicOrdering = /^(?:\w+::)*(?:Relaxed|SeqCst|Acquire|Ordering::\w+)$/;

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

/** Kinds that a call with a path may be. */
type PathKind = "load" | "load_folder" | "manifest";

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
    this.#each(words, (finder, match) => {
      const { cursor } = finder;
      // In a comment or a string the smallest node is another one.
      if (cursor.startIndex !== match.index || cursor.endIndex !== match.index + match[0].length) return;
      finder.around((around) => this.#word(match[0], match.index, around));
    });
    this.#each(imageStrings, (finder) => finder.around((around) => this.#imageString(around)));
    return [...this.#found.values()].toSorted((a, b) => a.start - b.start);
  }

  #each(pattern: RegExp, visit: (finder: NodeFinder, match: RegExpExecArray) => void): void {
    const finder = new NodeFinder(this.#root);
    try {
      for (const match of this.#text.matchAll(pattern)) if (finder.find(match.index)) visit(finder, match);
    } finally {
      finder.delete();
    }
  }

  #word(word: string, at: number, cursor: TreeCursor): void {
    if (word === "asset") this.#attribute(cursor);
    else if (word === "AssetPath") this.#assetPath(cursor);
    else if (embeddingMacros.has(word)) this.#embedded(cursor);
    else if (!isMethod(this.#text, at)) return;
    else if (word === "with_dynamic_assets_file") this.#call("manifest", cursor);
    else if (word === "load_folder") this.#call("load_folder", cursor);
    else if (loadMethods.has(word)) this.#call("load", cursor);
  }

  #attribute(cursor: TreeCursor): void {
    const attribute = assetAttribute(this.#text, cursor);
    if (attribute === null) return;
    for (const path of attribute.paths) this.#addPath("attribute", path, path.value);
    const { key } = attribute;
    if (key !== null) this.#add({ ...unknownPath("key", key), key: key.value, image: attribute.mayBeImage });
  }

  #assetPath(cursor: TreeCursor): void {
    const heart = assetPathHeart(cursor);
    if (heart) this.#addHeart("load", heart);
  }

  #embedded(cursor: TreeCursor): void {
    const tokens = macroArguments(cursor);
    const strings = tokens?.namedChildren.flatMap((child) => stringOf(this.#text, child) ?? []) ?? [];
    // The macro's middle argument is a source folder: the file comes last.
    const file = strings.at(-1);
    if (file) this.#addPath("embedded", file, `embedded://${file.value}`);
  }

  #call(kind: PathKind, cursor: TreeCursor): void {
    const list = argumentsOf(cursor);
    if (list === null) return;
    const argument = firstArgumentOf(list);
    // `load` of an atomic takes an ordering, which names no asset.
    if (argument === null || atomicOrdering.test(this.#text.slice(argument.start, argument.end))) return;
    if (argument.heart !== null && this.#addHeart(kind, argument.heart)) return;
    this.#add({ ...unknownPath(kind, argument), dynamic: true });
  }

  /** Adds what a literal or a constant's name says; false when it says no string. */
  #addHeart(kind: PathKind, heart: Node): boolean {
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
  #imageString(cursor: TreeCursor): void {
    while (cursor.nodeType === "string_content" || cursor.nodeType === "escape_sequence") cursor.gotoParent();
    const string = stringOf(this.#text, cursor.currentNode);
    if (string === null || this.#found.has(string.start)) return;
    const kind = holderOf(cursor);
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

/** Whether the word at an offset is called on something, not a function's own name. */
function isMethod(text: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && " \t\r\n".includes(text.charAt(before))) before--;
  return text.charAt(before) === ".";
}

/** What makes a bare string a reference: the constant or the `bsn!` it stands in. */
function holderOf(cursor: TreeCursor): "constant" | "bsn" | null {
  while (cursor.gotoParent()) {
    const type = cursor.nodeType;
    if (type === "const_item" || type === "static_item") return "constant";
    if (type === "function_item") return null;
    if (type === "macro_invocation") {
      const name = cursor.currentNode.childForFieldName("macro")?.text ?? "";
      return /^(?:\w+::)*bsn\w*$/.test(name) ? "bsn" : null;
    }
  }
  return null;
}
