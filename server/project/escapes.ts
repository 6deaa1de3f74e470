import type { Span } from "./problem.ts";

export interface EscapeFault extends Span {
  readonly message: string;
}

export interface Unescaped {
  readonly value: string;
  readonly faults: readonly EscapeFault[];
}

/** More faults than this in one string help nobody. */
const maxFaults = 20;

const simple: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "0": "\0",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/**
 * Reads Rust's string escapes (The Rust Reference, "Tokens") in `text` from `start` to `end`: `\n \r \t \0 \\ \' \"`,
 * `\xHH`, `\u{…}`, and a backslash before a line break, which drops the break and the white space after it.
 * A wrong escape is kept as it is written and listed with its span.
 */
export function unescapeRust(text: string, start: number, end: number): Unescaped {
  // Searching the slice alone keeps a file of many strings linear.
  const content = text.slice(start, end);
  let from = 0;
  let value = "";
  const faults: EscapeFault[] = [];
  for (let at = content.indexOf("\\"); at >= 0; at = content.indexOf("\\", from)) {
    const escape = readEscape(content, at);
    value += content.slice(from, at) + escape.value;
    if (escape.fault !== null && faults.length < maxFaults) {
      faults.push({ start: start + at, end: start + escape.end, message: escape.fault });
    }
    from = escape.end;
  }
  return { value: value + content.slice(from), faults };
}

/** `text` as the content of a Rust string literal in double quotes. */
export function escapeRust(text: string): string {
  let result = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === '"' || char === "\\") result += `\\${char}`;
    else if (char === "\n") result += "\\n";
    else if (char === "\r") result += "\\r";
    else if (char === "\t") result += "\\t";
    else if (code < 0x20 || code === 0x7f || code === 0x85 || code === 0x2028 || code === 0x2029) {
      result += `\\u{${code.toString(16)}}`;
    } else result += char;
  }
  return result;
}

function readEscape(text: string, at: number): { value: string; end: number; fault: string | null } {
  const char = text.charAt(at + 1);
  const known = simple[char];
  if (known !== undefined) return { value: known, end: at + 2, fault: null };
  if (char === "x") {
    const digits = text.slice(at + 2, at + 4);
    if (/^[0-9a-fA-F]{2}$/.test(digits)) {
      return { value: String.fromCharCode(Number.parseInt(digits, 16)), end: at + 4, fault: null };
    }
    return asWritten(text, at, at + 2, "`\\x` needs two hexadecimal digits, such as `\\x41`");
  }
  if (char === "u") {
    const form = /^\{([0-9a-fA-F_]{1,16})\}/.exec(text.slice(at + 2, at + 20));
    const digits = form?.[1]?.replaceAll("_", "") ?? "";
    const code = /^[0-9a-fA-F]{1,6}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
    const end = form ? at + 2 + form[0].length : at + 2;
    if (Number.isNaN(code)) {
      return asWritten(text, at, end, "`\\u` needs one to six hexadecimal digits in braces, such as `\\u{1F409}`");
    }
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      return asWritten(text, at, end, `\`\\u{${digits}}\` is not a Unicode character`);
    }
    return { value: String.fromCodePoint(code), end, fault: null };
  }
  if (char === "\n" || char === "\r") {
    let end = at + 1;
    while (end < text.length && " \t\r\n".includes(text.charAt(end))) end++;
    return { value: "", end, fault: null };
  }
  if (char === "") return asWritten(text, at, text.length, "A backslash at the end escapes nothing");
  const end = at + 1 + ((text.codePointAt(at + 1) ?? 0) > 0xffff ? 2 : 1);
  return asWritten(text, at, end, `\`\\${text.slice(at + 1, end)}\` is not an escape`);
}

function asWritten(text: string, start: number, end: number, fault: string) {
  return { value: text.slice(start, end), end, fault };
}
