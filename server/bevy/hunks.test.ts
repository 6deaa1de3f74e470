import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEdits } from "../project/text-edits.ts";
import type { TextEdit } from "../protocol/events.ts";
import { hunksOf, revertEdits, singleEdit, splitLines, unifiedDiff } from "./hunks.ts";

const line = fc.constantFrom("", "a", "b", "  c", "\td", "é🐉");
const text = fc.tuple(fc.array(line, { maxLength: 12 }), fc.boolean()).map(([lines, ends]) => {
  const joined = lines.join("\n");
  return ends && joined !== "" ? `${joined}\n` : joined;
});

/** A text and edits of it, in order and apart. */
const edited = text.chain((base) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: base.length }), { maxLength: 6 })
    .map((offsets) => offsets.toSorted((a, b) => a - b))
    .chain((offsets) =>
      fc.array(fc.constantFrom("", "x", "y\n", "\nz", "one\ntwo\n"), { minLength: 3, maxLength: 3 }).map((texts) => ({
        base,
        edits: texts.flatMap((inserted, index): TextEdit[] => {
          const [start, end] = [offsets[index * 2], offsets[index * 2 + 1]];
          return start === undefined ? [] : [{ start, end: end ?? start, text: inserted }];
        }),
      })),
    ),
);

describe("a unified diff", () => {
  test("applied strictly gives the edited text, whatever the edits", () => {
    fc.assert(
      fc.property(edited, ({ base, edits }) => {
        const after = applyEdits(base, edits);
        const diff = unifiedDiff(base, edits, "f", false);
        expect(diff === "").toBe(after === base);
        expect(applyDiff(base, diff)).toBe(after);
      }),
      { numRuns: 500 },
    );
  });

  test("shows three lines around, and changes far apart in parts", () => {
    const base = Array.from({ length: 20 }, (_, index) => `${index}\n`).join("");
    const edits = ["4\n", "15\n"].map((found) => {
      const start = base.indexOf(`\n${found}`) + 1;
      return { start, end: start + found.length - 1, text: "x" };
    });
    expect(unifiedDiff(base, edits, "a.ron", false)).toBe(
      `--- a/a.ron
+++ b/a.ron
@@ -2,7 +2,7 @@
 1
 2
 3
-4
+x
 5
 6
 7
@@ -13,7 +13,7 @@
 12
 13
 14
-15
+x
 16
 17
 18
`,
    );
  });

  test("says where there is no line end, and of one line no count", () => {
    expect(unifiedDiff("a", [{ start: 1, end: 1, text: "b" }], "f", false)).toBe(
      "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+ab\n\\ No newline at end of file\n",
    );
  });

  test("of edits that change nothing is empty", () => {
    expect(unifiedDiff("a\nb\n", [{ start: 2, end: 3, text: "b" }], "f", false)).toBe("");
  });
});

test("hunks leave out the lines that stay", () => {
  expect(hunksOf("a\nb\n", [{ start: 2, end: 2, text: "x\n" }])).toEqual([{ line: 1, old: [], new: ["x\n"] }]);
});

test("the single edit between two texts is right and cuts no code point", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const edits = singleEdit(before, after);
      expect(applyEdits(before, edits)).toBe(after);
      expect(edits.length).toBe(before === after ? 0 : 1);
      for (const { text: inserted } of edits) expect(inserted.isWellFormed()).toBe(true);
    }),
  );
  expect(singleEdit("🐉", "🐊")).toEqual([{ start: 0, end: 2, text: "🐊" }]);
  expect(singleEdit("\u{1F409}", "\u{1F809}")[0]?.text.isWellFormed()).toBe(true);
});

describe("taking edits back", () => {
  test("of a text that did not change since gives it as it was, or says that it cannot tell", () => {
    fc.assert(
      fc.property(edited, ({ base, edits }) => {
        const after = applyEdits(base, edits);
        const reverting = revertEdits(base, edits, after);
        if (reverting !== null) expect(applyEdits(after, reverting)).toBe(base);
      }),
      { numRuns: 500 },
    );
  });

  const base = "({\n    a,\n})\n";
  const edits = [{ start: base.indexOf("})"), end: base.indexOf("})"), text: "    b,\n" }];

  test("finds its lines among others", () => {
    const current = "// head\n({\n    a,\n    b,\n    c,\n})\n";
    const reverting = revertEdits(base, edits, current);
    expect(reverting && applyEdits(current, reverting)).toBe("// head\n({\n    a,\n    c,\n})\n");
  });

  test.each([
    ["gone", "({\n    a,\n})\n"],
    ["there twice", "({\n    b,\n    b,\n})\n"],
    ["part of a longer line", "({\n    b, // mine\n})\n"],
  ])("does not guess when they are %s", (_, current) => {
    expect(revertEdits(base, edits, current)).toBeNull();
  });
});

/** Applies a unified diff without any leniency: every position, count and line has to fit. */
function applyDiff(base: string, diff: string): string {
  if (diff === "") return base;
  const lines = splitLines(base);
  const [, , ...rest] = splitLines(diff);
  const result: string[] = [];
  let at = 0;
  let [oldLeft, newLeft] = [0, 0];
  for (const [index, shown] of rest.entries()) {
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/m.exec(shown);
    if (header) {
      expect([oldLeft, newLeft]).toEqual([0, 0]);
      const [, oldStart = "", oldCount = "1", newStart = "", newCount = "1"] = header;
      [oldLeft, newLeft] = [Number(oldCount), Number(newCount)];
      const start = Number(oldStart) - (oldLeft === 0 ? 0 : 1);
      result.push(...lines.slice(at, start));
      at = start;
      expect(result.length).toBe(Number(newStart) - (newLeft === 0 ? 0 : 1));
      continue;
    }
    if (shown.startsWith("\\")) continue;
    const content = rest[index + 1]?.startsWith("\\") === true ? shown.slice(1, -1) : shown.slice(1);
    const mark = shown[0];
    if (mark !== "+") {
      expect(content).toBe(lines[at++]);
      oldLeft--;
    }
    if (mark !== "-") {
      result.push(content);
      newLeft--;
    }
  }
  expect([oldLeft, newLeft]).toEqual([0, 0]);
  return [...result, ...lines.slice(at)].join("");
}
