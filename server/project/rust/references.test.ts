import { beforeAll, describe, expect, it } from "vitest";
import { initRust } from "./language.ts";
import { readRust } from "./read.ts";

beforeAll(initRust);

/** Each reference of some statements as its kind, the text of its span, and what it names. */
function found(body: string): string[] {
  const text = `fn f() { ${body} }`;
  return readRust(text).references.map(({ kind, start, end, source, path, label, key, dynamic }) => {
    const written = text.slice(start, end);
    const named = dynamic
      ? "?"
      : (key ?? `${source === null ? "" : `${source}://`}${path}${label === null ? "" : `#${label}`}`);
    return written === named ? `${kind} ${written}` : `${kind} ${written} = ${named}`;
  });
}

describe("a path given to the asset server", () => {
  it.each([
    ['s.load("a.png")', ["load a.png"]],
    ['s.load::<Image>("a.png")', ["load a.png"]],
    ['s . load ( "a.png" )', ["load a.png"]],
    ['s.load(/* why */ "a.png")', ["load a.png"]],
    ['s.load_builder().with_settings(|s: &mut S| ()).load("a.png")', ["load a.png"]],
    ['s.load_builder().load_untyped("a.png")', ["load a.png"]],
    ['s.load_builder().load_erased(id, "a.png")', ["load id = ?"]],
    ['s.load_with_settings("a.png", |s: &mut S| {})', ["load a.png"]],
    ['s.load_untyped("a.png")', ["load a.png"]],
    ['s.load_acquire("a.png", guard)', ["load a.png"]],
    ['s.load_override("a.png")', ["load a.png"]],
    ['s.load_folder("sprites")', ["load_folder sprites"]],
    [String.raw`s.load("\u{61}.png")`, [String.raw`load \u{61}.png = a.png`]],
    ['s.load(r#"a.png"#)', ["load a.png"]],
    ['s.load("remote://a.png#top")', ["load remote://a.png#top"]],
    ['s.load(AssetPath::from("a.png"))', ["load a.png"]],
    ['s.load(&AssetPath::parse("a.png").into_owned())', ["load a.png"]],
    ['s.load(AssetPath::from(String::from("a.png")).clone())', ["load a.png"]],
    ['s.load(Path::new("a.png"))', ["load a.png"]],
    ['s.load(("a.png").to_string())', ["load a.png"]],
    ['let p = AssetPath::from("a.png");', ["load a.png"]],
    ['let p = bevy::asset::AssetPath::parse("a.png");', ["load a.png"]],
    ['vec![s.load("a.png"), s.load::<Vec<Handle<Image>>>("b.png")]', ["load a.png", "load b.png"]],
    ['vec![AssetPath::from("a.png")]', ["load a.png"]],
    ['s.load(format!("{x}.png"))', ['load format!("{x}.png") = ?']],
    ["s.load(path)", ["load path = ?"]],
    ["s.load(self.path())", ["load self.path() = ?"]],
    ["vec![s.load(path)]", ["load path = ?"]],
  ])("%s", (body, expected) => {
    expect(found(body)).toEqual(expected);
  });

  it.each([
    "count.load(Ordering::Relaxed)",
    "count.load(std::sync::atomic::Ordering::SeqCst)",
    "count.load(Acquire)",
    "s.load()",
    'load("a.png")',
    's.load_collection::<A>("a.png")',
    's.unload("a.png")',
    's.load(b"a.png")',
    's.load("a.png);',
    'let a = "a.png";',
    'println!("a.png")',
    '// s.load("a.png")',
    '"s.load(\\"a.png\\")";',
    'let load = ("a.png");',
    "AssetPath::default()",
    "vec![AssetPath::default(), s.load]",
  ])("is not in %s", (body) => {
    expect(found(body).filter((reference) => !reference.endsWith("= ?"))).toEqual([]);
  });

  it("of an atomic is not even unknown", () => {
    expect(found("count.load(Ordering::Relaxed); x.load(Relaxed)")).toEqual([]);
  });
});

describe("a constant", () => {
  it("is a reference, and is looked up where a path is loaded by its name", () => {
    expect(found('const A: &str = "a.png"; static mut B: &str = r"b.png"; s.load(A); s.load(Self::B);')).toEqual([
      "constant a.png",
      "constant b.png",
      "load A = a.png",
      "load Self::B = b.png",
    ]);
  });

  it("counts in arrays, and only as an image", () => {
    expect(found('const A: [&str; 3] = ["a.png", "a.ogg", "b.png"];')).toEqual(["constant a.png", "constant b.png"]);
    expect(found('const A: &str = "a.ogg"; s.load(A)')).toEqual(["load A = a.ogg"]);
  });

  it("is unknown where two of one name differ, or it holds no string", () => {
    expect(found('mod a { const A: &str = "a.ogg"; } mod b { const A: &str = "b.ogg"; } s.load(A)')).toEqual([
      "load A = ?",
    ]);
    expect(found("const A: u8 = 1; s.load(A)")).toEqual(["load A = ?"]);
    expect(found('const A: &str = "a.png"; const A: &str = "a.png"; s.load(A)').at(-1)).toBe("load A = a.png");
  });
});

describe("an attribute of bevy_asset_loader", () => {
  const fields = (text: string) => found(`struct S { ${text} }`);

  it.each([
    ['#[asset(path = "a.png")] a: Handle<Image>', ["attribute a.png"]],
    ['#[asset(path = "a.png", optional)] a: Option<Handle<Image>>', ["attribute a.png"]],
    [
      '#[asset(paths("a.png", "b.png"), collection(typed))] a: Vec<Handle<Image>>',
      ["attribute a.png", "attribute b.png"],
    ],
    ['#[asset(path = "sprites", collection(typed, mapped))] a: M', ["attribute sprites"]],
    ['#[asset(key = "hero", image(sampler(filter = nearest)))] a: Handle<Image>', ["key hero"]],
    ["#[asset(texture_atlas_layout(tile_size_x = 8, columns = 4))] a: Handle<TextureAtlasLayout>", []],
    ['#[serde(asset(path = "a.png"))] a: Handle<Image>', ["attribute a.png"]],
    ["#[asset] a: Handle<Image>", []],
    ['#[asset(text = "a.png")] a: Handle<Image>', []],
  ])("%s", (text, expected) => {
    expect(fields(text)).toEqual(expected);
  });

  it.each([
    ["Handle<Image>", true],
    ["Handle<bevy::image::Image>", true],
    ["Vec<Handle<Image>>", true],
    ["UntypedHandle", true],
    ["Handle<AudioSource>", false],
    ["Option<Handle< TextureAtlasLayout >>", false],
  ])("with a key at %s may be an image: %s", (type, expected) => {
    const text = `struct S { #[asset(key = "x")] /* why */ #[reflect] x: ${type} }`;
    expect(readRust(text).references[0]?.image).toBe(expected);
  });

  it("may stand at a variant or nothing", () => {
    expect(readRust('enum E { #[asset(key = "x")] A }').references[0]?.image).toBe(true);
    expect(readRust('struct S { #[asset(key = "x")] }').references).toHaveLength(1);
  });

  it("is not a function of that name", () => {
    expect(found('asset("a.png"); m!(asset(path = "a.png"));')).toEqual([]);
  });
});

describe("macros and manifests", () => {
  it.each([
    ['embedded_asset!(app, "a.png")', ["embedded a.png = embedded://a.png"]],
    ['bevy::asset::embedded_asset!(app, "src", "a.png")', ["embedded a.png = embedded://a.png"]],
    ['load_embedded_asset!(&s, "a.png")', ["embedded a.png = embedded://a.png"]],
    ['vec![load_embedded_asset!(&s, "a.png")]', ["embedded a.png = embedded://a.png"]],
    ["embedded_asset!(app, name)", []],
    ['bsn! { Sprite { image: "a.png" } Text("a.ogg") }', ["bsn a.png"]],
    ['bevy::scene::bsn_list![Sprite { image: "a.png" }]', ["bsn a.png"]],
    ['bsn! { Sprite { image: {s.load("a.png")} } }', ["load a.png"]],
    ['l.with_dynamic_assets_file::<StandardDynamicAssetCollection>("game.assets.ron")', ["manifest game.assets.ron"]],
    ["l.with_dynamic_assets_file::<A<B>>(FILE)", ["manifest FILE = ?"]],
  ])("%s", (body, expected) => {
    expect(found(body)).toEqual(expected);
  });
});

describe("a text without anything of interest", () => {
  it("is not even parsed", () => {
    expect(readRust('fn main() { println!("hello"); }')).toEqual({ directives: [], references: [], problems: [] });
  });
});
