import { afterEach, describe, expect, test } from "vitest";
import { type Disk, nodeDisk } from "../../server/bevy/disk.ts";
import { placeSprite } from "../../server/bevy/place.ts";
import { undoPlacement } from "../../server/bevy/undo.ts";
import { crashingDisk, spriteOf, TestProject, treeOf, watchedDisk } from "./project.ts";

const manifest = `({
    "hero.image": Image(path: "sprites/hero.png"),
})
`;
const cargo = (bevy: string) => `[package]\nname = "game"\nversion = "0.1.0"\n[dependencies]\nbevy = "${bevy}"\n`;

/** A project as a placement finds it, and what is placed. */
interface Scene {
  readonly project: TestProject;
  readonly input: () => ReturnType<TestProject["input"]>;
}

const scenes: Record<string, () => Promise<Scene>> = {
  async "a new sprite in a new folder"() {
    const project = await TestProject.make({ "assets/game.assets.ron": manifest });
    const input = async () => ({
      ...(await project.input({ path: "a/b/dragon.png", manifest: project.ron("dragon.image") })),
      meta: "(meta)",
    });
    return { project, input };
  },
  async "a generated sprite replaced"() {
    const project = await TestProject.make({ "assets/sprites/x": "", "assets/game.assets.ron": manifest });
    const sheet = { manifest: project.ron("dragon.image", "dragon.layout") };
    await placeSprite(project.context(), await project.input(sheet, { width: 16, columns: 2 }));
    return { project, input: () => project.input(sheet, { width: 16, columns: 4, color: 2 }) };
  },
  async "a person's sprite written over in place"() {
    const project = await TestProject.make({
      "Cargo.toml": cargo("0.16"),
      "assets/sprites/dragon.png": (await spriteOf({ color: 9, width: 24 })).png,
    });
    const input = () => project.input({ manifest: { kind: "sprites-json" } }, {}, { replace: true });
    return { project, input };
  },
  async "across file systems"() {
    const project = await TestProject.make({ "assets/sprites/x": "", "assets/game.assets.ron": manifest });
    return { project, input: () => project.input({ manifest: project.ron("dragon.image") }) };
  },
};

/** Renames out of the staging folder fail as they do between two file systems. */
const acrossFileSystems: Disk = {
  ...nodeDisk,
  async rename(from, to) {
    if (from.includes("/.dgx-pixels/")) throw Object.assign(new Error("EXDEV: cross-device link"), { code: "EXDEV" });
    await nodeDisk.rename(from, to);
  },
};

const roots: TestProject[] = [];
afterEach(async () => {
  await Promise.all(roots.splice(0).map((project) => project.remove()));
});

async function setUp(name: string): Promise<Scene & { base: Disk; before: Record<string, string> }> {
  const scene = await scenes[name]?.();
  if (!scene) throw new Error(`no scene ${name}`);
  roots.push(scene.project);
  const base = name === "across file systems" ? acrossFileSystems : nodeDisk;
  return { ...scene, base, before: await scene.project.tree() };
}

/** The journal differs with each run in its folder's name alone. */
async function expectNothingLeft(project: TestProject): Promise<void> {
  expect(await project.staged()).toEqual([]);
  const leftovers = Object.keys(await treeOf(project.root)).filter((path) => /\.new$|\/\.[^/]*\.png\./.test(path));
  expect(leftovers).toEqual([]);
}

/** No visible file is anything but what it was or what it becomes. */
function expectWholeFiles(
  now: Record<string, string>,
  before: Record<string, string>,
  after: Record<string, string>,
  except: (path: string) => boolean,
): void {
  for (const [path, content] of Object.entries(now)) {
    const isHidden = /(?:^|\/)\.(?!sprites\.json$)[^/]*$/.test(path);
    if (!isHidden && !except(path)) expect([before[path], after[path]], path).toContain(content);
  }
}

async function mapInBatches<T>(items: readonly T[], size: number, act: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += size) {
    const results = await Promise.allSettled(items.slice(at, at + size).map(act));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
}

const moments = ["before", "during", "after"] as const;
const isFull = process.env["DGX_PIXELS_ROUNDS"] === "full";

/** Where the machine stops: at each step, and in the full rounds at each of its moments. */
function points(calls: readonly string[]) {
  return calls.flatMap((call, index) =>
    moments
      // Half of a file written over is the one moment that leaves something in between.
      .filter(
        (when, number) =>
          isFull || number === index % moments.length || (when === "during" && call.startsWith("overwrite")),
      )
      .map((when) => ({ at: index + 1, when })),
  );
}

describe.each(Object.keys(scenes))("%s: the machine stops at any step", (name) => {
  /** Every step of an undisturbed run, and the trees around it. */
  async function undisturbed() {
    const scene = await setUp(name);
    const context = scene.project.context();
    const placing = watchedDisk(scene.base, (_, __, run) => run());
    await placeSprite({ ...context, disk: placing.disk }, await scene.input());
    const after = await scene.project.tree();
    const undoing = watchedDisk(scene.base, (_, __, run) => run());
    await undoPlacement({ ...context, disk: undoing.disk }, context.id);
    expect(await scene.project.tree()).toEqual(scene.before);
    return { after, placing: placing.calls, undoing: undoing.calls };
  }

  const inPlace = (path: string) => name.includes("in place") && path.endsWith(".png");

  test("of placing: another run completes it once, and undo still brings everything back", async () => {
    const { after, placing } = await undisturbed();
    expect(placing.length).toBeGreaterThan(10);
    await mapInBatches(points(placing), 12, async ({ at, when }) => {
      const { project, input, base, before } = await setUp(name);
      const context = project.context();
      const machine = crashingDisk(base, at, when);
      await expect(placeSprite({ ...context, disk: machine.disk }, await input())).rejects.toThrow();
      await machine.settled();
      expectWholeFiles(await project.tree(), before, after, inPlace);
      const placement = await placeSprite({ ...context, disk: base }, await input());
      expect(await project.tree(), `${when} step ${at}`).toEqual(after);
      expect(placement.files.length).toBeGreaterThan(1);
      await expectNothingLeft(project);
      await undoPlacement({ ...context, disk: base }, context.id);
      expect(await project.tree(), `undone after ${when} step ${at}`).toEqual(before);
      await expectNothingLeft(project);
    });
  }, 120_000);

  test("of placing: an undo takes back what there is of it", async () => {
    const { placing } = await undisturbed();
    await mapInBatches(points(placing), 12, async ({ at, when }) => {
      const { project, input, base, before } = await setUp(name);
      const context = project.context();
      const machine = crashingDisk(base, at, when);
      await expect(placeSprite({ ...context, disk: machine.disk }, await input())).rejects.toThrow();
      await machine.settled();
      await undoPlacement({ ...context, disk: base }, context.id).catch((error: unknown) => {
        // It stopped before anything was written down, so there is nothing to take back.
        expect(error).toMatchObject({ code: "not_found" });
      });
      expect(await project.tree(), `${when} step ${at}`).toEqual(before);
    });
  }, 120_000);

  test("of undoing: another undo completes it", async () => {
    const { after, undoing } = await undisturbed();
    await mapInBatches(points(undoing), 12, async ({ at, when }) => {
      const { project, input, base, before } = await setUp(name);
      const context = { ...project.context(), disk: base };
      await placeSprite(context, await input());
      const machine = crashingDisk(base, at, when);
      await expect(undoPlacement({ ...context, disk: machine.disk }, context.id)).rejects.toThrow();
      await machine.settled();
      expectWholeFiles(await project.tree(), before, after, inPlace);
      const { restored, removed } = await undoPlacement(context, context.id);
      expect(restored.length + removed.length).toBeGreaterThan(1);
      expect(await project.tree(), `${when} step ${at}`).toEqual(before);
      await expectNothingLeft(project);
    });
  }, 120_000);

  test("one step fails: all of the new or all of the old", async () => {
    const { after, placing } = await undisturbed();
    const steps = placing.map((_, index) => index + 1);
    await mapInBatches(steps, 12, async (step) => {
      const { project, input, base, before } = await setUp(name);
      const disk = watchedDisk(base, (call, _, run) => {
        if (call === step) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        return run();
      });
      const context = { ...project.context(), disk: disk.disk };
      const placed = await placeSprite(context, await input()).catch((error: unknown) => error);
      await disk.settled();
      if (placed instanceof Error) {
        expect(placed).toMatchObject({ code: "storage_full", remedy: expect.stringContaining("disk space") });
        expect(await project.tree(), `step ${step}: ${disk.calls[step - 1]}`).toEqual(before);
        // What is left of a failed one does not hinder the next.
        await placeSprite({ ...context, disk: base }, await input());
      }
      expect(await project.tree(), `step ${step}`).toEqual(after);
      await expectNothingLeft(project);
    });
  }, 120_000);
});
