import { PixelsError, type ErrorInfo } from "../protocol/errors.ts";
import { fitColumns, printable } from "./terminal/printable.ts";
import type { TerminalIo } from "./terminal-io.ts";

/** Where a command's words go: lines for a person, or one JSON document for a program. */
export interface Output {
  readonly json: boolean;
  readonly color: boolean;
  /** A line for a person; nothing in JSON mode. What a terminal would obey in it is made visible. */
  line(text?: string): void;
  /** The same for a picture or coloured text: the terminal obeys it. */
  styled(text: string): void;
  /** A line about what goes on, on standard error; nothing in JSON mode. */
  note(text: string): void;
  /** A line that the next `status` or `line` overwrites; nothing where nobody looks. */
  status(text: string): void;
  clearStatus(): void;
  /** The command's result; printed in JSON mode alone. */
  result(value: unknown): void;
  failure(error: ErrorInfo): void;
}

export function createOutput(io: TerminalIo, options: { json: boolean; color: boolean }): Output {
  let statusShown = false;
  const clearStatus = (): void => {
    if (statusShown) io.out.write("\r\x1b[2K");
    statusShown = false;
  };
  const color = options.color && !options.json;
  const write = (text: string): void => {
    if (options.json) return;
    clearStatus();
    io.out.write(`${text}\n`);
  };
  return {
    json: options.json,
    color,
    line: (text = "") => write(printable(text)),
    styled: write,
    note(text) {
      if (options.json) return;
      clearStatus();
      io.err.write(`${printable(text)}\n`);
    },
    status(text) {
      if (options.json || !io.interactive) return;
      const columns = io.out.columns ?? 80;
      io.out.write(`\r\x1b[2K${fitColumns(printable(text), columns - 1)}`);
      statusShown = true;
    },
    clearStatus,
    result(value) {
      if (options.json) io.out.write(`${JSON.stringify({ ok: true, result: value })}\n`);
    },
    failure(error) {
      clearStatus();
      if (options.json) io.out.write(`${JSON.stringify({ ok: false, error })}\n`);
      else io.err.write(`${describeError(error, color)}\n`);
    },
  };
}

/** What failed, why, and what to do next, each on its line. */
export function describeError(error: ErrorInfo, color: boolean): string {
  const bold = (text: string): string => (color ? `\x1b[1;31m${text}\x1b[0m` : text);
  const indented = (text: string): string => printable(text).replaceAll("\n", "\n       ");
  return [
    `${bold("error:")} ${indented(error.message)}`,
    ...(error.cause === undefined ? [] : [`  why: ${indented(error.cause)}`]),
    ...(error.remedy === undefined ? [] : [`  try: ${indented(error.remedy)}`]),
  ].join("\n");
}

export function toErrorInfo(thrown: unknown): ErrorInfo {
  return PixelsError.from(thrown, "The command").toInfo();
}
