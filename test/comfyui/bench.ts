import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { EngineModels } from "../../server/protocol/engine-info.ts";
import type { Progress } from "../../server/protocol/job.ts";
import type { EngineRequest } from "../../server/protocol/sprite-request.ts";
import type { PreviewFrame } from "../../server/engine/comfyui/frames.ts";
import type { EngineImage } from "../../server/engine/comfyui/images.ts";
import type { RunOptions } from "../../server/engine/comfyui/run.ts";
import { ComfySession } from "../../server/engine/comfyui/session.ts";
import type { Timings } from "../../server/engine/comfyui/timings.ts";
import { loadWorkflows, type WorkflowCatalog } from "../../server/engine/workflow/catalog.ts";
import { fillWorkflow, type FilledWorkflow, type FillExtras } from "../../server/engine/workflow/fill.ts";

const workflowsFolder = fileURLToPath(new URL("../../workflows", import.meta.url));

/** Short waits, so that faults show soon; answers keep the time a busy server needs. */
export const quickTimings: Partial<Timings> = {
  silenceMs: 500,
  pollMs: 100,
  retryMs: 50,
  backoffMs: 500,
  lostMs: 2_000,
  heartbeatMs: 1_000,
};

/** Steps that no server finishes before it is told to stop. */
export const endlessSteps = 500;

/** A prompt on its way, with all that was heard of it. */
export interface Submitted {
  readonly promptId: string;
  readonly progress: Progress[];
  readonly previews: PreviewFrame[];
  readonly result: Promise<EngineImage[]>;
  /** Resolves when the sampler has taken its first step. */
  readonly sampling: Promise<void>;
  abort(): void;
}

/** What a suite works with: sessions on one server, and prompts small enough for a CPU. */
export class Bench {
  readonly url: string;
  readonly models: EngineModels;
  readonly catalog: WorkflowCatalog;
  readonly #sessions = new Set<ComfySession>();

  private constructor(url: string, models: EngineModels, catalog: WorkflowCatalog) {
    this.url = url;
    this.models = models;
    this.catalog = catalog;
  }

  static async open(url: string): Promise<Bench> {
    const session = new ComfySession({ url });
    try {
      const status = await session.connect();
      if (status.problem) throw new Error(`${status.problem.message}\n${status.problem.remedy}`);
      return new Bench(url, await session.models(), await loadWorkflows([workflowsFolder]));
    } finally {
      await session.close();
    }
  }

  /** A connected session, closed with the bench. */
  async session(url: string = this.url, timings: Partial<Timings> = {}): Promise<ComfySession> {
    const session = new ComfySession({ url, timings: { ...quickTimings, ...timings } });
    this.#sessions.add(session);
    await session.connect();
    return session;
  }

  /** A small picture of a seed of its own. */
  fill(
    workflow: string,
    change: Partial<EngineRequest> = {},
    reference: string | null = null,
    extras: FillExtras = {},
  ): FilledWorkflow {
    const request: EngineRequest & { seed: number } = {
      workflow,
      prompt: "a red dragon",
      negative: "blurry",
      checkpoint: null,
      vae: null,
      loras: [],
      sampler: "euler",
      scheduler: "normal",
      steps: 3,
      cfg: 4,
      render: { width: 64, height: 64 },
      cell: { width: 16, height: 16 },
      frames: 1,
      directions: 1,
      reference: null,
      denoise: 0.6,
      tile: false,
      ...change,
      seed: change.seed ?? Math.floor(Math.random() * 2 ** 32),
    };
    return fillWorkflow(this.catalog.get(workflow), request, this.models, reference, extras);
  }

  submit(session: ComfySession, filled: FilledWorkflow, options: Partial<RunOptions> = {}): Submitted {
    const abort = new AbortController();
    const sampling = Promise.withResolvers<void>();
    const progress: Progress[] = [];
    const previews: PreviewFrame[] = [];
    const promptId = options.promptId ?? randomUUID();
    const result = session.run({
      ...filled,
      signal: abort.signal,
      onProgress(item) {
        progress.push(item);
        if ((item.step ?? 0) > 0) sampling.resolve();
      },
      onPreview: (preview) => previews.push(preview),
      ...options,
      promptId,
    });
    result.catch(sampling.reject);
    sampling.promise.catch(() => undefined);
    return { promptId, progress, previews, result, sampling: sampling.promise, abort: () => abort.abort() };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.close()));
    this.#sessions.clear();
  }
}
