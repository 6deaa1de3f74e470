import { isSound, parseDirectives } from "../project/directive.ts";
import { escapeRust } from "../project/escapes.ts";
import { isDirectiveKey } from "../project/directive-values.ts";
import { type SpriteWish, wishOf } from "../project/wish.ts";
import { PixelsError } from "../protocol/errors.ts";
import { explain } from "./explain-problems.ts";

/** What follows `generate`: the prompt, words of the directive language, and the same settings as options. */
export interface WishArguments {
  readonly prompt: string;
  /** `64x64`, `frames=4`, `tile`. */
  readonly words: readonly string[];
  /** By directive key, from options: `--frames 4`; true for a flag. */
  readonly options: Readonly<Record<string, string | readonly string[] | boolean | undefined>>;
  readonly size: string | undefined;
}

/**
 * The command line speaks the language of the directive, so it is written out as one and read by its reader.
 * Throws `invalid_directive` with every problem.
 */
export function wishFromArguments(args: WishArguments): SpriteWish {
  checkPrompt(args);
  return wishFromDirective(
    [
      quote(args.prompt),
      ...(args.size === undefined ? [] : [args.size]),
      ...args.words.map(writeWord),
      ...Object.entries(args.options).flatMap(([key, value]) => writeOption(key, value)),
    ].join(" "),
  );
}

/** A shell cuts a prompt without quotes into words. */
function checkPrompt({ prompt, words }: WishArguments): void {
  const first = words.findIndex((word) => !/^\p{L}+[,.!?]?$/u.test(word) || isDirectiveKey(word));
  const stray = first < 0 ? words : words.slice(0, first);
  if (stray.length === 0) return;
  const rest = words.slice(stray.length).join(" ");
  throw new PixelsError({
    code: "invalid_directive",
    message: "The prompt is cut into words",
    cause: `${stray.map((word) => `\`${word}\``).join(", ")} ${stray.length === 1 ? "is no setting" : "are no settings"}.`,
    remedy:
      `Put the whole prompt in quotes: \`dgx-pixels generate "${[prompt, ...stray].join(" ")}" ${rest}`.trimEnd() +
      "`.",
  });
}

/** One line of a batch file: a directive without its `// @sprite`, where the prompt may stand without quotes. */
export function wishFromLine(line: string): SpriteWish {
  const text = line.trim();
  if (text.startsWith('"')) return wishFromDirective(text);
  const words = text.split(/\s+/);
  const last = words.findLastIndex((word) => !/^(?:\d+x\d+|tile|[a-z]+=.*)$/.test(word));
  return wishFromDirective([quote(words.slice(0, last + 1).join(" ")), ...words.slice(last + 1)].join(" "));
}

function wishFromDirective(body: string): SpriteWish {
  const text = `// @sprite ${body}`;
  const [directive] = parseDirectives(text, [{ start: 0, end: text.length }]);
  if (directive && isSound(directive)) return wishOf(directive);
  const problems = directive?.problems ?? [{ message: "It cannot be read." }];
  throw new PixelsError({
    code: "invalid_directive",
    message: "The sprite cannot be made as it is asked for",
    ...explain(problems, "`dgx-pixels help generate` lists the settings."),
    data: { problems },
  });
}

function writeOption(key: string, value: string | readonly string[] | boolean | undefined): string[] {
  if (value === undefined || value === false) return [];
  if (value === true) return [`${key}=true`];
  return typeof value === "string"
    ? [`${key}=${writeValue(value)}`]
    : value.map((each) => `${key}=${writeValue(each)}`);
}

/** The shell took the quotes of `negative="blurry, text"` away. */
function writeWord(word: string): string {
  const equals = word.indexOf("=");
  return equals < 0 ? word : `${word.slice(0, equals)}=${writeValue(word.slice(equals + 1))}`;
}

function writeValue(value: string): string {
  return /^[^\s"\\]+$/.test(value) ? value : quote(value);
}

function quote(text: string): string {
  return `"${escapeRust(text)}"`;
}
