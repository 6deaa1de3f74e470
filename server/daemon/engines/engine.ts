import type { ComfySession } from "../../engine/comfyui/session.ts";
import type { EngineModels, EngineStatus } from "../../protocol/engine-info.ts";

/** What the next prompt's model names are matched against; older answers are asked for anew. */
const modelsFreshMs = 30_000;

/** One running at the engine and one waiting there, so that it never idles and the priority queue stays ours. */
const slots = 2;

/** One server that makes images, and the jobs it has in hand. */
export class Engine {
  readonly id: string;
  readonly kind: EngineStatus["kind"];
  /** Engines of one GPU share its token. */
  readonly gpu: string;
  readonly session: ComfySession;
  /** Titles of the jobs in hand, by id, oldest first. */
  readonly jobs = new Map<string, string>();
  readonly #gone = new AbortController();
  #models: { at: number; answer: Promise<EngineModels> } | null = null;
  #checkpoints: readonly string[] | null = null;
  #asking = false;

  constructor(options: { id: string; kind: EngineStatus["kind"]; gpu: string; session: ComfySession }) {
    this.id = options.id;
    this.kind = options.kind;
    this.gpu = options.gpu;
    this.session = options.session;
  }

  /** Aborted when the server will not come back: its process died, or it is no longer configured. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  get isReachable(): boolean {
    const { state } = this.session.status;
    return state === "ready" || state === "busy";
  }

  get hasFreeSlot(): boolean {
    return this.jobs.size < slots;
  }

  /** Checkpoints as far as they are known without asking. */
  get knownCheckpoints(): readonly string[] | null {
    return this.#checkpoints;
  }

  /** Whether its answer, which names its checkpoints, is still to come. */
  get isBeingAsked(): boolean {
    return this.session.status.state === "starting" || this.#asking;
  }

  /** What it can load, at most half a minute old. */
  models(): Promise<EngineModels> {
    const now = performance.now();
    if (!this.#models || now - this.#models.at > modelsFreshMs) {
      const answer = this.session.models();
      this.#models = { at: now, answer };
      this.#asking = this.#checkpoints === null;
      answer.then(
        (models) => {
          this.#checkpoints = models.checkpoints;
          this.#asking = false;
        },
        () => {
          this.#models = null;
          this.#asking = false;
        },
      );
    }
    return this.#models.answer;
  }

  /** Asks anew: after a reconnect it may be another server. */
  async refreshModels(): Promise<void> {
    this.#models = null;
    this.#checkpoints = null;
    await this.models().catch(() => undefined);
  }

  /** Settles once its first answer, or that there is none, is known. */
  async found(): Promise<void> {
    await this.session.connect();
    if (this.session.status.state !== "starting") return;
    await new Promise<void>((resolve) => {
      const stop = this.session.onStatus(({ state }) => {
        if (state === "starting") return;
        stop();
        resolve();
      });
      this.gone.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** Ends the connection; prompts go on at the server. */
  async close(): Promise<void> {
    this.#gone.abort();
    await this.session.close();
  }
}
