import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { z } from "zod";
import { DaemonClient } from "../../server/client/daemon-client.ts";
import type { Change } from "../../server/client/mirror.ts";
import { decodeImage } from "../../server/codec/decode.ts";
import { sampleItem, sampleRequest, sampleTarget } from "../../server/daemon/test-support.ts";
import { entryPointPath } from "../../server/protocol/entry-points.ts";
import { imageHash } from "../../server/protocol/hashing.ts";
import { isEnded, type Job } from "../../server/protocol/job.ts";
import { requests, type Result } from "../../server/protocol/requests.ts";
import { type TestFolders, testFolders } from "../daemon/folders.ts";
import { kill, killAll, processesOf } from "../daemon/processes.ts";

export type EngineKind = "comfyui" | "embedded";

const submitterPath = fileURLToPath(new URL("submitter.ts", import.meta.url));

/** A daemon, an engine and clients as processes of their own, a game to make sprites for, and one who watches. */
export class World {
  readonly folders: TestFolders = testFolders();
  readonly game: string;
  readonly #children = new Set<ChildProcess>();
  readonly #ends = new Map<string, Set<string>>();
  readonly #listeners = new Set<(change: Change) => void>();
  #port = 0;
  #engine: ChildProcess | null = null;
  #client: DaemonClient | null = null;
  #beforeProbe: string | undefined;

  private constructor() {
    this.game = join(this.folders.root, "game");
  }

  static async start(kind: EngineKind, jobSeconds = 0.4): Promise<World> {
    const world = new World();
    mkdirSync(join(world.game, "assets"), { recursive: true });
    const cargo = '[package]\nname = "game"\nversion = "0.1.0"\n\n[dependencies]\nbevy = "0.19"\n';
    writeFileSync(join(world.game, "Cargo.toml"), cargo);
    world.#beforeProbe = process.env["DGX_PIXELS_COMFYUI_PROBE"];
    process.env["DGX_PIXELS_COMFYUI_PROBE"] = "off";
    if (kind === "comfyui") {
      world.#port = await freePort();
      await world.startEngine(jobSeconds);
      const settings = join(world.folders.config, "dgx-pixels");
      mkdirSync(settings, { recursive: true });
      writeFileSync(join(settings, "config.toml"), `[[comfyui]]\nurl = "${world.engineUrl}"\n`);
    }
    await world.watch();
    return world;
  }

  get engineUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get client(): DaemonClient {
    if (!this.#client) throw new Error("nobody watches");
    return this.#client;
  }

  /** The ComfyUI: the embedded engine as a process that the daemon knows nothing of. */
  async startEngine(jobSeconds: number): Promise<void> {
    const args = [entryPointPath("embedded-engine"), "--port", String(this.#port), "--job-seconds", String(jobSeconds)];
    this.#engine = this.#spawn(args);
    await firstLine(this.#engine);
  }

  /** A new watcher, who starts the daemon where none runs. */
  async watch(): Promise<void> {
    await this.#client?.close();
    this.#client = await DaemonClient.connect({ name: "watcher" });
    const client = this.#client;
    await client.subscribe((change) => {
      if (change.type === "snapshot") for (const job of client.mirror.jobs.values()) this.#note(job);
      if (change.type === "job") this.#note(change.job);
      for (const listener of this.#listeners) listener(change);
    });
  }

  /** Has another process submit sprites, placed at these paths; the process stays. */
  async submit(...paths: string[]): Promise<{ submitted: Result<"sprites.submit">; submitter: ChildProcess }> {
    const request = sampleRequest({ render: { width: 512, height: 512 }, steps: 20 });
    const items = paths.map((path) => sampleItem({ title: path, request, target: sampleTarget(this.game, path) }));
    const submitter = this.#spawn([submitterPath, JSON.stringify({ key: randomUUID(), items })]);
    const line = await firstLine(submitter);
    return { submitted: requests["sprites.submit"].result.parse(JSON.parse(line)), submitter };
  }

  /** Resolves as soon as something is heard that fits, or at once if it holds already. */
  async hear(fits: (change: Change | null) => boolean): Promise<void> {
    if (fits(null)) return;
    await new Promise<void>((resolve) => {
      const listener = (change: Change): void => {
        if (!fits(change)) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }

  /** Kills without a word; resolves when the process is gone. */
  async kill(victim: "daemon" | "engine" | "client", submitter: ChildProcess): Promise<void> {
    if (victim === "client") return killChild(submitter);
    const daemon = (await this.client.request("daemon.status", {})).pid;
    if (victim === "engine") {
      if (this.#engine) return killChild(this.#engine);
      for (const pid of childrenOf(daemon)) kill(pid, "SIGKILL");
      return;
    }
    kill(daemon, "SIGKILL");
    await expect.poll(() => existsSync(`/proc/${daemon}/stat`) && !isZombie(daemon), { timeout: 5000 }).toBe(false);
  }

  /** The jobs' last states, once all have ended. */
  async allEnded(ids: readonly string[]): Promise<Job[]> {
    // The mirror and not one's own notes: it also knows what happened before anyone listened.
    const jobs = (): Job[] => ids.flatMap((id) => this.client.mirror.jobs.get(id) ?? []);
    await this.hear(() => jobs().length === ids.length && jobs().every(({ state }) => isEnded(state)));
    return jobs();
  }

  /** What must hold in the end: each job ended once, each sprite is there whole and once, and nothing else is. */
  async check(made: readonly Job[]): Promise<void> {
    for (const job of made) expect([...(this.#ends.get(job.id) ?? [])].length, "ends heard of").toBe(1);
    const targets = made.flatMap((job) => (job.kind === "place" && job.target ? [job.target.path] : []));
    const files = readdirSync(join(this.game, "assets"), { recursive: true, withFileTypes: true });
    const names = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
    const assets = join(this.game, "assets");
    expect(names.toSorted()).toEqual([...targets, ".sprites.json"].map((name) => join(assets, name)).toSorted());
    for (const { result } of made) {
      if (result?.kind !== "sprite") continue;
      const { sprite } = result;
      const images = await Promise.all(targets.map((path) => decodeImage(join(assets, path))));
      expect(images.map((image) => imageHash(image))).toContain(sprite.output);
    }
    const { placements } = await this.client.request("placements.list", { workspace: this.game });
    expect(placements.length, "placings").toBe(targets.length);
    expect(Object.keys(readLock(join(this.game, "pixels.lock")))).toHaveLength(targets.length);
    expect(readdirSync(join(this.folders.state, "artifacts", "tmp"))).toEqual([]);
  }

  /** Prompts the ComfyUI has worked at. */
  async prompts(): Promise<number> {
    const answer = await (await fetch(`${this.engineUrl}/history`)).json();
    return Object.keys(z.looseObject({}).parse(answer)).length;
  }

  /** Stops everything in good order: nothing may be left. */
  async stop(): Promise<void> {
    try {
      // First the other clients: one that comes back would start another daemon.
      for (const child of this.#children) if (child !== this.#engine) await killChild(child);
      // A daemon that lost the race to start would have its turn when the other stops: it is to notice first.
      await expect.poll(() => this.#daemons(), { timeout: 15_000 }).toHaveLength(1);
      await this.#client?.request("daemon.stop", { reason: "asked" });
      await this.#client?.close();
      this.#client = null;
      await this.#engineEnded();
      await expect.poll(() => processesOf(this.folders.state), { timeout: 15_000 }).toEqual([]);
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.close();
    for (const child of this.#children) child.kill("SIGKILL");
    await killAll(this.folders.state);
    this.folders[Symbol.dispose]();
    if (this.#beforeProbe === undefined) delete process.env["DGX_PIXELS_COMFYUI_PROBE"];
    else process.env["DGX_PIXELS_COMFYUI_PROBE"] = this.#beforeProbe;
  }

  async #engineEnded(): Promise<void> {
    if (this.#engine) await killChild(this.#engine);
  }

  #daemons(): number[] {
    const entry = entryPointPath("daemon");
    return processesOf(this.folders.state).filter((pid) => commandOf(pid).includes(entry));
  }

  #note(job: Job): void {
    if (!isEnded(job.state)) return;
    const ends = this.#ends.get(job.id) ?? new Set();
    this.#ends.set(job.id, ends.add(`${job.state} at ${job.endedAt}`));
  }

  #spawn(args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    return child;
  }
}

function readLock(path: string): Record<string, unknown> {
  const tables = readFileSync(path, "utf8").matchAll(/^\["?([^\]"]+)"?\]$/gm);
  return Object.fromEntries(Array.from(tables, ([, name]) => [name ?? "", true]));
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("no output");
  const lines = createInterface({ input: child.stdout });
  const line = once(lines, "line").then(([text]) => String(text));
  const ended = once(child, "exit").then(() => Promise.reject(new Error("it ended without a word")));
  ended.catch(() => undefined);
  return Promise.race([line, ended]);
}

async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** Processes that this one started. */
function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => statOf(name)[1] === String(pid))
    .map(Number);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function isZombie(pid: number): boolean {
  return statOf(String(pid))[0] === "Z";
}

/** State, parent, and what follows them in `/proc/<pid>/stat`; empty when it is gone. */
function statOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return [];
  }
}

/** A port that is free now, and that a server can take again after it was killed. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
