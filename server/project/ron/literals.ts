import { unescapeRust } from "../escapes.ts";
import type { ProblemCode, Span } from "../problem.ts";
import type { RonTokenKind } from "./lexer.ts";

interface LiteralFault extends Span {
  readonly code: ProblemCode;
  readonly message: string;
}

const integer =
  /^[+-]?(?:0x[0-9a-fA-F][0-9a-fA-F_]*?|0b[01][01_]*|0o[0-7][0-7_]*|[0-9][0-9_]*)(?:[iu](?:8|16|32|64|128|size))?$/;
const float =
  /^[+-]?(?:inf|NaN|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]*[0-9][0-9_]*)?)(?:f32|f64)?$/;

/** No number of use is longer; it also keeps the patterns above from a hostile text. */
const maxNumberLength = 400;

/** What is wrong inside a literal whose ends are sound. */
export function literalFaults(kind: RonTokenKind, text: string, start: number, end: number): readonly LiteralFault[] {
  if (kind === "number") return numberFaults(text, start, end);
  const single = kind === "char" || kind === "byte";
  if (!single && kind !== "string" && kind !== "byte-string") return [];
  const prefix = kind === "byte-string" || kind === "byte" ? 2 : 1;
  const { value, faults } = unescapeRust(text, start + prefix, end - 1);
  if (faults.length > 0) return faults.map((fault) => ({ code: "ron-escape", ...fault }));
  const first = value.codePointAt(0);
  if (single && (first === undefined || value !== String.fromCodePoint(first))) {
    return [{ code: "ron-syntax", start, end, message: "A character literal holds exactly one character" }];
  }
  return [];
}

function numberFaults(text: string, start: number, end: number): readonly LiteralFault[] {
  const written = end - start > maxNumberLength ? null : text.slice(start, end);
  if (written !== null && (integer.test(written) || float.test(written))) return [];
  const shown = written === null ? "This" : `\`${written}\``;
  return [{ code: "ron-number", start, end, message: `${shown} is not a number in RON` }];
}
