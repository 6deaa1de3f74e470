import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadWorkflows } from "./catalog.ts";

const builtin = fileURLToPath(new URL("../../../workflows", import.meta.url));
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dgx-pixels-workflows-"));
});
afterEach(() => rm(folder, { recursive: true }));

const graph = {
  "1": { class_type: "CLIPTextEncode", inputs: { text: "", clip: ["2", 1] }, _meta: { title: "any title" } },
  "2": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "x" } },
  "3": {
    class_type: "KSampler",
    inputs: { model: ["2", 0], positive: ["1", 0], seed: 0, steps: 1, cfg: 1, sampler_name: "a", scheduler: "b" },
  },
  "4": { class_type: "SaveImage", inputs: { filename_prefix: "mine", images: ["3", 0] } },
  "5": { class_type: "EmptyLatentImage", inputs: { width: 1, height: 1 } },
};
const at = (node: string, input: string) => [{ node, input }];
const slots = {
  title: "Mine",
  description: "",
  slots: {
    prompt: at("1", "text"),
    sampler: at("3", "sampler_name"),
    scheduler: at("3", "scheduler"),
    steps: at("3", "steps"),
    cfg: at("3", "cfg"),
    seed: at("3", "seed"),
    width: at("5", "width"),
    height: at("5", "height"),
  },
  ignores: ["negative"],
  outputs: ["4"],
};

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

async function drop(name: string, files: { graph?: unknown; slots?: unknown }): Promise<void> {
  if (files.graph !== undefined) await writeFile(join(folder, `${name}.json`), text(files.graph));
  if (files.slots !== undefined) await writeFile(join(folder, `${name}.slots.json`), text(files.slots));
}

async function whyNot(name: string): Promise<string> {
  const catalog = await loadWorkflows([folder]);
  const problem = catalog.problems()[0];
  expect(problem?.code).toBe("invalid_file");
  expect(problem?.remedy).toBeTruthy();
  expect(() => catalog.get(name)).toThrow(problem?.message);
  return `${problem?.message}\n${problem?.why}\n${problem?.remedy}`;
}

test("the workflows that come with it are all sound", async () => {
  const catalog = await loadWorkflows([builtin]);
  expect(catalog.problems()).toEqual([]);
  expect(catalog.names()).toEqual(["animation", "batch_generation", "img2img", "single_sprite", "tileset"]);
});

test("two files dropped into a folder are a workflow, and replace one of that name", async () => {
  await drop("mine", { graph, slots });
  await drop("single_sprite", { graph, slots });
  const catalog = await loadWorkflows([builtin, folder, join(folder, "is not there")]);
  expect(catalog.names()).toContain("mine");
  expect(catalog.get("single_sprite").folder).toBe(folder);
  expect(catalog.get("tileset").folder).toBe(builtin);
});

test("one broken workflow harms no other, and its error waits for who asks for it", async () => {
  await drop("mine", { graph, slots });
  await drop("broken", { graph: "{", slots });
  const catalog = await loadWorkflows([folder]);
  expect(catalog.names()).toEqual(["mine"]);
  expect(() => catalog.get("broken")).toThrow(expect.objectContaining({ code: "invalid_file" }));
});

test("an unknown workflow is an error with the nearest name", async () => {
  const catalog = await loadWorkflows([builtin]);
  expect(() => catalog.get("single_sprit")).toThrow(
    expect.objectContaining({ code: "unknown_workflow", remedy: 'Did you mean "single_sprite"?' }),
  );
  expect(() => catalog.get("zzzzzz")).toThrow(expect.objectContaining({ remedy: expect.stringContaining("tileset") }));
});

test("a graph without its slots, and slots without their graph", async () => {
  await drop("lonely", { graph });
  expect(await whyNot("lonely")).toMatch(/lonely\.slots\.json cannot be used\nit is missing/);
  await rm(join(folder, "lonely.json"));
  await drop("lonely", { slots });
  expect(await whyNot("lonely")).toMatch(/lonely\.json cannot be used\nit is missing/);
});

test("the editor's own format is told apart", async () => {
  await drop("ui", { graph: { nodes: [], links: [], version: 0.4 }, slots });
  expect(await whyNot("ui")).toMatch(/Export \(API\)/);
});

test.for([
  ["no graph", { graph: { "1": { inputs: {} } }, slots }, /class_type/],
  ["an unknown slot", { graph, slots: { ...slots, slots: { ...slots.slots, promt: at("1", "text") } } }, /promt/],
  [
    "a slot at a node that is not there",
    { graph, slots: { ...slots, slots: { ...slots.slots, prompt: at("77", "text") } } },
    /Slot "prompt": node "77" does not exist/,
  ],
  [
    "a slot at an input that is not there",
    { graph, slots: { ...slots, slots: { ...slots.slots, prompt: at("1", "txt") } } },
    /Slot "prompt": node "1" \(CLIPTextEncode\) has no input "txt"; it has text, clip/,
  ],
  ["a required slot left out", { graph, slots: { ...slots, ignores: [] } }, /Slot "negative" is missing/],
  [
    "a slot declared and ignored",
    { graph, slots: { ...slots, ignores: ["negative", "cfg"] } },
    /"cfg" is declared and/,
  ],
  ["an output that is not there", { graph, slots: { ...slots, outputs: ["9"] } }, /Output node "9"/],
  [
    "a link to nowhere",
    { graph: { ...graph, "4": { class_type: "SaveImage", inputs: { images: ["12", 0] } } }, slots },
    /Node "4": input "images" takes node "12"/,
  ],
  ["LoRAs after nothing", { graph, slots: { ...slots, loras: { model: ["8", 0], clip: ["9", 1] } } }, /loras\.clip/],
  ["a repeat of nothing", { graph, slots: { ...slots, repeat: { row: ["8"], frame: ["9"] } } }, /node "8" does not/],
  ["a node in both groups", { graph, slots: { ...slots, repeat: { row: ["1"], frame: ["1"] } } }, /both in a row/],
  ["a single node after a row", { graph, slots: { ...slots, repeat: { row: ["1"], frame: ["4"] } } }, /row node "1"/],
  ["a row after a frame", { graph, slots: { ...slots, repeat: { row: ["4"], frame: ["3"] } } }, /frame node "3"/],
] as const)("%s is an error with file, slot and node", async ([, files, expected]) => {
  await drop("wrong", files);
  const why = await whyNot("wrong");
  expect(why).toMatch(expected);
  expect(why).toContain(folder);
});

test("a part is checked like the rest", async () => {
  const part = {
    name: "extra",
    when: { field: "vae" },
    nodes: {
      "1": { class_type: "VAELoader", inputs: {} },
      "6": { class_type: "VAELoader", inputs: { vae_name: "", other: ["66", 0] } },
    },
    replace: [{ from: ["70", 0], to: ["71", 0] }],
    connect: [
      { node: "72", input: "x", from: ["2", 0] },
      { node: "1", input: "x", from: ["73", 0] },
    ],
    slots: { vae: [{ node: "74", input: "vae_name" }] },
  };
  await drop("parts", { graph, slots: { ...slots, parts: [part] } });
  const why = await whyNot("parts");
  for (const id of ["1", "66", "70", "71", "72", "73", "74"]) expect(why).toContain(`"${id}"`);
});
