import { afterEach, expect, test } from "vitest";
import { placeSprite } from "../../server/bevy/place.ts";
import { undoPlacement } from "../../server/bevy/undo.ts";
import { parseLock } from "../../server/project/lock.ts";
import { readManifestEntries } from "../../server/project/manifest-entries.ts";
import { parseRon } from "../../server/project/ron/parse.ts";
import { parseSpritesJson } from "../../server/project/sprites-json.ts";
import { TestProject } from "./project.ts";

const projects: TestProject[] = [];
afterEach(async () => {
  await Promise.all(projects.splice(0).map((project) => project.remove()));
});

const names = Array.from({ length: 20 }, (_, index) => `s${String(index).padStart(2, "0")}`);

async function placeAll(kind: "ron" | "sprites-json") {
  const game = await TestProject.make({ "assets/game.assets.ron": "({\n    // all of them\n})\n" });
  projects.push(game);
  const before = await game.tree();
  const contexts = names.map(() => game.context());
  await Promise.all(
    names.map(async (name, index) => {
      const context = contexts[index] ?? game.context();
      const manifest = kind === "ron" ? game.ron(`${name}.image`) : ({ kind } as const);
      await placeSprite(context, await game.input({ path: `new/${name}.png`, manifest }, { color: index }));
    }),
  );
  return { game, before, contexts };
}

test("20 sprites placed at once into one manifest are all listed, and all undone at once", async () => {
  const { game, before, contexts } = await placeAll("ron");
  const entries = readManifestEntries(parseRon(await game.text("assets/game.assets.ron"))) ?? [];
  expect(entries.map(({ key }) => key).toSorted()).toEqual(names.map((name) => `${name}.image`));
  expect([...parseLock(await game.text("pixels.lock")).keys()]).toEqual(names.map((name) => `assets/new/${name}.png`));
  await Promise.all(contexts.map((context) => undoPlacement(context, context.id)));
  expect(readManifestEntries(parseRon(await game.text("assets/game.assets.ron")))).toEqual([]);
  expect(Object.keys(await game.tree())).toEqual(Object.keys(before));
  expect(await game.staged()).toEqual([]);
});

test("20 sprites placed at once into one .sprites.json are all listed, and all undone at once", async () => {
  const { game, before, contexts } = await placeAll("sprites-json");
  const { sprites } = parseSpritesJson(await game.text("assets/.sprites.json"));
  expect(Object.keys(sprites)).toEqual(names.map((name) => `new/${name}.png`));
  await Promise.all(contexts.toReversed().map((context) => undoPlacement(context, context.id)));
  expect(await game.tree()).toEqual(before);
});

test("two runs of one placement at once write once", async () => {
  const game = await TestProject.make();
  projects.push(game);
  const context = game.context();
  const input = await game.input({ manifest: game.ron("dragon.image") });
  const [first, second] = await Promise.all([placeSprite(context, input), placeSprite(context, input)]);
  expect(second).toEqual(first);
  await undoPlacement(context, context.id);
  expect(await game.tree()).toEqual({ "assets/": "" });
});
