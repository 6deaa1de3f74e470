import { ComfySession } from "../../engine/comfyui/session.ts";
import { matchModel } from "../../engine/workflow/model-match.ts";
import type { Timings } from "../../engine/comfyui/timings.ts";
import type { Config } from "../../protocol/config.ts";
import type { EngineModels, EngineStatus } from "../../protocol/engine-info.ts";
import type { PixelsError } from "../../protocol/errors.ts";
import type { Waiting } from "../../protocol/job.ts";
import type { Clock } from "../clock.ts";
import type { Blocked, Lease } from "../jobs/runner.ts";
import { Engine } from "./engine.ts";
import { OnDemandEngine, type StartEmbedded } from "./on-demand-engine.ts";

/** A server that nobody configured is looked for again after this long. */
const probeEveryMs = 5_000;

/** A server that nobody configured and that does not answer for so long is forgotten. */
const forgetAfterMs = 10_000;

/** What a job asks of an engine. */
export interface EngineNeed {
  readonly job: string;
  readonly title: string;
  readonly prefer: "any" | "embedded" | "comfyui";
  /** Name or pattern; null when the workflow chooses. */
  readonly checkpoint: string | null;
  /** The engine that holds its prompt already. */
  readonly adoptFrom: string | null;
}

export interface EngineLease extends Lease {
  readonly engine: Engine;
}

export interface EnginePoolOptions {
  /** Where a server that nobody configured may be found; null looks nowhere. */
  readonly probeUrl: string | null;
  readonly startEmbedded: StartEmbedded;
  readonly timings?: Partial<Timings>;
  readonly clock: Clock;
  /** A job may start, or the reason why it does not has changed. */
  changed(): void;
  publish(status: EngineStatus): void;
  /** The engine answers: what an earlier run left there may be cleared away. */
  reachable(engine: Engine): void;
  log(level: "info" | "warn" | "error", message: string): void;
}

/**
 * Which engines there are, and which of them takes a job.
 * A configured ComfyUI is never replaced: while it is down, jobs wait for it. With none configured, a server found at
 * `probeUrl` comes first, else the embedded engine is started.
 */
export class EnginePool {
  readonly #options: EnginePoolOptions;
  readonly #embedded: OnDemandEngine;
  #configured: Engine[] = [];
  #found: Engine | null = null;
  #probing: Promise<void> | null = null;
  #probedAt = -Infinity;
  /** By GPU: the engine that a job waits for while another engine has the GPU. */
  readonly #wanted = new Map<string, string>();
  readonly #published = new Map<string, string>();
  #problem: EngineStatus["problem"] = null;
  #closed = false;

  constructor(options: EnginePoolOptions) {
    this.#options = options;
    this.#embedded = new OnDemandEngine({
      start: options.startEmbedded,
      ...(options.timings && { timings: options.timings }),
      clock: options.clock,
      changed: () => this.#changed(),
      log: (level, message) => options.log(level, message),
    });
  }

  /** The settings cannot be read: rather than go to an engine that nobody wanted, jobs wait. */
  misconfigured(error: PixelsError): void {
    const message = error.why === undefined ? error.message : `${error.message}: ${error.why}`;
    this.#problem = { message, remedy: error.remedy ?? "Correct the file." };
    this.#changed();
  }

  /** Takes up other addresses; engines that stay keep their jobs. */
  configure(comfyui: Config["comfyui"]): void {
    this.#problem = null;
    const kept: Engine[] = [];
    for (const { url, gpu } of comfyui) {
      const known = this.#configured.find((engine) => engine.id === addressOf(url) && engine.gpu === gpu);
      if (kept.some((engine) => engine.id === addressOf(url))) continue;
      kept.push(known ?? this.#connect(url, gpu));
    }
    for (const engine of this.#configured) if (!kept.includes(engine)) void engine.close();
    this.#configured = kept;
    if (kept.length > 0 && this.#found) {
      void this.#found.close();
      this.#found = null;
    }
    this.#changed();
  }

  /** Every engine as it is now. */
  statuses(): EngineStatus[] {
    if (this.#configured.length === 0 && !this.#problem && this.#mayProbe()) void this.#probe();
    return this.#statuses();
  }

  /** The engines that jobs go to, the embedded one started if it is the only one. */
  async all(): Promise<Engine[]> {
    if (this.#configured.length === 0 && !this.#problem) {
      await this.#probe();
      if (!this.#found && !this.#embedded.engine) {
        this.#embedded.want();
        await this.#embedded.started();
      }
    }
    const engines = this.#engines();
    // A server that was never asked yet answers now, or is known to be away.
    await Promise.all(engines.map((engine) => engine.found()));
    return engines;
  }

  async models(): Promise<EngineModels[]> {
    const engines = (await this.all()).filter((engine) => engine.isReachable);
    const models = await Promise.allSettled(engines.map((engine) => engine.models()));
    return models.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  }

  /** Whether a prompt of this engine can be taken up again. The embedded engine forgets with its process. */
  canAdopt(id: string): boolean {
    return [...this.#configured, this.#found].some((engine) => engine?.id === id);
  }

  /** Takes a place at an engine, or says what the job waits for. */
  admit(need: EngineNeed): EngineLease | Blocked {
    if (need.adoptFrom !== null && this.canAdopt(need.adoptFrom)) {
      const holder = this.#engines().find((engine) => engine.id === need.adoptFrom);
      // Its prompt is there already, so that it needs no further place.
      return holder?.isReachable ? this.#lease(holder, need) : this.#unreachable(holder ? [holder] : []);
    }
    const candidates = this.#candidates(need);
    if ("waiting" in candidates) return candidates;
    const reachable = candidates.filter((engine) => engine.isReachable);
    if (reachable.length === 0) return this.#unreachable(candidates);
    const able = reachable.filter((engine) => hasModel(engine, need.checkpoint));
    const elsewhere = able.length > 0 ? null : this.#mayBeElsewhere(candidates, need.checkpoint);
    if (elsewhere) return elsewhere;
    // An engine that lacks the model takes the job only if every one does: its error then names the nearest.
    const fitting = able.length > 0 ? able : reachable;
    const free = fitting.filter((engine) => engine.hasFreeSlot && this.#mayUseGpu(engine));
    const best = free.toSorted((a, b) => rank(b, need) - rank(a, need))[0];
    if (best) return this.#lease(best, need);
    for (const engine of fitting) {
      if (!this.#mayUseGpu(engine) && !this.#wanted.has(engine.gpu)) this.#wanted.set(engine.gpu, engine.id);
    }
    return { waiting: this.#busy(fitting), whole: false };
  }

  /** Lets go of every ComfyUI: its runs end here, and its prompts go on there for the next daemon. */
  async leave(): Promise<void> {
    this.#closed = true;
    await this.#probing;
    const comfyui = this.#engines().filter((engine) => engine.kind === "comfyui");
    await Promise.all(comfyui.map((engine) => engine.close()));
  }

  /** Ends every connection and the embedded engine. */
  async close(): Promise<void> {
    await this.leave();
    await this.#embedded.close();
  }

  #engines(): Engine[] {
    const engines = [...this.#configured, this.#found, this.#embedded.engine];
    return engines.filter((engine) => engine !== null);
  }

  #statuses(): EngineStatus[] {
    const comfyui = [...this.#configured, this.#found].flatMap((engine) => engine?.session.status ?? []);
    // Where a ComfyUI is configured or found, the embedded engine is shown only while it works.
    return comfyui.length > 0 && !this.#embedded.engine ? comfyui : [...comfyui, this.#embedded.status];
  }

  #candidates(need: EngineNeed): Engine[] | Blocked {
    if (this.#problem) return blocked("engine", this.#problem.message, this.#problem.remedy);
    if (need.prefer !== "embedded") {
      if (this.#configured.length > 0) return this.#configured;
      if (this.#found) return [this.#found];
      if (this.#mayProbe()) {
        void this.#probe();
        return blocked("engine", `Looks for a ComfyUI at ${this.#options.probeUrl}`);
      }
      if (need.prefer === "comfyui") {
        // Nothing tells when one appears.
        this.#options.clock.after(probeEveryMs, () => this.#changed());
        return blocked("engine", "No ComfyUI is there", "Start ComfyUI, or name its address in config.toml.");
      }
    }
    if (this.#embedded.engine) return [this.#embedded.engine];
    this.#embedded.want();
    const { problem } = this.#embedded.status;
    return problem
      ? blocked("engine", problem.message, problem.remedy)
      : blocked("engine", "The embedded engine is starting");
  }

  /** One engine at a time has a GPU; while a job waits for another of that GPU, it gets no more. */
  #mayUseGpu(engine: Engine): boolean {
    const holder = this.#engines().find((other) => other.gpu === engine.gpu && other.jobs.size > 0);
    if (!holder) {
      this.#wanted.delete(engine.gpu);
      return true;
    }
    const wanted = this.#wanted.get(engine.gpu);
    return holder === engine && (wanted === undefined || wanted === engine.id);
  }

  #lease(engine: Engine, need: EngineNeed): EngineLease {
    engine.jobs.set(need.job, need.title);
    return {
      engine,
      release: () => {
        if (!engine.jobs.delete(need.job)) return;
        if (engine.kind === "embedded") this.#embedded.released();
        this.#options.changed();
      },
    };
  }

  /** Why a job whose model no reachable engine has waits all the same: another one may have it. */
  #mayBeElsewhere(engines: readonly Engine[], checkpoint: string | null): Blocked | null {
    if (engines.some((engine) => engine.isBeingAsked)) return blocked("engine", "Asks the engines what they can load");
    const away = engines.find((engine) => !engine.isReachable && hasModel(engine, checkpoint));
    if (!away) return null;
    const detail = `No engine that answers has the checkpoint "${checkpoint}", and ${away.id} does not answer`;
    return blocked("engine", detail, `Start ${away.id}, or take it out of config.toml.`);
  }

  #unreachable(engines: readonly Engine[]): Blocked {
    const problem = engines.find((engine) => engine.session.status.problem)?.session.status.problem;
    if (problem) return blocked("engine", problem.message, problem.remedy);
    return blocked("engine", `Connects to ${engines.map((engine) => engine.id).join(", ")}`);
  }

  #busy(engines: readonly Engine[]): Waiting {
    const gpus = [...new Set(engines.map((engine) => engine.gpu))];
    const holders = this.#engines().filter((engine) => gpus.includes(engine.gpu) && engine.jobs.size > 0);
    const titles = holders.flatMap((engine) => [...engine.jobs.values()].slice(0, 1));
    const what = gpus.map((gpu) => (gpu === "embedded" ? "the embedded engine" : gpu)).join(", ");
    return { reason: "resource", detail: `Waits for ${what}, busy with ${titles.map((t) => `“${t}”`).join(", ")}` };
  }

  #connect(url: string, gpu: string): Engine {
    const { timings } = this.#options;
    const session = new ComfySession({ url, ...(timings && { timings }) });
    const engine = new Engine({ id: session.status.id, kind: "comfyui", gpu, session });
    let wasReachable = false;
    session.onStatus(() => {
      if (engine.isReachable && !wasReachable) {
        // Known before a job asks, so that it goes where its model is.
        void engine.refreshModels().then(() => this.#changed());
        this.#options.reachable(engine);
      }
      wasReachable = engine.isReachable;
      if (engine === this.#found && !wasReachable) this.#forgetLater(engine);
      this.#changed();
    });
    session.connect().catch((error: unknown) => this.#options.log("error", `${url}: ${String(error)}`));
    return engine;
  }

  #mayProbe(): boolean {
    return this.#options.probeUrl !== null && this.#options.clock.monotonic() - this.#probedAt > probeEveryMs;
  }

  /** Looks for a server that nobody configured. */
  #probe(): Promise<void> {
    const { probeUrl, clock } = this.#options;
    if (probeUrl === null || this.#found || this.#closed) return Promise.resolve();
    this.#probing ??= (async () => {
      const isThere = await answers(probeUrl);
      this.#probedAt = clock.monotonic();
      if (isThere && !this.#closed && this.#configured.length === 0) this.#found = this.#connect(probeUrl, "gpu:0");
    })().finally(() => {
      this.#probing = null;
      this.#changed();
    });
    return this.#probing;
  }

  #forgetLater(engine: Engine): void {
    this.#options.clock.after(forgetAfterMs, () => {
      if (this.#found !== engine || engine.isReachable) return;
      this.#found = null;
      void engine.close();
      this.#changed();
    });
  }

  #changed(): void {
    if (this.#closed) return;
    for (const status of this.#statuses()) {
      const text = JSON.stringify(status);
      if (this.#published.get(status.id) === text) continue;
      this.#published.set(status.id, text);
      this.#options.publish(status);
    }
    this.#options.changed();
  }
}

function hasModel(engine: Engine, checkpoint: string | null): boolean {
  if (checkpoint === null) return true;
  // One that never told may have it; one that is just being asked is waited for.
  if (!engine.knownCheckpoints) return !engine.isBeingAsked;
  return matchModel(checkpoint, engine.knownCheckpoints) !== null;
}

/** The model is there › it waits for nobody. */
function rank(engine: Engine, need: EngineNeed): number {
  const { warm } = engine.session.status;
  const isWarm = warm !== null && (need.checkpoint === null || matchModel(need.checkpoint, [warm]) !== null);
  return (isWarm ? 2 : 0) - engine.jobs.size;
}

function blocked(reason: Waiting["reason"], detail: string, remedy?: string): Blocked {
  return { waiting: { reason, detail, ...(remedy !== undefined && { remedy }) }, whole: false };
}

/** The address as sessions name it. */
function addressOf(url: string): string {
  return url.replace(/\/+$/, "");
}

/** Whether a ComfyUI answers there within a second. */
async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(new URL("/system_stats", url), { signal: AbortSignal.timeout(1000) });
    const stats: unknown = await answer.json();
    return typeof stats === "object" && stats !== null && "system" in stats;
  } catch {
    return false;
  }
}
