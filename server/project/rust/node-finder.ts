import type { Node, TreeCursor } from "web-tree-sitter";

/** Deeper than a person writes. A node's parent costs as much as the node is deep. */
const maxDepth = 1000;

/**
 * Finds nodes at offsets that grow. Each search goes on where the last one ended, so that all together visit a node
 * at most once: searches from the root, and a node's siblings, take quadratic time in a deep or flat text.
 */
export class NodeFinder {
  /** Stands at the node that was found last. */
  readonly cursor: TreeCursor;
  #attributes: number | null = null;
  /** Counted here, since the cursor would count its whole stack each time. */
  #depth = 0;

  constructor(root: Node) {
    this.cursor = root.walk();
  }

  /** Where the attributes begin that stand, among comments, right before the found node; null without any. */
  get attributesStart(): number | null {
    return this.#attributes;
  }

  /** The smallest node that holds `offset`, a line comment as a whole; null where there is none, or it lies too deep. */
  find(offset: number): Node | null {
    const { cursor } = this;
    while (cursor.endIndex <= offset) {
      if (this.#nextSibling()) continue;
      this.#attributes = null;
      if (!cursor.gotoParent()) return null;
      this.#depth--;
    }
    // `gotoFirstChildForIndex` would skip children, but does not heed its argument (web-tree-sitter 0.27).
    while (cursor.nodeType !== "line_comment" && cursor.gotoFirstChild()) {
      this.#depth++;
      this.#attributes = null;
      while (cursor.endIndex <= offset && this.#nextSibling());
      if (!this.#holds(offset)) break;
    }
    return this.#holds(offset) && this.#depth <= maxDepth ? cursor.currentNode : null;
  }

  /** Looks around the found node with a cursor of its own. */
  around<T>(look: (cursor: TreeCursor) => T): T {
    const cursor = copyOf(this.cursor);
    try {
      return look(cursor);
    } finally {
      cursor.delete();
    }
  }

  delete(): void {
    this.cursor.delete();
  }

  #holds(offset: number): boolean {
    return this.cursor.startIndex <= offset && offset < this.cursor.endIndex;
  }

  #nextSibling(): boolean {
    const type = this.cursor.nodeType;
    if (type === "attribute_item") this.#attributes ??= this.cursor.startIndex;
    else if (type !== "line_comment" && type !== "block_comment") this.#attributes = null;
    return this.cursor.gotoNextSibling();
  }
}

/** A second cursor at the same node; the caller deletes it, since the garbage collector would free the wrong one. */
export function copyOf(cursor: TreeCursor): TreeCursor {
  // web-tree-sitter 0.27 copies whichever cursor was used last: asking for something makes it this one.
  if (cursor.nodeTypeId < 0) throw new Error("A tree cursor stands nowhere");
  return cursor.copy();
}
