/** A half-open range of UTF-16 offsets into a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A value that was read, and where. */
export interface Located<T> extends Span {
  readonly value: T;
}

export type Severity = "error" | "warning";

/** Something wrong in a text: what, where, and what to do about it. `code` is stable, for programs and documentation. */
export interface Problem extends Span {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly message: string;
  readonly remedy?: string;
}

export type ProblemCode =
  | "ron-syntax"
  | "ron-number"
  | "ron-escape"
  | "ron-extension"
  | "ron-depth"
  | "directive-syntax"
  | "directive-string"
  | "directive-size"
  | "directive-unknown-key"
  | "directive-duplicate-key"
  | "directive-value"
  | "directive-prompt"
  | "directive-placement"
  | "directive-unbound"
  | "directive-ambiguous";
