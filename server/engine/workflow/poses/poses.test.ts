import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../../codec/decode.ts";
import { scaffoldPrompt } from "../../../project/presets.ts";
import type { EngineModels } from "../../../protocol/engine-info.ts";
import type { EngineRequest } from "../../../protocol/sprite-request.ts";
import { loadWorkflows } from "../catalog.ts";
import { drawPose } from "./draw.ts";
import { bodyAt } from "./motion.ts";
import { planPoses } from "./plan.ts";
import { poseJoints, sheetPoses, type Pose } from "./pose.ts";
import { colors, joints, limbs, type Joint } from "./skeleton.ts";
import { uploadPoses } from "./upload.ts";

const anyPose = fc
  .record({
    motion: fc.constantFrom<Pose["motion"]>("walk", "idle"),
    frames: fc.integer({ min: 1, max: 16 }),
    heading: fc.constantFrom(0, 45, 90, 135, 180, 225, 270, 315),
    turn: fc.nat(),
  })
  .map(({ turn, ...pose }) => ({ ...pose, frame: turn % pose.frames }));

const otherSide = (joint: Joint): Joint =>
  joints.find(
    (other) => other !== joint && other.replace(/^(left|right)/, "") === joint.replace(/^(left|right)/, ""),
  ) ?? joint;

const hash = ({ data }: { data: Uint8ClampedArray }) => Buffer.from(data).toString("base64");

describe("a pose", () => {
  test("lies in its picture, whatever its shape", () => {
    const side = fc.integer({ min: 64, max: 2048 });
    fc.assert(
      fc.property(anyPose, side, side, (pose, width, height) => {
        for (const point of poseJoints(pose, width, height).values()) {
          expect(point.x).toBeGreaterThan(0);
          expect(point.x).toBeLessThan(width);
          expect(point.y).toBeGreaterThan(0);
          expect(point.y).toBeLessThan(height);
        }
      }),
    );
  });

  test("comes round again after a whole cycle, without a jump on the way", () => {
    for (const motion of ["walk", "idle"] as const) {
      for (const joint of joints) {
        const at = (phase: number) => Object.values(bodyAt(motion, phase)[joint]);
        const closes = at(0).map((value, i) => Math.abs(value - (at(1)[i] ?? Number.NaN)));
        expect(Math.max(...closes)).toBeLessThan(1e-9);
        for (let i = 0; i < 64; i++) {
          const steps = at(i / 64).map((value, axis) => Math.abs(value - (at((i + 1) / 64)[axis] ?? Number.NaN)));
          expect(Math.max(...steps)).toBeLessThan(0.05);
        }
      }
    }
  });

  test("stands with one foot on the ground, none below it", () => {
    fc.assert(
      fc.property(fc.constantFrom("walk", "idle"), fc.double({ min: 0, max: 1, noNaN: true }), (motion, phase) => {
        const body = bodyAt(motion, phase);
        const [right, left] = [body["right ankle"].up, body["left ankle"].up];
        expect(Math.min(right, left)).toBeCloseTo(0.03, 9);
      }),
    );
  });

  test("to the right is the one to the left in a mirror, half a cycle later", () => {
    fc.assert(
      fc.property(fc.constantFrom(45, 90, 135), fc.integer({ min: 0, max: 7 }), (heading, frame) => {
        const to = poseJoints({ motion: "walk", frame, frames: 8, heading }, 200, 200);
        const back = poseJoints(
          { motion: "walk", frame: (frame + 4) % 8, frames: 8, heading: 360 - heading },
          200,
          200,
        );
        for (const joint of joints) {
          const [point, mirrored] = [to.get(joint), back.get(otherSide(joint))];
          expect(point === undefined).toBe(mirrored === undefined);
          if (!point || !mirrored) continue;
          expect(200 - point.x).toBeCloseTo(mirrored.x, 6);
          expect(point.y).toBeCloseTo(mirrored.y, 6);
        }
      }),
    );
  });

  test("looks where it goes: the nose leads, the back of the head shows no face", () => {
    const at = (heading: number) => poseJoints({ motion: "idle", frame: 0, frames: 1, heading }, 512, 512);
    const x = (heading: number, joint: Joint) => at(heading).get(joint)?.x ?? Number.NaN;
    expect(x(90, "nose")).toBeLessThan(x(90, "neck"));
    expect(x(270, "nose")).toBeGreaterThan(x(270, "neck"));
    // Facing the viewer, its right hand is on the picture's left.
    expect(x(0, "right wrist")).toBeLessThan(x(0, "left wrist"));
    expect(x(180, "right wrist")).toBeGreaterThan(x(180, "left wrist"));
    const seen = (heading: number) => joints.filter((joint) => at(heading).has(joint) && /nose|eye|ear/.test(joint));
    expect(seen(0)).toEqual(["nose", "right eye", "left eye", "right ear", "left ear"]);
    expect(seen(90)).toEqual(["nose", "left eye", "left ear"]);
    expect(seen(180)).toEqual(["right ear", "left ear"]);
  });
});

describe("a drawn pose", () => {
  test("is of the model's 18 colours on black, limbs at 60 %", () => {
    expect(colors[0]).toEqual([255, 0, 0]);
    expect(colors[1]).toEqual([255, 85, 0]);
    expect(colors[9]).toEqual([0, 255, 255]);
    expect(colors[17]).toEqual([255, 0, 85]);
    expect([joints.length, limbs.length]).toEqual([18, 17]);
    const known = new Set(["0,0,0"]);
    for (const color of colors) {
      known.add(color.join());
      known.add(color.map((value) => Math.floor(value * 0.6)).join());
    }
    const { data } = drawPose({ motion: "walk", frame: 1, frames: 4, heading: 45 }, 128, 128);
    let drawn = 0;
    for (let at = 0; at < data.length; at += 4) {
      expect(known).toContain(data.subarray(at, at + 3).join());
      expect(data[at + 3]).toBe(255);
      if (data[at] || data[at + 1] || data[at + 2]) drawn++;
    }
    expect(drawn).toBeGreaterThan(200);
  });

  test("differs from every other of its sheet", () => {
    for (const directions of [4, 8] as const) {
      for (const frames of [2, 3, 4, 6]) {
        const sheet = sheetPoses("walk", frames, directions).map((pose) => hash(drawPose(pose, 256, 256)));
        expect(new Set(sheet).size).toBe(frames * directions);
      }
    }
    const idle = sheetPoses("idle", 2, 1).map((pose) => hash(drawPose(pose, 256, 256)));
    expect(new Set(idle).size).toBe(2);
  });

  test("goes to the engine as a PNG named by its content, row by row", async () => {
    const sent: { name: string; bytes: Uint8Array }[] = [];
    const session = {
      uploadImage: async (image: { name: string; bytes: Uint8Array }) => {
        sent.push(image);
        return `dgx-pixels/${image.name}`;
      },
    };
    const poses = sheetPoses("walk", 2, 4);
    const plan = { poses, size: { width: 96, height: 64 }, note: "" };
    const names = await uploadPoses(session, plan, AbortSignal.timeout(30_000));
    expect(names).toEqual(sent.map(({ name }) => `dgx-pixels/${name}`));
    expect(new Set(names).size).toBe(8);
    const [first] = poses;
    if (!first) throw new Error("no pose");
    expect((await decodeImage(sent[0]?.bytes ?? "")).data).toEqual(drawPose(first, 96, 64).data);
    await expect(uploadPoses(session, plan, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  });
});

describe("poses are followed", async () => {
  const catalog = await loadWorkflows([fileURLToPath(new URL("../../../../workflows", import.meta.url))]);
  const models = (controlnets: string[]): EngineModels => ({
    engine: "test",
    checkpoints: ["pixel-xl.safetensors"],
    loras: [],
    vaes: [],
    controlnets,
    samplers: [],
    schedulers: [],
  });
  const plan = (
    subject: string,
    change: Partial<EngineRequest> = {},
    controlnets = ["OpenPoseXL2.safetensors"],
    workflow = "animation",
  ) => {
    const request: EngineRequest = {
      workflow,
      prompt: scaffoldPrompt(subject, { tile: false, background: "auto", palette: null }),
      negative: "",
      checkpoint: null,
      vae: null,
      loras: [],
      sampler: "euler",
      scheduler: "normal",
      steps: 20,
      cfg: 7,
      seed: 1,
      render: { width: 1024, height: 1024 },
      cell: { width: 32, height: 32 },
      frames: 4,
      directions: 1,
      reference: null,
      denoise: 1,
      tile: false,
      ...change,
    };
    return planPoses(catalog.get(workflow), request, models(controlnets));
  };

  test.for([
    ["knight", "walk"],
    ["brave knight with a sword and shield, side view", "walk"],
    ["walking goblin", "walk"],
    ["old wizard idle animation", "idle"],
    ["two skeletons", null],
    ["knight's sword", null],
    ["wizard hat", null],
    ["robot dog", null],
    ["spinning coin", null],
    ["red dragon", null],
    ["knight attacking", null],
    ["samurai running", null],
    ["dying orc", null],
  ] as const)("%s: %s", ([subject, motion]) => {
    expect(plan(subject)?.poses[0]?.motion ?? null).toBe(motion);
  });

  test("for frames and directions alone, with a model for them alone, and it is said", () => {
    expect(plan("knight", { frames: 1 })).toBeNull();
    expect(plan("knight", { frames: 1, directions: 4 })?.poses.map(({ motion }) => motion)).toEqual(
      Array.from({ length: 4 }, () => "idle"),
    );
    expect(plan("knight", { directions: 8 })?.poses).toHaveLength(32);
    expect(plan("knight", {}, [])).toBeNull();
    // Made for other checkpoints than the ones this workflow is for.
    expect(plan("knight", {}, ["control_v11p_sd15_openpose.pth", "depth-xl.safetensors"])).toBeNull();
    expect(plan("knight", {}, undefined, "single_sprite")).toBeNull();
    expect(plan("knight")?.note).toMatch(/walk cycle.*OpenPoseXL2/);
    expect(plan("knight", { frames: 1, directions: 4 })?.note).toContain("standing");
  });
});
