import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numRuns } from "../test-rounds.ts";
import { readRon } from "./read.ts";

function bound(text: string): (string | null)[] {
  return readRon(text).directives.map(({ reference }) => reference?.path ?? null);
}

function codes(text: string): string[] {
  return readRon(text).problems.map((problem) => problem.code);
}

describe("a directive in RON", () => {
  it.each([
    ["the next entry", '{\n// @sprite "x"\n"a": Image(path: "a.png"), "b": Image(path: "b.png") }', "a.png"],
    ["the entry on its line", '{\n"a": Image(path: "a.png"), // @sprite "x"\n"b": Image(path: "b.png") }', "a.png"],
    ["an entry over several lines", '{\n// @sprite "x"\n"a": Image(\n  path: "a.png",\n),\n}', "a.png"],
    ["the next field", '(\n// @sprite "x"\nicon: "a.png", other: "b.png")', "a.png"],
    ["the field after a key", '{ "a":\n// @sprite "x"\n"a.png", "b": "b.png" }', "a.png"],
    ["the next item", '["b.png",\n// @sprite "x"\n"a.png"]', "a.png"],
    ["a field inside an entry", '{ "a": Image(\n// @sprite "x"\npath: "a.png") }', "a.png"],
    ["the whole file", '// @sprite "x"\n(icon: "a.png")', "a.png"],
    ["an image over other comments", '[\n// @sprite "x"\n/* why */ // it is\n"a.png"]', "a.png"],
    ["one image that stands twice", '{\n// @sprite "x"\n"a": (normal: "a.png", hover: "a.png") }', "a.png"],
  ])("binds to %s", (_, text, path) => {
    expect(codes(text)).toEqual([]);
    expect(bound(text)).toEqual([path]);
  });

  it.each([
    ["nothing follows", '{ "a": "a.png",\n// @sprite "x"\n}', "directive-unbound"],
    ["no image follows", '{\n// @sprite "x"\n"a": File(path: "a.ogg"), "b": "b.png" }', "directive-unbound"],
    ["its line has none", '{ // @sprite "x"\n"a": "a.png" }', "directive-unbound"],
    ["the file has ended", '("a.png")\n// @sprite "x"', "directive-unbound"],
    ["several follow", '{\n// @sprite "x"\n"a": Files(paths: ["a.png", "b.png"]) }', "directive-ambiguous"],
    ["another source holds it", '[\n// @sprite "x"\n"embedded://a.png"]', "directive-unbound"],
  ])("is a problem where %s", (_, text, code) => {
    expect(codes(text)).toEqual([code]);
    expect(bound(text)).toEqual([null]);
  });

  it("takes its target from `path=` and `key=`", () => {
    const text = (setting: string) => `{\n// @sprite "x" ${setting}\n"a": Files(paths: ["a.png", "b.png"]) }`;
    expect([codes(text("path=b.png")), bound(text("path=b.png"))]).toEqual([[], ["b.png"]]);
    expect([codes(text("path=c.png")), bound(text("path=c.png"))]).toEqual([[], [null]]);
    expect([codes(text("key=a")), bound(text("key=a"))]).toEqual([[], ["a.png"]]);
  });

  it("is looked for in line comments alone, and keeps its own problems", () => {
    expect(bound('[ /* // @sprite "x" */ "// @sprite \\"x\\"" ]')).toEqual([]);
    expect(codes('[\n// @sprite "x" 0x0\n"a.png" "b.png"]')).toEqual([
      "directive-size",
      "directive-size",
      "ron-syntax",
    ]);
  });
});

describe("references in RON", () => {
  it("have source, label, key and the span of their content", () => {
    const text = '({ "hero": Image(path: r#"a.png#top"#), "x": (["deep://b.webp", "c.ron", 1]) })';
    const references = readRon(text).references;
    expect(references.map(({ start, end }) => text.slice(start, end))).toEqual(["a.png#top", "deep://b.webp"]);
    expect(references).toMatchObject([
      { kind: "ron", path: "a.png", label: "top", source: null, key: "hero", image: true },
      { kind: "ron", path: "b.webp", label: null, source: "deep", key: "x", image: true },
    ]);
  });

  it("have no key outside a map", () => {
    expect(readRon('(icon: "a.png")').references[0]?.key).toBeNull();
  });
});

describe("any text", () => {
  const pieces = fc.constantFrom(
    ...[
      '// @sprite "x" 8x8\n',
      "// | seed=1\n",
      '"a.png"',
      '"b.png"',
      "{",
      "}",
      "(",
      ")",
      ",",
      ":",
      "\n",
      "Image",
      "/*",
    ],
  );

  it("is read without throwing, spans inside it and bound references among those found", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const text = parts.join("");
        const file = readRon(text);
        for (const { start, end } of [...file.references, ...file.problems]) {
          expect(0 <= start && start <= end && end <= text.length).toBe(true);
        }
        for (const { directive, reference } of file.directives) {
          expect(text.slice(directive.start).startsWith("@sprite")).toBe(true);
          if (reference) expect(file.references).toContain(reference);
          else expect(file.problems.some((problem) => problem.start === directive.start)).toBe(true);
        }
      }),
      { numRuns },
    );
  });
});
