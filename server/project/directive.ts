import type { DirectiveSettings, Size } from "./directive-keys.ts";
import type { Located, Problem, Span } from "./problem.ts";
import { DirectiveParser } from "./directive-parser.ts";
import { directiveTexts } from "./directive-text.ts";

/**
 * One `@sprite` comment, as it was written. Parts that could not be read are missing here and told in `problems`;
 * the others are there all the same. The span runs from `@sprite` to the last part, over continuation lines.
 */
export interface Directive extends Span {
  readonly prompt: Located<string> | null;
  /** Size of one cell in pixels. */
  readonly size: Located<Size> | null;
  readonly settings: DirectiveSettings;
  readonly problems: readonly Problem[];
}

/**
 * Reads the directives among the `//` comments of a text, given in its order. A directive is a comment that begins
 * with `@sprite`; comments alone on the next lines that begin with `|` continue it. Never throws.
 */
export function parseDirectives(text: string, comments: readonly Span[]): Directive[] {
  return directiveTexts(text, comments).map((source) => new DirectiveParser(source).parse());
}

/** Whether a sprite may be made from it: warnings let it pass. */
export function isSound(directive: Directive): boolean {
  return directive.problems.every((problem) => problem.severity !== "error");
}
