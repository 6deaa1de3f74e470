import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "../cli/harness.ts";
import { writeGame } from "./game.ts";
import { expectNoJobLeft, expectRefusal } from "./refusal.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.create();
  await writeGame(machine);
});
afterAll(() => machine.remove());

const settings = (): string => join(machine.folder, "config", "dgx-pixels", "config.toml");

async function restarted(): Promise<void> {
  expect((await machine.run(["daemon", "restart"])).code).toBe(0);
}

describe("settings of the daemon that cannot be read", () => {
  test.for([
    ["no TOML", "[[comfyui]\nurl =", ["config.toml:1:"]],
    ["an address that is none", '[[comfyui]]\nurl = "8188"\n', ["config.toml", "url"]],
    ["a setting that is none", "idle = 3\n", ["config.toml", "idle"]],
    ["a negative quota", "[artifacts]\nquotaGigabytes = -1\n", ["config.toml", "quotaGigabytes"]],
  ] as const)("%s: doctor says so", async ([, text, says]) => {
    await writeFile(settings(), text);
    await restarted();
    await expectRefusal(machine, ["doctor"], { code: 1, says });
    await rm(settings());
  });

  test("a folder in their place", async () => {
    await mkdir(settings());
    await restarted();
    await expectRefusal(machine, ["doctor"], { code: 1, says: ["config.toml"] });
    await rm(settings(), { recursive: true });
    await restarted();
    expect((await machine.run(["doctor"])).code).toBe(0);
  });
});

describe("a state folder that cannot be one", () => {
  const file = (): string => join(machine.folder, "file");
  afterEach(() => {
    process.env["DGX_PIXELS_STATE"] = join(machine.folder, "state");
  });

  test.for([
    ["a file", ""],
    ["below a file", "/state"],
  ] as const)("%s", async ([, below]) => {
    await writeFile(file(), "");
    process.env["DGX_PIXELS_STATE"] = file() + below;
    await expectRefusal(machine, ["jobs"], { code: 6, says: [file(), "DGX_PIXELS_STATE"] });
  });
});

test("no job is left", () => expectNoJobLeft(machine));
