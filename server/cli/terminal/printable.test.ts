import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitColumns, printable } from "./printable.ts";

describe("text of others in a terminal", () => {
  test("cannot change colours, titles or the direction of writing", () => {
    expect(printable("\x1b[31mred\x07\x7f\x9b1m\u202Egnp.exe")).toBe("␛[31mred␇␡�1m�gnp.exe");
  });

  test("keeps what is only text", () => {
    const plain = "rote Drachen – 赤い竜 🐉\n\tpath: a/b.png";
    expect(printable(plain)).toBe(plain);
  });

  test("breaks its lines as any does", () => {
    expect(printable("a\r\nb\r")).toBe("a\nb␍");
  });

  test("has no control character left, whatever it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printable(text)).not.toMatch(/[^\P{Cc}\n\t]/u);
        expect(printable(printable(text))).toBe(printable(text));
      }),
    );
  });
});

test.for([
  ["sampling 3/20", 8, "sampling"],
  ["赤い竜", 4, "赤い"],
  ["赤い竜", 5, "赤い"],
  ["🐉🐉", 3, "🐉"],
  ["e\u0301e\u0301", 1, "e\u0301"],
  ["", 3, ""],
] as const)("%j in %i columns is %j", ([text, columns, fitting]) => {
  expect(fitColumns(text, columns)).toBe(fitting);
});
