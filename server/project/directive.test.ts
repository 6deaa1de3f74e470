import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DirectiveKey, DirectiveValues } from "./directive-keys.ts";
import { directiveKeys, isDirectiveKey } from "./directive-values.ts";
import { isSound, parseDirectives, type Directive } from "./directive.ts";
import { escapeRust } from "./escapes.ts";
import type { Span } from "./problem.ts";
import { numRuns } from "./test-rounds.ts";

/** Each line of a text that is nothing but line comments. */
function commentsOf(text: string): Span[] {
  return [...text.matchAll(/\/\/[^\n\r]*/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function read(text: string): Directive {
  const [directive, ...others] = parseDirectives(text, commentsOf(text));
  if (directive === undefined || others.length > 0) throw new Error("expected one directive");
  return directive;
}

function parse(body: string): Directive {
  return read(`// @sprite ${body}`);
}

function valuesOf(directive: Directive): Record<string, unknown> {
  return Object.fromEntries(Object.entries(directive.settings).map(([key, setting]) => [key, setting.value]));
}

/** What is wrong, each as the text it points at and what is said of it. */
function problemsOf(body: string): string[] {
  const text = `// @sprite ${body}`;
  return read(text).problems.map((problem) => `${text.slice(problem.start, problem.end)}: ${problem.message}`);
}

describe("a directive", () => {
  it("has a prompt, a size and settings, in any order", () => {
    const directive = parse('seed=42 64x32 style=boss "red dragon, side view" frames=4');
    expect(directive.problems).toEqual([]);
    expect(directive.prompt?.value).toBe("red dragon, side view");
    expect(directive.size?.value).toEqual({ width: 64, height: 32 });
    expect(valuesOf(directive)).toEqual({ seed: 42, style: "boss", frames: 4 });
  });

  it("points at each part", () => {
    const text = '  // @sprite "a \\"b\\"" 64x64  seed=42 style="big boss" tile';
    const directive = read(text);
    const at = (span: Span | null | undefined) => span && text.slice(span.start, span.end);
    expect(at(directive)).toBe(text.trim().slice(3));
    expect(at(directive.prompt)).toBe('"a \\"b\\""');
    expect(at(directive.size)).toBe("64x64");
    expect([at(directive.settings.seed), at(directive.settings.seed?.keySpan)]).toEqual(["42", "seed"]);
    expect(at(directive.settings.style)).toBe('"big boss"');
    expect([at(directive.settings.tile), at(directive.settings.tile?.keySpan)]).toEqual(["tile", "tile"]);
  });

  it.each(['//@sprite "a"', '//  \t@sprite\t"a"', '// @sprite"a"'])("begins a comment: %j", (text) => {
    expect(read(text).prompt?.value).toBe("a");
  });

  it.each([
    '// see @sprite "a"',
    '// @sprites "a"',
    '// @spriteless "a"',
    '// @Sprite "a"',
    '/// @sprite "a"',
    '//! @sprite "a"',
    "// | frames=4",
    "//",
  ])("is not what only looks like one: %j", (text) => {
    expect(parseDirectives(text, commentsOf(text))).toEqual([]);
  });

  it("reads Rust's escapes", () => {
    expect(parse(String.raw`"a \"quoted\" \u{1F409}\n"`).prompt?.value).toBe('a "quoted" 🐉\n');
  });

  it("may leave the prompt out when it starts from an image", () => {
    expect(parse("from=sketch.png").problems).toEqual([]);
  });
});

describe("continuation lines", () => {
  it("go on after a bar", () => {
    const text = '// @sprite "red dragon"\n    //   | 64x64 frames=4\n//|seed=42\nlet x = 1;';
    const directive = read(text);
    expect(directive.problems).toEqual([]);
    expect(directive.size?.value).toEqual({ width: 64, height: 64 });
    expect(valuesOf(directive)).toEqual({ frames: 4, seed: 42 });
    expect(text.slice(directive.end - 2, directive.end)).toBe("42");
    const { seed } = directive.settings;
    expect(seed && text.slice(seed.start, seed.end)).toBe("42");
  });

  it("may hold the whole directive, and go on with Windows line ends", () => {
    const directive = read('// @sprite\r\n// | "a"\r\n// | 8x8');
    expect([directive.prompt?.value, directive.size?.value]).toEqual(["a", { width: 8, height: 8 }]);
  });

  it("go on inside a string after a backslash, as in Rust", () => {
    const directive = read('// @sprite "red dragon, \\\n//   |   breathing fire" 64x64');
    expect(directive.problems).toEqual([]);
    expect(directive.prompt?.value).toBe("red dragon, breathing fire");
  });

  it.each([
    ["an empty line", '// @sprite "a"\n\n// | 8x8'],
    ["code", '// @sprite "a"\nlet x = 1; // | 8x8'],
    ["another comment", '// @sprite "a"\n// note\n// | 8x8'],
  ])("end at %s", (_, text) => {
    expect(read(text).size).toBeNull();
  });

  it("belong to the directive right above them", () => {
    const text = '// @sprite "a"\n// | 8x8\n// @sprite "b"\n// | 16x16';
    const sizes = parseDirectives(text, commentsOf(text)).map((directive) => directive.size?.value.width);
    expect(sizes).toEqual([8, 16]);
  });

  it("have their problems where they are", () => {
    const text = '// @sprite "a"\n//   | frames=0';
    const [problem] = read(text).problems;
    expect(problem && text.slice(problem.start, problem.end)).toBe("0");
  });
});

describe("the size", () => {
  it.each([
    ["1x1", 1, 1],
    ["33x17", 33, 17],
    ["4096x4096", 4096, 4096],
    ["064x64", 64, 64],
  ])("%s", (size, width, height) => {
    const directive = parse(`"a" ${size}`);
    expect(directive.problems).toEqual([]);
    expect(directive.size?.value).toEqual({ width, height });
  });

  it.each([
    ["0x64", "0: The width is 1 to 4096 pixels, not 0"],
    ["64x0", "0: The height is 1 to 4096 pixels, not 0"],
    ["-1x64", "-1: The width is a whole number of pixels from 1 to 4096, not -1"],
    ["64x4097", "4097: The height is 1 to 4096 pixels, not 4097"],
    ["1.5x64", "1.5: The width is a whole number of pixels from 1 to 4096, not 1.5"],
    ["64x.5", ".5: The height is a whole number of pixels from 1 to 4096, not .5"],
    ["64x", "x: The height is missing"],
    ["x64", "x: The width is missing"],
    ["64", "64: The size `64` has no height"],
    ["-64", "-64: `-64` is not a size"],
    ["64X64", "X: A size is written with a small x"],
    ["64×64", "×: A size is written with a small x"],
    ["64x64x2", "64x64x2: A size has two sides; `64x64x2` has more"],
    ["64x64px", "px: A size is written without a unit"],
    ["64xwide", "wide: The height `wide` is not a number"],
    ["1e3x64", "1e3: The width `1e3` is not a number"],
    ["99999999999999999999x1", "99999999999999999999: The width is 1 to 4096 pixels, not 99999999999999999999"],
  ])("%s is an error at its column", (size, problem) => {
    expect(problemsOf(`"a" ${size}`)).toEqual([problem]);
    expect(parse(`"a" ${size}`).size).toBeNull();
  });

  it("names both sides when both are wrong", () => {
    expect(problemsOf('"a" 0x5000')).toHaveLength(2);
  });

  it("stands once", () => {
    expect(problemsOf('"a" 8x8 16x16')).toEqual(["16x16: A directive has one size"]);
    expect(parse('"a" 8x8 16x16').size?.value.width).toBe(8);
  });
});

describe("the values of keys", () => {
  it.each([
    ["path=sprites/a.png", { path: "sprites/a.png" }],
    ['path="with blank/a.png"', { path: "with blank/a.png" }],
    ["key=player.image", { key: "player.image" }],
    ["frames=256", { frames: 256 }],
    ["directions=8", { directions: 8 }],
    ["directions=1", { directions: 1 }],
    ["fps=12.5", { fps: 12.5 }],
    ["palette=sweetie-16", { palette: "sweetie-16" }],
    ["palette=#1A1c2c,#fff", { palette: ["#1a1c2c", "#ffffff"] }],
    ['palette="#000000 #ffffff, #f00"', { palette: ["#000000", "#ffffff", "#ff0000"] }],
    ["colors=2", { colors: 2 }],
    ["seed=9007199254740991", { seed: Number.MAX_SAFE_INTEGER }],
    ["lora=pixel-art", { lora: [{ name: "pixel-art", strength: 1 }] }],
    [
      "lora=a:0.8,b:-.5",
      {
        lora: [
          { name: "a", strength: 0.8 },
          { name: "b", strength: -0.5 },
        ],
      },
    ],
    [
      'lora=a lora="b c.safetensors:2"',
      {
        lora: [
          { name: "a", strength: 1 },
          { name: "b c.safetensors", strength: 2 },
        ],
      },
    ],
    ['negative=""', { negative: "" }],
    ["steps=500", { steps: 500 }],
    ["cfg=7.5", { cfg: 7.5 }],
    ["strength=1", { strength: 1 }],
    ["variants=4", { variants: 4 }],
    ["background=keep", { background: "keep" }],
    ["background=#FF00FF", { background: "#ff00ff" }],
    ["outline=#000", { outline: "#000000" }],
    ["outline=none", { outline: null }],
    ["pivot=bottom", { pivot: { x: 0.5, y: 1 } }],
    ["pivot=0.25,.75", { pivot: { x: 0.25, y: 0.75 } }],
    ["tile", { tile: true }],
    ["tile=false", { tile: false }],
    [
      "model=sdxl* style=boss sampler=euler workflow=tileset from=a.png",
      { model: "sdxl*", style: "boss", sampler: "euler", workflow: "tileset", from: "a.png" },
    ],
  ])("%s", (settings, expected) => {
    const directive = parse(`"a" ${settings}`);
    expect(directive.problems).toEqual([]);
    expect(valuesOf(directive)).toEqual(expected);
  });

  it.each([
    ["frames=0", "0: `frames`: Expected a whole number from 1 to 256, found `0`"],
    ["frames=2.5", "2.5: `frames`: Expected a whole number from 1 to 256, found `2.5`"],
    ["frames=0x4", "0x4: `frames`: Expected a whole number from 1 to 256, found `0x4`"],
    ["directions=2", "2: `directions`: Expected 1, 4 or 8 directions, found `2`"],
    ["fps=0", "0: `fps`: Expected frames a second, above 0 and at most 240, found `0`"],
    ["colors=1", "1: `colors`: Expected a whole number from 2 to 256, found `1`"],
    ["seed=-1", "-1: `seed`: Expected a whole number from 0 to 9007199254740991, found `-1`"],
    [
      "seed=9007199254740992",
      "9007199254740992: `seed`: Expected a whole number from 0 to 9007199254740991, found `9007199254740992`",
    ],
    ["steps=501", "501: `steps`: Expected a whole number from 1 to 500, found `501`"],
    ["cfg=1e2", "1e2: `cfg`: Expected a number from 0 to 100, found `1e2`"],
    ["strength=1.1", "1.1: `strength`: Expected a number from 0 to 1, found `1.1`"],
    ["variants=65", "65: `variants`: Expected a whole number from 1 to 64, found `65`"],
    ["palette=#fff,#xyz,#000", "#xyz: `palette`: `#xyz` is not a colour such as #1a1c2c"],
    ["palette=#fff,", "palette=#fff,: `palette`: `` is not a colour such as #1a1c2c"],
    ["background=blue", "blue: `background`: Expected auto, keep or a colour such as #ff00ff, found `blue`"],
    [
      "background=#ff00ff80",
      "#ff00ff80: `background`: Expected auto, keep or a colour such as #ff00ff, found `#ff00ff80`",
    ],
    ["outline=thick", "thick: `outline`: Expected a colour such as #000000 or none, found `thick`"],
    ["pivot=middle", "middle: `pivot`: `middle` is not an anchor"],
    ["pivot=0.5,1.5", "0.5,1.5: `pivot`: `0.5,1.5` is not an anchor"],
    ["pivot=0,0,0", "0,0,0: `pivot`: `0,0,0` is not an anchor"],
    ["tile=maybe", "maybe: `tile`: Expected true or false, found `maybe`"],
    ["lora=a:strong", "strong: `lora`: Expected a strength from -10 to 10, found `strong`"],
    ["lora=a:11", "11: `lora`: Expected a strength from -10 to 10, found `11`"],
    ["lora=a,:1", ":1: `lora`: A LoRA has no name"],
    ["path=../a.png", "../a.png: `path`: `../a.png` is not a path inside the asset root"],
    ["path=/a.png", "/a.png: `path`: `/a.png` is not a path inside the asset root"],
    [String.raw`path=a\b.png`, String.raw`a\b.png: ${"`path`: `a"}\b.png${"`"} is not a path inside the asset root`],
    ["path=embedded://a.png", "embedded://: `path`: Sprites are written to the default asset source only"],
    ['style="  "', "  : `style`: Expected a style's name, found nothing"],
  ])("%s is told at its value", (settings, problem) => {
    expect(problemsOf(`"a" ${settings}`)).toEqual([problem]);
    expect(valuesOf(parse(`"a" ${settings}`))).toEqual({});
    expect(parse(`"a" ${settings}`).problems[0]?.remedy).toBeTruthy();
  });

  it("refuses a palette of more than 256 colours", () => {
    expect(problemsOf(`"a" palette=${"#fff,".repeat(256)}#000`)[0]).toContain("at most 256 colours, not 257");
  });

  it("points at the whole setting where escapes shift the value", () => {
    expect(problemsOf(String.raw`"a" lora="\x61:strong"`)[0]).toMatch(/^lora="\\x61:strong": /);
  });

  it("offers an example of each key that it reads itself", () => {
    for (const [key, { about, example }] of Object.entries(directiveKeys)) {
      expect(parse(`"a" ${key}=${example}`).problems, key).toEqual([]);
      expect(about).not.toBe("");
    }
  });
});

describe("what does not fit", () => {
  it.each([
    ["", ["@sprite: The directive has no prompt"]],
    ['"a" frams=4', ["frams: `frams` is not a key of a directive"]],
    ['"a" size=64x64', ["size: `size` is not a key of a directive"]],
    ['"a" seed=1 seed=2', ["seed: `seed` stands twice"]],
    ['"a" "b"', ['"b": A directive has one prompt']],
    ['""', ['"": The prompt is empty']],
    ['"a" frames', ["frames: `frames` needs `=` and a value"]],
    ['"a" frames 4', ["frames 4: `frames` needs `=` and a value"]],
    ['"a" frames=', ["frames=: `frames=` has no value"]],
    ['"a" frames= seed=4', ["frames=: `frames=` has no value"]],
    ['"a" frames = 4', ["frames = 4: No blank stands around `=`"]],
    ['"a" =4', ["=4: There is no key before `=`"]],
    ['"a"64x64', ["6: A blank is missing between two parts"]],
    [
      '"a" b"c"',
      ["b: `b` has no meaning here", '": A blank is missing between two parts', '"c": A directive has one prompt'],
    ],
    ["red dragon 64x64", ["red dragon: `red dragon` has no meaning here"]],
    ["“red dragon”", ["“red dragon”: `“red dragon”` has no meaning here"]],
    [String.raw`"a\q"`, [String.raw`\q: ${"`\\q`"} is not an escape`]],
    ['"red dragon 64x64 seed=4', ['"red dragon: This string has no closing `"`']],
    ['"red dragon', ['"red dragon: This string has no closing `"`']],
  ])("%j", (body, expected) => {
    expect(problemsOf(body)).toEqual(expected);
    expect(isSound(parse(body))).toBe(false);
  });

  it.each([
    ['"a" frams=4', "Did you mean `frames`?"],
    ['"a" Frames=4', "Did you mean `frames`?"],
    ['"a" palete=x', "Did you mean `palette`?"],
    ['"a" size=64x64', "The size stands alone, such as `64x64`."],
    ['"a" frames = 4', "Write `frames=4`."],
    ['"a" frames 4', "Write `frames=4`."],
    ['"a" tiles', "Did you mean `tile=`?"],
    ["“red dragon”", 'A prompt stands in quotes: `"red dragon"`.'],
  ])("%j is helped by %j", (body, remedy) => {
    expect(parse(body).problems[0]?.remedy).toBe(remedy);
  });

  it("lists the keys when none is near", () => {
    expect(parse('"a" qqqqqqqqqq=1').problems[0]?.remedy).toContain("path, key, frames");
  });

  it("keeps what stands around it", () => {
    const directive = parse('"red dragon 64x64 frams=2 seed=7 0x0 tile wat colors=16');
    expect(directive.prompt?.value).toBe("red dragon");
    expect(directive.size?.value).toEqual({ width: 64, height: 64 });
    expect(valuesOf(directive)).toEqual({ seed: 7, tile: true, colors: 16 });
  });

  it("keeps a value whose `=` has blanks around it", () => {
    expect(valuesOf(parse('"a" frames = 4 seed= "5"'))).toEqual({ frames: 4, seed: 5 });
  });

  it("is listed up to a bound, in a text read up to a bound", () => {
    expect(parse('"a" ' + "x=1 ".repeat(1000)).problems.length).toBeLessThanOrEqual(20);
    const long = parse(`"a" ${"tile ".repeat(20_000)}`);
    expect(long.problems.length).toBeGreaterThan(0);
    expect(
      parse(`"${"a".repeat(70_000)}"`)
        .problems.map((problem) => problem.message)
        .join(),
    ).toContain("65536");
  });
});

const word = fc.stringMatching(/^[a-z][a-z0-9._-]{0,9}$/);
const hex = fc.stringMatching(/^#[0-9a-f]{6}$/);
const decimal = (most: number) => fc.integer({ min: 0, max: most * 100 }).map((value) => value / 100);

/** Any value of each key. */
const anyValues: { [K in DirectiveKey]: fc.Arbitrary<DirectiveValues[K]> } = {
  path: word.map((name) => `sprites/${name}.png`),
  key: word,
  frames: fc.integer({ min: 1, max: 256 }),
  directions: fc.constantFrom(1, 4, 8),
  fps: fc.integer({ min: 1, max: 240 }),
  palette: fc.oneof(word, fc.array(hex, { minLength: 1, maxLength: 8 })),
  colors: fc.integer({ min: 2, max: 256 }),
  seed: fc.maxSafeNat(),
  style: word,
  model: word,
  lora: fc.array(fc.record({ name: word, strength: decimal(10) }), { minLength: 1, maxLength: 3 }),
  negative: fc.string({ unit: "binary" }),
  steps: fc.integer({ min: 1, max: 500 }),
  cfg: decimal(100),
  sampler: word,
  workflow: word,
  from: word,
  strength: decimal(1),
  variants: fc.integer({ min: 1, max: 64 }),
  background: fc.oneof(fc.constantFrom("auto", "keep"), hex),
  outline: fc.option(hex),
  pivot: fc.record({ x: decimal(1), y: decimal(1) }),
  tile: fc.boolean(),
};

function write(key: string, value: unknown): string {
  if (key === "lora" && Array.isArray(value)) {
    return `lora=${value.map((lora: { name: string; strength: number }) => `${lora.name}:${lora.strength}`).join(",")}`;
  }
  if (Array.isArray(value)) return `${key}=${value.join(",")}`;
  if (value === null) return `${key}=none`;
  if (typeof value === "object" && "x" in value && "y" in value) return `${key}=${String(value.x)},${String(value.y)}`;
  return typeof value === "string" ? `${key}="${escapeRust(value)}"` : `${key}=${JSON.stringify(value)}`;
}

describe("any directive", () => {
  const gap = fc.constantFrom(" ", "\t", "\n//|", "\n   //  | ", "\r\n// | ");
  const anyDirective = fc.record({
    prompt: fc.string({ unit: "binary", minLength: 1 }).filter((text) => text.trim() !== ""),
    size: fc.record({ width: fc.integer({ min: 1, max: 4096 }), height: fc.integer({ min: 1, max: 4096 }) }),
    settings: fc.record(anyValues, { requiredKeys: [] }),
  });

  it("is read as it was written", () => {
    fc.assert(
      fc.property(anyDirective, fc.array(gap, { minLength: 30, maxLength: 30 }), fc.nat(), (wish, gaps, turn) => {
        const parts = [
          `"${escapeRust(wish.prompt)}"`,
          `${wish.size.width}x${wish.size.height}`,
          ...Object.entries(wish.settings).map(([key, value]) => write(key, value)),
        ];
        const at = turn % parts.length;
        const turned = [...parts.slice(at), ...parts.slice(0, at)];
        const text = `// @sprite${turned.map((part, index) => (gaps[index] ?? " ") + part).join("")}`;
        const [directive] = parseDirectives(text, commentLines(text));
        expect(directive?.problems).toEqual([]);
        expect(directive?.prompt?.value).toBe(wish.prompt);
        expect(directive?.size?.value).toEqual(wish.size);
        expect(directive && valuesOf(directive)).toEqual(wish.settings);
      }),
      { numRuns },
    );
  });

  const pieces = fc.constantFrom(
    ...['"', "\\", "\\u{", "=", " ", "64x64", "0x", "frames", "tile", "seed=1", "palette=#", "lora=a:", ",", "🐉"],
    ...["\n// |", "\n//", "\n// @sprite", "\uD800", "-", ".", "x", "'", "from=a"],
  );

  it("is read without throwing, into spans inside the text", () => {
    const nearDirective = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), nearDirective), (body) => {
        const text = `// @sprite ${body}`;
        for (const directive of parseDirectives(text, commentsOf(text))) {
          const settings = Object.values(directive.settings).flatMap((setting) => [setting, setting.keySpan]);
          for (const span of [directive, directive.prompt, directive.size, ...settings, ...directive.problems]) {
            if (span === null) continue;
            expect(0 <= span.start && span.start <= span.end && span.end <= text.length).toBe(true);
            expect(span.start).toBeGreaterThanOrEqual(directive.start);
          }
          expect(Object.keys(directive.settings).every(isDirectiveKey)).toBe(true);
          if (directive.prompt === null && !directive.settings.from) expect(isSound(directive)).toBe(false);
        }
      }),
      { numRuns },
    );
  });
});

/** The comment lines of a text whose strings may hold slashes: each line is one comment. */
function commentLines(text: string): Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    const comment = line.trimEnd();
    spans.push({ start: start + comment.indexOf("//"), end: start + comment.length });
    start += line.length + 1;
  }
  return spans;
}
