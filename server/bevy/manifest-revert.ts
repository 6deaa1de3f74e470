import { readManifestEntries } from "../project/manifest-entries.ts";
import { parseRon } from "../project/ron/parse.ts";
import type { Span } from "../project/problem.ts";
import { applyEdits } from "../project/text-edits.ts";
import type { TextEdit } from "../protocol/events.ts";
import { revertEdits } from "./hunks.ts";

/** What a placement wrote in a text; `before` is null where there was no file. */
export interface ListedChange {
  readonly before: string | null;
  readonly edits: readonly TextEdit[];
}

/**
 * A RON manifest as it is now without what a placement wrote under these keys: by whole lines, which restores every
 * byte, else entry by entry. null when an entry is neither what it was nor what was written.
 */
export function revertManifest(
  keys: readonly string[],
  { before, edits }: ListedChange,
  current: string,
): string | null {
  const [old, written, now] = [before ?? "", applyEdits(before ?? "", edits), current].map(entriesByKey);
  if (!old || !written || !now) return null;
  const reverting: TextEdit[] = [];
  for (const key of keys) {
    const [was, placed, is] = [old.get(key), written.get(key), now.get(key)];
    // The person has taken it out or back already, or it was theirs from the start.
    if (is === undefined || is.text === was?.text || placed?.text === was?.text) continue;
    if (is.text !== placed?.text) return null;
    reverting.push(was ? { start: is.start, end: is.end, text: was.text } : removal(current, is));
  }
  if (reverting.length === 0) return current;
  const byLines = revertEdits(before ?? "", edits, current);
  const [first, second] = [byLines ?? reverting, reverting].map((plan) => applyEdits(current, plan));
  return [first, second].find((text) => text !== undefined && entriesByKey(text) !== null) ?? null;
}

type Entries = ReadonlyMap<string, Span & { readonly text: string }>;

/** Entries with their text; null for a text that is no manifest. An empty text has none. */
function entriesByKey(text: string): Entries | null {
  if (text.trim() === "") return new Map();
  const document = parseRon(text);
  if (document.problems.some(({ severity }) => severity === "error")) return null;
  const entries = readManifestEntries(document);
  return entries && new Map(entries.map(({ key, start, end }) => [key, { start, end, text: text.slice(start, end) }]));
}

/** Takes out an entry with its comma, and with its line where nothing else stands there. */
function removal(text: string, { start, end }: Span): TextEdit {
  const comma = /^[ \t]*,/.exec(text.slice(end))?.[0].length ?? 0;
  const indent = /\n?[ \t]*$/.exec(text.slice(0, start))?.[0] ?? "";
  const after = text.slice(end + comma);
  const isWholeLine = indent.startsWith("\n") && /^[ \t]*\r?\n/.test(after);
  if (isWholeLine) return { start: start - indent.length, end: end + comma + after.search(/\r?\n/), text: "" };
  return { start, end: end + comma, text: "" };
}
