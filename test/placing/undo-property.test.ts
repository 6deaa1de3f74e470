import * as fc from "fast-check";
import { expect, test } from "vitest";
import { placeSprite } from "../../server/bevy/place.ts";
import { undoPlacement } from "../../server/bevy/undo.ts";
import { readManifestEntries } from "../../server/project/manifest-entries.ts";
import { parseRon } from "../../server/project/ron/parse.ts";
import type { Target } from "../../server/protocol/sprite-request.ts";
import { spriteOf, TestProject } from "./project.ts";

const runs = process.env["DGX_PIXELS_ROUNDS"] === "full" ? 200 : 20;

const name = fc.constantFrom("a", "b", "c", "deep/a", "deep/er/b");
const manifests = [
  "",
  "({})",
  "(\n{\n}\n)\n",
  '({\n    // one\n    "one.image": Image(path: "one.png")\n})\n',
  '({ "one.image": Image(path: "one.png"), /* two */ "a.image": File(path: "old.png") })',
  '({\r\n\t"one.image": Image(path: "one.png"),\r\n})\r\n',
  '#![enable(implicit_some)]\n({\n  "a.image": Image(\n    path: "a.png",\n    sampler: Nearest,\n  ),\n  "ünï": Folder(path: "x"),\n})',
];

const tree = fc.record({
  manifest: fc.option(fc.constantFrom(...manifests), { nil: null }),
  sprites: fc.uniqueArray(name, { maxLength: 3 }),
  others: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}\.(?:txt|rs)$/), fc.uint8Array({ maxLength: 40 }), {
    maxKeys: 3,
  }),
});

const placement = fc.record({
  name,
  list: fc.constantFrom("none", "ron", "sheet", "sprites-json"),
  color: fc.integer({ min: 0, max: 65_535 }),
});
type Placed = typeof placement extends fc.Arbitrary<infer T> ? T : never;

async function build({ manifest, sprites, others }: typeof tree extends fc.Arbitrary<infer T> ? T : never) {
  const game = await TestProject.make({ ...others });
  // Deep folders from the start: waiting for new ones is tested elsewhere.
  await game.write("assets/deep/er/x", "");
  if (manifest !== null) await game.write("assets/game.assets.ron", manifest);
  for (const [index, sprite] of sprites.entries()) {
    await game.write(`assets/${sprite}.png`, (await spriteOf({ color: 70_000 + index })).png);
  }
  return game;
}

function listing(game: TestProject, { name: path, list }: Placed): Target["manifest"] {
  if (list === "none" || list === "sprites-json") return { kind: list };
  const key = path.replaceAll("/", ".");
  return game.ron(`${key}.image`, list === "sheet" ? `${key}.layout` : null);
}

async function placeAll(game: TestProject, placements: readonly Placed[]): Promise<string[]> {
  const ids: string[] = [];
  for (const placed of placements) {
    const context = game.context();
    const target = { path: `${placed.name}.png`, manifest: listing(game, placed) };
    await placeSprite(
      context,
      await game.input(target, { width: 16, columns: 2, color: placed.color }, { replace: true }),
    );
    ids.push(context.id);
  }
  return ids;
}

function entriesOf(text = "") {
  const entries = readManifestEntries(parseRon(text.trim() === "" ? "({})" : text)) ?? [];
  return entries.map(({ key, kind, path }) => ({ key, kind, path }));
}

test("placing and undoing in reverse leaves every byte of any tree as it was", async () => {
  await fc.assert(
    fc.asyncProperty(tree, fc.array(placement, { minLength: 1, maxLength: 4 }), async (files, placements) => {
      const game = await build(files);
      try {
        const before = await game.tree();
        const ids = await placeAll(game, placements);
        for (const id of ids.toReversed()) await undoPlacement(game.context(), id);
        expect(await game.tree()).toEqual(before);
        expect(await game.staged()).toEqual([]);
      } finally {
        await game.remove();
      }
    }),
    { numRuns: runs },
  );
}, 300_000);

test("undoing different sprites in any order leaves the others, and in the end every sprite as it was", async () => {
  const different = fc.uniqueArray(placement, { minLength: 2, maxLength: 5, selector: (placed) => placed.name });
  await fc.assert(
    fc.asyncProperty(tree, different, fc.integer(), async (files, placements, shuffle) => {
      const game = await build(files);
      try {
        const before = await game.tree();
        const ids = await placeAll(game, placements);
        const order = ids.toSorted((a, b) => ((a.charCodeAt(0) ^ shuffle) & 15) - ((b.charCodeAt(0) ^ shuffle) & 15));
        for (const id of order) await undoPlacement(game.context(), id);
        const after = await game.tree();
        const ron = "assets/game.assets.ron";
        expect(entriesOf(after[ron])).toEqual(entriesOf(before[ron]));
        delete after[ron];
        delete before[ron];
        expect(after).toEqual(before);
      } finally {
        await game.remove();
      }
    }),
    { numRuns: runs },
  );
}, 300_000);
