import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeRust } from "../escapes.ts";
import { numRuns } from "../test-rounds.ts";
import { isContainer, numberValue, stringValue, textOf, type RonDocument, type RonValue } from "./document.ts";
import { ronTokens } from "./lexer.ts";
import { maxDepth, maxProblems, parseRon } from "./parse.ts";

function messages(text: string): string[] {
  const document = parseRon(text);
  return document.problems.map((problem) => {
    const { line, column } = document.lines.position(problem.start);
    return `${line}:${column} ${problem.message}`;
  });
}

/** A value's shape, spans left out. */
function shape(document: RonDocument, value: RonValue | null): unknown {
  if (value === null) return null;
  if (!isContainer(value)) return { [value.kind]: stringValue(document, value) ?? textOf(document, value) };
  return {
    [value.kind]: value.elements.map((element) =>
      element.key === null
        ? shape(document, element.value)
        : [shape(document, element.key), shape(document, element.value)],
    ),
    ...(value.name && { name: textOf(document, value.name) }),
  };
}

function shapeOf(text: string): unknown {
  const document = parseRon(text);
  expect(document.problems).toEqual([]);
  return shape(document, document.root);
}

describe("the grammar", () => {
  it.each([
    ["Player", { identifier: "Player" }],
    ["r#type", { identifier: "r#type" }],
    ["r#a.b+c-d", { identifier: "r#a.b+c-d" }],
    ["größe_1", { identifier: "größe_1" }],
    ["()", { tuple: [] }],
    ["Player()", { tuple: [], name: "Player" }],
    ["(1, true)", { tuple: [{ number: "1" }, { bool: "true" }] }],
    ["Some(None)", { tuple: [{ identifier: "None" }], name: "Some" }],
    [
      "(a: 1, b: 'x',)",
      {
        struct: [
          [{ identifier: "a" }, { number: "1" }],
          [{ identifier: "b" }, { char: "'x'" }],
        ],
      },
    ],
    ["Size ( w : 1 )", { struct: [[{ identifier: "w" }, { number: "1" }]], name: "Size" }],
    ["[1, 2,]", { list: [{ number: "1" }, { number: "2" }] }],
    ["{}", { map: [] }],
    [
      '{ "a": [], (1): () }',
      {
        map: [
          [{ string: "a" }, { list: [] }],
          [{ tuple: [{ number: "1" }] }, { tuple: [] }],
        ],
      },
    ],
    [String.raw`"tab\t \"q\" \u{1F409} \x41 \\ \0"`, { string: 'tab\t "q" 🐉 A \\ \0' }],
    ['"two\nlines"', { string: "two\nlines" }],
    ['r"C:\\dir"', { string: "C:\\dir" }],
    ['r##"a"#b"##', { string: 'a"#b' }],
    ['b"bytes\\x00"', { bytes: 'b"bytes\\x00"' }],
    ['br#"raw"#', { bytes: 'br#"raw"#' }],
    [String.raw`'\''`, { char: String.raw`'\''` }],
    [String.raw`'\u{1F409}'`, { char: String.raw`'\u{1F409}'` }],
    ["'🐉'", { char: "'🐉'" }],
    ["b'a'", { number: "b'a'" }],
    ["#![enable(implicit_some)]\n#! [ enable ( unwrap_newtypes, ) ]\n1", { number: "1" }],
    ["/* a /* nested */ b */ 1 // end", { number: "1" }],
    ["\uFEFF1", { number: "1" }],
  ])("reads %j", (text, expected) => {
    expect(shapeOf(text)).toEqual(expected);
  });

  it.each([
    ["0", 0],
    ["-12", -12],
    ["+1_000", 1000],
    ["0xFF", 255],
    ["0xff_u8", 255],
    ["-0b1010", -10],
    ["0o17i64", 15],
    ["42usize", 42],
    ["1.5", 1.5],
    ["1.", 1],
    [".5", 0.5],
    ["-1.5e-3", -0.0015],
    ["1e+3f32", 1000],
    ["2.5f64", 2.5],
    ["inf", Number.POSITIVE_INFINITY],
    ["-inff32", Number.NEGATIVE_INFINITY],
    ["NaN", Number.NaN],
  ])("reads the number %s", (text, expected) => {
    const document = parseRon(text);
    expect(document.problems).toEqual([]);
    expect(document.root?.kind).toBe("number");
    expect(document.root && numberValue(document, document.root)).toBe(expected);
  });

  it("keeps comments, extensions and the places of separators", () => {
    const text = '#![enable(implicit_some)]\n( // one\n  a: 1, /* two */ b : "x" )';
    const document = parseRon(text);
    expect(document.extensions.map((name) => textOf(document, name))).toEqual(["implicit_some"]);
    expect(document.comments.map((comment) => [comment.kind, textOf(document, comment)])).toEqual([
      ["line", "// one"],
      ["block", "/* two */"],
    ]);
    const root = document.root;
    if (!isContainer(root)) throw new Error("expected a struct");
    expect([root.open, root.close]).toEqual([text.indexOf("( "), text.length - 1]);
    expect(root.elements.map((element) => [text[element.colon ?? 0], element.comma && text[element.comma]])).toEqual([
      [":", ","],
      [":", null],
    ]);
  });

  it("ends comments before a carriage return", () => {
    const document = parseRon("1 // x\r\n// y\r\n");
    expect(document.comments.map((comment) => textOf(document, comment))).toEqual(["// x", "// y"]);
  });
});

describe("what it says of malformed text", () => {
  it.each([
    ["", ["1:1 The file holds no value"]],
    ["// only a comment\n", ["2:1 The file holds no value"]],
    ["(a: 1", ["1:1 This `(` has no closing `)`"]],
    ["[1 2]", ["1:3 Expected `,` or `]` before `2`"]],
    ["[1,,2]", ["1:4 Expected a value or `]`, found `,`"]],
    ["(1]", ["1:1 This `(` has no closing `)`", "1:3 This `]` closes nothing"]],
    ["{a}", ["1:2 A map's entry is written `key: value`; `:` is missing"]],
    ["{ a: }", ["1:4 Expected a value after `:`"]],
    ["{ : 1 }", ["1:3 This `:` has no key before it"]],
    ["[a: 1]", ["1:3 A list `[ ]` holds values, not `key: value`"]],
    ['("a": 1)', ["1:2 A field's name stands without quotes; a map is written `{ }`"]],
    ["(a: 1, 2)", ["1:8 Fields with a name and without one cannot stand together"]],
    ["Image { path: 1 }", ["1:7 The fields of `Image` stand in `( )` in RON, not in `{ }`"]],
    ["1 2", ["1:3 A RON file holds one value; `2` comes after it"]],
    ['[\n  "open,\n  1\n]', ['2:3 This string has no closing `"`', "2:9 Expected `,` or `]` before `1`"]],
    ['r#"open', ['1:1 This raw string has no closing `"#`']],
    ["/* open", ["1:1 This block comment has no end `*/`", "1:8 The file holds no value"]],
    [String.raw`"\q"`, ["1:2 `\\q` is not an escape"]],
    ["12abc", ["1:1 `12abc` is not a number in RON"]],
    ["0xG", ["1:1 `0xG` is not a number in RON"]],
    ["1".repeat(500), ["1:1 This is not a number in RON"]],
    ["[+]", ["1:2 `+` must stand before a number"]],
    ["[/]", ["1:2 A lone `/` has no meaning in RON; comments begin with `//` or `/*`"]],
    ["[$]", ["1:2 `$` has no meaning in RON"]],
    ["#![enable(telepathy)] 1", ["1:11 `telepathy` is not an extension this reader knows"]],
    ["#![enable implicit_some] 1", ["1:1 Extensions are written `#![enable(implicit_some)]`"]],
  ])("%j", (text, expected) => {
    expect(messages(text).slice(0, expected.length)).toEqual(expected);
  });

  it("says that a character literal holds one character", () => {
    expect(messages("'ab'")[0]).toMatch(/character stands between two/);
    expect(messages("'\\")[0]).toMatch(/character stands between two/);
    expect(messages("''")[0]).toMatch(/character stands between two/);
    expect(messages("'\\\n'")).not.toEqual([]);
  });

  it("reads on behind what it could not read", () => {
    const document = parseRon('({ "a": Image(path: "a.png" sampler: $), "b" Image(path: "b.png"), "c": 1 })');
    expect(document.problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(shape(document, document.root))).toContain('"c"');
    expect(JSON.stringify(shape(document, document.root))).toContain("b.png");
  });

  it("stops listing problems, and orders them", () => {
    const { problems } = parseRon("[".repeat(50) + "$ ".repeat(1000));
    expect(problems).toHaveLength(maxProblems);
    expect(problems.map((problem) => problem.start)).toEqual(
      problems.map((problem) => problem.start).toSorted((a, b) => a - b),
    );
  });
});

describe("hostile text", () => {
  it("reads values as deep as the ron crate does, and refuses deeper ones", () => {
    expect(messages("[".repeat(maxDepth) + "]".repeat(maxDepth))).toEqual([]);
    expect(messages("[".repeat(maxDepth + 1) + "]".repeat(maxDepth + 1))).toEqual([
      `1:${maxDepth + 1} Values may be nested ${maxDepth} deep; Bevy refuses more as well`,
    ]);
  });

  const big = 200_000;
  it.each([
    ["brackets", "([{".repeat(big)],
    ["closers", ")]}".repeat(big)],
    ["open strings", '"\\n\\"\n'.repeat(big)],
    ["open raw strings", 'r#"\n'.repeat(big)],
    ["open raw strings of every length", Array.from({ length: 300 }, (_, n) => `r${"#".repeat(300 - n)}"\n`).join("")],
    ["open comments", "/*".repeat(big)],
    ["digits", "1".repeat(big)],
    ["letters", `${"é".repeat(big)} x`],
    ["hashes", `r${"#".repeat(big)}`],
    ["escapes", `"${"\\q".repeat(big)}"`],
    ["quotes", "'".repeat(big)],
  ])("%s do not hang or overflow", (_, text) => {
    expect(parseRon(text).problems.length).toBeGreaterThan(0);
  });
});

/** Pieces of RON, so that random texts come near its grammar. */
const pieces = fc.constantFrom(
  ...['"', "'", "\\", "\\u{", "}", "{", "(", ")", "[", "]", ":", ",", "//", "/*", "*/", "\n", "\r\n", " ", "#", "!"],
  ...[
    "r#",
    'r#"',
    '"#',
    "b'",
    'b"',
    "Some",
    "inf",
    "-",
    "+",
    ".",
    "0x",
    "1e",
    "_",
    "a",
    "true",
    "🐉",
    "\uD800",
    "\uFEFF",
  ],
);
const nearRon = fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join(""));

describe("any text", () => {
  it("is made whole again by its tokens", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), nearRon), (text) => {
        let end = 0;
        for (const token of ronTokens(text)) {
          expect(token.start).toBe(end);
          expect(token.end).toBeGreaterThan(token.start);
          end = token.end;
        }
        expect(end).toBe(text.length);
      }),
      { numRuns },
    );
  });

  it("is parsed without throwing, into nested spans inside it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), nearRon), (text) => {
        const document = parseRon(text);
        for (const { start, end } of [...document.problems, ...document.comments]) {
          expect(0 <= start && start <= end && end <= text.length).toBe(true);
        }
        if (document.root) expectNested(document.root, 0, text.length);
      }),
      { numRuns },
    );
  });
});

function expectNested(value: RonValue, start: number, end: number): void {
  expect(start <= value.start && value.start <= value.end && value.end <= end).toBe(true);
  if (!isContainer(value)) return;
  let from = value.open + 1;
  for (const element of value.elements) {
    expect(from <= element.start && element.start <= element.end && element.end <= value.end).toBe(true);
    if (element.key) expectNested(element.key, element.start, element.end);
    expectNested(element.value, element.start, element.end);
    from = element.end;
  }
}

type Model =
  | string
  | number
  | boolean
  | null
  | Model[]
  | { fields: [string, Model][] }
  | { entries: [string, Model][] };

const { model } = fc.letrec<{ model: Model }>((tie) => ({
  model: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("model"), { maxLength: 4 }),
    fc.record({
      fields: fc.array(fc.tuple(fc.stringMatching(/^[a-z_]{1,8}$/), tie("model")), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ entries: fc.array(fc.tuple(fc.string(), tie("model")), { maxLength: 4 }) }),
  ),
}));

/** Writes a value with the trivia, trailing commas and raw strings that `choose` draws. */
function write(value: Model, choose: (count: number) => number): string {
  const gap = () => ["", " ", "\n\t", "/* ] */", '// "\n', ""][choose(6)] ?? "";
  const join = (parts: string[]) =>
    parts.map((part) => gap() + part + gap()).join(",") + (parts.length > 0 && choose(2) === 1 ? "," : "");
  if (typeof value === "string") {
    const raw = choose(2) === 1 && !value.includes('"');
    return raw ? `r#"${value}"#` : `"${escapeRust(value)}"`;
  }
  if (value === null) return "None";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${join(value.map((item) => write(item, choose)))}${gap()}]`;
  if ("fields" in value) {
    const fields = value.fields.map(([name, item]) => `${name}${gap()}:${gap()}${write(item, choose)}`);
    return `${choose(2) === 1 ? "Name" : ""}(${join(fields)}${gap()})`;
  }
  const entries = value.entries.map(([key, item]) => `${write(key, choose)}${gap()}:${gap()}${write(item, choose)}`);
  return `{${join(entries)}${gap()}}`;
}

function read(document: RonDocument, value: RonValue): Model {
  if (isContainer(value)) {
    if (value.kind === "list") return value.elements.map((element) => read(document, element.value));
    const pairs = value.elements.map((element): [string, Model] => {
      const key = element.key ?? element.value;
      return [stringValue(document, key) ?? textOf(document, key), read(document, element.value)];
    });
    return value.kind === "map" ? { entries: pairs } : { fields: pairs };
  }
  const text = textOf(document, value);
  return stringValue(document, value) ?? numberValue(document, value) ?? (text === "None" ? null : text === "true");
}

describe("a written value", () => {
  it("reads back as it was, whatever stands between its tokens", () => {
    fc.assert(
      fc.property(model, fc.infiniteStream(fc.nat(1000)), (value, stream) => {
        const text = write(value, (count) => (stream.next().value ?? 0) % count);
        const document = parseRon(text);
        expect(document.problems).toEqual([]);
        expect(document.root && read(document, document.root)).toEqual(value);
      }),
      { numRuns },
    );
  });

  it("loses nothing else when one character is changed", () => {
    const text = '({ "a": Image(path: "a.png"), "b": [1, 2, 3] })';
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 0, maxLength: 2 }), (at, change) => {
        const mutated = text.slice(0, at) + change + text.slice(at + 1);
        const joined = [...ronTokens(mutated)].map((token) => mutated.slice(token.start, token.end)).join("");
        expect(joined).toBe(mutated);
        expect(() => parseRon(mutated)).not.toThrow();
      }),
      { numRuns },
    );
  });
});
