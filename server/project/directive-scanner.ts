import { directiveKeys } from "./directive-values.ts";
import type { Span } from "./problem.ts";

/** A bare word or the inside of a string, as it is written. */
export interface Word extends Span {
  /** Span of what the word says, without quotes. */
  readonly content: Span;
  readonly quoted: boolean;
  /** False for a string without its closing quote. */
  readonly closed: boolean;
}

/** Where a part of a directive begins again behind a string that was never closed. */
const partAhead = new RegExp(String.raw`\s(?=\d+x\d+(?:\s|$)|(?:${Object.keys(directiveKeys).join("|")})=)`);

/** Cuts a directive's text into words and strings. Each character is looked at a bounded number of times. */
export class DirectiveScanner {
  position = 0;
  readonly text: string;
  /** Up to here the text is known to hold no closing quote. */
  #unclosedTo = 0;

  constructor(text: string) {
    this.text = text;
  }

  get char(): string {
    return this.text.charAt(this.position);
  }

  /** At a blank or the end, where a part may end. */
  get atBreak(): boolean {
    return this.position >= this.text.length || isBlank(this.char);
  }

  /** Moves over blanks; false at the end. */
  skipBlanks(): boolean {
    while (this.position < this.text.length && isBlank(this.char)) this.position++;
    return this.position < this.text.length;
  }

  /** Moves over what `pattern` (sticky) matches here, or stays and gives null. */
  take(pattern: RegExp): string | null {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match === null) return null;
    this.position += match[0].length;
    return match[0];
  }

  /** Whether `pattern` (sticky) matches here. */
  sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.position;
    return pattern.test(this.text);
  }

  /** A key, size or stray word: all up to a blank, a quote or `=`. */
  word(): Span {
    const start = this.position;
    this.take(/[^\s"=]*/y);
    return { start, end: this.position };
  }

  /** The value after `=`: a string, or all up to a blank or a quote. */
  value(): Word {
    if (this.char === '"') return this.string();
    const start = this.position;
    this.take(/[^\s"]*/y);
    const span = { start, end: this.position };
    return { ...span, content: span, quoted: false, closed: true };
  }

  /** The string that begins here. Without a closing quote in its line it ends where the next part seems to begin. */
  string(): Word {
    const { text, position: start } = this;
    let end = start < this.#unclosedTo ? this.#unclosedTo : start + 1;
    while (end < text.length && text.charAt(end) !== '"' && text.charAt(end) !== "\n") {
      // After a backslash even a line break belongs to the string, as in Rust.
      end += text.charAt(end) === "\\" ? 2 : 1;
    }
    end = Math.min(end, text.length);
    const closed = text.charAt(end) === '"';
    if (!closed) {
      this.#unclosedTo = end;
      const ahead = partAhead.exec(text.slice(start, end));
      if (ahead) end = start + ahead.index;
    }
    this.position = closed ? end + 1 : end;
    return { start, end: this.position, content: { start: start + 1, end }, quoted: true, closed };
  }
}

function isBlank(char: string): boolean {
  return /\s/.test(char);
}
