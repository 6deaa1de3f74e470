import { posix } from "node:path";
import { z } from "zod";
import { PixelsError } from "../protocol/errors.ts";
import { hash, seed, type Target } from "../protocol/sprite-request.ts";
import { LineIndex } from "./lines.ts";
import { parseToml, tomlString, type TomlTable } from "./toml.ts";
import { TomlPositions } from "./toml-positions.ts";

/** The lock's file name; it lies in the crate's folder, beside pixels.toml. */
export const lockFileName = "pixels.lock";

const engineKind = z.enum(["comfyui", "embedded", "file"]);
export type EngineKind = z.infer<typeof engineKind>;

const entrySchema = z.strictObject({
  request: hash.optional(),
  pixels: hash,
  source: z.union([hash, z.array(hash).min(1)], "an artifact's hash, or a list of them"),
  output: hash,
  seed: seed.optional(),
  engine: engineKind,
  model: z.string().optional(),
  prompt: z.string().optional(),
});

/** What pixels.lock says of one sprite. */
export interface LockEntry {
  /** Hash of what the engine got, its seed included; null for a sprite made from a person's picture. */
  readonly request: string | null;
  /** Hash of the pixel stage's options. */
  readonly pixels: string;
  /** Artifact hashes of the engine's images, row by row. */
  readonly sources: readonly string[];
  /** Hash of the decoded RGBA, by `imageHash`. */
  readonly output: string;
  /** The seed used: information, and what the next run uses unless a directive says otherwise. */
  readonly seed: number | null;
  /** Information only, from here on. */
  readonly engine: EngineKind;
  readonly model: string | null;
  readonly prompt: string | null;
}

/** Entries by `lockKey`. */
export type Lock = ReadonlyMap<string, LockEntry>;

/** The name of a target's table: its file as seen from the crate's folder, so that a lock survives another checkout. */
export function lockKey(target: Pick<Target, "crate" | "assetRoot" | "path">): string {
  return posix.relative(posix.join("/", target.crate), posix.join("/", target.assetRoot, target.path));
}

/**
 * Reads a lock; `null` or "" is an empty one. `path` names the file in errors.
 * Throws `invalid_file` with `data: {path, line, column}` and changes nothing.
 */
export function parseLock(text: string | null, path: string = lockFileName): Lock {
  if (text === null) return new Map();
  const parsed = parseToml(text);
  if ("problem" in parsed) throw invalidLock(text, path, parsed.problem.start, parsed.problem.message);
  const { version, ...tables } = parsed.table;
  if (version !== undefined && version !== 1) {
    const { start } = new TomlPositions(text).find(["version"]);
    throw invalidLock(
      text,
      path,
      start,
      `Its version is ${JSON.stringify(version)}, and this DGX-Pixels reads version 1`,
    );
  }
  return new Map(Object.entries(tables).map(([key, table]) => [key, parseEntry(text, path, key, table)]));
}

/** The one text of a lock: tables sorted by name, keys in a fixed order. */
export function renderLock(lock: Lock): string {
  const tables = [...lock].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, entry]) => renderEntry(key, entry));
  return [
    "# Written by DGX-Pixels; commit it. What to make is said in the directives and in pixels.toml.\nversion = 1\n",
    ...tables,
  ].join("\n");
}

/** The lock's text with one entry set, or with `null` removed. Throws like `parseLock`. */
export function mergeLockEntry(text: string | null, key: string, entry: LockEntry | null, path?: string): string {
  const lock = new Map(parseLock(text, path));
  if (entry === null) lock.delete(key);
  else lock.set(key, entry);
  return renderLock(lock);
}

export type StaleReason = "request" | "pixels";

/**
 * Why a sprite is stale; empty when it is fresh. A sprite of a person's picture has no request to differ in.
 * When only `pixels` differs, the pixel stage alone has to run.
 */
export function staleReasons(
  entry: Pick<LockEntry, "request" | "pixels">,
  now: { readonly request: string; readonly pixels: string },
): readonly StaleReason[] {
  const reasons: StaleReason[] = [];
  if (entry.request !== null && entry.request !== now.request) reasons.push("request");
  if (entry.pixels !== now.pixels) reasons.push("pixels");
  return reasons;
}

/**
 * Whose file lies at a target.
 * `absent`: no file. `ours`: the lock knows it. `person`: there is no entry, or its pixels were changed.
 * `other-engine`: the embedded engine would replace what another engine made. The last two need an explicit yes.
 */
export type Ownership = "absent" | "ours" | "person" | "other-engine";

/** @param output `imageHash` of the file that is there; null when there is none, "" when it is no readable picture. */
export function judgeOwnership(output: string | null, entry: LockEntry | null, engine: EngineKind | null): Ownership {
  if (output === null) return "absent";
  if (entry === null || entry.output !== output) return "person";
  return engine === "embedded" && entry.engine !== "embedded" ? "other-engine" : "ours";
}

function parseEntry(text: string, path: string, key: string, table: unknown): LockEntry {
  const parsed = entrySchema.safeParse(table);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const at = [key, ...(issue?.path ?? [])];
    const { start } = new TomlPositions(text).find(at);
    throw invalidLock(text, path, start, `${at.map(String).join(" › ")}: ${issue?.message ?? "not an entry"}`);
  }
  const {
    request = null,
    pixels,
    source,
    output,
    seed: used = null,
    engine,
    model = null,
    prompt = null,
  } = parsed.data;
  const sources = typeof source === "string" ? [source] : source;
  return { request, pixels, sources, output, seed: used, engine, model, prompt };
}

function renderEntry(key: string, entry: LockEntry): string {
  const [only] = entry.sources;
  const fields: TomlTable = {
    request: entry.request,
    pixels: entry.pixels,
    source: entry.sources.length === 1 ? only : entry.sources,
    output: entry.output,
    seed: entry.seed,
    engine: entry.engine,
    model: entry.model,
    prompt: entry.prompt,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [`${name} = ${render(value)}\n`],
  );
  return `[${tomlString(key)}]\n${lines.join("")}`;
}

function render(value: unknown): string {
  if (Array.isArray(value)) return `[\n${value.map((item) => `  ${tomlString(String(item))},\n`).join("")}]`;
  return typeof value === "number" ? String(value) : tomlString(String(value));
}

function invalidLock(text: string, path: string, offset: number, cause: string): PixelsError {
  const { line, column } = new LineIndex(text).position(offset);
  return new PixelsError({
    code: "invalid_file",
    message: `${path}:${line}:${column} cannot be read`,
    cause,
    remedy: "Restore the file from version control, or delete it: sprites it knew then count as your own.",
    data: { path, line, column },
  });
}
