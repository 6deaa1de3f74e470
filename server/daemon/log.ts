import { appendFileSync, copyFileSync, statSync, truncateSync } from "node:fs";

export type Level = "info" | "warn" | "error";

const maxBytes = 1 << 20;

/**
 * The daemon's log: a line an event, with the time and a level. At 1 MB it moves to `<path>.1`, by copying, since the
 * process's own output goes to the same file. It never throws: a full disk must not stop the work.
 */
export class Log {
  readonly #path: string;
  readonly #echo: boolean;

  /** `echo`: also to standard error, for a daemon in the foreground. */
  constructor(path: string, echo: boolean) {
    this.#path = path;
    this.#echo = echo;
  }

  write(level: Level, message: string): void {
    const text = withoutSecrets(message).trimEnd().replaceAll("\n", "\n    ");
    const line = `${new Date().toISOString()} ${level.padEnd(5)} ${text}\n`;
    if (this.#echo) process.stderr.write(line);
    try {
      appendFileSync(this.#path, line, { mode: 0o600 });
      if (statSync(this.#path).size < maxBytes) return;
      copyFileSync(this.#path, `${this.#path}.1`);
      truncateSync(this.#path);
    } catch {
      // Nowhere is left to say it.
    }
  }
}

/** Passwords in addresses, and what stands after the names secrets go by. */
function withoutSecrets(message: string): string {
  return message
    .replace(/(:\/\/)[^/\s@]+@/g, "$1…@")
    .replace(
      /\b(authorization|access[-_]?token|api[-_]?key|secret[-_]?key|password)(["']?\s*[:=]\s*)("[^"]*"|\S+)/gi,
      "$1$2…",
    );
}
