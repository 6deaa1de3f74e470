import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PixelsError } from "../protocol/errors.ts";
import { sha256 } from "../protocol/hashing.ts";
import { readManifestEntries } from "./manifest-entries.ts";
import { planManifestEdit, type ManifestSprite } from "./manifest.ts";
import { parseRon } from "./ron/parse.ts";
import { applyEdits } from "./text-edits.ts";

const rounds = { numRuns: process.env["DGX_PIXELS_ROUNDS"] === "full" ? 3000 : 150 };

const file = "assets/game.assets.ron";
const cell = { width: 32, height: 16 };
const player: ManifestSprite = {
  key: "player.image",
  layoutKey: null,
  path: "sprites/player.png",
  cell,
  columns: 1,
  rows: 1,
};
const sheet: ManifestSprite = { ...player, layoutKey: "player.layout", columns: 6, rows: 4 };

function plan(text: string | null, sprite: ManifestSprite): string {
  return planManifestEdit(text, sprite, file).text;
}

describe("a new manifest", () => {
  test.for([[null], [""], ["\n  \n"]] as const)("is written where there is %j", ([text]) => {
    expect(plan(text, sheet)).toBe(`({
    "player.image": Image(path: "sprites/player.png"),
    "player.layout": TextureAtlasLayout(tile_size_x: 32, tile_size_y: 16, columns: 6, rows: 4),
})
`);
  });
});

test("a file of comments alone keeps them above its first entry", () => {
  expect(plan("// the game's assets", player)).toBe(
    `// the game's assets\n({\n    "player.image": Image(path: "sprites/player.png"),\n})\n`,
  );
});

describe("a new entry", () => {
  const entry = `"player.image": Image(path: "sprites/player.png")`;
  test.for([
    ["joins an empty map", `({})\n`, `({\n    ${entry},\n})\n`],
    ["joins a map that holds a comment", `({\n    // sprites\n})\n`, `({\n    // sprites\n    ${entry},\n})\n`],
    [
      "follows the last one, with its indentation and comma",
      `({\n  "a": File(path: "a.ogg"),\n})`,
      `({\n  "a": File(path: "a.ogg"),\n  ${entry},\n})`,
    ],
    [
      "gives the last one a comma and takes none itself",
      `({\n\t"a": File(path: "a.ogg") // loud\n})`,
      `({\n\t"a": File(path: "a.ogg"), // loud\n\t${entry}\n})`,
    ],
    ["stays on one line", `({ "a": File(path: "a.ogg") })`, `({ "a": File(path: "a.ogg"), ${entry} })`],
    ["keeps Windows line ends", `({\r\n    "a": X(),\r\n})\r\n`, `({\r\n    "a": X(),\r\n    ${entry},\r\n})\r\n`],
    [
      "stands behind a comment at the end",
      `({\n    "a": X(),\n    // @sprite "hero" 32x32 key="player.image"\n})`,
      `({\n    "a": X(),\n    // @sprite "hero" 32x32 key="player.image"\n    ${entry},\n})`,
    ],
    [
      "begins a line of its own when only the first stands beside the brace",
      `({ "a": X(),\n   "b": Y()\n})`,
      `({ "a": X(),\n   "b": Y(),\n   ${entry}\n})`,
    ],
    [
      "joins a bare map",
      `#![enable(unwrap_newtypes)]\n{\n    "a": X(),\n}`,
      `#![enable(unwrap_newtypes)]\n{\n    "a": X(),\n    ${entry},\n}`,
    ],
  ] as const)("%s", ([, before, after]) => {
    expect(plan(before, player)).toBe(after);
  });

  test("the layout stands behind its image", () => {
    const before = `({\n    "player.image": Image(path: "sprites/player.png"), // the hero\n\n    "z": X(),\n})`;
    expect(plan(before, sheet)).toBe(
      `({\n    "player.image": Image(path: "sprites/player.png"), // the hero\n` +
        `    "player.layout": TextureAtlasLayout(tile_size_x: 32, tile_size_y: 16, columns: 6, rows: 4),\n\n    "z": X(),\n})`,
    );
  });
});

describe("an entry that is there", () => {
  test("keeps everything but its path", () => {
    const before = `({ "player.image": Image( sampler: Nearest, /* was: */ path: "old.png", wrap: Repeat ) })`;
    expect(plan(before, player)).toBe(before.replace("old.png", "sprites/player.png"));
  });

  test("says the same already: nothing to do", () => {
    const text = `({ "player.image": File(path: r#"sprites/player.png"#) })`;
    expect(planManifestEdit(text, player, file)).toEqual({ base: sha256(text), edits: [], text });
  });

  test("gets a plain string where a raw one named another file", () => {
    expect(plan(`({ "player.image": Image(path: r"old.png") })`, player)).toBe(
      `({ "player.image": Image(path: "sprites/player.png") })`,
    );
  });

  test.for([
    [`Image()`, `Image(path: "sprites/player.png")`],
    [`Image`, `Image(path: "sprites/player.png")`],
    [`Image("old.png")`, `Image(path: "sprites/player.png")`],
    [`Image(sampler: Nearest)`, `Image(sampler: Nearest, path: "sprites/player.png")`],
    [`Image( // nothing yet\n)`, `Image( // nothing yet\n    path: "sprites/player.png"\n)`],
  ])("gets a path: %s", ([before, after]) => {
    expect(plan(`({ "player.image": ${before} })`, player)).toBe(`({ "player.image": ${after} })`);
  });

  test("its layout is brought up to date, gaps of an older sheet included", () => {
    const before = `({
    "player.image": Image(path: "sprites/player.png"),
    "player.layout": TextureAtlasLayout(
        tile_size_x: 8, // px
        tile_size_y: 16,
        columns: 3,
        padding_x: 2,
        offset_y: 0,
    ),
})`;
    expect(plan(before, sheet)).toBe(`({
    "player.image": Image(path: "sprites/player.png"),
    "player.layout": TextureAtlasLayout(
        tile_size_x: 32, // px
        tile_size_y: 16,
        columns: 6,
        padding_x: 0,
        offset_y: 0,
        rows: 4,
    ),
})`);
  });

  test("a sprite of one cell leaves a layout alone", () => {
    const text = `({ "player.image": Image(path: "sprites/player.png"), "player.layout": TextureAtlasLayout(columns: 9) })`;
    expect(plan(text, player)).toBe(text);
  });
});

describe("an error leaves everything as it is", () => {
  test.for([
    ["a broken text", `({ "a": Image(path: "a.png" )`, "invalid_file", 1, 1],
    ["no map", `(\n  levels: [1, 2],\n)`, "invalid_file", 1, 1],
    ["a key that is a folder", `({\n "player.image": Folder(path: "sprites") })`, "conflict", 2, 2],
    ["a key that is a text", `({ "player.image": "sprites/player.png" })`, "conflict", 1, 4],
    ["a layout that is none", `({ "player.layout": Image(path: "x.png") })`, "conflict", 1, 4],
    ["a key that stands twice", `({ "player.image": Image(),\n"player.image": Image() })`, "conflict", 2, 1],
  ] as const)("%s", ([, text, code, line, column]) => {
    const planning = () => planManifestEdit(text, sheet, file);
    expect(planning).toThrow(PixelsError);
    expect(planning).toThrow(expect.objectContaining({ code, data: { path: file, line, column } }));
  });
});

const names = fc.stringMatching(/^[a-z]{1,6}$/);
const sprites: fc.Arbitrary<ManifestSprite> = fc.record({
  key: names.map((name) => `${name}.image`),
  layoutKey: fc.option(names.map((name) => `${name}.layout`)),
  path: fc.oneof(names, fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 })).map((name) => `${name}.png`),
  cell: fc.record({ width: fc.integer({ min: 1, max: 64 }), height: fc.integer({ min: 1, max: 64 }) }),
  columns: fc.integer({ min: 1, max: 9 }),
  rows: fc.integer({ min: 1, max: 8 }),
});
const blanks = fc.array(
  fc.constantFrom(" ", "\n", "\t", "\r\n", "// a comment, with: ( marks\n", "/* a { block } */"),
  { maxLength: 3 },
);
const values = fc.constantFrom(
  `Image(path: "a.png")`,
  `Image( path : "b.png" , sampler: Nearest, )`,
  `File(path: "c.ogg")`,
  `Files(paths: ["a.png", "b.png"])`,
  `TextureAtlasLayout(tile_size_x: 32, tile_size_y: 32, columns: 2, rows: 1, padding_x: 1)`,
  `TextureAtlasLayout()`,
  `StandardMaterial(path: "d.png")`,
);
/** Manifests as people write them: any layout, comments anywhere. */
const manifests = fc
  .record({
    entries: fc.uniqueArray(fc.record({ key: names, value: values, gap: blanks, colon: blanks }), {
      selector: ({ key }) => key,
      maxLength: 5,
    }),
    kinds: fc.constantFrom(".image", ".layout", ""),
    comma: fc.boolean(),
    open: blanks,
    close: blanks,
    end: blanks,
  })
  .map(({ entries, kinds, comma, open, close, end }) => {
    const lines = entries.map(
      ({ key, value, gap, colon }) => `${gap.join("")}"${key}${kinds}"${colon.join("")}:${value}`,
    );
    return `${open.join("")}({${lines.join(",")}${comma && lines.length > 0 ? "," : ""}${close.join("")}})${end.join("")}`;
  });

/** The plan, or null for the conflicts that such texts may well hold. */
function tryPlan(text: string, sprite: ManifestSprite) {
  try {
    return planManifestEdit(text, sprite, file);
  } catch (error) {
    expect(error).toBeInstanceOf(PixelsError);
    return null;
  }
}

describe("for any manifest and any sprite", () => {
  test("the result is sound, lists the sprite, and needs no further edit", () => {
    fc.assert(
      fc.property(manifests, sprites, (text, sprite) => {
        const planned = tryPlan(text, sprite);
        fc.pre(planned !== null);
        expect(planned.text).toBe(applyEdits(text, planned.edits));
        const document = parseRon(planned.text);
        expect(document.problems).toEqual([]);
        const entries = readManifestEntries(document) ?? [];
        expect(entries.find(({ key }) => key === sprite.key)).toMatchObject({ path: sprite.path });
        if (sprite.layoutKey !== null) {
          expect(entries.find(({ key }) => key === sprite.layoutKey)?.kind).toBe("TextureAtlasLayout");
        }
        expect(planManifestEdit(planned.text, sprite, file).edits).toEqual([]);
      }),
      rounds,
    );
  });

  test("comments and every other entry keep their bytes and their order", () => {
    fc.assert(
      fc.property(manifests, sprites, (text, sprite) => {
        const planned = tryPlan(text, sprite);
        fc.pre(planned !== null);
        const [before, after] = [parseRon(text), parseRon(planned.text)];
        const comments = (document: typeof before) =>
          document.comments.map(({ start, end }) => document.text.slice(start, end));
        expect(comments(after)).toEqual(comments(before));
        const others = (document: typeof before) =>
          (readManifestEntries(document) ?? [])
            .filter(({ key }) => key !== sprite.key && key !== sprite.layoutKey)
            .map(({ start, end }) => document.text.slice(start, end));
        expect(others(after)).toEqual(others(before));
      }),
      rounds,
    );
  });

  test("arbitrary text gives a plan or a PixelsError", () => {
    const pieces = fc.array(
      fc.constantFrom("(", ")", "{", "}", '"a"', '"player.image"', ":", ",", "Image", "\n", "//", "/*", "1", "é"),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          pieces.map((all) => all.join("")),
        ),
        (text) => {
          const planned = tryPlan(text, sheet);
          if (planned) expect(planManifestEdit(planned.text, sheet, file).edits).toEqual([]);
        },
      ),
      rounds,
    );
  });
});

test("edits that overlap or lie outside the text are refused", () => {
  expect(() =>
    applyEdits("abc", [
      { start: 0, end: 2, text: "" },
      { start: 1, end: 3, text: "" },
    ]),
  ).toThrow(RangeError);
  expect(() => applyEdits("abc", [{ start: 2, end: 4, text: "" }])).toThrow(RangeError);
});
