import type { DaemonEvent, Preview } from "../events.ts";
import type { ErrorInfo } from "../errors.ts";
import type { Job, Placement, SpriteArtifact } from "../job.ts";
import type { Method, ParsedParams, Result } from "../requests.ts";
import type { EngineRequest, PixelOptions, Target } from "../sprite-request.ts";

// One message of each kind, every optional field present: what golden files, fuzzing and the tests' service are made of.

const uuid = (digit: string) => `${digit.repeat(8)}-0000-4000-8000-${digit.repeat(12)}`;
const hash = (digit: string) => digit.repeat(64);
const at = 1_790_000_000_000;

const engineRequest: EngineRequest = {
  workflow: "single_sprite",
  prompt: "red dragon, side view",
  negative: "blurry",
  checkpoint: "sd_xl_base_1.0.safetensors",
  vae: null,
  loras: [{ name: "pixel-art-xl", strength: 0.9 }],
  sampler: "euler",
  scheduler: "normal",
  steps: 24,
  cfg: 6.5,
  seed: 42,
  render: { width: 1024, height: 1024 },
  cell: { width: 64, height: 64 },
  frames: 1,
  directions: 1,
  reference: null,
  denoise: 1,
  tile: false,
};

const pixels: PixelOptions = {
  size: { width: 64, height: 64 },
  frames: 1,
  directions: 1,
  colors: 16,
  palette: ["#1a1c2c", "#f4f4f4"],
  dither: "none",
  background: "auto",
  outline: null,
  pivot: { x: 0.5, y: 1 },
  tile: false,
};

const target: Target = {
  workspace: "/home/dev/game",
  crate: "",
  assetRoot: "assets",
  path: "sprites/dragon.png",
  manifest: { kind: "ron", file: "assets/game.assets.ron", key: "dragon.image", layoutKey: null },
  metadata: "id",
  fps: 8,
};

const sprite: SpriteArtifact = {
  seed: 42,
  sources: [hash("a")],
  sprite: hash("b"),
  output: hash("c"),
  width: 64,
  height: 64,
  cell: { width: 64, height: 64 },
  columns: 1,
  rows: 1,
  palette: ["#1a1c2c", "#f4f4f4"],
  confidence: 0.93,
  warnings: ["The grid was not found everywhere."],
  engine: { kind: "embedded", name: "embedded", checkpoint: null, ignored: ["view"], notes: ["procedural"] },
  request: hash("d"),
  pixels: hash("e"),
};

const placement: Placement = {
  id: uuid("7"),
  files: [
    { path: "/home/dev/game/assets/sprites/dragon.png", role: "sprite" },
    { path: "/home/dev/game/assets/game.assets.ron", role: "manifest" },
  ],
  manifestDiff: "@@ -1 +1,2 @@\n {\n+  // dragon\n",
  notes: ["manifest waits for your save"],
};

const error: ErrorInfo = {
  code: "unknown_model",
  message: "There is no LoRA pixel-art-xxl",
  cause: "ComfyUI at 127.0.0.1:8188 does not list it.",
  remedy: "Did you mean pixel-art-xl?",
  data: { nearest: ["pixel-art-xl"] },
};

const progress = { stage: "sampling", fraction: 0.5, step: 12, steps: 24, etaSeconds: 3.5 };

const running: Job = {
  id: uuid("1"),
  group: uuid("2"),
  kind: "generate",
  title: "red dragon, side view",
  state: "running",
  priority: "normal",
  client: uuid("3"),
  workspace: "/home/dev/game",
  target,
  dependsOn: [],
  attempts: 1,
  paused: false,
  createdAt: at,
  startedAt: at + 40,
  endedAt: null,
  deadlineAt: null,
  seed: 42,
  engine: "http://127.0.0.1:8188",
  progress,
  waiting: null,
  result: null,
  error: null,
};

const waiting: Job = {
  ...running,
  id: uuid("4"),
  kind: "place",
  state: "waiting",
  dependsOn: [running.id],
  attempts: 0,
  startedAt: null,
  engine: null,
  progress: null,
  waiting: { reason: "dependency", detail: "the sprite it places", remedy: "Wait for it." },
};

const placed: Job = { ...running, id: uuid("5"), kind: "place", state: "succeeded", endedAt: at + 900, progress: null };
const jobs: Job[] = [
  running,
  waiting,
  { ...placed, result: { kind: "placed", placement } },
  { ...placed, id: uuid("6"), kind: "pixelize", result: { kind: "sprite", sprite } },
  { ...placed, id: uuid("8"), state: "failed", error },
];

const submission = { key: uuid("9"), priority: "high", onDisconnect: "cancel", deadlineMs: 60_000 } as const;
const submitted = { group: uuid("2"), items: [{ joined: false, jobs: [running.id], place: waiting.id }] };
const protocol = { major: 1, minor: 0 };
const build = { version: "0.1.0", hash: "0123456789abcdef", time: at };

const comfyui = {
  id: "http://127.0.0.1:8188",
  kind: "comfyui" as const,
  state: "busy" as const,
  version: "0.9.1",
  device: "cuda:0 NVIDIA GB10",
  warm: "sd_xl_base_1.0.safetensors",
  problem: null,
};
const unreachable = {
  ...comfyui,
  id: "http://127.0.0.1:8189",
  state: "unreachable" as const,
  version: null,
  device: null,
  warm: null,
  problem: { message: "Connection refused", remedy: "Start ComfyUI." },
};

const config = {
  comfyui: [{ url: "http://127.0.0.1:8188", gpu: "gpu:0" }],
  artifacts: { quotaGigabytes: 20, keepDays: 90 },
  idleSeconds: 900,
};

/** The parameters and the result of every request. */
export const exchanges: { readonly [M in Method]: { readonly params: ParsedParams<M>; readonly result: Result<M> } } = {
  hello: {
    params: { protocol, client: { id: uuid("3"), name: "cli", pid: 4242, build } },
    result: { protocol, instance: uuid("f"), build, pid: 4243 },
  },
  ping: { params: {}, result: { seq: 7 } },
  goodbye: { params: {}, result: {} },
  snapshot: {
    params: {},
    result: {
      instance: uuid("f"),
      seq: 7,
      paused: false,
      jobs,
      total: { waiting: 1, running: 1, ended: 3 },
      engines: [comfyui, unreachable],
    },
  },
  "sprites.submit": {
    params: {
      ...submission,
      items: [
        {
          title: "red dragon, side view",
          request: { engine: engineRequest, pixels },
          target,
          variants: 1,
          prefer: "any",
          replace: false,
          sources: null,
          referencePath: "/home/dev/game/sketch.png",
        },
      ],
    },
    result: submitted,
  },
  "sprites.pixelize": {
    params: { ...submission, title: "sketch", input: "/home/dev/game/sketch.png", pixels, target, replace: true },
    result: submitted,
  },
  "sprites.place": { params: { ...submission, sprite, target, replace: false }, result: submitted },
  "sprites.undo": {
    params: { workspace: "/home/dev/game", placement: placement.id },
    result: { placement: placement.id, restored: ["/home/dev/game/assets/game.assets.ron"], removed: [] },
  },
  "placements.list": {
    params: { workspace: "/home/dev/game", limit: 50 },
    result: { placements: [{ placement, target, at, undone: false }] },
  },
  "jobs.list": {
    params: { states: ["waiting", "running"], workspace: null, limit: 50, cursor: "50" },
    result: { jobs, next: "100" },
  },
  "jobs.get": { params: { id: running.id }, result: { job: running } },
  "jobs.cancel": { params: { id: running.id }, result: { job: { ...placed, state: "cancelled" } } },
  "jobs.retry": { params: { id: running.id }, result: { job: waiting } },
  "jobs.pause": { params: { id: waiting.id, paused: true }, result: { job: { ...waiting, paused: true } } },
  "jobs.prioritize": { params: { id: waiting.id, priority: "low" }, result: { job: { ...waiting, priority: "low" } } },
  "queue.pause": { params: { paused: true }, result: {} },
  "artifacts.stat": {
    params: { hash: hash("b") },
    result: { path: "/home/dev/.local/state/dgx-pixels/artifacts/bb/b", mediaType: "image/png", bytes: 1234 },
  },
  "artifacts.read": {
    params: { hash: hash("b"), offset: 0, length: 65_536 },
    result: { bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47), total: 1234 },
  },
  "images.read": {
    params: { source: hash("b"), maxWidth: 512, maxHeight: 512 },
    result: {
      width: 64,
      height: 64,
      output: hash("c"),
      view: { width: 1, height: 1, rgba: Uint8Array.of(26, 28, 44, 255) },
    },
  },
  "engines.list": { params: {}, result: { engines: [comfyui, unreachable] } },
  "models.list": {
    params: {},
    result: {
      engines: [
        {
          engine: comfyui.id,
          checkpoints: ["sd_xl_base_1.0.safetensors"],
          loras: ["pixel-art-xl.safetensors"],
          vaes: [],
          controlnets: [],
          samplers: ["euler"],
          schedulers: ["normal"],
        },
      ],
    },
  },
  "doctor.run": {
    params: {},
    result: {
      findings: [
        { id: "comfyui.reachable", severity: "ok", subject: comfyui.id, message: "Reachable." },
        { id: "disk", severity: "warning", subject: "/home", message: "2 GB are free.", remedy: "Free some space." },
      ],
    },
  },
  "config.get": { params: {}, result: { path: "/home/dev/.config/dgx-pixels/config.toml", config } },
  "config.set": { params: { config }, result: { config } },
  "editors.unsaved": { params: { paths: ["/home/dev/game/assets/game.assets.ron"] }, result: {} },
  "editors.applied": { params: { id: uuid("e"), outcome: "applied" }, result: {} },
  "daemon.status": {
    params: {},
    result: {
      pid: 4243,
      instance: uuid("f"),
      build,
      stateFolder: "/home/dev/.local/state/dgx-pixels",
      startedAt: at,
      clients: 2,
      rssBytes: 90_000_000,
      stay: false,
    },
  },
  "daemon.stop": { params: { reason: "upgrade" }, result: {} },
};

/** One event of each kind. */
export const events: readonly DaemonEvent[] = [
  { type: "job", job: running },
  { type: "progress", job: running.id, progress },
  { type: "engine", engine: unreachable },
  { type: "queue", paused: true },
  {
    type: "edit",
    edit: {
      id: uuid("e"),
      client: uuid("3"),
      path: "/home/dev/game/assets/game.assets.ron",
      base: hash("0"),
      edits: [{ start: 10, end: 12, text: "dragon" }],
    },
  },
  { type: "daemon", state: "handing-over", reason: "upgrade" },
];

export const preview: Preview = { job: running.id, mediaType: "image/jpeg", bytes: Uint8Array.of(0xff, 0xd8, 0xff) };

export { error, uuid };
