import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedServer, startEmbeddedServer } from "../../server/engine/embedded/server.ts";
import { Machine } from "./harness.ts";

let machine: Machine;
let server: EmbeddedServer;
beforeAll(async () => {
  machine = await Machine.create();
  server = await startEmbeddedServer();
});
afterAll(async () => {
  await machine.remove();
  await server.close();
});

const settings = (): string => join(machine.folder, "config", "dgx-pixels", "config.toml");
const usePalette = (name: string): Promise<void> =>
  writeFile(join(machine.game, "pixels.toml"), `[defaults]\npalette = "${name}"\n`);

async function synced(): Promise<string[]> {
  const { sprites } = await machine.json("sync", ["sync"]);
  return sprites.map(({ action }) => action);
}

// What a game meets when it moves between machines: other engines, and no pictures kept.
test("sprites of a ComfyUI keep their pictures where only the embedded engine is", async () => {
  await writeFile(settings(), `[[comfyui]]\nurl = "${server.url}"\n`);
  expect(await synced()).toEqual(["make", "make"]);
  expect(await readFile(join(machine.game, "pixels.lock"), "utf8")).toContain('engine = "comfyui"');
  await rm(settings());
  await machine.run(["daemon", "restart"]);

  await usePalette("pico-8");
  expect(await synced()).toEqual(["pixels", "pixels"]);
  expect(await readFile(join(machine.game, "pixels.lock"), "utf8")).toContain('engine = "comfyui"');

  await rm(join(machine.folder, "state", "artifacts"), { recursive: true });
  await machine.run(["daemon", "restart"]);
  await usePalette("db16");
  expect(await synced()).toEqual(["skip", "skip"]);
});

test("a fresh clone draws anew what it has no pictures of", async () => {
  expect(await machine.json("sync", ["sync", "--replace"])).toMatchObject({
    sprites: [{ action: "make" }, { action: "make" }],
  });
  await rm(join(machine.folder, "state", "artifacts"), { recursive: true });
  await machine.run(["daemon", "restart"]);
  await usePalette("sweetie-16");
  expect(await synced()).toEqual(["make", "make"]);
  expect(await synced()).toEqual(["none", "none"]);
});
