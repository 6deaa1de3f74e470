import { isImagePath, splitAssetPath } from "../asset-path.ts";
import { bindDirective } from "../binding.ts";
import { parseDirectives, type Directive } from "../directive.ts";
import type { Problem, Span } from "../problem.ts";
import { codeBefore, referencesIn } from "../reference-list.ts";
import type { AssetReference, BoundDirective, SourceFile } from "../source-file.ts";
import { isContainer, keyOf, rootMap, stringContent, stringValue } from "./document.ts";
import type { RonContainer, RonDocument, RonElement, RonValue } from "./document.ts";
import { parseRon } from "./parse.ts";

/**
 * Reads what a RON file says about sprites: directives in `//` comments, each bound to its image, and every string
 * that names an image. `document` is the text's own document, where the caller has it. Never throws.
 */
export function readRon(text: string, document: RonDocument = parseRon(text)): SourceFile {
  const references = ronReferences(document);
  const comments = document.comments.filter((comment) => comment.kind === "line");
  const directives: BoundDirective[] = [];
  const problems: Problem[] = [...document.problems];
  for (const directive of parseDirectives(text, comments)) {
    const { bound, problem } = bind(document, directive, references);
    directives.push(bound);
    problems.push(...directive.problems);
    if (problem) problems.push(problem);
  }
  return { directives, references, problems: problems.toSorted((a, b) => a.start - b.start) };
}

/** Strings that name images, in the order of the text, with the manifest key of the entry around them. */
function ronReferences(document: RonDocument): AssetReference[] {
  const references: AssetReference[] = [];
  const visit = (value: RonValue, key: string | null): void => {
    if (isContainer(value)) {
      for (const element of value.elements) visit(element.value, key);
      return;
    }
    const content = stringContent(document, value);
    if (content === null) return;
    const { source, path, label } = splitAssetPath(stringValue(document, value) ?? "");
    if (!isImagePath(path)) return;
    references.push({ kind: "ron", ...content, path, source, label, key, image: true, dynamic: false });
  };
  const manifest = rootMap(document);
  if (manifest) for (const entry of manifest.elements) visit(entry.value, keyOf(document, entry));
  else if (document.root) visit(document.root, null);
  return references;
}

function bind(document: RonDocument, directive: Directive, references: readonly AssetReference[]) {
  const { text } = document;
  const line = codeBefore(text, text.lastIndexOf("//", directive.start));
  if (line) return bindDirective(directive, "line", referencesIn(references, line));
  const place = nextElement(document.root, directive.end);
  return bindDirective(directive, "next", place ? referencesIn(references, place) : []);
}

/** What follows an offset in the innermost container around it: an entry, field or item, or the file's value. */
function nextElement(root: RonValue | null, offset: number): Span | null {
  if (root === null) return null;
  if (offset <= root.start) return root;
  let container: RonValue = root;
  while (isContainer(container)) {
    const index = firstEndingAfter(container, offset);
    const element: RonElement | undefined = container.elements[index];
    if (element === undefined) return null;
    if (offset <= element.start) return element;
    // Between a key and its value the directive is for that value.
    if (offset <= element.value.start) return element.value;
    container = element.value;
  }
  return null;
}

/** Index of the first element that ends behind an offset. */
function firstEndingAfter(container: RonContainer, offset: number): number {
  let low = 0;
  let high = container.elements.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((container.elements[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
