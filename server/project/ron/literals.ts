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
  switch (kind) {
    case "number": {
      const written = end - start > maxNumberLength ? "" : text.slice(start, end);
      if (integer.test(written) || float.test(written)) return [];
      const shown = written === "" ? "This" : `\`${written}\``;
      return [{ code: "ron-number", start, end, message: `${shown} is not a number in RON` }];
    }
    case "string":
    case "byte-string":
    case "char":
    case "byte": {
      const prefix = kind === "byte-string" || kind === "byte" ? 2 : 1;
      const { value, faults } = unescapeRust(text, start + prefix, end - 1);
      const found: LiteralFault[] = faults.map((fault) => ({ code: "ron-escape", ...fault }));
      const single = kind === "char" || kind === "byte";
      if (single && faults.length === 0 && [...value].length !== 1) {
        found.push({ code: "ron-syntax", start, end, message: "A character literal holds exactly one character" });
      }
      return found;
    }
    default:
      return [];
  }
}
