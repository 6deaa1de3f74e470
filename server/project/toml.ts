import { parse, TomlError } from "smol-toml";
import { planError, type PlanProblem } from "./project-problem.ts";

export type TomlTable = Record<string, unknown>;

/** Parses TOML 1.0. Gives the table, or the one problem that a malformed text has. */
export function parseToml(text: string): { table: TomlTable } | { problem: PlanProblem } {
  try {
    return { table: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) {
      return { problem: syntaxProblem(text, 0, error instanceof Error ? error.message : String(error)) };
    }
    const conflict = /^(?:<{7}|={7}|>{7})(?: |$)/m.exec(text);
    if (conflict) return { problem: syntaxProblem(text, conflict.index, "it holds the marks of an unfinished merge") };
    return { problem: syntaxProblem(text, offsetOf(text, error.line, error.column), reason(error.message)) };
  }
}

/** A TOML basic string, quotes included. */
export function tomlString(value: string): string {
  return JSON.stringify(value.toWellFormed()).replaceAll("\u007f", "\\u007f");
}

/** A table in a table; an empty one where there is none. */
export function tableAt(table: TomlTable | undefined, key: string): TomlTable {
  const value = table?.[key];
  return isTable(value) ? value : {};
}

export function stringAt(table: TomlTable, key: string): string | null {
  const value = table[key];
  return typeof value === "string" ? value : null;
}

export function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function syntaxProblem(text: string, offset: number, why: string): PlanProblem {
  const start = Math.min(offset, text.length);
  return planError(
    "toml-syntax",
    { start, end: Math.min(start + 1, text.length) },
    `This is not valid TOML: ${why}`,
    "Correct the line; nothing is read from the file until it is valid.",
  );
}

/** smol-toml's message without its own title and the lines it quotes. */
function reason(message: string): string {
  return (message.split("\n", 1)[0] ?? message).replace(/^Invalid TOML document: /, "");
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const next = text.indexOf("\n", start);
    if (next < 0) break;
    start = next + 1;
  }
  return start + Math.max(0, column - 1);
}
