import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assetRootOf, crateOf, readCrates } from "./cargo.ts";
import { blankComments } from "./rust-text.ts";

const game = `[package]\nname = "game"\n[dependencies]\nbevy = "0.19"\n`;

function read(files: Record<string, string>) {
  return readCrates(new Map(Object.entries(files)), "/w");
}

function only(files: Record<string, string>) {
  const { crates, problems } = read(files);
  expect(problems).toEqual([]);
  expect(crates).toHaveLength(1);
  return crates[0] ?? expect.unreachable();
}

test("one package", () => {
  expect(only({ "Cargo.toml": game, "src/main.rs": "fn main() {}", "src/lib.rs": "" })).toEqual({
    name: "game",
    folder: "",
    targets: [
      { kind: "bin", name: "game", source: "src/main.rs", assetRoot: "assets" },
      { kind: "lib", name: "game", source: "src/lib.rs", assetRoot: "assets" },
    ],
    assetRoot: "assets",
    usesBevy: true,
    bevyVersion: "0.19",
    usesAssetLoader: false,
    fileWatcher: { kind: "off" },
    defaultNearest: false,
  });
});

describe("a workspace of several crates", () => {
  const files = {
    "Cargo.toml": `[workspace]\nmembers = ["crates/*"]\n[workspace.dependencies]\nbevy = { version = "0.18", features = ["file_watcher"] }\n`,
    "Cargo.lock": `[[package]]\nname = "bevy"\nversion = "0.17.3"\n[[package]]\nname = "bevy"\nversion = "0.18.1"\n`,
    "crates/game/Cargo.toml": `[package]\nname = "game"\n[dependencies]\nbevy = { workspace = true, features = ["2d"] }\nbevy_asset_loader = "0.25"\n`,
    "crates/game/src/main.rs": `App::new().add_plugins(DefaultPlugins.set(ImagePlugin::default_nearest()));`,
    "crates/tool/Cargo.toml": `[package]\nname = "tool"\n`,
    "crates/tool/src/main.rs": `// default_nearest`,
  };
  const { crates, problems } = read(files);

  test("each has its own facts", () => {
    expect(problems).toEqual([]);
    expect(crates.map(({ name, folder }) => [name, folder])).toEqual([
      ["game", "crates/game"],
      ["tool", "crates/tool"],
    ]);
    expect(crates[0]).toMatchObject({
      assetRoot: "crates/game/assets",
      bevyVersion: "0.18.1",
      usesAssetLoader: true,
      fileWatcher: { kind: "on" },
      defaultNearest: true,
    });
    expect(crates[1]).toMatchObject({ usesBevy: false, bevyVersion: null, defaultNearest: false });
  });

  test("a file belongs to the innermost crate", () => {
    expect(crateOf(crates, "crates/game/src/a/b.rs")?.name).toBe("game");
    expect(crateOf(crates, "docs/a.rs")).toBeNull();
  });
});

describe("the Bevy version", () => {
  test.for([
    ["of the lock", game, `[[package]]\nname = "bevy"\nversion = "0.19.1"\n`, "0.19.1"],
    ["of the manifest when the lock is broken", game, `[[package`, "0.19"],
    [
      "of the manifest when the lock has others only",
      game,
      `[[package]]\nname = "bevy"\nversion = "0.1.0"\n[[package]]\nname = "bevy"\nversion = "0.2.0"\n`,
      "0.19",
    ],
    ["without an operator", game.replace('"0.19"', '"=0.19.1"'), "", "0.19.1"],
    [
      "of a renamed dependency",
      `[package]\nname = "g"\n[dependencies]\nengine = { package = "bevy", version = "0.20" }\n`,
      "",
      "0.20",
    ],
    [
      "unknown for a git dependency",
      `[package]\nname = "g"\n[dependencies]\nbevy = { git = "https://example.org/bevy" }\n`,
      "",
      null,
    ],
  ] as const)("%s", ([, manifest, lock, version]) => {
    expect(only({ "Cargo.toml": manifest, "Cargo.lock": lock }).bevyVersion).toBe(version);
  });
});

describe("hot reload", () => {
  test.for([
    [
      "by a default feature of a feature",
      `[features]\ndefault = ["dev"]\ndev = ["watch"]\nwatch = ["bevy/file_watcher"]`,
      { kind: "on" },
    ],
    [
      "by a feature of its own",
      `[features]\ndefault = []\ndev_native = ["bevy?/file_watcher"]`,
      { kind: "feature", feature: "dev_native" },
    ],
    [
      "by a dev-dependency",
      `[dev-dependencies]\nbevy = { version = "0.19", features = ["file_watcher"] }`,
      { kind: "on" },
    ],
    [
      "on one platform",
      `[target.'cfg(unix)'.dependencies]\nbevy = { version = "0.19", features = ["file_watcher"] }`,
      { kind: "on" },
    ],
    ["not by features in a circle", `[features]\na = ["b"]\nb = ["a"]`, { kind: "off" }],
  ] as const)("%s", ([, text, watcher]) => {
    expect(only({ "Cargo.toml": `${game}${text}\n` }).fileWatcher).toEqual(watcher);
  });
});

describe("the asset folder", () => {
  test("is what AssetPlugin says in code, not in a comment", () => {
    const commented = `// ${plugin("old")}\n/* /* */ ${plugin("older")} */\nlet s = "// "; ${plugin("data/art")}`;
    expect(only({ "Cargo.toml": game, "src/main.rs": commented }).assetRoot).toBe("data/art");
  });

  test("may differ by example, and falls back to the crate's", () => {
    const crate = only({
      "Cargo.toml": `${game}[[example]]\nname = "extra"\npath = "demos/extra.rs"\n`,
      "src/main.rs": plugin("art"),
      "src/bin/editor/main.rs": "",
      "src/bin/tool.rs": plugin("tool_art"),
      "examples/one.rs": plugin("../art"),
      "examples/two/main.rs": "",
      "demos/extra.rs": "",
    });
    expect(
      Object.fromEntries(crate.targets.map(({ kind, name, assetRoot }) => [`${kind} ${name}`, assetRoot])),
    ).toEqual({
      "example extra": "art",
      "bin game": "art",
      "bin editor": "art",
      "bin tool": "tool_art",
      "example one": "../art",
      "example two": "art",
    });
    expect(assetRootOf(crate, "src/bin/tool.rs")).toBe("tool_art");
    expect(assetRootOf(crate, "src/ui.rs")).toBe("art");
    expect(assetRootOf(crate, "tool_art/game.assets.ron")).toBe("tool_art");
    expect(assetRootOf(crate, "levels/one.ron")).toBe("art");
  });

  test.for([
    ["relative", `BEVY_ASSET_ROOT = "content"`, "content/assets"],
    ["as a table", `BEVY_ASSET_ROOT = { value = "../..", relative = true }`, "../../assets"],
    ["absolute", `BEVY_ASSET_ROOT = "/w/content"`, "content/assets"],
    ["somewhere else", `BEVY_ASSET_ROOT = "/elsewhere"`, "../elsewhere/assets"],
    ["not at all", `OTHER = "x"`, "game/assets"],
  ])("is moved by BEVY_ASSET_ROOT %s", ([, line, root]) => {
    expect(only({ "game/Cargo.toml": game, ".cargo/config.toml": `[env]\n${line}\n` }).assetRoot).toBe(root);
  });
});

test("a malformed manifest is told with its line, and leaves the others", () => {
  const { crates, problems } = read({ "a/Cargo.toml": `[package]\nname = "a`, "b/Cargo.toml": game });
  expect(crates.map(({ folder }) => folder)).toEqual(["b"]);
  expect(problems).toEqual([expect.objectContaining({ file: "a/Cargo.toml", line: 2, code: "toml-syntax" })]);
});

test("strange manifests never make it fail", () => {
  const pieces = fc.constantFrom(
    "[package]\n",
    'name = "a"\n',
    "[dependencies]\n",
    "bevy = 1\n",
    "bevy = {}\n",
    "[features]\n",
    "default = 1\n",
    "default = [1]\n",
    "[[bin]]\n",
    "[lib]\n",
    "path = []\n",
    "[target]\nx = 1\n",
    "[workspace]\ndependencies = 1\n",
    '[workspace.dependencies]\nbevy = "1"\n',
  );
  fc.assert(
    fc.property(fc.array(pieces), fc.string(), (parts, source) => {
      read({
        "Cargo.toml": parts.join(""),
        "a/Cargo.toml": parts.toReversed().join(""),
        "src/main.rs": source,
        "Cargo.lock": parts.join(""),
      });
    }),
  );
});

test("comments are blanked and nothing else moves", () => {
  const code = `let a = "// no"; // yes\nlet b = r#"/* " no"#; /* /* nested */ yes\n */ 'x' '"' '\\'' <'a> b'"'`;
  const blanked = blankComments(code);
  expect(blanked).toHaveLength(code.length);
  expect(blanked.replace(/ +/g, " ")).toBe(`let a = "// no"; \nlet b = r#"/* " no"#; \n 'x' '"' '\\'' <'a> b'"'`);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => blankComments(text).length === text.length));
});

function plugin(folder: string): string {
  return `DefaultPlugins.set(AssetPlugin { mode: X, file_path: "${folder}".into(), ..default() })`;
}
