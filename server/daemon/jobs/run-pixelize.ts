import { basename } from "node:path";
import { PixelsError } from "../../protocol/errors.ts";
import type { JobInput, JobResult } from "../../protocol/job.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { PixelPool } from "../pixel-pool.ts";
import { runPixelStage } from "./pixel-stage.ts";
import { type Checkpoint, type JobRecord, parseInput } from "./record.ts";
import type { Blocked, Lease, Need, RunContext, Runner } from "./runner.ts";
import type { Tokens } from "./tokens.ts";

type PixelizeInput = Extract<JobInput, { kind: "pixelize" }>;
type Images = Extract<Checkpoint, { step: "images" }>;

export interface PixelizeTools {
  readonly artifacts: ArtifactStore;
  readonly pixels: Pick<PixelPool, "run">;
  readonly cpu: Tokens;
}

/** The pixel stage alone: over artifacts of a former run, or over one picture of the person's. */
export class PixelizeRunner implements Runner {
  readonly finishesWhenCancelled = false;
  readonly #tools: PixelizeTools;

  constructor(tools: PixelizeTools) {
    this.#tools = tools;
  }

  need(): Need {
    return { pool: "cpu", class: "cpu" };
  }

  admit(record: JobRecord): Lease | Blocked {
    return this.#tools.cpu.take(record.title);
  }

  async run(record: JobRecord, _lease: Lease, context: RunContext): Promise<JobResult> {
    const input = pixelizeInput(record);
    context.progress({ stage: "reading the picture", fraction: 0 });
    let { checkpoint } = record;
    if (checkpoint?.step !== "images") {
      checkpoint = await this.#images(input);
      context.checkpoint(checkpoint);
    }
    context.progress({ stage: "making the pixels", fraction: 0.1 });
    const { sources, engine, request } = checkpoint;
    const file = typeof input.sources === "string" ? { file: input.sources } : {};
    const stage = { sources, engine, request, seed: input.seed, pixels: input.pixels, ...file };
    return { kind: "sprite", sprite: await runPixelStage(this.#tools, stage, context.signal) };
  }

  /** The person's picture becomes an artifact, so that the sprite can be made anew after they changed it. */
  async #images(input: PixelizeInput): Promise<Images> {
    const { sources, request } = input;
    const name = typeof sources === "string" ? basename(sources) : "unknown";
    const engine = input.engine ?? { kind: "file", name, checkpoint: null, ignored: [], notes: [] };
    const hashes = typeof sources === "string" ? [(await this.#tools.artifacts.import(sources)).hash] : sources;
    return { step: "images", sources: hashes, engine, request };
  }
}

function pixelizeInput(record: JobRecord): PixelizeInput {
  const input = parseInput(record);
  if (input.kind !== "pixelize")
    throw new PixelsError({ code: "internal", message: `${record.id} is no pixelize job` });
  return input;
}
