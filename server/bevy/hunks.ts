import type { TextEdit } from "../protocol/events.ts";

/** Whole lines that edits changed. Lines keep their ends. */
export interface Hunk {
  /** Index of the first old line, from 0. */
  readonly line: number;
  readonly old: readonly string[];
  readonly new: readonly string[];
}

/** Lines with their ends; a text that ends with a line end has no empty last line. */
export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** The lines that edits of a text change, the edits in order and apart from each other. */
export function hunksOf(text: string, edits: readonly TextEdit[]): Hunk[] {
  const groups: { start: number; end: number; edits: TextEdit[] }[] = [];
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const start = edit.start === 0 ? 0 : text.lastIndexOf("\n", edit.start - 1) + 1;
    const end = endOfLine(text, edit);
    const last = groups.at(-1);
    if (last && start < last.end) {
      last.end = Math.max(last.end, end);
      last.edits.push(edit);
    } else {
      groups.push({ start, end, edits: [edit] });
    }
  }
  return groups.flatMap((group) => {
    let changed = "";
    let at = group.start;
    for (const edit of group.edits) {
      changed += text.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    changed += text.slice(at, group.end);
    const before = splitLines(text.slice(group.start, group.end));
    const after = splitLines(changed);
    const head = commonLength(before, after);
    const tail = commonLength(before.slice(head).toReversed(), after.slice(head).toReversed());
    const hunk: Hunk = {
      line: splitLines(text.slice(0, group.start)).length + head,
      old: before.slice(head, before.length - tail),
      new: after.slice(head, after.length - tail),
    };
    return hunk.old.length + hunk.new.length === 0 ? [] : [hunk];
  });
}

/** Where the last line an edit touches ends. An insertion at a line's start touches that line too. */
function endOfLine(text: string, edit: TextEdit): number {
  const replacesWholeLines = edit.end > edit.start && text[edit.end - 1] === "\n" && edit.text.endsWith("\n");
  const newline = text.indexOf("\n", replacesWholeLines ? edit.end - 1 : edit.end);
  return newline < 0 ? text.length : newline + 1;
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  const length = a.findIndex((line, index) => line !== b[index]);
  return length < 0 ? a.length : length;
}

/** The one edit that turns a text into another, as short as whole code points allow. */
export function singleEdit(before: string, after: string): TextEdit[] {
  if (before === after) return [];
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  if (isLowSurrogate(before, head) || isLowSurrogate(after, head)) head--;
  if (tail > 0 && (isLowSurrogate(before, before.length - tail) || isLowSurrogate(after, after.length - tail))) tail--;
  return [{ start: head, end: before.length - tail, text: after.slice(head, after.length - tail) }];
}

function isLowSurrogate(text: string, index: number): boolean {
  return /[\udc00-\udfff]/.test(text.charAt(index));
}

/** Unchanged lines shown around each change. */
const context = 3;

/**
 * A unified diff as `diff -u` and git print it; "" when nothing changes.
 * `name` is the file relative to the workspace, `isNew` says that it did not exist.
 * Format: GNU diffutils manual, "Detailed Description of Unified Format".
 */
export function unifiedDiff(text: string, edits: readonly TextEdit[], name: string, isNew: boolean): string {
  const hunks = hunksOf(text, edits);
  if (hunks.length === 0) return "";
  const lines = splitLines(text);
  const sections: Hunk[][] = [];
  for (const hunk of hunks) {
    const last = sections.at(-1)?.at(-1);
    if (last && hunk.line - (last.line + last.old.length) <= 2 * context) sections.at(-1)?.push(hunk);
    else sections.push([hunk]);
  }
  let shift = 0;
  const body = sections.map((section) => {
    const [first, last] = [section[0], section.at(-1)];
    if (!first || !last) return "";
    const from = Math.max(0, first.line - context);
    const to = Math.min(lines.length, last.line + last.old.length + context);
    let shown = "";
    let at = from;
    let grown = 0;
    for (const hunk of section) {
      shown += marked(" ", lines.slice(at, hunk.line)) + marked("-", hunk.old) + marked("+", hunk.new);
      at = hunk.line + hunk.old.length;
      grown += hunk.new.length - hunk.old.length;
    }
    shown += marked(" ", lines.slice(at, to));
    const head = `@@ -${range(from, to - from)} +${range(from + shift, to - from + grown)} @@\n`;
    shift += grown;
    return head + shown;
  });
  return `--- ${isNew ? "/dev/null" : `a/${name}`}\n+++ b/${name}\n${body.join("")}`;
}

function marked(mark: string, lines: readonly string[]): string {
  return lines.map((line) => mark + (line.endsWith("\n") ? line : `${line}\n\\ No newline at end of file\n`)).join("");
}

/** An empty range names the line before it. */
function range(from: number, length: number): string {
  return length === 1 ? String(from + 1) : `${length === 0 ? from : from + 1},${length}`;
}

/**
 * The edits that take earlier edits of a text back in what it became since, line by line. null when lines they made
 * are not there exactly once.
 */
export function revertEdits(before: string, edits: readonly TextEdit[], current: string): TextEdit[] | null {
  const reverted: TextEdit[] = [];
  for (const hunk of hunksOf(before, edits)) {
    const [start, ...more] = lineBlocks(current, hunk.new);
    if (start === undefined || more.length > 0) return null;
    reverted.push({ start, end: start + hunk.new.join("").length, text: hunk.old.join("") });
  }
  return reverted.toSorted((a, b) => a.start - b.start);
}

/** Offsets at which these whole lines stand. */
function lineBlocks(text: string, lines: readonly string[]): number[] {
  if (lines.length === 0) return [];
  const block = lines.join("");
  const found: number[] = [];
  for (let at = text.indexOf(block); at >= 0; at = text.indexOf(block, at + 1)) {
    const isLineStart = at === 0 || text[at - 1] === "\n";
    const isLineEnd = block.endsWith("\n") || at + block.length === text.length;
    if (isLineStart && isLineEnd) found.push(at);
  }
  return found;
}
