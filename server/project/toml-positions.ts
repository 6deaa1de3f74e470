import type { Span } from "./problem.ts";

/** Where a key stands and where its value does. */
interface TomlPlace {
  readonly key: Span;
  readonly value: Span;
}

/**
 * Finds the places of keys and values in a TOML 1.0 text that a TOML parser has accepted (smol-toml keeps none).
 * On other texts it finds what it can; it never throws, and takes time linear in the text.
 */
export class TomlPositions {
  private readonly text: string;
  private readonly places = new Map<string, TomlPlace>();
  /** How many tables each `[[array]]` has so far. */
  private readonly counts = new Map<string, number>();
  private at = 0;

  constructor(text: string) {
    this.text = text;
    let table: readonly (string | number)[] = [];
    for (this.skipBlank(true); this.at < text.length; this.skipBlank(true)) {
      const start = this.at;
      if (text[start] === "[") table = this.header();
      else this.pair(table);
      if (this.at === start) this.at++;
    }
  }

  /** Span of the deepest part of `path` that is written in the text; the text's first character when none is. */
  find(path: readonly PropertyKey[], part: "key" | "value" = "key"): Span {
    for (let length = path.length; length > 0; length--) {
      const place = this.places.get(id(path.slice(0, length)));
      if (place) return length === path.length ? place[part] : place.value;
    }
    return { start: 0, end: Math.min(1, this.text.length) };
  }

  private header(): readonly (string | number)[] {
    const start = this.at;
    const isArray = this.text.startsWith("[[", start);
    this.at += isArray ? 2 : 1;
    let path = this.resolve(this.dottedKey());
    while (this.text[this.at] === "]") this.at++;
    const span = { start, end: this.at };
    if (isArray) {
      const name = id(path);
      const index = this.counts.get(name) ?? 0;
      this.counts.set(name, index + 1);
      this.places.set(name, { key: span, value: span });
      path = [...path, index];
    }
    this.places.set(id(path), { key: span, value: span });
    return path;
  }

  /** `[a.b]` under `[[a]]` means the newest table of `a`. */
  private resolve(keys: readonly string[]): readonly (string | number)[] {
    let path: (string | number)[] = [];
    for (const [depth, key] of keys.entries()) {
      path = [...path, key];
      const count = depth < keys.length - 1 ? this.counts.get(id(path)) : undefined;
      if (count !== undefined) path.push(count - 1);
    }
    return path;
  }

  private pair(table: readonly (string | number)[]): void {
    const start = this.at;
    const keys = this.dottedKey();
    const key = { start, end: start + this.text.slice(start, this.at).trimEnd().length };
    if (this.text[this.at] !== "=" || keys.length === 0) {
      this.skipLine();
      return;
    }
    this.at++;
    this.skipBlank(false);
    const path = [...table, ...keys];
    const value = this.value(path);
    for (let length = table.length + 1; length <= path.length; length++) {
      const name = id(path.slice(0, length));
      if (length === path.length || !this.places.has(name)) this.places.set(name, { key, value });
    }
  }

  private dottedKey(): string[] {
    const keys: string[] = [];
    for (;;) {
      this.skipBlank(false);
      const quote = this.text[this.at];
      if (quote === '"' || quote === "'") {
        const start = this.at;
        this.string(quote);
        const raw = this.text.slice(start, this.at);
        keys.push(quote === "'" ? raw.slice(1, -1) : unquote(raw));
      } else {
        const bare = this.match(/[\w-]+/y);
        if (bare === "") return keys;
        keys.push(bare);
      }
      this.skipBlank(false);
      if (this.text[this.at] !== ".") return keys;
      this.at++;
    }
  }

  private value(path: readonly (string | number)[]): Span {
    const start = this.at;
    const first = this.text[start];
    if (first === '"' || first === "'") this.string(first);
    else if (first === "[") this.list("]", path);
    else if (first === "{") this.list("}", path);
    else this.match(/[^\s,\]}#]+(?: \d[^\s,\]}#]*)?/y);
    return { start, end: this.at };
  }

  private list(close: "]" | "}", path: readonly (string | number)[]): void {
    this.at++;
    for (let index = 0; ; index++) {
      this.skipBlank(true);
      if (this.at >= this.text.length) return;
      if (this.text[this.at] === close) {
        this.at++;
        return;
      }
      const start = this.at;
      if (close === "}") this.pair(path);
      else {
        const value = this.value([...path, index]);
        this.places.set(id([...path, index]), { key: value, value });
      }
      this.skipBlank(true);
      if (this.text[this.at] === ",") this.at++;
      if (this.at === start) this.at++;
    }
  }

  private string(quote: '"' | "'"): void {
    const triple = quote.repeat(3);
    const delimiter = this.text.startsWith(triple, this.at) ? triple : quote;
    this.at += delimiter.length;
    while (this.at < this.text.length && !this.text.startsWith(delimiter, this.at)) {
      this.at += this.text[this.at] === "\\" && quote === '"' ? 2 : 1;
    }
    this.at = Math.min(this.at + delimiter.length, this.text.length);
    // A multi-line string may end in up to two quotes of its own.
    if (delimiter === triple) while (this.text[this.at] === quote) this.at++;
  }

  private skipBlank(acrossLines: boolean): void {
    if (!acrossLines) this.match(/[ \t]+/y);
    else while (this.match(/\s+/y) !== "" || this.match(/#[^\n]*/y) !== "");
  }

  private skipLine(): void {
    this.match(/[^\n]*/y);
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }
}

function id(path: readonly PropertyKey[]): string {
  return JSON.stringify(path);
}

/** A basic string's value; escapes that only TOML has stay as they are, since keys hardly use them. */
function unquote(raw: string): string {
  try {
    return String(JSON.parse(raw));
  } catch {
    return raw.slice(1, -1);
  }
}
