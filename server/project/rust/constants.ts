import type { Node } from "web-tree-sitter";
import { heartOf, stringOf, type RustString } from "./literals.ts";
import { NodeFinder } from "./node-finder.ts";

/** String constants and statics of one file by name; looked up only when a path is given by name. */
export class RustConstants {
  readonly #text: string;
  readonly #root: Node;
  #found: Map<string, RustString | null> | null = null;

  constructor(text: string, root: Node) {
    this.#text = text;
    this.#root = root;
  }

  /** The constant that a name or path such as `Self::DRAGON` means; null when there is none, or several that differ. */
  get(name: string): RustString | null {
    this.#found ??= this.#collect();
    return this.#found.get(name.slice(name.lastIndexOf(":") + 1).trim()) ?? null;
  }

  #collect(): Map<string, RustString | null> {
    const found = new Map<string, RustString | null>();
    const finder = new NodeFinder(this.#root);
    for (const match of this.#text.matchAll(/\b(?:const|static)\s+(?:mut\s+)?(\w+)\s*:/g)) {
      const name = match[1];
      const item = finder.find(match.index) && finder.around((cursor) => cursor.gotoParent() && cursor.currentNode);
      if (name === undefined || !item || (item.type !== "const_item" && item.type !== "static_item")) continue;
      const value = item.childForFieldName("value");
      const heart = value && heartOf(value);
      const string = heart && stringOf(this.#text, heart);
      const earlier = found.get(name);
      const clash = found.has(name) && earlier?.value !== string?.value;
      found.set(name, clash ? null : (string ?? null));
    }
    finder.delete();
    return found;
  }
}
