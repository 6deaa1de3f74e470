import { Language, Parser, type Tree } from "web-tree-sitter";
import { resourcePath } from "../../protocol/entry-points.ts";

let loading: Promise<Parser> | null = null;
let parser: Parser | null = null;

/** Loads the Rust grammar once; reading Rust works after it. Throws what the WebAssembly loader throws. */
export async function initRust(): Promise<void> {
  loading ??= load();
  try {
    parser = await loading;
  } catch (error) {
    // A later call may try again, such as after a file system came back.
    loading = null;
    throw error;
  }
}

/**
 * The syntax tree of a Rust text, by UTF-16 offsets. With the tree of an earlier text, edited by `Tree.edit`, only
 * what changed is parsed. The caller deletes the tree, which lives outside the garbage collector's sight.
 */
export function parseRust(text: string, earlier: Tree | null = null): Tree {
  if (parser === null) throw new Error("initRust() must have ended before Rust is read");
  const tree = parser.parse(text, earlier);
  // Only a parser without a language, or one that is stopped, gives none.
  if (tree === null) throw new Error("The Rust parser gave no tree");
  return tree;
}

async function load(): Promise<Parser> {
  await Parser.init({ locateFile: () => resourcePath("web-tree-sitter.wasm") });
  const language = await Language.load(resourcePath("tree-sitter-rust.wasm"));
  return new Parser().setLanguage(language);
}
