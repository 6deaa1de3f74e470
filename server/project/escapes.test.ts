import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeRust, unescapeRust } from "./escapes.ts";
import { numRuns } from "./test-rounds.ts";

function unescape(text: string) {
  return unescapeRust(text, 0, text.length);
}

describe("Rust's escapes", () => {
  it.each([
    [String.raw`\n\r\t\0\\\'\"`, "\n\r\t\0\\'\""],
    [String.raw`\x41\x7f`, "A\u007F"],
    [String.raw`\u{1F409}\u{0_041}`, "🐉A"],
    ["one \\\n    two", "one two"],
    ["one \\\r\n\t two", "one two"],
    ["plain", "plain"],
  ])("%j", (text, expected) => {
    expect(unescape(text)).toEqual({ value: expected, faults: [] });
  });

  it.each([
    [String.raw`a\qb`, 1, 3, "`\\q` is not an escape"],
    ["a\\🐉", 1, 4, "`\\🐉` is not an escape"],
    [String.raw`\x4`, 0, 2, "`\\x` needs two hexadecimal digits, such as `\\x41`"],
    [String.raw`\u{}`, 0, 2, "`\\u` needs one to six hexadecimal digits in braces, such as `\\u{1F409}`"],
    [String.raw`\u{1234567}`, 0, 11, "`\\u` needs one to six hexadecimal digits in braces, such as `\\u{1F409}`"],
    [String.raw`\u{D800}`, 0, 8, "`\\u{D800}` is not a Unicode character"],
    [String.raw`\u{110000}`, 0, 10, "`\\u{110000}` is not a Unicode character"],
    ["end\\", 3, 4, "A backslash at the end escapes nothing"],
  ])("keeps the wrong escape in %j and says where it is", (text, start, end, message) => {
    expect(unescape(text)).toEqual({ value: text, faults: [{ start, end, message }] });
  });

  it("heeds its bounds, and gives spans in the whole text", () => {
    expect(unescapeRust(String.raw`\q"a\n\q"\q`, 3, 8).value).toBe("a\n\\q");
    expect(unescapeRust(String.raw`\q"a\n\q"\q`, 3, 8).faults[0]?.start).toBe(6);
  });

  it("lists a bounded number of faults", () => {
    expect(unescape("\\q".repeat(1000)).faults.length).toBeLessThan(100);
  });

  it("undo what escaping does to any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const escaped = escapeRust(text);
        expect(escaped).not.toMatch(/[\n\r]/);
        expect(unescape(escaped)).toEqual({ value: text, faults: [] });
      }),
      { numRuns },
    );
  });
});
