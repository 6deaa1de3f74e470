import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EngineModels, Finding } from "../protocol/engine-info.ts";
import { PixelsError } from "../protocol/errors.ts";
import { systemStatsSchema } from "./comfyui/schemas.ts";
import { ComfySession } from "./comfyui/session.ts";
import { startEmbeddedServer, type EmbeddedServer } from "./embedded/server.ts";
import { preflight } from "./preflight.ts";
import { loadWorkflows } from "./workflow/catalog.ts";

const catalog = await loadWorkflows([fileURLToPath(new URL("../../workflows", import.meta.url))]);
const gigabyte = 1e9;

/** A session whose server says what a test wants to hear. */
class Told extends ComfySession {
  readonly #told: { stats?: unknown; models?: Partial<EngineModels>; lacks?: readonly string[] };

  constructor(told: { stats?: unknown; models?: Partial<EngineModels>; lacks?: readonly string[] }) {
    super({ url: "http://127.0.0.1:1" });
    this.#told = told;
  }
  override systemStats() {
    const usual = { system: { comfyui_version: "0.3.64" }, devices: [] };
    return Promise.resolve(systemStatsSchema.parse(this.#told.stats ?? usual));
  }
  override models() {
    const none = { checkpoints: [], loras: [], vaes: [], controlnets: [], samplers: [], schedulers: [] };
    return Promise.resolve({ engine: "told", ...none, ...this.#told.models });
  }
  override hasNode(name: string) {
    return Promise.resolve(!(this.#told.lacks ?? []).includes(name));
  }
}

function found(findings: readonly Finding[], id: string): Finding {
  const finding = findings.find((item) => item.id === id);
  if (!finding) throw new Error(`no finding ${id} in ${findings.map((item) => item.id).join(", ")}`);
  return finding;
}

async function memory(device: object, ram_total = 64 * gigabyte): Promise<Finding> {
  const stats = {
    system: { comfyui_version: "0.3.64", ram_total },
    devices: [{ name: "GPU", type: "cuda", ...device }],
  };
  return found(await preflight(new Told({ stats }), []), "engine.memory");
}

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.close());

test("a sound engine: everything looked at, nothing in the way, each finding that is not ok with a remedy", async () => {
  const session = new ComfySession({ url: server.url });
  await session.connect();
  const single = catalog.workflows().filter(({ name }) => name === "single_sprite");
  const findings = await preflight(session, single, { folders: [{ name: "artifacts", path: tmpdir() }] });
  await session.close();
  expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
  for (const finding of findings) if (finding.severity !== "ok") expect(finding.remedy).toBeTruthy();
  expect(found(findings, "disk.artifacts").message).toMatch(/GB free for artifacts/);
  expect(found(findings, "engine.nodes.single_sprite").severity).toBe("ok");
  expect(found(findings, "engine.socket").severity).toBe("ok");
});

test("an engine that is not there is one finding, and the disk is looked at all the same", async () => {
  const session = new ComfySession({ url: "http://127.0.0.1:1" });
  const findings = await preflight(session, catalog.workflows(), {
    folders: [{ name: "artifacts", path: "/does/not/exist" }],
  });
  expect(findings.map(({ id, severity }) => [id, severity])).toEqual([
    ["engine.reachable", "error"],
    ["disk.artifacts", "warning"],
  ]);
  expect(found(findings, "engine.reachable").remedy).toContain("Start it");
});

test("what fails half-way is a finding, and the rest is looked at", async () => {
  const session = new Told({ models: { checkpoints: ["a.safetensors"] } });
  session.hasNode = () =>
    Promise.reject(new PixelsError({ code: "engine_unavailable", message: "gone", cause: "why" }));
  const findings = await preflight(session, catalog.workflows());
  expect(found(findings, "engine.answers").message).toBe("gone: why");
  expect(found(findings, "engine.checkpoints").severity).toBe("ok");
});

test.for([
  [null, "warning"],
  ["0.3.44", "warning"],
  ["0.3.45", "ok"],
  ["0.28.0", "ok"],
] as const)("version %s is %s", async ([comfyui_version, severity]) => {
  const findings = await preflight(new Told({ stats: { system: { comfyui_version }, devices: [] } }), []);
  expect(found(findings, "engine.version").severity).toBe(severity);
});

test("memory that is not told is unknown, never 0", async () => {
  for (const figure of [null, 0, undefined, Number.NaN]) {
    const { message, severity } = await memory({ vram_total: figure, vram_free: figure });
    expect(message).toBe("GPU: GPU memory unknown.");
    expect(severity).toBe("ok");
  }
  expect((await memory({ vram_total: 24 * gigabyte })).message).toBe(
    "GPU: an unknown amount free of 24.0 GB GPU memory.",
  );
});

test("unified memory is called so, little of it is a warning, a CPU a note", async () => {
  const unified = await memory({ vram_total: 128 * gigabyte, vram_free: 100 * gigabyte }, 128 * gigabyte);
  expect(unified).toMatchObject({ severity: "ok", message: "GPU: 100.0 GB free of 128.0 GB unified memory." });
  expect(await memory({ vram_total: 24 * gigabyte, vram_free: gigabyte })).toMatchObject({ severity: "warning" });
  expect(await memory({ type: "cpu", name: "cpu", vram_total: gigabyte, vram_free: gigabyte })).toMatchObject({
    severity: "note",
  });
  const nothing = await preflight(new Told({}), []);
  expect(found(nothing, "engine.memory").severity).toBe("note");
});

test("missing nodes name the workflow they stop, and the parts they only take away", async () => {
  const findings = await preflight(new Told({ lacks: ["LatentCrop", "ModelSamplingDiscrete"] }), catalog.workflows());
  expect(found(findings, "engine.nodes.tileset")).toMatchObject({
    severity: "error",
    message: "The engine lacks its nodes LatentCrop.",
  });
  expect(found(findings, "engine.nodes.single_sprite")).toMatchObject({
    severity: "note",
    message: "It works, but without LCM sampling (ModelSamplingDiscrete).",
  });
});

test("missing models: a checkpoint is needed, the others are not", async () => {
  const none = await preflight(new Told({}), catalog.workflows());
  expect(found(none, "engine.checkpoints")).toMatchObject({ severity: "error" });
  expect(found(none, "engine.loras").severity).toBe("note");
  const names = ["a", "b", "c", "d", "e", "f"].map((name) => `${name}.safetensors`);
  const single = catalog.workflows().find(({ name }) => name === "single_sprite");
  if (!single) throw new Error("no single_sprite");
  const picky = { ...single, slots: { ...single.slots, models: { checkpoint: ["*flux*"] } } };
  const some = await preflight(new Told({ models: { checkpoints: names, vaes: ["x.pt"] } }), [picky]);
  expect(found(some, "engine.checkpoints").message).toMatch(/^6 checkpoints: a\.safetensors, .*, …\.$/);
  expect(found(some, "engine.checkpoint.single_sprite").severity).toBe("warning");
  expect(found(some, "engine.vaes").message).toBe("1 VAE: x.pt.");
});
