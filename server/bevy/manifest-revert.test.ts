import { describe, expect, test } from "vitest";
import { planManifestEdit } from "../project/manifest.ts";
import { revertManifest } from "./manifest-revert.ts";

const sprite = { path: "b.png", cell: { width: 8, height: 8 }, columns: 2, rows: 1 };
const keys = ["b.image", "b.layout"];

/** What listing `b` in the text changes, and the text with it. */
function place(before: string | null) {
  const plan = planManifestEdit(before, { ...sprite, key: "b.image", layoutKey: "b.layout" }, "m.ron");
  return { placed: { before, edits: plan.edits }, text: plan.text };
}

const layout = '"b.layout": TextureAtlasLayout(tile_size_x: 8, tile_size_y: 8, columns: 2, rows: 1)';

describe("a manifest that changed since", () => {
  test("on one line loses its two entries alone", () => {
    const { placed, text } = place('({ "a": File(path: "a.png") })');
    const current = text.replace('"a": File(path: "a.png")', '"z": File(path: "z.png"), "y": Folder(path: "y")');
    const reverted = revertManifest(keys, placed, current) ?? "";
    expect(reverted).toContain('"z": File(path: "z.png"), "y": Folder(path: "y")');
    expect(reverted).not.toContain('"b.');
  });

  test("that the placement made keeps what came after it", () => {
    const { placed, text } = place(null);
    const current = text.replace("})", '    "c.image": Image(path: "c.png"),\n})');
    expect(revertManifest(keys, placed, current)).toBe('({\n    "c.image": Image(path: "c.png"),\n})\n');
  });

  test("with Windows line ends keeps them", () => {
    const { placed, text } = place('({\r\n    "a": File(path: "a.png"),\r\n})\r\n');
    const current = text.replace('"a"', '"aa"');
    expect(revertManifest(keys, placed, current)).toBe('({\r\n    "aa": File(path: "a.png"),\r\n})\r\n');
  });

  test("with entries moved and indented anew", () => {
    const { placed } = place('({\n    "a": File(path: "a.png"),\n})\n');
    const current = `({\n  ${layout},\n  // moved\n  "b.image": Image(path: "b.png"), // here\n  "a": File(path: "a.png"),\n})\n`;
    expect(revertManifest(keys, placed, current)).toBe('({\n  // moved\n   // here\n  "a": File(path: "a.png"),\n})\n');
  });

  test("of an entry that was the person's gets that back", () => {
    const { placed, text } = place('({\n    "b.image": Image(path: "old.png", sampler: Nearest),\n})\n');
    expect(text).toContain('Image(path: "b.png", sampler: Nearest)');
    const current = `// mine\n${text.replace("\n})", '\n    "c": File(path: "c.ogg"),\n})')}`;
    expect(revertManifest(keys, placed, current)).toBe(
      '// mine\n({\n    "b.image": Image(path: "old.png", sampler: Nearest),\n    "c": File(path: "c.ogg"),\n})\n',
    );
  });
});

describe("nothing is guessed", () => {
  test("when an entry was changed", () => {
    const { placed, text } = place("({\n})\n");
    expect(revertManifest(keys, placed, text.replace('"b.png"', '"b2.png"'))).toBeNull();
  });

  test("when the manifest cannot be read", () => {
    const { placed, text } = place("({\n})\n");
    expect(revertManifest(keys, placed, text.replace("})", "}"))).toBeNull();
    expect(revertManifest(keys, placed, "[1, 2]")).toBeNull();
  });

  test("when there is nothing left of it, the text stays", () => {
    const { placed } = place("({\n})\n");
    expect(revertManifest(keys, placed, "({ })")).toBe("({ })");
    expect(revertManifest(keys, placed, "")).toBe("");
  });
});
