import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { unwatchFile, watchFile } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { parse, stringify, TomlError } from "smol-toml";
import { z } from "zod";
import { type Config, configSchema } from "../protocol/config.ts";
import { PixelsError } from "../protocol/errors.ts";

const watchEveryMs = 2_000;

/** `$XDG_CONFIG_HOME/dgx-pixels`, else `~/.config/dgx-pixels`. */
export function configFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment["XDG_CONFIG_HOME"];
  // The XDG specification says to ignore a relative path.
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), ".config"), "dgx-pixels");
}

/** The daemon's `config.toml`. A missing file holds the defaults. */
export class ConfigFile {
  readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, "config.toml");
  }

  /** Throws `invalid_file` with the line, or with the setting's name. */
  async read(): Promise<Config> {
    return this.#parse(await this.#text());
  }

  /** Writes what differs from the file, keeping comments and layout where only plain settings change. */
  async write(config: Config): Promise<void> {
    const before = await this.#text();
    const text = edited(before, config);
    if (text === before) return;
    const staged = `${this.path}.${process.pid}.tmp`;
    try {
      await mkdir(join(this.path, ".."), { recursive: true, mode: 0o700 });
      const file = await open(staged, "w", 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(staged, this.path);
    } catch (error) {
      await rm(staged, { force: true }).catch(() => undefined);
      throw PixelsError.from(error, `Writing ${this.path}`);
    }
  }

  /** Calls whenever the file was changed, made or removed, by whomever. Returns what ends it. */
  watch(changed: () => void): () => void {
    // By its status and not by notifications: editors replace the file, and it may not be there yet.
    const listener = (): void => changed();
    watchFile(this.path, { interval: watchEveryMs, persistent: false }, listener);
    return () => unwatchFile(this.path, listener);
  }

  async #text(): Promise<string> {
    try {
      return await readFile(this.path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
      throw PixelsError.from(error, `Reading ${this.path}`);
    }
  }

  #parse(text: string): Config {
    let raw: unknown;
    try {
      raw = parse(text);
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      throw new PixelsError(
        {
          code: "invalid_file",
          message: `${this.path}:${error.line}:${error.column} cannot be read`,
          cause: error.message.split("\n")[0] ?? error.message,
          remedy: "Correct the line; until then the daemon uses its former settings.",
          data: { path: this.path, line: error.line, column: error.column },
        },
        { cause: error },
      );
    }
    const parsed = configSchema.safeParse(raw);
    if (parsed.success) return parsed.data;
    throw new PixelsError({
      code: "invalid_file",
      message: `${this.path} has a setting that cannot be used`,
      cause: z.prettifyError(parsed.error),
      remedy: "Correct it; until then the daemon uses its former settings.",
      data: { path: this.path },
    });
  }
}

/**
 * The text with the settings of `config`. Plain values are set on their own line; where an engine changed, its tables
 * are written anew. If the outcome does not read back as `config`, the whole file is written anew.
 */
function edited(before: string, config: Config): string {
  const now = before === "" ? null : safely(() => configSchema.parse(parse(before)));
  if (!now) return rendered(config);
  if (same(now, config)) return before;
  let text = before;
  if (now.idleSeconds !== config.idleSeconds) text = withValue(text, null, "idleSeconds", config.idleSeconds);
  for (const name of ["quotaGigabytes", "keepDays"] as const) {
    if (now.artifacts[name] !== config.artifacts[name])
      text = withValue(text, "artifacts", name, config.artifacts[name]);
  }
  if (!same(now.comfyui, config.comfyui)) text = withEngines(text, config.comfyui);
  const readBack = safely(() => configSchema.parse(parse(text)));
  return readBack && same(readBack, config) ? text : rendered(config);
}

function rendered(config: Config): string {
  const { comfyui, ...rest } = config;
  return `# Settings of the DGX-Pixels daemon. They never change what a sprite looks like.\n${stringify(rest)}${engineTables(comfyui)}`;
}

function engineTables(comfyui: Config["comfyui"]): string {
  return comfyui.map((engine) => `\n[[comfyui]]\n${stringify(engine)}`).join("");
}

/** Sets `name = value` in a table (`null`: before the first one), in its place if it is there. */
function withValue(text: string, table: string | null, name: string, value: number): string {
  const lines = text.split("\n");
  const start = table === null ? 0 : lines.findIndex((line) => line.trim().startsWith(`[${table}]`)) + 1;
  if (table !== null && start === 0) return `${withNewline(text)}\n[${table}]\n${name} = ${value}\n`;
  const rest = lines.findIndex((line, i) => i >= start && line.trim().startsWith("["));
  const end = rest < 0 ? lines.length : rest;
  const at = lines.findIndex((line, i) => i >= start && i < end && new RegExp(`^\\s*${name}\\s*=`).test(line));
  if (at >= 0) lines[at] = (lines[at] ?? "").replace(/=\s*[^#\s]+/, `= ${value}`);
  else lines.splice(start, 0, `${name} = ${value}`);
  return lines.join("\n");
}

/** Replaces every `[[comfyui]]` table by those of `comfyui`, at the end of the file. */
function withEngines(text: string, comfyui: Config["comfyui"]): string {
  const kept: string[] = [];
  let inEngine = false;
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (trimmed.startsWith("[")) inEngine = /^\[\[\s*comfyui\s*\]\]/.test(trimmed);
    // A person's comments stay, wherever they stood.
    if (!inEngine || trimmed.startsWith("#")) kept.push(line);
  }
  return `${kept.join("\n").trimEnd()}\n${engineTables(comfyui)}`;
}

function withNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function safely<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
