import { ComfySession } from "../../engine/comfyui/session.ts";
import type { Timings } from "../../engine/comfyui/timings.ts";
import type { EmbeddedEngine, EmbeddedEngineOptions } from "../../engine/embedded/child.ts";
import type { EngineStatus } from "../../protocol/engine-info.ts";
import { PixelsError } from "../../protocol/errors.ts";
import type { Clock } from "../clock.ts";
import { Engine } from "./engine.ts";

/** Without a job for this long it is stopped: it starts again in a second. */
const idleMs = 60_000;
const longestBackoffMs = 30_000;

/** It draws on the CPU, so that it takes no GPU's token. */
const token = "embedded";

/** Starts the embedded engine's process. */
export type StartEmbedded = (options: EmbeddedEngineOptions) => Promise<EmbeddedEngine>;

export interface OnDemandEngineOptions {
  readonly start: StartEmbedded;
  readonly timings?: Partial<Timings>;
  readonly clock: Clock;
  /** Its status changed, or a job may start. */
  changed(): void;
  log(level: "info" | "warn" | "error", message: string): void;
}

/** The embedded engine's process: started when a job wants it, again when it dies, stopped when idle. */
export class OnDemandEngine {
  readonly #options: OnDemandEngineOptions;
  readonly #closing = new AbortController();
  #process: EmbeddedEngine | null = null;
  #engine: Engine | null = null;
  #starting: Promise<void> | null = null;
  #failures = 0;
  #problem: EngineStatus["problem"] = null;
  #cancelTimer: (() => void) | null = null;
  /** Waits before the next start after a failure. */
  #backingOff = false;

  constructor(options: OnDemandEngineOptions) {
    this.#options = options;
  }

  /** The running engine, else null. */
  get engine(): Engine | null {
    return this.#engine;
  }

  get status(): EngineStatus {
    if (this.#engine) return this.#engine.session.status;
    // Stopped is ready: a job starts it.
    const state = this.#problem ? "unreachable" : this.#starting ? "starting" : "ready";
    const nothing = { version: null, device: null, warm: null };
    return { id: "embedded", kind: "embedded", state, ...nothing, problem: this.#problem };
  }

  /** Starts it unless it runs or starts already; `changed` tells when it is there. */
  want(): void {
    if (this.#engine || this.#starting || this.#backingOff || this.#closing.signal.aborted) return;
    this.#starting = this.#start().finally(() => {
      this.#starting = null;
      this.#options.changed();
    });
    this.#options.changed();
  }

  /** Settles once the start in hand has come to its end, good or bad. */
  async started(): Promise<void> {
    await this.#starting;
  }

  /** A job left it. */
  released(): void {
    this.#failures = 0;
    this.#stopWhenIdle();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer?.();
    await this.#starting;
    const engine = this.#engine;
    this.#engine = null;
    await engine?.close();
    await this.#process?.stop();
  }

  async #start(): Promise<void> {
    try {
      const child = await this.#options.start({
        log: (line) => this.#options.log("info", `embedded engine: ${line}`),
        signal: this.#closing.signal,
      });
      this.#process = child;
      const session = new ComfySession({
        url: child.url,
        id: "embedded",
        kind: "embedded",
        ...(this.#options.timings && { timings: this.#options.timings }),
      });
      const engine = new Engine({ id: "embedded", kind: "embedded", gpu: token, session });
      void child.exited.then(() => this.#died(child, engine));
      const status = await session.connect();
      if (status.state === "unreachable" && status.problem) {
        await engine.close();
        await child.stop();
        throw new PixelsError({ code: "engine_unavailable", ...status.problem });
      }
      if (this.#process !== child) return;
      this.#problem = null;
      this.#engine = engine;
      session.onStatus(() => this.#options.changed());
      this.#stopWhenIdle();
    } catch (error) {
      this.#backOff(PixelsError.from(error, "Starting the embedded engine"));
    }
  }

  async #died(child: EmbeddedEngine, engine: Engine): Promise<void> {
    if (this.#process !== child) return;
    this.#process = null;
    const wasWanted = this.#engine === engine && !this.#closing.signal.aborted;
    this.#engine = null;
    await engine.close();
    if (wasWanted) this.#backOff(died());
    this.#options.changed();
  }

  /** The first failure is followed by a new start at once, later ones after a pause that doubles. */
  #backOff(error: PixelsError): void {
    if (this.#closing.signal.aborted) return;
    this.#options.log("warn", `${error.message}: ${error.why ?? ""}`);
    const pause = this.#failures === 0 ? 0 : Math.min(longestBackoffMs, 500 * 2 ** this.#failures);
    this.#failures++;
    this.#problem = {
      message: error.why === undefined ? error.message : `${error.message}: ${error.why}`,
      remedy: error.remedy ?? "It is started again by itself; the daemon's log has what it said.",
    };
    this.#backingOff = true;
    this.#options.clock.after(pause, () => {
      this.#backingOff = false;
      this.#problem = null;
      this.#options.changed();
    });
  }

  #stopWhenIdle(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(idleMs, () => {
      const child = this.#process;
      const engine = this.#engine;
      if (!child || !engine || engine.jobs.size > 0) return;
      this.#engine = null;
      void engine.close().then(() => child.stop());
    });
  }
}

function died(): PixelsError {
  return new PixelsError({
    code: "engine_unavailable",
    message: "The embedded engine stopped",
    cause: "Its process ended; the daemon's log has what it said.",
    remedy: "It is started again by itself, and the jobs with it.",
  });
}
