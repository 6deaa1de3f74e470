import { describe, expect, it } from "vitest";
import { isImagePath, splitAssetPath } from "./asset-path.ts";

describe("an asset path", () => {
  it.each([
    ["sprites/a.png", { source: null, path: "sprites/a.png", label: null }],
    ["embedded://game/a.png", { source: "embedded", path: "game/a.png", label: null }],
    ["model.gltf#Scene0", { source: null, path: "model.gltf", label: "Scene0" }],
    ["remote://a#b/c.png#top", { source: "remote", path: "a#b/c.png", label: "top" }],
    ["", { source: null, path: "", label: null }],
  ])("%j splits at the first `://` and the last `#`", (text, expected) => {
    expect(splitAssetPath(text)).toEqual(expected);
  });

  it.each([
    ["a.png", true],
    ["deep/down/A.PNG", true],
    ["sky.ktx2", true],
    ["a.ron", false],
    [".png", false],
    ["folder/.png", false],
    ["a.png.meta", false],
    [`${"a".repeat(5000)}.png`, false],
  ])("%s is an image: %s", (path, expected) => {
    expect(isImagePath(path)).toBe(expected);
  });
});
