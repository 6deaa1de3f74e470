import { LineIndex } from "../lines.ts";
import type { Problem, ProblemCode, Severity, Span } from "../problem.ts";
import type { RonComment, RonContainer, RonDocument, RonElement, RonScalar, RonValue } from "./document.ts";
import { RonLexer, type RonTokenKind } from "./lexer.ts";
import { literalFaults } from "./literals.ts";

/** The ron crate's own default recursion limit: deeper text is refused by Bevy as well. */
export const maxDepth = 128;

/** More problems than this help nobody, and a binary file would give millions. */
export const maxProblems = 100;

const extensionNames: ReadonlySet<string> = new Set([
  "unwrap_newtypes",
  "implicit_some",
  "unwrap_variant_newtypes",
  "explicit_struct_names",
]);

const literalKinds: ReadonlyMap<RonTokenKind, RonScalar["kind"]> = new Map([
  ["string", "string"],
  ["raw-string", "string"],
  ["byte-string", "bytes"],
  ["raw-byte-string", "bytes"],
  ["char", "char"],
  ["byte", "number"],
  ["number", "number"],
] as const);

type Opener = "(" | "[" | "{";
const closers = { "(": ")", "[": "]", "{": "}" } as const;

/**
 * Parses RON (grammar of the ron crate, 0.8 to 0.12) without losing a character. Never throws: what does not fit is
 * listed in `problems`, and the tree holds everything that could be read. Time and memory are linear in the text.
 */
export function parseRon(text: string): RonDocument {
  return new RonParser(text).parse();
}

class RonParser {
  readonly #text: string;
  readonly #lexer: RonLexer;
  readonly #comments: RonComment[] = [];
  readonly #problems: Problem[] = [];
  /** End of the last token that is not trivia. */
  #lastEnd = 0;
  /** Open brackets around the current token: tells a stray closer from one that ends an outer container. */
  readonly #open = { ")": 0, "]": 0, "}": 0 };
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lexer = new RonLexer(text);
  }

  parse(): RonDocument {
    this.#advance();
    const extensions = this.#extensions();
    const root = this.#kind === "end" ? null : this.#value();
    if (root === null) this.#problem("ron-syntax", this.#here(), "The file holds no value");
    if (!this.#is("end")) {
      this.#problem("ron-syntax", this.#here(), `A RON file holds one value; ${this.#found()} comes after it`);
      while (!this.#is("end")) this.#advance();
    }
    const lines = new LineIndex(this.#text);
    const problems = this.#problems.toSorted((a, b) => a.start - b.start || a.end - b.end);
    return { text: this.#text, root, extensions, comments: this.#comments, problems, lines };
  }

  get #kind(): RonTokenKind {
    return this.#lexer.kind;
  }

  /** Moves to the next token that is not trivia. */
  #advance(): void {
    const lexer = this.#lexer;
    if (!isTrivia(lexer.kind)) this.#lastEnd = lexer.end;
    do {
      lexer.next();
      if (lexer.kind === "line-comment" || lexer.kind === "block-comment") {
        this.#comments.push({
          kind: lexer.kind === "line-comment" ? "line" : "block",
          start: lexer.start,
          end: lexer.end,
        });
      }
      if (lexer.fault !== null) this.#problem("ron-syntax", this.#here(), lexer.fault);
    } while (isTrivia(lexer.kind));
  }

  /** `#![enable(a, b)]`, any number of times. */
  #extensions(): RonScalar[] {
    const extensions: RonScalar[] = [];
    while (this.#kind === "#") {
      const start = this.#lexer.start;
      this.#advance();
      let wellFormed = this.#accept("!") && this.#accept("[");
      if (wellFormed && this.#is("identifier") && this.#tokenText() === "enable") this.#advance();
      else wellFormed = false;
      wellFormed &&= this.#accept("(");
      while (this.#is("identifier")) {
        const name = this.#scalar("identifier");
        extensions.push(name);
        const text = this.#text.slice(name.start, name.end);
        if (!extensionNames.has(text)) {
          this.#problem("ron-extension", name, `\`${text}\` is not an extension this reader knows`, "warning");
        }
        if (!this.#accept(",")) break;
      }
      wellFormed = this.#accept(")") && wellFormed;
      wellFormed = this.#accept("]") && wellFormed;
      if (!wellFormed) {
        const span = { start, end: Math.max(this.#lastEnd, start + 1) };
        this.#problem("ron-syntax", span, "Extensions are written `#![enable(implicit_some)]`");
      }
    }
    return extensions;
  }

  #accept(kind: RonTokenKind): boolean {
    if (this.#kind !== kind) return false;
    this.#advance();
    return true;
  }

  /** One value. Where none begins, an empty `error` node, and the token stays. */
  #value(): RonValue {
    const kind = this.#kind;
    if (kind === "(" || kind === "[" || kind === "{") return this.#container(kind, null);
    if (kind === "identifier") return this.#word();
    const scalar = literalKinds.get(kind);
    return scalar === undefined ? { kind: "error", start: this.#lastEnd, end: this.#lastEnd } : this.#scalar(scalar);
  }

  /** What an identifier begins: a boolean, a named struct or tuple, or itself. */
  #word(): RonValue {
    const word = this.#tokenText();
    if (word === "true" || word === "false") return this.#scalar("bool");
    const name = this.#scalar("identifier");
    if (this.#is("(")) return this.#container("(", name);
    if (!this.#is("{")) return name;
    this.#problem("ron-syntax", this.#here(), `The fields of \`${word}\` stand in \`( )\` in RON, not in \`{ }\``);
    return this.#container("{", name);
  }

  // The lexer moves behind the type checker's back: asking again must not use what it concluded before.
  #is(kind: RonTokenKind): boolean {
    return this.#lexer.kind === kind;
  }

  #scalar(kind: RonScalar["kind"]): RonScalar {
    const { start, end, fault } = this.#lexer;
    if (fault === null) {
      for (const found of literalFaults(this.#lexer.kind, this.#text, start, end)) {
        this.#problem(found.code, found, found.message);
      }
    }
    this.#advance();
    return { kind, start, end };
  }

  #container(opener: Opener, name: RonScalar | null): RonValue {
    const open = this.#lexer.start;
    const start = name?.start ?? open;
    if (this.#depth >= maxDepth) {
      const message = `Values may be nested ${maxDepth} deep; Bevy refuses more as well`;
      this.#problem("ron-depth", this.#here(), message);
      this.#skipBrackets();
      return { kind: "error", start, end: this.#lastEnd };
    }
    const closer = closers[opener];
    this.#depth++;
    this.#open[closer]++;
    this.#advance();
    const elements = this.#elements(opener, closer);
    this.#open[closer]--;
    this.#depth--;
    let close: number | null = null;
    if (this.#is(closer)) {
      close = this.#lexer.start;
      this.#advance();
    } else {
      this.#problem("ron-syntax", { start: open, end: open + 1 }, `This \`${opener}\` has no closing \`${closer}\``);
    }
    return { kind: containerKind(opener, elements), start, end: this.#lastEnd, name, open, close, elements };
  }

  /** Elements up to the closer, a closer of an outer container, or the end. Takes at least a token each round. */
  #elements(opener: Opener, closer: ")" | "]" | "}"): RonElement[] {
    const elements: RonElement[] = [];
    for (;;) {
      const kind = this.#lexer.kind;
      if (kind === closer || kind === "end") return elements;
      if (kind === ")" || kind === "]" || kind === "}") {
        if (this.#open[kind] > 0) return elements;
        this.#problem("ron-syntax", this.#here(), `This \`${kind}\` closes nothing`);
        this.#advance();
        continue;
      }
      if (!beginsValue(kind) && kind !== ":") {
        if (kind !== "error") {
          this.#problem("ron-syntax", this.#here(), `Expected a value or \`${closer}\`, found ${this.#found()}`);
        }
        this.#advance();
        continue;
      }
      const element = this.#element(opener, elements[0]);
      elements.push(element);
      if (element.comma === null && !this.#endsElement()) {
        const span = { start: element.end, end: Math.min(element.end + 1, this.#text.length) };
        this.#problem("ron-syntax", span, `Expected \`,\` or \`${closer}\` before ${this.#found()}`);
      }
    }
  }

  #element(opener: Opener, first: RonElement | undefined): RonElement {
    let value = this.#value();
    const { start } = value;
    let key: RonValue | null = null;
    let colon: number | null = null;
    if (this.#is(":")) {
      key = value;
      colon = this.#lexer.start;
      if (opener === "[") this.#problem("ron-syntax", this.#here(), "A list `[ ]` holds values, not `key: value`");
      if (key.kind === "error") this.#problem("ron-syntax", this.#here(), "This `:` has no key before it");
      if (opener === "(" && key.kind !== "identifier" && key.kind !== "error") {
        this.#problem("ron-syntax", key, "A field's name stands without quotes; a map is written `{ }`");
      }
      this.#advance();
      value = this.#value();
      if (value.kind === "error" && value.start === value.end) {
        this.#problem("ron-syntax", { start: colon, end: colon + 1 }, "Expected a value after `:`");
      }
    } else if (opener === "{") {
      key = value;
      value = { kind: "error", start: key.end, end: key.end };
      this.#problem("ron-syntax", key, "A map's entry is written `key: value`; `:` is missing");
    }
    if (opener === "(" && first !== undefined && (first.key === null) !== (key === null)) {
      this.#problem("ron-syntax", key ?? value, "Fields with a name and without one cannot stand together");
    }
    const end = Math.max(value.end, start);
    const comma = this.#is(",") ? this.#lexer.start : null;
    if (comma !== null) this.#advance();
    return { start, end, key, colon, value, comma };
  }

  /** Whether the current token can follow an element that has no comma; other faults were told already. */
  #endsElement(): boolean {
    const kind = this.#kind;
    return kind === ")" || kind === "]" || kind === "}" || kind === "end" || kind === "error";
  }

  /** Skips from an opening bracket behind its closing one, counting only. */
  #skipBrackets(): void {
    let depth = 0;
    do {
      const kind = this.#kind;
      if (kind === "(" || kind === "[" || kind === "{") depth++;
      else if (kind === ")" || kind === "]" || kind === "}") depth--;
      this.#advance();
    } while (depth > 0 && this.#kind !== "end");
  }

  #here(): Span {
    return { start: this.#lexer.start, end: this.#lexer.end };
  }

  #tokenText(): string {
    return this.#text.slice(this.#lexer.start, this.#lexer.end);
  }

  #found(): string {
    if (this.#kind === "end") return "the end of the file";
    const text = this.#tokenText();
    return `\`${text.length > 20 ? `${text.slice(0, 20)}…` : text}\``;
  }

  #problem(code: ProblemCode, span: Span, message: string, severity: Severity = "error"): void {
    if (this.#problems.length >= maxProblems) return;
    this.#problems.push({ code, severity, message, start: span.start, end: span.end });
  }
}

function isTrivia(kind: RonTokenKind): boolean {
  return kind === "whitespace" || kind === "line-comment" || kind === "block-comment";
}

function beginsValue(kind: RonTokenKind): boolean {
  return kind === "(" || kind === "[" || kind === "{" || kind === "identifier" || literalKinds.has(kind);
}

function containerKind(opener: Opener, elements: readonly RonElement[]): RonContainer["kind"] {
  if (opener === "[") return "list";
  if (opener === "{") return "map";
  return elements.some((element) => element.key !== null) ? "struct" : "tuple";
}
