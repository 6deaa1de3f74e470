import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PixelsError } from "../protocol/errors.ts";
import {
  judgeOwnership,
  lockKey,
  mergeLockEntry,
  parseLock,
  renderLock,
  staleReasons,
  type LockEntry,
} from "./lock.ts";

const rounds = { numRuns: process.env["DGX_PIXELS_ROUNDS"] === "full" ? 2000 : 100 };
const a = "a".repeat(64);
const b = "b".repeat(64);

const hashes = fc.stringMatching(/^[0-9a-f]{64}$/);
const texts = fc.string({ unit: "grapheme", maxLength: 20 });
const entries: fc.Arbitrary<LockEntry> = fc.record({
  request: fc.option(hashes),
  pixels: hashes,
  sources: fc.array(hashes, { minLength: 1, maxLength: 3 }),
  output: hashes,
  seed: fc.option(fc.maxSafeNat()),
  engine: fc.constantFrom("comfyui", "embedded", "file"),
  model: fc.option(texts),
  prompt: fc.option(texts),
});
const keys = fc.oneof(
  fc.stringMatching(/^[a-z/_.]{1,12}\.png$/),
  texts.filter((key) => key !== "version" && key !== "__proto__"),
);
const locks = fc
  .uniqueArray(fc.tuple(keys, entries), { selector: ([key]) => key, maxLength: 6 })
  .map((all) => new Map(all));

const entry: LockEntry = {
  request: a,
  pixels: b,
  sources: [a],
  output: b,
  seed: 7,
  engine: "comfyui",
  model: "sdxl.safetensors",
  prompt: 'red "dragon"\n\\ with DEL \u007f',
};

test("the lock's text is fixed, down to the byte", () => {
  const lock = new Map<string, LockEntry>([
    ["assets/b.png", { ...entry, request: null, seed: null, engine: "file", model: null, prompt: null }],
    ["assets/a.png", { ...entry, sources: [a, b] }],
  ]);
  expect(renderLock(lock))
    .toBe(`# Written by DGX-Pixels; commit it. What to make is said in the directives and in pixels.toml.
version = 1

["assets/a.png"]
request = "${a}"
pixels = "${b}"
source = [
  "${a}",
  "${b}",
]
output = "${b}"
seed = 7
engine = "comfyui"
model = "sdxl.safetensors"
prompt = "red \\"dragon\\"\\n\\\\ with DEL \\u007f"

["assets/b.png"]
pixels = "${b}"
source = "${a}"
output = "${b}"
engine = "file"
`);
});

test("what is rendered is read again as it was", () => {
  fc.assert(
    fc.property(locks, (lock) => {
      const sorted = new Map([...lock].toSorted(([x], [y]) => (x < y ? -1 : 1)));
      expect([...parseLock(renderLock(lock))]).toEqual([...sorted]);
      expect(renderLock(parseLock(renderLock(lock)))).toBe(renderLock(lock));
    }),
    rounds,
  );
});

test("setting or removing one entry leaves every other table's bytes", () => {
  fc.assert(
    fc.property(locks, keys, fc.option(entries), (lock, key, changed) => {
      const before = renderLock(lock);
      const after = mergeLockEntry(before, key, changed);
      for (const [other, kept] of lock) {
        if (other === key) continue;
        const table = renderLock(new Map([[other, kept]])).split("version = 1\n")[1] ?? "";
        expect(after).toContain(table.trimStart());
      }
      expect(parseLock(after).get(key) ?? null).toEqual(changed);
      expect(mergeLockEntry(after, key, changed)).toBe(after);
    }),
    rounds,
  );
});

test("there is no lock before the first sprite", () => {
  expect(parseLock(null).size).toBe(0);
  expect(parseLock("").size).toBe(0);
  expect(parseLock(mergeLockEntry(null, "assets/a.png", entry)).get("assets/a.png")).toEqual(entry);
});

test.for([
  ["not toml", "a = ", 1, 5],
  ["the marks of an unfinished merge", `version = 1\n<<<<<<< ours\n["a.png"]\n`, 2, 1],
  ["another version", "version = 2\n", 1, 1],
  ["a hash that is none", `["a.png"]\npixels = "xyz"\nsource = "${a}"\noutput = "${a}"\nengine = "file"\n`, 2, 1],
  ["a missing hash", `["a.png"]\npixels = "${a}"\n`, 1, 1],
  [
    "an unknown key",
    `["a.png"]\npixels = "${a}"\nsource = "${a}"\noutput = "${a}"\nengine = "file"\ncolour = 1\n`,
    1,
    1,
  ],
  ["a value where a table belongs", `\nassets = 1\n`, 2, 1],
] as const)("a malformed lock is an error with its place: %s", ([, text, line, column]) => {
  const read = () => parseLock(text, "game/pixels.lock");
  expect(read).toThrow(PixelsError);
  expect(read).toThrow(
    expect.objectContaining({ code: "invalid_file", data: { path: "game/pixels.lock", line, column } }),
  );
});

test("reading never fails with anything but a PixelsError", () => {
  const fragments = fc.array(
    fc.constantFrom('["a.png"]\n', "pixels = ", `"${a}"`, "\n", "[", "]", '"', "=", "é", "\0", "#"),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fragments.map((parts) => parts.join("")),
      ),
      (text) => {
        try {
          parseLock(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PixelsError);
        }
      },
    ),
    rounds,
  );
});

test("a sprite is named by its file as seen from the lock", () => {
  expect(lockKey({ crate: "", assetRoot: "assets", path: "sprites/a.png" })).toBe("assets/sprites/a.png");
  expect(lockKey({ crate: "game", assetRoot: "game/assets", path: "a.png" })).toBe("assets/a.png");
  expect(lockKey({ crate: "crates/game", assetRoot: "assets", path: "a.png" })).toBe("../../assets/a.png");
});

test("stale is judged by request and pixels alone", () => {
  expect(staleReasons(entry, { request: a, pixels: b })).toEqual([]);
  expect(staleReasons(entry, { request: b, pixels: b })).toEqual(["request"]);
  expect(staleReasons(entry, { request: a, pixels: a })).toEqual(["pixels"]);
  expect(staleReasons(entry, { request: b, pixels: a })).toEqual(["request", "pixels"]);
  expect(staleReasons({ request: null, pixels: b }, { request: a, pixels: b })).toEqual([]);
});

test("a file is the person's when the lock does not know it or its pixels changed", () => {
  expect(judgeOwnership(null, entry, "comfyui")).toBe("absent");
  expect(judgeOwnership(b, null, "comfyui")).toBe("person");
  expect(judgeOwnership(a, entry, "comfyui")).toBe("person");
  expect(judgeOwnership("", entry, null)).toBe("person");
  expect(judgeOwnership(b, entry, "comfyui")).toBe("ours");
  expect(judgeOwnership(b, entry, null)).toBe("ours");
});

test("the embedded engine does not replace another engine's sprite, and any engine replaces the embedded one's", () => {
  expect(judgeOwnership(b, entry, "embedded")).toBe("other-engine");
  expect(judgeOwnership(b, { ...entry, engine: "embedded" }, "embedded")).toBe("ours");
  expect(judgeOwnership(b, { ...entry, engine: "embedded" }, "comfyui")).toBe("ours");
});
