import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { relativePath } from "../protocol/sprite-request.ts";
import { checkTargetPath, derivePath, nameFromPrompt, slug, suggestPath } from "./naming.ts";

const rounds = { numRuns: process.env["DGX_PIXELS_ROUNDS"] === "full" ? 3000 : 200 };

describe("a path that may be written", () => {
  test.for(["a.png", "sprites/red_dragon.png", "ui/icons-2/heart.v2.png", "con_sprite.png"])("%s", (path) => {
    expect(checkTargetPath(path)).toEqual([]);
  });
});

describe("a path that may not, and what to use instead", () => {
  test.for([
    ["", "sprite.png"],
    ["/etc/passwd.png", "etc/passwd.png"],
    ["C:\\sprites\\a.png", "sprites/a.png"],
    ["~/a.png", "a.png"],
    ["../../a.png", "a.png"],
    ["sprites/../a.png", "sprites/a.png"],
    ["sprites//a.png", "sprites/a.png"],
    ["sprites\\a.png", "sprites/a.png"],
    ["embedded://game/a.png", "game/a.png"],
    ["a.png#layer", "a.png"],
    ["sprites/drache_größe.png", "sprites/drache_grosse.png"],
    ["sprites/龍.png", "sprites/sprite.png"],
    ["red dragon.png", "red_dragon.png"],
    ["what?.png", "what.png"],
    ["con.png", "con_sprite.png"],
    ["NUL/a.png", "nul_sprite/a.png"],
    ["lpt1.tar.png", "lpt1_tar.png"],
    [".hidden/a.png", "hidden/a.png"],
    ["dot./a.png", "dot/a.png"],
    ["a.jpg", "a.png"],
    ["sprites/.png", "sprites/sprite.png"],
    ["sprites/", "sprites/sprite.png"],
    [`${"a".repeat(300)}.png`, `${"a".repeat(100)}.png`],
  ])("%j → %s", ([path = "", suggestion = ""]) => {
    const problems = checkTargetPath(path);
    expect(problems[0]?.severity).toBe("error");
    expect(problems[0]?.suggestion).toBe(suggestion);
  });
});

test("upper case is a warning: it works here, and breaks elsewhere", () => {
  expect(checkTargetPath("sprites/Player.png")).toEqual([
    expect.objectContaining({ severity: "warning", suggestion: "sprites/player.png" }),
  ]);
});

test("what is accepted stays inside the asset folder, and every suggestion is accepted", () => {
  const pieces = fc.array(
    fc.constantFrom("a", "Z", "..", ".", "/", "\\", " ", "é", "con", ".png", ":", "#", "~", "?", "\0", "x".repeat(90)),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary" }),
        pieces.map((all) => all.join("")),
      ),
      (path) => {
        if (checkTargetPath(path).every(({ severity }) => severity === "warning")) {
          expect(relativePath.safeParse(path).success).toBe(true);
        }
        expect(checkTargetPath(suggestPath(path))).toEqual([]);
      },
    ),
    rounds,
  );
});

describe("a name from a prompt", () => {
  test.for([
    ["red dragon, side view", "sprites/red_dragon.png"],
    ["A Knight's  sword!", "sprites/a_knight_s_sword.png"],
    ["", "sprites/sprite.png"],
    ["龍", "sprites/sprite.png"],
    [", blue slime", "sprites/blue_slime.png"],
    ["aux", "sprites/aux_sprite.png"],
  ])("%j → %s", ([prompt = "", path = ""]) => {
    expect(derivePath(prompt)).toBe(path);
  });

  test("is short, whole words where it can be", () => {
    const name = nameFromPrompt("an ancient dragon of the northern mountains breathing frozen fire upon the village");
    expect(name).toBe("an_ancient_dragon_of_the_northern_mountains");
    expect(nameFromPrompt("x".repeat(500))).toHaveLength(48);
  });

  test("follows the naming rule and steps aside for what is there", () => {
    const taken = new Set(["enemies/boss/slime.png", "enemies/boss/slime_2.png"]);
    const isTaken = (path: string) => taken.has(path);
    expect(derivePath("slime", { rule: "enemies/{style}/{name}.png", style: "Boss", isTaken })).toBe(
      "enemies/boss/slime_3.png",
    );
    expect(derivePath("slime", { rule: "one.png", isTaken: (path) => path === "one.png" })).toBe("one_2.png");
  });

  test("is always a path that may be written", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (prompt, style) => {
        expect(checkTargetPath(derivePath(prompt, { rule: "{style}/{name}.png", style }))).toEqual([]);
        expect(slug(prompt)).toMatch(/^[a-z0-9_]*$/);
      }),
      rounds,
    );
  });
});
