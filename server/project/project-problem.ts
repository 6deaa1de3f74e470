import { LineIndex, type Position } from "./lines.ts";
import type { Problem, ProblemCode, Span } from "./problem.ts";

/** What can be wrong with a project beyond the texts the readers look at. */
export type PlanProblemCode =
  | "toml-syntax"
  | "toml-unknown-key"
  | "toml-value"
  | "lock"
  | "palette"
  | "style"
  | "target-path"
  | "target-conflict"
  | "target-manifest"
  | "target-asset-root"
  | "sprite-option"
  | "reference-image"
  | "cargo"
  | "file-unreadable"
  | "limit";

/** A problem found while planning, with its place in the text it comes from. */
export interface PlanProblem extends Omit<Problem, "code"> {
  readonly code: ProblemCode | PlanProblemCode;
}

/** A problem a person can go to. */
export interface FileProblem extends PlanProblem, Position {
  /** Path in the workspace, with forward slashes. */
  readonly file: string;
}

/** Problems of one text with its file and lines. */
export function inFile(file: string, text: string, problems: readonly PlanProblem[]): FileProblem[] {
  if (problems.length === 0) return [];
  const lines = new LineIndex(text);
  return problems.map((problem) => ({ ...problem, file, ...lines.position(problem.start) }));
}

/** An error at a span, of the kind most planning problems are. */
export function planError(code: PlanProblemCode, span: Span, message: string, remedy?: string): PlanProblem {
  const { start, end } = span;
  return { code, severity: "error", message, ...(remedy !== undefined && { remedy }), start, end };
}
