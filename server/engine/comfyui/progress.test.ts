import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Graph } from "../workflow/graph.ts";
import { ProgressMeter } from "./progress.ts";

const graph: Graph = {
  loader: { class_type: "CheckpointLoaderSimple", inputs: {} },
  prompt: { class_type: "CLIPTextEncode", inputs: {} },
  sampler: { class_type: "KSampler", inputs: { steps: 10, latent_image: ["canvas", 0] } },
  decode: { class_type: "VAEDecode", inputs: {} },
  save: { class_type: "SaveImage", inputs: {} },
};

function meter() {
  const clock = { now: 0 };
  return { clock, meter: new ProgressMeter(graph, () => clock.now) };
}

test("nodes count a fifth, sampler steps four fifths", () => {
  const { meter: m } = meter();
  m.cached(["loader"]);
  expect(m.progress().fraction).toBeCloseTo(0.2 * 0.2);
  m.executing("sampler");
  m.step("sampler", 5, 10);
  expect(m.progress()).toMatchObject({ stage: "sampling", step: 5, steps: 10 });
  expect(m.progress().fraction).toBeCloseTo(0.2 * 0.2 + 0.8 * 0.5);
});

test("a node that begins ends the one before; steps of other nodes count nothing", () => {
  const { meter: m } = meter();
  m.executing("sampler");
  m.executing("decode");
  m.step("decode", 1, 100);
  m.step("not in the graph", 1, 2);
  m.finished("not in the graph");
  expect(m.progress().fraction).toBeCloseTo(0.2 * 0.2 + 0.8);
  expect(m.progress().stage).toBe("decoding the picture");
});

test("the rest is estimated from what has passed", () => {
  const { meter: m, clock } = meter();
  expect(m.progress().etaSeconds).toBeNull();
  m.executing("sampler");
  clock.now = 4000;
  m.step("sampler", 5, 10);
  expect(m.progress().etaSeconds).toBeCloseTo((4 / 0.4) * 0.6);
});

test("a sampler of its own kind takes the steps of the scheduler before it", () => {
  const inputs = { sigmas: ["scheduler", 0], latent_image: ["canvas", 0] };
  const m = new ProgressMeter(
    {
      scheduler: { class_type: "BasicScheduler", inputs: { steps: 8 } },
      sampler: { class_type: "SamplerCustomAdvanced", inputs },
      other: { class_type: "SamplerCustom", inputs: { latent_image: ["canvas", 0] } },
    },
    () => 0,
  );
  m.finished("scheduler");
  m.step("sampler", 2, 8);
  expect(m.progress()).toMatchObject({ step: 2, steps: 9 });
});

test("a graph without a sampler goes by its nodes", () => {
  const m = new ProgressMeter({ save: { class_type: "SaveImage", inputs: {} } }, () => 0);
  expect(m.progress()).toMatchObject({ fraction: 0, step: null, steps: null, stage: "working" });
  m.executing("save");
  expect(m.progress().stage).toBe("saving the picture");
  m.finished("save");
  expect(m.progress().fraction).toBe(1);
});

test.for([
  ["CheckpointLoaderSimple", "loading the model"],
  ["CLIPTextEncode", "reading the prompt"],
  ["LoadImage", "reading the reference"],
  ["Anything", "working"],
] as const)("%s is %s", ([class_type, stage]) => {
  const m = new ProgressMeter({ a: { class_type, inputs: {} } }, () => 0);
  m.executing("a");
  expect(m.progress().stage).toBe(stage);
});

test("no order of events lets it fall or leave 0 … 1", () => {
  const node = fc.constantFrom(...Object.keys(graph));
  const event = fc.oneof(
    fc.record({ type: fc.constant("executing" as const), node }),
    fc.record({ type: fc.constant("finished" as const), node }),
    fc.record({ type: fc.constant("step" as const), node, value: fc.nat(30), max: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const { meter: m, clock } = meter();
      let last = 0;
      for (const item of events) {
        clock.now += 10;
        if (item.type === "step") m.step(item.node, item.value, item.max);
        else m[item.type](item.node);
        const { fraction } = m.progress();
        expect(fraction).toBeGreaterThanOrEqual(last);
        expect(fraction).toBeLessThanOrEqual(1);
        last = fraction;
      }
    }),
  );
});
