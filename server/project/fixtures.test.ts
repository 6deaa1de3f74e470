import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { readRon } from "./ron/read.ts";
import type { SourceFile } from "./source-file.ts";
import { initRust } from "./rust/language.ts";
import { readRust } from "./rust/read.ts";

beforeAll(initRust);

function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");
}

function bindings(file: SourceFile) {
  return file.directives.map(({ directive, reference }) => [
    directive.prompt?.value,
    reference?.path ?? reference?.key ?? null,
  ]);
}

describe("a project in the style of Bevy's 2D template", () => {
  const text = fixture("player.rs");

  it("has its directives bound", () => {
    const file = readRust(text);
    expect(file.problems).toEqual([]);
    expect(bindings(file)).toEqual([
      ["a knight in silver armour, side view", "images/knight.png"],
      ["a spark of steel", "images/spark.png"],
      ["a white flash", "images/flash.png"],
    ]);
    expect(file.directives[0]?.directive.settings.palette?.value).toBe("sweetie-16");
  });

  it("has its assets found, constants looked up", () => {
    const found = readRust(text).references.map(({ kind, path, image, dynamic }) => [kind, path, image, dynamic]);
    expect(found).toEqual([
      ["constant", "images/knight.png", true, false],
      ["load", "images/knight.png", true, false],
      ["load", "audio/step.ogg", false, false],
      ["load", "audio/step_2.ogg", false, false],
      ["load", "images/spark.png", true, false],
      ["load", "images/flash.png", true, false],
    ]);
  });
});

describe("a project with bevy_asset_loader", () => {
  it("has its collections read", () => {
    const file = readRust(fixture("loading.rs"));
    expect(file.problems).toEqual([]);
    expect(bindings(file)).toEqual([
      ["a bird in flight", "textures/bird.png"],
      ["a hero with a red cape", "player.image"],
      ["a cloud", "textures/b.png"],
    ]);
    expect(file.references.map(({ kind, path, key, image }) => [kind, path ?? key, image])).toEqual([
      ["manifest", "game.assets.ron", false],
      ["attribute", "audio/flying.ogg", false],
      ["key", "music", false],
      ["attribute", "textures/bird.png", true],
      ["key", "player.image", true],
      ["key", "player.layout", false],
      ["attribute", "textures/a.png", true],
      ["attribute", "textures/b.png", true],
      ["attribute", "textures/snow.png", true],
    ]);
  });

  it("has its manifest read", () => {
    const file = readRon(fixture("game.assets.ron"));
    expect(file.problems).toEqual([]);
    expect(bindings(file)).toEqual([
      ["a hero with a red cape", "sprites/player.png"],
      ["a gold coin", "sprites/coin.png"],
      ["a round cloud", "sprites/cloud_1.png"],
      ["a long cloud", "sprites/cloud_2.png"],
    ]);
    expect(file.references.map(({ path, key }) => [path, key])).toEqual([
      ["sprites/player.png", "player.image"],
      ["sprites/coin.png", "coin.image"],
      ["sprites/cloud_1.png", "clouds"],
      ["sprites/cloud_2.png", "clouds"],
    ]);
  });
});
