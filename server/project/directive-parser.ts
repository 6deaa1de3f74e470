import type { DirectiveKey, DirectiveSettings, DirectiveValues, Setting, Size } from "./directive-keys.ts";
import { DirectiveScanner, type Word } from "./directive-scanner.ts";
import { readSize } from "./directive-size.ts";
import type { DirectiveText } from "./directive-text.ts";
import type { Directive } from "./directive.ts";
import { directiveKeys, isDirectiveKey } from "./directive-values.ts";
import { unescapeRust } from "./escapes.ts";
import { nearestName } from "./nearest.ts";
import type { Located, Problem, ProblemCode, Span } from "./problem.ts";

/** More problems in one directive help nobody. */
const maxProblems = 20;

/** Far beyond what a person writes; keeps hostile files cheap. */
const maxLength = 1 << 16;

/** Words that people write as keys, and what they mean instead. */
const misnamed: ReadonlyMap<string, string> = new Map([
  ["size", "The size stands alone, such as `64x64`."],
  ["width", "Width and height stand together, such as `64x64`."],
  ["height", "Width and height stand together, such as `64x64`."],
  ["prompt", 'The prompt stands alone in quotes, such as `"red dragon"`.'],
]);

/** Reads the parts of one directive in any order; a part that cannot be read is told and left out. */
export class DirectiveParser {
  readonly #source: DirectiveText;
  readonly #scanner: DirectiveScanner;
  readonly #problems: Problem[] = [];
  readonly #settings: DirectiveSettings = {};
  #prompt: Located<string> | null = null;
  #size: Located<Size> | null = null;
  #sizeWritten = false;

  constructor(source: DirectiveText) {
    this.#source = source;
    this.#scanner = new DirectiveScanner(source.text.slice(0, maxLength));
  }

  parse(): Directive {
    const { marker } = this.#source;
    const { text } = this.#scanner;
    while (this.#scanner.skipBlanks()) {
      this.#part();
      if (!this.#scanner.atBreak) {
        const at = { start: this.#scanner.position, end: this.#scanner.position + 1 };
        this.#report("directive-syntax", at, "A blank is missing between two parts", "Separate the parts by a blank.");
      }
    }
    if (text.length < this.#source.text.length) {
      const at = { start: text.length - 1, end: text.length };
      // What else is wrong may come of the cut.
      this.#problems.length = 0;
      const message = `A directive has at most ${maxLength} characters; the rest is not read`;
      this.#report("directive-syntax", at, message, "Shorten the prompt: no engine reads as much.");
    }
    this.#requirePrompt();
    return {
      start: marker.start,
      end: text === "" ? marker.end : this.#source.toFile(text.length),
      prompt: this.#prompt,
      size: this.#size,
      settings: this.#settings,
      problems: this.#problems.toSorted((a, b) => a.start - b.start || a.end - b.end),
    };
  }

  #requirePrompt(): void {
    if (this.#prompt !== null || this.#settings.from !== undefined) return;
    // A stray word was told already, and with it how a prompt is written.
    if (this.#problems.some((problem) => problem.code === "directive-syntax")) return;
    const remedy = 'Say in quotes what to draw: `@sprite "red dragon" 64x64`.';
    const message = "The directive has no prompt";
    this.#problems.push({ code: "directive-prompt", severity: "error", message, remedy, ...this.#source.marker });
  }

  #part(): void {
    const scanner = this.#scanner;
    if (scanner.char === '"') {
      this.#promptPart(scanner.string());
      return;
    }
    const span = scanner.word();
    const word = this.#textOf(span);
    if (scanner.sees(/[ \t]*=/y)) this.#setting(span);
    else if (/^(?:[-+.\d]|[xX×*]\d)/.test(word)) this.#sizePart(word, span);
    else if (word === "tile") this.#set(this.#settings, word, span, { value: "true", span, exact: null });
    else if (isDirectiveKey(word)) this.#keyWithoutEquals(word, span);
    else this.#stray(span);
  }

  #promptPart(string: Word): void {
    const { value } = this.#read(string);
    if (this.#prompt !== null) {
      const remedy = "Join the texts in one string; after a backslash at a line's end it goes on behind the next `|`.";
      this.#report("directive-duplicate-key", string, "A directive has one prompt", remedy);
      return;
    }
    this.#prompt = { value, ...this.#inFile(string) };
    if (value.trim() === "") {
      this.#report("directive-prompt", string, "The prompt is empty", "Say in the quotes what to draw.");
    }
  }

  #sizePart(word: string, span: Span): void {
    if (this.#sizeWritten) {
      this.#report("directive-duplicate-key", span, "A directive has one size", "Remove one of them.");
      return;
    }
    this.#sizeWritten = true;
    const { value, faults } = readSize(word);
    for (const fault of faults) {
      const at = { start: span.start + fault.start, end: span.start + fault.end };
      this.#report("directive-size", at, fault.message, fault.remedy);
    }
    if (value !== null) this.#size = { value, ...this.#inFile(span) };
  }

  /** `key=value`, the scanner standing before the `=`. */
  #setting(key: Span): void {
    const scanner = this.#scanner;
    const name = this.#textOf(key);
    let spaced = scanner.take(/[ \t]*=/y) !== "=";
    // What follows blanks is the value only when it is no `key=value` of its own.
    if (scanner.sees(/[ \t]+(?:"|[^\s"=]+(?=[\s"]|$))/y)) {
      scanner.skipBlanks();
      spaced = true;
    }
    const word = scanner.value();
    const { value, exact } = this.#read(word);
    const whole = { start: key.start, end: Math.max(word.end, scanner.position) };
    if (name === "") {
      this.#report("directive-syntax", whole, "There is no key before `=`", "Write `key=value`.");
    } else if (!isDirectiveKey(name)) {
      this.#unknownKey(name, key);
    } else if (word.start === word.end) {
      this.#report("directive-value", whole, `\`${name}=\` has no value`, exampleOf(name));
    } else {
      if (spaced) {
        this.#report(
          "directive-syntax",
          whole,
          "No blank stands around `=`",
          `Write \`${name}=${this.#textOf(word)}\`.`,
        );
      }
      this.#set(this.#settings, name, key, { value, span: word, exact });
    }
  }

  #unknownKey(name: string, key: Span): void {
    const known = Object.keys(directiveKeys);
    const nearest = nearestName(name, known);
    const hint = nearest === null ? `Known keys: ${known.join(", ")}.` : `Did you mean \`${nearest}\`?`;
    const remedy = misnamed.get(name.toLowerCase()) ?? hint;
    this.#report("directive-unknown-key", key, `\`${name}\` is not a key of a directive`, remedy);
  }

  /** `key` or `key value`; the value goes with it, so that one slip is one problem. */
  #keyWithoutEquals(key: DirectiveKey, span: Span): void {
    const value = this.#scanner.take(/[ \t]+(?!\d+x\d)[^\s"=]+(?=\s|$)/y)?.trim();
    const remedy = value === undefined ? exampleOf(key) : `Write \`${key}=${value}\`.`;
    const at = { start: span.start, end: this.#scanner.position };
    this.#report("directive-value", at, `\`${key}\` needs \`=\` and a value`, remedy);
  }

  /** Words with no meaning, those after it too, as one problem. */
  #stray(first: Span): void {
    const more = this.#scanner.take(/(?:[ \t]+(?![-+.\d])(?!tile(?:\s|$))[^\s"=]+(?=\s|$))*/y) ?? "";
    const words = this.#textOf(first) + more;
    const nearest = more === "" ? nearestName(words, Object.keys(directiveKeys)) : null;
    const unquoted = words.replaceAll(/^['“”„«`]+|['“”„»`]+$/g, "");
    const remedy = nearest === null ? `A prompt stands in quotes: \`"${unquoted}"\`.` : `Did you mean \`${nearest}=\`?`;
    const at = { start: first.start, end: this.#scanner.position };
    this.#report("directive-syntax", at, `\`${words}\` has no meaning here`, remedy);
  }

  /** Reads a value and keeps it with its own type. `exact` is where the value's characters stand one to one. */
  #set<K extends DirectiveKey>(
    settings: DirectiveSettings<K>,
    key: K,
    keySpan: Span,
    written: { value: string; span: Span; exact: number | null },
  ): void {
    const { read, join } = directiveKeys[key];
    const reading = read(written.value);
    if ("fault" in reading) {
      const { start, end, message, remedy } = reading.fault;
      const { exact } = written;
      const whole = { start: keySpan.start, end: written.span.end };
      const at = exact === null || start === end ? whole : { start: exact + start, end: exact + end };
      this.#report("directive-value", at, `\`${key}\`: ${message}`, remedy ?? exampleOf(key));
      return;
    }
    const setting: Setting<DirectiveValues[K]> = {
      value: reading.value,
      ...this.#inFile(written.span),
      keySpan: this.#inFile(keySpan),
    };
    const before = settings[key];
    if (before === undefined) settings[key] = setting;
    else if (join) settings[key] = { ...before, end: setting.end, value: join(before.value, setting.value) };
    else this.#report("directive-duplicate-key", keySpan, `\`${key}\` stands twice`, "Remove one of them.");
  }

  /** What a word or string means; faults of a string are told. */
  #read(word: Word): { value: string; exact: number | null } {
    const { start, end } = word.content;
    if (!word.quoted) return { value: this.#textOf(word), exact: start };
    if (!word.closed) {
      this.#report("directive-string", word, 'This string has no closing `"`', 'Close it with `"`.');
    }
    const { value, faults } = unescapeRust(this.#scanner.text, start, end);
    for (const fault of faults) {
      const remedy = "Write `\\\\` for a backslash.";
      this.#report("directive-string", fault, fault.message, remedy);
    }
    return { value, exact: value.length === end - start ? start : null };
  }

  #textOf(span: Span): string {
    return this.#scanner.text.slice(span.start, span.end);
  }

  #inFile(span: Span): Span {
    // Found by its last character: after a line's end the next one is behind the comment mark of the next line.
    const end = span.end > span.start ? this.#source.toFile(span.end - 1) + 1 : this.#source.toFile(span.end);
    return { start: this.#source.toFile(span.start), end };
  }

  #report(code: ProblemCode, span: Span, message: string, remedy?: string): void {
    if (this.#problems.length >= maxProblems) return;
    const located = this.#inFile(span);
    this.#problems.push({ code, severity: "error", message, ...(remedy !== undefined && { remedy }), ...located });
  }
}

function exampleOf(key: DirectiveKey): string {
  return `Such as \`${key}=${directiveKeys[key].example}\`.`;
}
