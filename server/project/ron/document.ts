import { unescapeRust } from "../escapes.ts";
import type { LineIndex } from "../lines.ts";
import type { Problem, Span } from "../problem.ts";

/** A RON text with its tree. Every node is a span of `text`, so that an edit can leave the rest as it is. */
export interface RonDocument {
  readonly text: string;
  /** The one value of the file, null when there is none. */
  readonly root: RonValue | null;
  /** Names enabled by `#![enable(…)]`. */
  readonly extensions: readonly RonScalar[];
  /** Comments in the order of the text. */
  readonly comments: readonly RonComment[];
  readonly problems: readonly Problem[];
  readonly lines: LineIndex;
}

export interface RonComment extends Span {
  readonly kind: "line" | "block";
}

export type RonValue = RonScalar | RonContainer;

export interface RonScalar extends Span {
  /** `identifier` is a unit struct or enum variant, `None` too; `error` stands where a value is missing or unreadable. */
  readonly kind: "string" | "bytes" | "char" | "number" | "bool" | "identifier" | "error";
}

/** `struct`: `Name(a: 1)` or `(a: 1)`; `tuple`: `Name(1)`, `(1, 2)`, `()`, `Some(1)`; `map`: `{ k: v }`; `list`: `[v]`. */
export interface RonContainer extends Span {
  readonly kind: "struct" | "tuple" | "map" | "list";
  readonly name: RonScalar | null;
  /** Offset of the opening bracket. */
  readonly open: number;
  /** Offset of the closing bracket, null when it is missing. */
  readonly close: number | null;
  readonly elements: readonly RonElement[];
}

/** One item, field or map entry, its span from key (or value) to value. */
export interface RonElement extends Span {
  readonly key: RonValue | null;
  /** Offset of the `:`, null for items and where it is missing. */
  readonly colon: number | null;
  readonly value: RonValue;
  /** Offset of the `,` that follows, null where there is none. */
  readonly comma: number | null;
}

export function isContainer(value: RonValue | null | undefined): value is RonContainer {
  return value !== null && value !== undefined && "elements" in value;
}

/** The written text of a span. */
export function textOf(document: RonDocument, span: Span): string {
  return document.text.slice(span.start, span.end);
}

/** The name of an identifier without a leading `r#`, and of a named struct or tuple; null for other values. */
export function nameOf(document: RonDocument, value: RonValue | null): string | null {
  const named = isContainer(value) ? value.name : value;
  if (named?.kind !== "identifier") return null;
  return textOf(document, named).replace(/^r#/, "");
}

/** Content of a string literal without its quotes, null for other values. */
export function stringContent(document: RonDocument, value: RonValue): Span | null {
  if (value.kind !== "string") return null;
  const { text } = document;
  let quote = value.start;
  while (quote < value.end && text.charCodeAt(quote) !== 0x22) quote++;
  const raw = text.charCodeAt(value.start) === 0x72;
  const closing = raw ? quote - value.start : 1;
  // A string without its end has no closing quote to leave out.
  const closed = value.end - closing > quote && text.charCodeAt(value.end - closing) === 0x22;
  return { start: quote + 1, end: closed ? value.end - closing : value.end };
}

/** The text a string means, null for other values. */
export function stringValue(document: RonDocument, value: RonValue): string | null {
  const content = stringContent(document, value);
  if (content === null) return null;
  if (document.text.charCodeAt(value.start) === 0x72) return textOf(document, content);
  return unescapeRust(document.text, content.start, content.end).value;
}

/** A number as JavaScript has it (beyond 2⁵³ rounded), null for other values and malformed numbers. */
export function numberValue(document: RonDocument, value: RonValue): number | null {
  if (value.kind !== "number") return null;
  const text = textOf(document, value).replaceAll("_", "");
  const form = /^([+-]?)(inf|NaN|0[xbo][0-9a-fA-F]+?|[0-9.]+(?:[eE][+-]?[0-9]+)?)(?:[iuf][0-9]+|[iu]size)?$/.exec(text);
  if (!form) return null;
  const digits = form[2] ?? "";
  const magnitude = digits === "inf" ? Number.POSITIVE_INFINITY : Number(digits);
  return form[1] === "-" ? -magnitude : magnitude;
}

/** The element whose string key or field name is `key`; the first where it stands twice. */
export function elementOf(document: RonDocument, container: RonValue | null, key: string): RonElement | undefined {
  if (!isContainer(container)) return undefined;
  return container.elements.find((element) => keyOf(document, element) === key);
}

/** An element's string key or field name, null when it has neither. */
export function keyOf(document: RonDocument, element: RonElement): string | null {
  if (element.key === null) return null;
  return stringValue(document, element.key) ?? nameOf(document, element.key);
}

/**
 * The outermost map of a file: the root itself, or the map in the newtype `({ … })` or `Name({ … })`
 * that bevy_asset_loader writes. Null when the file is something else.
 */
export function rootMap(document: RonDocument): RonContainer | null {
  let value = document.root;
  while (isContainer(value) && value.kind === "tuple" && value.elements.length === 1) {
    value = value.elements[0]?.value ?? null;
  }
  return isContainer(value) && value.kind === "map" ? value : null;
}

/** White space before the first character of the line that holds `offset`. */
export function indentationAt(document: RonDocument, offset: number): string {
  const start = document.lines.start(document.lines.line(offset));
  let end = start;
  while (end < document.text.length && " \t".includes(document.text.charAt(end))) end++;
  return document.text.slice(start, end);
}

/** Whether each element stands on a line of its own, so that a new one should too. */
export function isMultiline(document: RonDocument, container: RonContainer): boolean {
  const last = container.elements.at(-1);
  const close = container.close ?? container.end;
  return document.lines.line(last?.end ?? container.open) !== document.lines.line(close);
}
