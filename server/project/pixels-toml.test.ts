import * as fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { LineIndex } from "./lines.ts";
import { parsePixelsToml } from "./pixels-toml.ts";
import { TomlPositions } from "./toml-positions.ts";

const rounds = { numRuns: process.env["DGX_PIXELS_ROUNDS"] === "full" ? 3000 : 200 };

test("a whole file", () => {
  const { config, problems } = parsePixelsToml(`
naming = "enemies/{style}/{name}.png"
manifest = "assets/game.assets.ron"
metadata = "full"
asset_root = "data/assets"
fps = 12

[defaults]
palette = "forest"
size = "32x32"
pivot = [0.5, 1.0]
loras = [{ name = "*pixel-art-xl*", strength = 1.2 }, { name = "mine" }]

[styles."dark boss"]
prompt_prefix = "dark fantasy,"
preset = "lcm"
background = "#F0F"
outline = "#000000"

[palettes.forest]
colors = ["#224422", "#88aa44"]
`);
  expect(problems).toEqual([]);
  expect(config?.defaults?.loras).toEqual([
    { name: "*pixel-art-xl*", strength: 1.2 },
    { name: "mine", strength: 1 },
  ]);
  expect(config?.styles?.["dark boss"]).toMatchObject({ preset: "lcm", prompt_prefix: "dark fantasy," });
});

test("an empty file says nothing, which is fine", () => {
  expect(parsePixelsToml("")).toMatchObject({ config: {}, problems: [] });
});

describe("an error has its place and what to do, and nothing of the file counts", () => {
  test.for([
    ["syntax", `[defaults\npalette = 1`, 1, "This is not valid TOML"],
    ["an unknown setting", `[defaults]\npallete = "x"`, 2, "Did you mean `palette`?"],
    ["an unknown table", `\n[default]\nsteps = 1`, 2, "Did you mean `defaults`?"],
    ["an unknown setting of a style", `[styles.boss]\nsteps = 4\nnegativ = "x"`, 3, "Did you mean `negative`?"],
    [
      "an unknown part of a LoRA",
      `[defaults]\nloras = [\n  { name = "a", weight = 1 },\n]`,
      3,
      "Known here: name, strength.",
    ],
    ["a size of 0", `[defaults]\nsize = "0x16"`, 2, "must be WxH"],
    ["a size of 4097", `[defaults]\nsize = "16x4097"`, 2, "must be at most 4096x4096"],
    ["a number out of range", `\nfps = 0`, 2, "fps"],
    ["an unknown preset", `[styles.boss]\npreset = "turbo"`, 2, "styles.boss.preset"],
    ["an unknown palette", `[defaults]\npalette = "sweety-16"`, 2, 'Did you mean "sweetie-16"?'],
    ["a colour that is none", `[palettes.a]\ncolors = ["#000000", "black"]`, 2, "must be a colour"],
    [
      "a palette with list and file",
      `[palettes.a]\ncolors = ["#000000"]\nfile = "a.hex"`,
      1,
      "either `colors` or `file`",
    ],
    ["a palette with neither", `[palettes.a]`, 1, "either `colors` or `file`"],
    ["a manifest that is none", `manifest = true`, 1, "must be the path of a .ron file, or false"],
    ["a manifest out of the crate", `manifest = "../game.assets.ron"`, 1, "must be a relative path"],
    ["an absolute asset folder", `asset_root = "/etc"`, 1, "must be a relative path"],
    ["an asset folder out of the crate", `asset_root = "assets/../.."`, 1, "must be a relative path"],
    ["a naming rule out of the asset folder", `naming = "/{name}.png"`, 1, "must be a path such as"],
  ] as const)("%s", ([, text, line, says]) => {
    const { config, problems } = parsePixelsToml(text);
    expect(config).toBeNull();
    expect(problems).toHaveLength(1);
    expect(`${problems[0]?.message} ${problems[0]?.remedy}`).toContain(says);
    expect(new LineIndex(text).position(problems[0]?.start ?? -1).line).toBe(line);
  });

  test("several errors are told at once", () => {
    expect(parsePixelsToml(`[defaults]\nstep = 1\ncfg = -1\n[style.a]`).problems).toHaveLength(3);
  });
});

const strange = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(
      fc.constantFrom(
        "[defaults]\n",
        "[[a.b]]\n",
        "a.b = ",
        "'x'",
        '"""',
        "'''",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\n",
        "1979-05-27 07:32:00",
        "#",
        "=",
        "\\",
        "1",
      ),
    )
    .map((parts) => parts.join("")),
);

test("no text makes it fail", () => {
  fc.assert(
    fc.property(strange, (text) => {
      const { problems, config } = parsePixelsToml(text);
      expect(config === null).toBe(problems.length > 0);
      for (const { start, end } of problems) expect(0 <= start && start <= end && end <= text.length).toBe(true);
    }),
    rounds,
  );
});

describe("places in a TOML text", () => {
  const text = `top = 1 # [not.a.table]
"quoted key" = 'literal # no comment'
a.b . c = """
[no.table]
""""
[table] # comment
list = [ 1, # one
  { x = "}" , y = [[], [2]] },
]
when = 1979-05-27 07:32:00
[[array]]
v = 1
[[array]]
v = 2
[array.sub]
w = 3
`;
  const positions = new TomlPositions(text);
  const at = (...path: (string | number)[]) => {
    const [key, value] = [positions.find(path, "key"), positions.find(path, "value")];
    return [text.slice(key.start, key.end), text.slice(value.start, value.end)];
  };

  test("keys and values are found however they are written", () => {
    expect(at("top")).toEqual(["top", "1"]);
    expect(at("quoted key")).toEqual(['"quoted key"', "'literal # no comment'"]);
    expect(at("a", "b", "c")[1]).toBe('"""\n[no.table]\n""""');
    expect(at("table")[0]).toBe("[table]");
    expect(at("table", "list", 0)[1]).toBe("1");
    expect(at("table", "list", 1, "x")).toEqual(["x", '"}"']);
    expect(at("table", "list", 1, "y", 1, 0)[1]).toBe("2");
    expect(at("table", "when")[1]).toBe("1979-05-27 07:32:00");
    expect(at("array", 1, "v")).toEqual(["v", "2"]);
    expect(at("array", 1, "sub", "w")).toEqual(["w", "3"]);
  });

  test("what is not written is looked for at what holds it", () => {
    expect(at("table", "list", 1, "z")[0]).toBe(`{ x = "}" , y = [[], [2]] }`);
    expect(positions.find(["nowhere"])).toEqual({ start: 0, end: 1 });
  });

  test("every number of a TOML text has the place where it stands", () => {
    const keys = fc.constantFrom("a", "b.c", '"d e"', "'f'");
    const value: fc.Arbitrary<string> = fc.oneof(
      fc.integer({ min: 0, max: 999 }).map(String),
      fc.array(fc.integer({ min: 0, max: 999 })).map((all) => `[ ${all.join(" ,\n# x\n")} ]`),
      fc.integer({ min: 0, max: 999 }).map((n) => `{ x = ${n}, y = "a=1, }" }`),
      fc.constantFrom('"\\"x = 1"', "'''\na = 1\n'''", "true"),
    );
    const table = fc
      .uniqueArray(fc.tuple(keys, value), { selector: ([key]) => key })
      .map((pairs) => pairs.map(([key, v]) => `${key} = ${v}\n`).join(""));
    const texts = fc
      .tuple(
        table,
        fc.uniqueArray(fc.tuple(fc.constantFrom("[t1]", "[t2.u]", '["t 3"]'), table), { selector: ([head]) => head }),
      )
      .map(([top, tables]) => top + tables.map(([head, body]) => `${head}\n${body}`).join(""));
    fc.assert(
      fc.property(texts, (toml) => {
        const found = new TomlPositions(toml);
        for (const [path, number] of numbersIn(parse(toml), [])) {
          const { start, end } = found.find(path, "value");
          expect(toml.slice(start, end)).toBe(String(number));
        }
      }),
      rounds,
    );
  });
});

function numbersIn(value: unknown, path: (string | number)[]): [(string | number)[], number][] {
  if (typeof value === "number") return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((item, index) => numbersIn(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => numbersIn(item, [...path, key]));
}
