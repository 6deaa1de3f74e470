import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { numRuns } from "../test-rounds.ts";
import { initRust, parseRust } from "./language.ts";
import { readRust } from "./read.ts";

beforeAll(initRust);

/** The targets of a text's directives, null where one has none. */
function bound(text: string): (string | null)[] {
  return readRust(text).directives.map(({ reference }) => reference?.path ?? reference?.key ?? null);
}

function problems(text: string): string[] {
  return readRust(text).problems.map((problem) => `${problem.code}: ${problem.message}`);
}

const inFunction = (body: string) => `fn f(s: Res<AssetServer>) {\n${body}\n}`;
const sprite = '// @sprite "x" 8x8';

describe("a directive on a line with code", () => {
  it.each([
    ["that line's image", `let a = s.load("a.png"); ${sprite}\nlet b = s.load("b.png");`],
    ["an image in the middle of a statement", `let a = s\n.load("a.png") ${sprite}\n.clone();`],
    [
      "its image with a continuation below",
      `let a = s.load("a.png"); ${sprite}\n// | seed=1\nlet b = s.load("b.png");`,
    ],
    ["one image that stands twice", `let a = [s.load("a.png"), s.load("a.png")]; ${sprite}`],
  ])("binds to %s", (_, body) => {
    expect(problems(inFunction(body))).toEqual([]);
    expect(bound(inFunction(body))).toEqual(["a.png"]);
  });

  it("does not look at other lines", () => {
    const text = inFunction(`let a = 1; ${sprite}\nlet b = s.load("b.png");`);
    expect(problems(text)).toEqual(["directive-unbound: No image is named in this line"]);
    expect(bound(text)).toEqual([null]);
  });

  it("needs a target where the line names several", () => {
    const text = inFunction(`let a = [s.load("a.png"), s.load("b.png")]; ${sprite}`);
    expect(problems(text)).toEqual(["directive-ambiguous: This line names several images: `a.png`, `b.png`"]);
    expect(readRust(text).problems[0]?.remedy).toContain('path="a.png"');
  });
});

describe("a directive that stands alone binds to the next", () => {
  it.each([
    ["statement", inFunction(`${sprite}\nlet a = s.load("a.png");\nlet b = s.load("b.png");`)],
    ["statement over several lines", inFunction(`${sprite}\n\n\nlet a = s.load(\n    "a.png",\n);\ns.load("b.png");`)],
    ["last expression", inFunction(`s.load("b.png");\n${sprite}\ns.load("a.png")`)],
    ["statement behind other comments", inFunction(`${sprite}\n// why\n/* so */\nlet a = s.load("a.png");`)],
    ["constant", `const B: &str = "b.png";\n${sprite}\nconst A: &str = "a.png";\nconst C: &str = "c.png";`],
    ["item with attributes", `${sprite}\n#[allow(dead_code)]\npub static A: &str = "a.png";`],
    ["function with one image", `${sprite}\n${inFunction('s.load("a.png");')}`],
    [
      "field",
      `struct S {\n${sprite}\n#[asset(path = "a.png")]\na: Handle<Image>,\n#[asset(path = "b.png")]\nb: Handle<Image> }`,
    ],
    [
      "field whose attribute is above",
      `struct S {\n#[asset(path = "b.png")]\nb: H,\n#[asset(path = "a.png")]\n${sprite}\na: H }`,
    ],
    ["field of a tuple struct", `struct S(\n${sprite}\n#[asset(path = "a.png")] Handle<Image>, Handle<Font>);`],
    ["field of a literal", inFunction(`S {\n${sprite}\na: s.load("a.png"),\nb: s.load("b.png"),\n}`)],
    ["argument", inFunction(`c.spawn((\n${sprite}\nSprite::from_image(s.load("a.png")),\nfoo(s.load("b.png"))));`)],
    ["item of an array", inFunction(`let a = [s.load("b.png"),\n${sprite}\ns.load("a.png")];`)],
    ["call of a chain", inFunction(`let a = s\n${sprite}\n.load("a.png");\nlet b = s.load("b.png");`)],
    ["match arm", inFunction(`match x {\n0 => s.load("b.png"),\n${sprite}\n_ => s.load("a.png"),\n}`)],
    ["element of a macro", inFunction(`vec![s.load("b.png"),\n${sprite}\ns.load::<Image>("a.png"), s.load("c.png")];`)],
    ["component of bsn!", inFunction(`bsn! {\n${sprite}\nSprite { image: "a.png" }\nOther { image: "b.png" }\n}`)],
    ["statement of a macro's block", `m! {\n${sprite}\nlet a = s.load("a.png"); let b = s.load("b.png");\n}`],
    ["variant", `enum E {\n${sprite}\n#[asset(path = "a.png")]\nA,\nB,\n}`],
    ["statement in a broken file", `fn f() {\n${sprite}\nlet a = s.load("a.png");\nlet = ;\n`],
  ])("%s", (_, text) => {
    expect(problems(text)).toEqual([]);
    expect(bound(text)).toEqual(["a.png"]);
  });

  it("statement, two directives alike", () => {
    expect(bound(inFunction(`${sprite}\n${sprite}\nlet a = s.load("a.png");`))).toEqual(["a.png", "a.png"]);
  });

  it("field of a manifest's key", () => {
    const text = `struct S {\n${sprite}\n#[asset(key = "player.image")]\na: Handle<Image>,\n}`;
    expect(readRust(text).directives[0]?.reference).toMatchObject({ kind: "key", key: "player.image", path: null });
  });
});

describe("a directive without a target is told", () => {
  it.each([
    ["nothing follows", inFunction(`s.load("a.png");\n${sprite}`), "No image is named in what follows the directive"],
    ["no image follows", inFunction(`${sprite}\ns.load("a.ogg");`), "No image is named in what follows the directive"],
    [
      "only a folder follows",
      inFunction(`${sprite}\ns.load_folder("a");`),
      "No image is named in what follows the directive",
    ],
    [
      "the path is built",
      inFunction(`${sprite}\ns.load(format!("{name}.png"));`),
      "The path in what follows the directive is only known when the game runs",
    ],
    [
      "the path is a variable",
      inFunction(`${sprite}\ns.load(name);`),
      "The path in what follows the directive is only known when the game runs",
    ],
    [
      "it is compiled in",
      inFunction(`${sprite}\nload_embedded_asset!(&s, "a.png");`),
      "The image in what follows the directive is not in the asset folder",
    ],
    ["it ends a file", sprite, "No image is named in what follows the directive"],
    ["it ends a macro", `m! { a \n${sprite}\n}`, "No image is named in what follows the directive"],
  ])("where %s", (_, text, message) => {
    expect(problems(text)).toEqual([`directive-unbound: ${message}`]);
    expect(bound(text)).toEqual([null]);
  });

  it("where several images follow", () => {
    const body = `${sprite}\nlet a = ["a", "b", "c", "d"].map(|_| (${'s.load("a.png"), s.load("b.png"), '.repeat(2)} s.load("c.png"), s.load("d.png")));`;
    expect(problems(inFunction(body))).toEqual([
      "directive-ambiguous: What follows the directive names several images: `a.png`, `b.png`, `c.png`, and 1 more",
    ]);
  });

  it("but not with `path=` or `key=`", () => {
    expect(problems('// @sprite "x" path=new.png')).toEqual([]);
    expect(problems('// @sprite "x" key=new.image')).toEqual([]);
    expect(bound(inFunction('// @sprite "x" path=b.png\nlet a = (s.load("a.png"), s.load("b.png"));'))).toEqual([
      "b.png",
    ]);
  });
});

describe("what is no directive", () => {
  it.each([
    ['/// @sprite "x"\nfn f() {}'],
    ['//! @sprite "x"'],
    ['/* @sprite "x" */'],
    ['/*\n// @sprite "x"\n*/'],
    ['const A: &str = "// @sprite \\"x\\"";'],
    ['const A: &str = r#"\n// @sprite "x"\n"#;'],
    ['// see // @sprite "x"'],
    ['#[doc = "// @sprite"] fn f() {}'],
    ['// @sprite-sheet "x"'],
  ])("%j", (text) => {
    expect(readRust(text)).toMatchObject({ directives: [], problems: [] });
  });
});

describe("a caller's own tree", () => {
  it("is read and stays the caller's, an edited one too", () => {
    const before = inFunction(`${sprite}\ns.load("a.png");`);
    const after = before.replace("a.png", "bb.png");
    const at = before.indexOf("a.png");
    const tree = parseRust(before);
    expect(readRust(before, { tree }).directives[0]?.reference?.path).toBe("a.png");
    const column = at - before.lastIndexOf("\n", at) - 1;
    const point = (offset: number) => ({ row: 2, column: column + offset });
    tree.edit({
      startIndex: at,
      oldEndIndex: at + 5,
      newEndIndex: at + 6,
      startPosition: point(0),
      oldEndPosition: point(5),
      newEndPosition: point(6),
      editPoint: (moved, index) => ({ point: moved, index }),
      editRange: (range) => range,
    });
    const edited = parseRust(after, tree);
    expect(readRust(after, { tree: edited })).toEqual(readRust(after));
    expect(edited.rootNode.hasError).toBe(false);
    tree.delete();
    edited.delete();
  });
});

describe("hostile text", () => {
  const many = 3000;
  it.each([
    ["directives", `${sprite}\n`.repeat(many), many],
    ["directives in tokens", `m! {${`${sprite}\na\n`.repeat(many)}}`, many],
    ["open calls", `${sprite}\n${".load(".repeat(many)}`, 1],
    ["long chains", `${sprite}\nfn f() { x${'.load("a.png")'.repeat(many)}; }`, 1],
    ["open blocks", `${sprite}\n${"fn f() {".repeat(many)}`, 1],
    ["attributes", `${sprite}\n${'#[asset(key = "x")]\n'.repeat(many)}`, 1],
    ["quotes", `${sprite}\n${'"\n'.repeat(many)}`, 1],
    ["constants", `${sprite}\n${'const A: &str = "a.png";\n'.repeat(many)}`, 1],
  ])("%s are read", (_, text, count) => {
    expect(readRust(text).directives).toHaveLength(count);
  });
});

const pieces = fc.constantFrom(
  ...[
    '// @sprite "x" 8x8\n',
    "// | seed=1\n",
    '"a.png"',
    '"b.png"',
    's.load("a.png")',
    "s.load::<Image>(",
    "fn f()",
    "{",
  ],
  ...[
    "}",
    "(",
    ")",
    ";",
    ",",
    "\n",
    "let a = ",
    "vec![",
    "]",
    '#[asset(path = "a.png")]',
    "struct S",
    "a: Handle<Image>",
  ],
  ...["const A: &str = ", "bsn!", "AssetPath::from(", "embedded_asset!(", "/*", "*/", 'r#"', "🐉", "asset(", "=", "::"],
);

describe("any text", () => {
  it("is read without throwing, spans inside it and bound references among those found", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const text = parts.join("");
        const file = readRust(text);
        for (const { start, end } of [...file.references, ...file.problems]) {
          expect(0 <= start && start <= end && end <= text.length).toBe(true);
        }
        const starts = file.references.map((reference) => reference.start);
        expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
        for (const { directive, reference } of file.directives) {
          expect(text.slice(directive.start).startsWith("@sprite")).toBe(true);
          if (reference) expect(file.references).toContain(reference);
          else expect(file.problems.some((problem) => problem.start === directive.start)).toBe(true);
        }
      }),
      { numRuns },
    );
  });

  it("is read the same again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (noise) => {
        const text = `${noise}\n${sprite}\nconst A: &str = "a.png";\n${noise}`;
        expect(readRust(text)).toEqual(readRust(text));
      }),
      { numRuns },
    );
  });
});
