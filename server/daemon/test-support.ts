import { plainOptions } from "../sprite/sprite-options.ts";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DaemonEvent, Preview } from "../protocol/events.ts";
import { isEnded, type Job, type SpriteArtifact } from "../protocol/job.ts";
import { type Params, type ParsedParams, requests, type Result } from "../protocol/requests.ts";
import type { SpriteRequest, Target } from "../protocol/sprite-request.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createService, type Handlers, type Service, type ServiceMethod, type ServiceOptions } from "./service.ts";

/** A clock that goes when it is told to. */
export class FakeClock implements Clock {
  #monotonic = 0;
  #wall = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<{ at: number; call: () => void }>();

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(milliseconds: number, call: () => void): () => void {
    const timer = { at: this.#monotonic + Math.max(0, milliseconds), call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass, and what is due happen in order. */
  advance(milliseconds: number): void {
    const end = this.#monotonic + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.#wall += next.at - this.#monotonic;
      this.#monotonic = next.at;
      next.call();
    }
    this.#wall += end - this.#monotonic;
    this.#monotonic = end;
  }

  /** Somebody sets the wall clock; nothing else moves. */
  setBack(milliseconds: number): void {
    this.#wall -= milliseconds;
  }
}

/** The real time, but what comes after a while comes twenty times as soon. */
export const hurriedClock: Clock = {
  ...systemClock,
  after: (milliseconds, call) => systemClock.after(milliseconds / 20, call),
};

/** A folder of its own, and what removes it. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "dgx-pixels-test-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Lets everything happen that is due without time passing. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

export function sampleRequest(change: Partial<SpriteRequest["engine"]> = {}): SpriteRequest {
  return {
    engine: {
      workflow: "single_sprite",
      prompt: "red dragon",
      negative: "",
      checkpoint: null,
      vae: null,
      loras: [],
      sampler: "euler",
      scheduler: "normal",
      steps: 4,
      cfg: 7,
      seed: null,
      render: { width: 128, height: 128 },
      cell: { width: 16, height: 16 },
      frames: 1,
      directions: 1,
      reference: null,
      denoise: 1,
      tile: false,
      ...change,
    },
    pixels: { ...plainOptions, size: { width: 16, height: 16 } },
  };
}

export function sampleTarget(workspace: string, path = "sprites/dragon.png"): Target {
  return {
    workspace,
    crate: "",
    assetRoot: "assets",
    path,
    manifest: { kind: "sprites-json" },
    metadata: "id",
    fps: null,
  };
}

export function sampleSprite(change: Partial<SpriteArtifact> = {}): SpriteArtifact {
  return {
    seed: 7,
    sources: ["a".repeat(64)],
    sprite: "b".repeat(64),
    output: "c".repeat(64),
    width: 16,
    height: 16,
    cell: { width: 16, height: 16 },
    columns: 1,
    rows: 1,
    palette: ["#000000"],
    confidence: null,
    warnings: [],
    engine: { kind: "embedded", name: "embedded", checkpoint: null, ignored: [], notes: [] },
    request: "d".repeat(64),
    pixels: "e".repeat(64),
    ...change,
  };
}

export function sampleItem(
  change: Partial<ParsedParams<"sprites.submit">["items"][number]> = {},
): ParsedParams<"sprites.submit">["items"][number] {
  return {
    title: "red dragon",
    request: sampleRequest(),
    target: null,
    variants: 1,
    replace: false,
    prefer: "any",
    sources: null,
    referencePath: null,
    ...change,
  };
}

export function sampleSubmission(
  items: ParsedParams<"sprites.submit">["items"],
  change: Partial<ParsedParams<"sprites.submit">> = {},
): ParsedParams<"sprites.submit"> {
  return { key: randomUUID(), priority: "normal", onDisconnect: "keep", deadlineMs: null, items, ...change };
}

/** A service in a folder of its own, and what it told. */
export class TestService {
  readonly events: DaemonEvent[] = [];
  readonly previews: Preview[] = [];
  readonly logged: string[] = [];
  readonly client: string = randomUUID();
  readonly #waiting = new Set<() => void>();
  #service: Service | null = null;

  static async start(folder: string, change: Partial<ServiceOptions> = {}): Promise<TestService> {
    const test = new TestService();
    test.#service = await createService({
      stateFolder: join(folder, "state"),
      configFolder: join(folder, "config"),
      probeUrl: null,
      instance: randomUUID(),
      sequence: () => test.events.length,
      publish: (event) => {
        test.events.push(event);
        for (const look of test.#waiting) look();
      },
      publishPreview: (preview) => test.previews.push(preview),
      requestEdit: async () => "no-editor",
      isUnsaved: () => null,
      log: (level, message) => test.logged.push(`${level}: ${message}`),
      engineTimings: fastTimings,
      ...change,
    });
    return test;
  }

  get service(): Service {
    if (!this.#service) throw new Error("The service was not started");
    return this.#service;
  }

  /** Sends a request as a client does: its parameters are parsed, and the answer must fit the protocol. */
  async request<M extends ServiceMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    const handler: Handlers[M] = this.service.handlers[method];
    const context = { client: this.client, signal: new AbortController().signal };
    // Parameters and answer go as they come over the wire: typed by nothing but their schemas.
    const answer: Result<M> = await Reflect.apply(handler, null, [requests[method].params.parse(params), context]);
    requests[method].result.parse(answer);
    return answer;
  }

  async submit(...items: Params<"sprites.submit">["items"]): Promise<Result<"sprites.submit">> {
    return this.request("sprites.submit", { key: randomUUID(), items });
  }

  async job(id: string): Promise<Job> {
    return (await this.request("jobs.get", { id })).job;
  }

  /** Resolves once what was told fulfils the condition. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  /** The last that was told of a job. */
  told(id: string): Job | null {
    const told = this.events.findLast((event) => event.type === "job" && event.job.id === id);
    return told?.type === "job" ? told.job : null;
  }

  /** Resolves with the job once it has ended. */
  async ended(id: string): Promise<Job> {
    await this.until(() => isEnded(this.told(id)?.state ?? "waiting"));
    return this.job(id);
  }

  async stop(drainMs = 5000): Promise<void> {
    await this.service.stop({ drainMs });
  }
}

/** An engine in the same process, or one that does not answer, is found out in moments. */
const fastTimings = {
  silenceMs: 200,
  pollMs: 50,
  retryMs: 20,
  backoffMs: 100,
  lostMs: 300,
  cancelMs: 1000,
  heartbeatMs: 200,
  httpTimeoutMs: 500,
};

/** Rounds of a repeated test: few on a person's machine, all in CI. */
export function rounds(few: number, full: number): number {
  return process.env["DGX_PIXELS_ROUNDS"] === "full" ? full : few;
}
