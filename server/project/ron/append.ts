import type { TextEdit } from "../../protocol/events.ts";
import { lineEnding } from "../text-edits.ts";
import { indentationAt, isMultiline, type RonContainer, type RonDocument, type RonElement } from "./document.ts";

/**
 * Edits that add elements (`key: value`, without comma) behind `after`, or at the container's end. They follow the
 * text's own layout: its indentation, its line ends, one line or several, a comma after the last element or none.
 * The container must be well formed, and `elements` not empty.
 */
export function insertElements(
  document: RonDocument,
  container: RonContainer,
  elements: readonly string[],
  after: RonElement | null = null,
): readonly TextEdit[] {
  const last = container.elements.at(-1);
  if (last === undefined) return [fillEmpty(document, container, elements)];
  const anchor = after ?? last;
  const isLast = anchor === last;
  const lineBreak = isLast
    ? isMultiline(document, container)
    : beginsLine(document, following(container, anchor).start);
  const gap = lineBreak ? lineEnding(document.text) + childIndentation(document, container) : " ";
  const point = isLast ? contentEnd(document, container) : trailingCommentEnd(document, anchor);
  const keepsComma = anchor.comma !== null;
  const inserted = elements.map((element) => gap + element).join(",") + (keepsComma ? "," : "");
  if (keepsComma) return [insertion(point, inserted)];
  // The comma stands behind the element itself, before a comment that may follow it.
  if (point === anchor.end) return [insertion(point, `,${inserted}`)];
  return [insertion(anchor.end, ","), insertion(point, inserted)];
}

function fillEmpty(document: RonDocument, container: RonContainer, elements: readonly string[]): TextEdit {
  const end = contentEnd(document, container);
  const close = container.close ?? container.end;
  const newline = lineEnding(document.text);
  const indent = newline + childIndentation(document, container);
  if (container.kind !== "map") {
    // A comment before it may be one that reaches to the line's end.
    const gap = end === container.open + 1 ? "" : indent;
    return insertion(end, gap + elements.join(", "));
  }
  const body = elements.map((element) => `${indent}${element},`).join("");
  const closing = newline + indentationAt(document, container.open);
  // White space alone between the braces is the one thing that is not kept: it becomes the new lines.
  if (end === container.open + 1) return { start: end, end: close, text: body + closing };
  return insertion(end, beginsLine(document, close) ? body : body + closing);
}

/** Behind the last comment, comma or element of the container. */
function contentEnd(document: RonDocument, container: RonContainer): number {
  const close = container.close ?? container.end;
  const text = document.text.slice(0, close);
  return Math.max(container.open + 1, text.trimEnd().length);
}

/** Behind the element's comma and a comment that ends its line. */
function trailingCommentEnd(document: RonDocument, element: RonElement): number {
  const end = (element.comma ?? element.end - 1) + 1;
  const line = document.lines.line(end);
  const comment = document.comments.find(
    ({ start }) => start >= end && document.lines.line(start) === line && document.text.slice(end, start).trim() === "",
  );
  if (comment === undefined) return end;
  const rest = document.text.slice(comment.end, document.lines.start(document.lines.line(comment.end) + 1));
  return comment.kind === "line" || rest.trim() === "" ? comment.end : end;
}

function following(container: RonContainer, element: RonElement): RonElement {
  return container.elements[container.elements.indexOf(element) + 1] ?? element;
}

function childIndentation(document: RonDocument, container: RonContainer): string {
  const sibling = container.elements.findLast((element) => beginsLine(document, element.start));
  if (sibling) return indentationAt(document, sibling.start);
  const own = indentationAt(document, container.open);
  return own + (own.includes("\t") || /^\t/m.test(document.text) ? "\t" : "    ");
}

function beginsLine(document: RonDocument, offset: number): boolean {
  const start = document.lines.start(document.lines.line(offset));
  return document.text.slice(start, offset).trim() === "";
}

function insertion(offset: number, text: string): TextEdit {
  return { start: offset, end: offset, text };
}
