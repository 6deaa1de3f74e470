import type { Span } from "../problem.ts";

export type RonTokenKind =
  | "whitespace"
  | "line-comment"
  | "block-comment"
  | "identifier"
  | "string"
  | "raw-string"
  | "byte-string"
  | "raw-byte-string"
  | "char"
  | "byte"
  | "number"
  | "("
  | ")"
  | "["
  | "]"
  | "{"
  | "}"
  | ":"
  | ","
  | "#"
  | "!"
  | "error"
  | "end";

export interface RonToken extends Span {
  readonly kind: RonTokenKind;
  /** Why the token is malformed, else null. */
  readonly fault: string | null;
}

/** Rust's own limit on the `#` of a raw string; it also bounds the searches for a missing end. */
const maxHashes = 255;

const punctuation: ReadonlyMap<string, RonTokenKind> = new Map(
  (["(", ")", "[", "]", "{", "}", ":", ",", "#", "!"] as const).map((char) => [char, char]),
);
const xidStart = /^[\p{XID_Start}_]$/u;
const xidContinue = /^\p{XID_Continue}$/u;
const specialFloat = /^(?:inf|NaN)(?:f32|f64)?$/;

/**
 * Cuts a RON text (grammar of ron 0.8 to 0.12) into tokens, trivia included: each begins where the one before ends.
 * Never throws, and takes time linear in the text. The current token is in `kind`, `start`, `end` and `fault`.
 */
export class RonLexer implements RonToken {
  kind: RonTokenKind = "whitespace";
  start = 0;
  end = 0;
  fault: string | null = null;

  readonly text: string;
  /** Once one string has no end, later ones stop at their line's end, so that no text is searched twice. */
  #stringsEndAtLine = false;
  /** Raw strings with at least this many `#` are known to have no end. */
  #openHashes = maxHashes + 1;

  constructor(text: string) {
    this.text = text;
  }

  /** Moves to the next token, `end` after the last one. */
  next(): RonTokenKind {
    this.start = this.end;
    this.fault = null;
    this.kind = this.start >= this.text.length ? "end" : this.#scan();
    return this.kind;
  }

  #scan(): RonTokenKind {
    const { text, start } = this;
    const code = text.charCodeAt(start);
    if (isSpace(code, start)) return this.#whitespace();
    if (code === 0x2f) return this.#slash();
    if (code === 0x22) return this.#string(start, "string");
    if (code === 0x27) return this.#char(start, "char");
    const after = text.charCodeAt(start + 1);
    if (code === 0x62) {
      if (after === 0x22) return this.#string(start + 1, "byte-string");
      if (after === 0x27) return this.#char(start + 1, "byte");
      if (after === 0x72) {
        const raw = this.#rawString(start + 1, "raw-byte-string");
        if (raw) return raw;
      }
    }
    if (code === 0x72) {
      const raw = this.#rawString(start, "raw-string") ?? this.#rawIdentifier();
      if (raw) return raw;
    }
    if (isDigit(code) || (code === 0x2e && isDigit(after))) return this.#number(start);
    if (code === 0x2b || code === 0x2d) return this.#signed();
    const end = identifierEnd(text, start);
    if (end > start) {
      this.end = end;
      return end - start <= 6 && specialFloat.test(text.slice(start, end)) ? "number" : "identifier";
    }
    const mark = punctuation.get(text.charAt(start));
    if (mark !== undefined) {
      this.end = start + 1;
      return mark;
    }
    this.end = start + codePointLength(text, start);
    this.fault = `\`${text.slice(start, this.end)}\` has no meaning in RON`;
    return "error";
  }

  #whitespace(): RonTokenKind {
    let end = this.start + 1;
    while (end < this.text.length && isSpace(this.text.charCodeAt(end), end)) end++;
    this.end = end;
    return "whitespace";
  }

  #slash(): RonTokenKind {
    const { text, start } = this;
    const after = text.charCodeAt(start + 1);
    if (after === 0x2f) {
      this.end = lineEnd(text, start);
      return "line-comment";
    }
    if (after !== 0x2a) {
      this.end = start + 1;
      this.fault = "A lone `/` has no meaning in RON; comments begin with `//` or `/*`";
      return "error";
    }
    let depth = 1;
    let index = start + 2;
    while (depth > 0 && index < text.length) {
      const code = text.charCodeAt(index);
      const following = text.charCodeAt(index + 1);
      if (code === 0x2a && following === 0x2f) depth--;
      else if (code === 0x2f && following === 0x2a) depth++;
      else {
        index++;
        continue;
      }
      index += 2;
    }
    if (depth > 0) this.fault = "This block comment has no end `*/`";
    this.end = Math.min(index, text.length);
    return "block-comment";
  }

  #string(quote: number, kind: "string" | "byte-string"): RonTokenKind {
    const { text } = this;
    for (let index = quote + 1; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code === 0x22) {
        this.end = index + 1;
        return kind;
      }
      if (code === 0x5c) index++;
      else if (code === 0x0a && this.#stringsEndAtLine) break;
    }
    this.#stringsEndAtLine = true;
    this.end = lineEnd(text, quote);
    this.fault = 'This string has no closing `"`';
    return kind;
  }

  #rawString(r: number, kind: "raw-string" | "raw-byte-string"): RonTokenKind | undefined {
    const { text } = this;
    let quote = r + 1;
    while (text.charCodeAt(quote) === 0x23) quote++;
    if (text.charCodeAt(quote) !== 0x22) return undefined;
    const hashes = quote - r - 1;
    const close = hashes < this.#openHashes ? text.indexOf(`"${"#".repeat(hashes)}`, quote + 1) : -1;
    if (close >= 0) {
      this.end = close + 1 + hashes;
      return kind;
    }
    this.#openHashes = Math.min(this.#openHashes, hashes);
    this.end = lineEnd(text, quote);
    this.fault =
      hashes > maxHashes
        ? `A raw string may have at most ${maxHashes} \`#\``
        : `This raw string has no closing \`"${"#".repeat(hashes)}\``;
    return kind;
  }

  #rawIdentifier(): RonTokenKind | undefined {
    if (this.text.charCodeAt(this.start + 1) !== 0x23) return undefined;
    let end = this.start + 2;
    for (;;) {
      const code = this.text.charCodeAt(end);
      if (code === 0x2e || code === 0x2b || code === 0x2d) end++;
      else {
        const length = continueLength(this.text, end);
        if (length === 0) break;
        end += length;
      }
    }
    if (end === this.start + 2) return undefined;
    this.end = end;
    return "identifier";
  }

  #char(quote: number, kind: "char" | "byte"): RonTokenKind {
    const { text } = this;
    let end = quote + 1;
    if (text.charCodeAt(end) === 0x5c) {
      end += 2;
      // The longest escape is \u{10FFFF}: the search for its end stays short.
      const limit = end + 10;
      while (end < limit && end < text.length && text.charCodeAt(end) !== 0x27 && text.charCodeAt(end) !== 0x0a) end++;
    } else if (end < text.length && text.charCodeAt(end) !== 0x0a) {
      end += codePointLength(text, end);
    }
    if (text.charCodeAt(end) === 0x27 && end > quote + 1) {
      this.end = end + 1;
      return kind;
    }
    this.end = quote + 1;
    this.fault = "A character stands between two `'`; text stands between two `\"`";
    return "error";
  }

  #signed(): RonTokenKind {
    const { text, start } = this;
    const after = text.charCodeAt(start + 1);
    if (isDigit(after) || (after === 0x2e && isDigit(text.charCodeAt(start + 2)))) return this.#number(start + 1);
    const end = identifierEnd(text, start + 1);
    if (end > start + 1 && end - start <= 7 && specialFloat.test(text.slice(start + 1, end))) {
      this.end = end;
      return "number";
    }
    this.end = start + 1;
    this.fault = `\`${text.charAt(start)}\` must stand before a number`;
    return "error";
  }

  /** Takes all that could belong to a number; the parser checks its form. */
  #number(from: number): RonTokenKind {
    const { text } = this;
    let end = from;
    const based = text.charCodeAt(from) === 0x30 && /[xbo]/.test(text.charAt(from + 1));
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (isWord(code) || code === 0x2e) continue;
      const signed = code === 0x2b || code === 0x2d;
      if (signed && !based && /[eE]/.test(text.charAt(end - 1))) continue;
      break;
    }
    this.end = end;
    return "number";
  }
}

/** Every token of a RON text, trivia included; their texts in order make the whole text. */
export function* ronTokens(text: string): Generator<RonToken> {
  const lexer = new RonLexer(text);
  while (lexer.next() !== "end") {
    yield { kind: lexer.kind, start: lexer.start, end: lexer.end, fault: lexer.fault };
  }
}

function isSpace(code: number, offset: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  if (code < 0x80) return false;
  return (
    code === 0x85 ||
    code === 0x200e ||
    code === 0x200f ||
    code === 0x2028 ||
    code === 0x2029 ||
    (code === 0xfeff && offset === 0)
  );
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** An ASCII letter, digit or underscore. */
function isWord(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f;
}

function codePointLength(text: string, offset: number): number {
  return (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
}

/** Offset of the line break that ends the line of `offset`, or the text's end. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  if (end < 0) return text.length;
  return end > offset && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
}

/** Length of the identifier character at `offset`, 0 when there is none. */
function continueLength(text: string, offset: number): number {
  const code = text.charCodeAt(offset);
  if (code < 0x80) return isWord(code) ? 1 : 0;
  const point = text.codePointAt(offset);
  if (point === undefined) return 0;
  const char = String.fromCodePoint(point);
  return xidContinue.test(char) ? char.length : 0;
}

/** End of the identifier at `start`, or `start` when none begins there. */
function identifierEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  let end = start;
  if (first < 0x80) {
    if (!isWord(first) || isDigit(first)) return start;
    end++;
  } else {
    const point = text.codePointAt(start);
    const char = point === undefined ? "" : String.fromCodePoint(point);
    if (!xidStart.test(char)) return start;
    end += char.length;
  }
  for (;;) {
    const length = continueLength(text, end);
    if (length === 0) return end;
    end += length;
  }
}
