// From finished pixels to the file renamed and manifest and lock written, in folders that exist and in new ones.
// The floor writes the same files plainly: write, fsync, rename.
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, open, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlaceInput } from "../server/bevy/context.ts";
import { placeSprite } from "../server/bevy/place.ts";
import { decodeImage } from "../server/codec/decode.ts";
import { encodePng } from "../server/codec/encode.ts";
import { imageHash, sha256 } from "../server/protocol/hashing.ts";
import type { SpriteArtifact } from "../server/protocol/job.ts";
import { isQuick, percentile, report } from "./report.ts";

const rounds = isQuick ? 20 : 100;
const side = 64;
/** Other sprites the manifest lists already. */
const listed = 200;

const root = await mkdtemp(join(tmpdir(), "dgx-pixels-bench-"));
const workspace = join(root, "game");
const assets = join(workspace, "assets");
await mkdir(join(assets, "sprites"), { recursive: true });
const entries = Array.from(
  { length: listed },
  (_, index) => `    "s${index}.image": Image(path: "sprites/s${index}.png"),\n`,
);
await writeFile(join(assets, "game.assets.ron"), `({\n${entries.join("")}})\n`);

try {
  const floors: number[] = [];
  const existing: number[] = [];
  const replaced: number[] = [];
  const created: number[] = [];
  // The first round loads code and makes the staging folder.
  for (let round = -1; round < rounds; round++) {
    const figures = {
      floor: await timed(async () => writePlainly(await picture(round), round)),
      existing: await place(`sprites/e${round}.png`, round),
      replaced: await place(`sprites/e${round}.png`, round + 1_000_000),
      created: await place(`new${round}/c.png`, round),
    };
    if (round < 0) continue;
    floors.push(figures.floor);
    existing.push(figures.existing);
    replaced.push(figures.replaced);
    created.push(figures.created);
  }
  const floor = percentile(floors, 0.5);
  const measure = (name: string, values: readonly number[], target: number) => [
    { name, value: percentile(values, 0.5), unit: "ms", target, floor: { value: floor, unit: "ms" } },
    { name: `${name}, to the floor`, value: percentile(values, 0.5) / floor, unit: "ratio" },
    // The slowest tell of the machine's other work: information alone, beside the floor's own.
    {
      name: `${name}, p99`,
      value: percentile(values, 0.99),
      unit: "ms",
      floor: { value: percentile(floors, 0.99), unit: "ms" },
    },
  ];
  await report("place", [
    ...measure("existing folder", existing, 50),
    ...measure("replaced sprite", replaced, 50),
    ...measure("new folder", created, 250),
  ]);
} finally {
  await rm(root, { recursive: true, force: true });
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}

async function picture(round: number) {
  const data = new Uint8ClampedArray(side * side * 4).map((_, index) =>
    index % 4 === 3 ? 255 : (index * (round + 7)) >> 3,
  );
  const image = { width: side, height: side, data };
  return { image, png: await encodePng(image) };
}

/** The three files as anyone would write them. */
async function writePlainly({ png }: { png: Uint8Array }, round: number): Promise<void> {
  const text = Buffer.from(entries.join(""));
  for (const [name, bytes] of [
    [`plain${round}.png`, png],
    ["plain.ron", text],
    ["plain.lock", text],
  ] as const) {
    const staged = join(root, "staged");
    const file = await open(staged, "w");
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    await rename(staged, join(root, name));
  }
}

/** Milliseconds of one placement, its pixels and PNG ready. */
async function place(path: string, round: number): Promise<number> {
  const { image, png } = await picture(round);
  const sprite: SpriteArtifact = {
    seed: 1,
    sources: [sha256(`source ${round}`)],
    sprite: sha256(png),
    output: imageHash(image),
    width: side,
    height: side,
    cell: { width: side, height: side },
    columns: 1,
    rows: 1,
    palette: [],
    confidence: null,
    warnings: [],
    engine: { kind: "comfyui", name: "bench", checkpoint: null, ignored: [], notes: [] },
    request: sha256(`request ${round}`),
    pixels: sha256("pixels"),
  };
  const key = `${path.replace(/\W/g, "_")}.image`;
  const input: PlaceInput = {
    png,
    sprite,
    target: {
      workspace,
      crate: "",
      assetRoot: "assets",
      path,
      manifest: { kind: "ron", file: "assets/game.assets.ron", key, layoutKey: null },
      metadata: "id",
      fps: null,
    },
    replace: false,
    prompt: "a prompt",
    signal: new AbortController().signal,
  };
  const context = {
    backups: join(root, "state"),
    editors: { unsavedBy: () => null, apply: () => Promise.resolve("no-editor" as const) },
    id: randomUUID(),
    now: Date.now(),
    decode: (bytes: Uint8Array) => decodeImage(bytes),
  };
  return timed(() => placeSprite(context, input));
}
