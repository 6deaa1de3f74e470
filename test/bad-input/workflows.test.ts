import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Machine } from "../cli/harness.ts";
import { writeGame } from "./game.ts";
import { expectNoJobLeft, expectRefusal } from "./refusal.ts";

const node = z.object({ class_type: z.string(), inputs: z.record(z.string(), z.unknown()) });
const graphSchema = z.record(z.string(), node);
const slotsSchema = z.looseObject({ slots: z.record(z.string(), z.unknown()) });

async function shipped(name: string) {
  const read = async (file: string): Promise<unknown> =>
    JSON.parse(await readFile(new URL(`../../workflows/${file}`, import.meta.url), "utf8"));
  return {
    graph: graphSchema.parse(await read(`${name}.json`)),
    slots: slotsSchema.parse(await read(`${name}.slots.json`)),
  };
}

const { graph, slots } = await shipped("single_sprite");
const animation = await shipped("animation");

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.create();
});
afterAll(() => machine.remove());

/** The game's own workflow `mine`: values are written as JSON, texts as they are, null leaves the file out. */
async function writeWorkflow(mine: unknown, mineSlots: unknown): Promise<void> {
  const text = (value: unknown): string | null =>
    value === null || typeof value === "string" ? value : JSON.stringify(value);
  await writeGame(machine, { "workflows/mine.json": text(mine), "workflows/mine.slots.json": text(mineSlots) });
}

const withNode = (id: string, inputs: Record<string, unknown>, from = graph) => ({
  ...from,
  [id]: { ...from[id], inputs: { ...from[id]?.inputs, ...inputs } },
});
const withSlots = (changes: Record<string, unknown>) => ({ ...slots, slots: { ...slots.slots, ...changes } });
const use = ["generate", "red dragon", "8x8", "workflow=mine"];

describe("a workflow that cannot be used", () => {
  test.for([
    ["cut short", "{", slots, ["mine.json", "JSON"]],
    ["empty", "", slots, ["mine.json", "JSON"]],
    ["a list", [], slots, ["mine.json", "array"]],
    ["saved for the editor", { nodes: [], links: [] }, slots, ["mine.json", "Export (API)"]],
    ["missing", null, slots, ["mine.json", "missing"]],
    ["linked to a missing node", withNode("positive", { clip: ["nowhere", 0] }), slots, ["positive", "nowhere"]],
  ] as const)("%s", async ([, mine, mineSlots, says]) => {
    await writeWorkflow(mine, mineSlots);
    await expectRefusal(machine, use, { code: 2, says });
  });

  test("of nodes the engine lacks", async () => {
    await writeWorkflow({ ...graph, save: { ...graph["save"], class_type: "SaveImageToMars" } }, slots);
    await expectRefusal(machine, use, { code: 1, says: ["SaveImageToMars"] });
  });

  test("whose outputs and inputs are of different kinds", async () => {
    await writeWorkflow(withNode("save", { images: ["checkpoint", 0] }), slots);
    await expectRefusal(machine, use, { code: 1, says: ["images", "MODEL"] });
  });
});

describe("slots that cannot be used", () => {
  test.for([
    ["cut short", "{", ["mine.slots.json", "JSON"]],
    ["missing", null, ["mine.slots.json", "missing"]],
    ["of an unknown name", withSlots({ promt: [] }), ["promt"]],
    ["for a node that is not there", withSlots({ prompt: [{ node: "nope", input: "text" }] }), ["prompt", "nope"]],
    ["for an input that is not there", withSlots({ prompt: [{ node: "positive", input: "txt" }] }), ["txt", "text"]],
    ["without the prompt", withSlots({ prompt: undefined }), ["prompt", "missing"]],
    ["without an output", { ...slots, outputs: [] }, ["outputs"]],
    ["with an output that is not there", { ...slots, outputs: ["nope"] }, ["nope"]],
  ] as const)("%s", async ([, mineSlots, says]) => {
    await writeWorkflow(graph, mineSlots);
    await expectRefusal(machine, use, { code: 2, says });
  });

  test("for a value that would go nowhere", async () => {
    await writeWorkflow(graph, slots);
    await expectRefusal(machine, [...use, "frames=2"], { code: 2, says: ["frames", "animation"] });
    await expectRefusal(machine, [...use, "tile"], { code: 2, says: ["tile", "tileset"] });
  });
});

describe("what an engine gives that makes no sprite", () => {
  test("frames of unequal size", async () => {
    const other = { class_type: "EmptyLatentImage", inputs: { width: 512, height: 1024, batch_size: 1 } };
    const unequal = withNode("next_sampler", { latent_image: ["other", 0] }, { ...animation.graph, other });
    await writeWorkflow(unequal, animation.slots);
    await expectRefusal(machine, [...use, "frames=2"], { code: 2, says: ["Frame 2 is", "same size"] });
  });

  test("more pictures than frames", async () => {
    await writeWorkflow({ ...graph, again: graph["save"] }, { ...slots, outputs: ["save", "again"] });
    await expectRefusal(machine, use, { code: 2, says: ["needs 1 picture, not 2"] });
  });
});

describe("names that the engine does not know", () => {
  test.for([
    [["model=sdxl"], 3, ["sdxl", "dgx-pixels-embedded"]],
    [["model=dgx-pixels-embeded"], 3, ["Did you mean dgx-pixels-embedded.safetensors?"]],
    [["model=*zzz*"], 3, ["*zzz*", "dgx-pixels-embedded"]],
    [["lora=pixel-art"], 3, ["pixel-art", "models/loras"]],
    [["sampler=eulr"], 2, ["eulr", "euler"]],
    [["workflow=singel_sprite"], 3, ["single_sprite"]],
    [["workflow=zzz"], 3, ["single_sprite", "tileset"]],
  ] as const)("%j", async ([words, code, says]) => {
    await writeGame(machine);
    await expectRefusal(machine, ["generate", "red dragon", "8x8", ...words], { code, says });
  });

  test("in pixels.toml", async () => {
    await writeGame(machine, { "pixels.toml": '[defaults]\nmodel = "sdxl"\n' });
    await expectRefusal(machine, ["sync"], { code: 3, says: ["sdxl", "dgx-pixels-embedded"] });
  });
});

test("other things that are called so do no harm", async () => {
  await writeGame(machine, { workflows: "a file of the game's" });
  expect((await machine.run(["generate", "red dragon", "8x8"])).code).toBe(0);
  await writeGame(machine, { "workflows/level.json": '{"a": 1}', "workflows/notes.json/x.txt": "" });
  expect((await machine.run(["generate", "red dragon", "8x8"])).code).toBe(0);
  await writeWorkflow(`\uFEFF${JSON.stringify(graph)}`, slots);
  expect((await machine.run(use)).code).toBe(0);
});

test("no job is left", () => expectNoJobLeft(machine));
