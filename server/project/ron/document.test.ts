import { describe, expect, it } from "vitest";
import {
  elementOf,
  indentationAt,
  isContainer,
  isMultiline,
  keyOf,
  nameOf,
  numberValue,
  rootMap,
  stringContent,
  stringValue,
  textOf,
} from "./document.ts";
import { parseRon } from "./parse.ts";

const manifest = parseRon(`({
    "player.image": Image(path: "sprites/player.png", sampler: Nearest), // the hero
    "player.layout": TextureAtlasLayout(tile_size_x: 32, columns: 6),
    "player.image": File(path: "twice.png"),
})
`);

describe("a bevy_asset_loader manifest", () => {
  const map = rootMap(manifest);

  it("has its entries by key, the first where one stands twice", () => {
    const entry = elementOf(manifest, map, "player.image");
    expect(entry && nameOf(manifest, entry.value)).toBe("Image");
    expect(map?.elements.map((element) => keyOf(manifest, element))).toEqual([
      "player.image",
      "player.layout",
      "player.image",
    ]);
    expect(elementOf(manifest, map, "enemy.image")).toBeUndefined();
    expect(elementOf(manifest, null, "player.image")).toBeUndefined();
  });

  it("has the fields of an entry", () => {
    const layout = elementOf(manifest, map, "player.layout")?.value ?? null;
    const columns = elementOf(manifest, layout, "columns")?.value;
    expect(columns && numberValue(manifest, columns)).toBe(6);
    const sampler = elementOf(manifest, elementOf(manifest, map, "player.image")?.value ?? null, "sampler")?.value;
    expect(sampler && nameOf(manifest, sampler)).toBe("Nearest");
  });

  it("shows its indentation and layout", () => {
    expect(indentationAt(manifest, map?.elements[1]?.end ?? 0)).toBe("    ");
    expect(indentationAt(manifest, 0)).toBe("");
    expect(map && isMultiline(manifest, map)).toBe(true);
    const layout = elementOf(manifest, map, "player.layout")?.value;
    expect(isContainer(layout) && isMultiline(manifest, layout)).toBe(false);
  });
});

describe("the outermost map", () => {
  it.each([
    ["{}", true],
    ["({})", true],
    ["Assets(({}))", true],
    ["(1, {})", false],
    ["[]", false],
    ["()", false],
    ["", false],
  ])("of %j is found: %j", (text, found) => {
    expect(rootMap(parseRon(text)) !== null).toBe(found);
  });
});

describe("strings", () => {
  it.each([
    ['"a.png"', "a.png"],
    ['""', ""],
    ['r##"a"#.png"##', 'a"#.png'],
    ['"open.png', "open.png"],
    ['"', ""],
    ['r#"open.png', "open.png"],
  ])("of %j say %j", (text, expected) => {
    const document = parseRon(text);
    const root = document.root;
    if (root === null) throw new Error("expected a value");
    expect(stringValue(document, root)).toBe(expected);
    const content = stringContent(document, root);
    expect(content && textOf(document, content)).toBe(expected);
  });

  it("are not found in other values", () => {
    const document = parseRon("12");
    expect(document.root && stringValue(document, document.root)).toBeNull();
    expect(nameOf(document, document.root)).toBeNull();
    const text = parseRon('"12"');
    expect(text.root && numberValue(text, text.root)).toBeNull();
    expect(numberValue(parseRon("12x"), { kind: "number", start: 0, end: 3 })).toBeNull();
  });
});
