import type { ErrorInfo } from "../protocol/errors.ts";

interface Explained {
  readonly message: string;
  readonly remedy?: string;
}

/** More than a person corrects at once; programs get all of them in `data`. */
const maxLines = 20;

/**
 * Problems as an error's cause and remedy. The remedy of a single one is the error's own; of several, each stands on
 * its problem's line, and `remedy` is what to do about them all.
 */
export function explain(problems: readonly Explained[], remedy: string): Required<Pick<ErrorInfo, "cause" | "remedy">> {
  const [only, ...others] = problems;
  if (only !== undefined && others.length === 0) return { cause: only.message, remedy: only.remedy ?? remedy };
  const lines = problems.slice(0, maxLines).map(withRemedy);
  const more = problems.length - lines.length;
  return { cause: [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join("\n"), remedy };
}

/** `message — remedy` */
export function withRemedy({ message, remedy }: Explained): string {
  return remedy === undefined ? message : `${message} — ${remedy}`;
}
