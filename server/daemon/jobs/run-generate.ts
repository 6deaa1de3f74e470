import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { EngineImage } from "../../engine/comfyui/images.ts";
import { checkpointOf } from "../../engine/comfyui/session.ts";
import { loadWorkflows } from "../../engine/workflow/catalog.ts";
import { fillWorkflow } from "../../engine/workflow/fill.ts";
import { planPoses } from "../../engine/workflow/poses/plan.ts";
import { uploadPoses } from "../../engine/workflow/poses/upload.ts";
import { resourcePath } from "../../protocol/entry-points.ts";
import { PixelsError } from "../../protocol/errors.ts";
import { requestHash } from "../../protocol/hashing.ts";
import type { JobInput, JobResult, SpriteArtifact } from "../../protocol/job.ts";
import { readTextChunk } from "../../sprite/png-text.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { Engine } from "../engines/engine.ts";
import type { EngineLease, EnginePool } from "../engines/engine-pool.ts";
import type { PixelPool } from "../pixel-pool.ts";
import { runPixelStage } from "./pixel-stage.ts";
import { type Checkpoint, type JobRecord, parseInput } from "./record.ts";
import { type Blocked, Detached, type Lease, type Need, type RunContext, type Runner, TryAgain } from "./runner.ts";
import type { Tokens } from "./tokens.ts";

/** The engine's share of the progress; the pixel stage has the rest. */
const engineShare = 0.9;

type GenerateInput = Extract<JobInput, { kind: "generate" }>;
type Images = Extract<Checkpoint, { step: "images" }>;

/** Keyword of the PNG chunk in which the embedded engine says how it drew a picture. */
const embeddedChunk = "dgx-pixels-engine";
const embeddedFacts = z.object({
  generator: z.string().catch("embedded"),
  ignored: z.array(z.string()).catch([]),
  notes: z.array(z.string()).catch([]),
});

export interface GenerateTools {
  readonly engines: EnginePool;
  readonly artifacts: ArtifactStore;
  readonly pixels: Pick<PixelPool, "run">;
  readonly cpu: Tokens;
  /** Folder of the person's own workflows. */
  readonly ownWorkflows: string;
  /** No engine works at this job any more. */
  promptsOver(job: string): void;
}

/** A sprite from a prompt: engine → images → pixel stage. */
export class GenerateRunner implements Runner<EngineLease | Lease> {
  readonly finishesWhenCancelled = false;
  readonly #tools: GenerateTools;

  constructor(tools: GenerateTools) {
    this.#tools = tools;
  }

  need(record: JobRecord): Need {
    const { checkpoint } = record;
    if (checkpoint?.step === "images") return { pool: "cpu", class: "cpu" };
    if (checkpoint?.step === "prompt") return { pool: "engine", class: `adopt ${checkpoint.engine}` };
    const { prefer, request } = generateInput(record);
    return { pool: "engine", class: `${prefer} ${request.engine.checkpoint ?? ""}` };
  }

  admit(record: JobRecord): EngineLease | Lease | Blocked {
    const { checkpoint } = record;
    if (checkpoint?.step === "images") return this.#tools.cpu.take(record.title);
    const { prefer, request } = generateInput(record);
    return this.#tools.engines.admit({
      job: record.id,
      title: record.title,
      prefer,
      checkpoint: request.engine.checkpoint,
      adoptFrom: checkpoint?.step === "prompt" ? checkpoint.engine : null,
    });
  }

  async run(record: JobRecord, lease: EngineLease | Lease, context: RunContext): Promise<JobResult> {
    const { request } = generateInput(record);
    let { checkpoint } = record;
    if (checkpoint?.step !== "images") {
      if (!("engine" in lease)) throw new PixelsError({ code: "internal", message: "The job has no engine" });
      checkpoint = await this.#makeImages(record, lease.engine, context);
      lease.release();
      context.checkpoint(checkpoint);
    }
    context.progress({ stage: "making the pixels", fraction: engineShare });
    const { sources, engine, request: requestKey } = checkpoint;
    const stage = { sources, engine, request: requestKey, seed: record.seed, pixels: request.pixels };
    return { kind: "sprite", sprite: await runPixelStage(this.#tools, stage, context.signal) };
  }

  /** The engine's part: from the request to images that are artifacts. */
  async #makeImages(record: JobRecord, engine: Engine, context: RunContext): Promise<Images> {
    const request = { ...generateInput(record).request.engine, seed: record.seed ?? 0 };
    try {
      const { images, checkpointName, notes } = await this.#runPrompt(record, request, engine, context);
      context.progress({ stage: "storing the images", fraction: engineShare });
      const sources: string[] = [];
      for (const image of images) sources.push((await this.#tools.artifacts.put(image.bytes)).hash);
      const made = engineOf(engine, checkpointName, images, notes);
      return { step: "images", sources, engine: made, request: requestHash(request) };
    } catch (error) {
      if (error instanceof PixelsError && isOver(error)) this.#tools.promptsOver(record.id);
      context.signal.throwIfAborted();
      if (context.stopping.aborted) throw new Detached();
      if (!(error instanceof PixelsError)) throw error;
      // Its process died, or its address was taken out of the settings: any engine may do it now.
      if (engine.gone.aborted) throw new TryAgain(error, 3);
      // While it is away the job waits; one that is there and refuses again and again is broken.
      if (error.code === "engine_unavailable") throw new TryAgain(error, engine.isReachable ? 5 : Infinity);
      if (error.code === "engine_lost") throw new TryAgain(error, 3);
      if (error.code === "invalid_image") throw new TryAgain(error, 1);
      throw error;
    }
  }

  async #runPrompt(
    record: JobRecord,
    request: GenerateInput["request"]["engine"] & { seed: number },
    engine: Engine,
    context: RunContext,
  ): Promise<{ images: EngineImage[]; checkpointName: string | null; notes: string[] }> {
    const { session } = engine;
    context.progress({ stage: "preparing", fraction: 0 });
    const catalog = await loadWorkflows(this.#workflowFolders(record));
    const models = await engine.models();
    const reference = request.reference === null ? null : await this.#upload(engine, request.reference, context.signal);
    const workflow = catalog.get(request.workflow);
    const plan = planPoses(workflow, request, models);
    const poses = plan && (await uploadPoses(session, plan, context.signal));
    const filled = fillWorkflow(workflow, request, models, reference, poses ? { poses } : {});
    const adopted =
      record.checkpoint?.step === "prompt" && record.checkpoint.engine === engine.id && engine.kind === "comfyui";
    const promptId = adopted && record.checkpoint?.step === "prompt" ? record.checkpoint.promptId : randomUUID();
    context.checkpoint({ step: "prompt", engine: engine.id, promptId });
    const images = await session.run({
      promptId,
      graph: filled.graph,
      outputs: filled.outputs,
      fields: filled.fields,
      pngInfo: filled.pngInfo,
      adopt: adopted,
      signal: context.signal,
      onProgress: (progress) => context.progress({ ...progress, fraction: progress.fraction * engineShare }),
      onPreview: ({ mediaType, bytes }) => context.preview({ mediaType, bytes: new Uint8Array(bytes) }),
      onAccepted: (id) => {
        if (id !== promptId) context.checkpoint({ step: "prompt", engine: engine.id, promptId: id });
      },
    });
    return { images, checkpointName: checkpointOf(filled.graph), notes: plan ? [plan.note] : [] };
  }

  async #upload(engine: Engine, reference: string, signal: AbortSignal): Promise<string> {
    const bytes = await this.#tools.artifacts.read(reference);
    return engine.session.uploadImage({ name: `${reference.slice(0, 32)}.png`, bytes, signal });
  }

  /** The shipped ones, the person's own, and the crate's; a later folder wins. Whoever submits trusts the workspace. */
  #workflowFolders({ target }: JobRecord): string[] {
    const folders = [resourcePath("workflows"), this.#tools.ownWorkflows];
    return target === null ? folders : [...folders, join(target.workspace, target.crate, "workflows")];
  }
}

/** Whether the engine has nothing more to do with the prompt: it refused, ended, or stopped it, or lost it. */
function isOver(error: PixelsError): boolean {
  if (error.code === "cancelled") return error.data?.["confirmed"] !== false;
  return ["engine_rejected", "engine_failed", "engine_lost", "unknown_model"].includes(error.code);
}

function generateInput(record: JobRecord): GenerateInput {
  const input = parseInput(record);
  if (input.kind !== "generate")
    throw new PixelsError({ code: "internal", message: `${record.id} is no generate job` });
  return input;
}

/** What made the images, for the person and the lock. */
function engineOf(
  engine: Engine,
  checkpoint: string | null,
  images: readonly EngineImage[],
  notes: readonly string[],
): SpriteArtifact["engine"] {
  const { version } = engine.session.status;
  if (engine.kind === "comfyui") {
    return {
      kind: "comfyui",
      name: version === null ? "ComfyUI" : `ComfyUI ${version}`,
      checkpoint,
      ignored: [],
      notes: [...notes],
    };
  }
  const facts = images.map(({ bytes }) => {
    try {
      return embeddedFacts.parse(JSON.parse(readTextChunk(bytes, embeddedChunk) ?? "{}"));
    } catch {
      return embeddedFacts.parse({});
    }
  });
  return {
    kind: "embedded",
    name: facts[0]?.generator ?? "embedded",
    checkpoint: null,
    ignored: [...new Set(facts.flatMap((fact) => fact.ignored))],
    notes: [...new Set([...notes, ...facts.flatMap((fact) => fact.notes)])],
  };
}
