import { randomUUID } from "node:crypto";
import type { PlaceInput, PlacingContext } from "../../bevy/context.ts";
import { placeSprite } from "../../bevy/place.ts";
import { PixelsError } from "../../protocol/errors.ts";
import type { JobInput, JobResult, Placement, SpriteArtifact } from "../../protocol/job.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { Clock } from "../clock.ts";
import { type JobRecord, parseInput } from "./record.ts";
import type { Blocked, Lease, Need, RunContext, Runner } from "./runner.ts";
import type { JobStore } from "./store.ts";
import type { Tokens } from "./tokens.ts";

type FromPlacing = Extract<JobInput, { kind: "place" }>;

export interface PlaceTools {
  readonly store: JobStore;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly places: Tokens;
  /** What placing needs of the daemon beside the placement's own id and time. */
  readonly context: Omit<PlacingContext, "id" | "now">;
  /** A sprite was placed: its lock names artifacts that must stay. */
  placed(placement: Placement): Promise<void>;
  /** Tests put their own in its place. */
  readonly place?: (context: PlacingContext, input: PlaceInput) => Promise<Placement>;
}

/** A finished sprite into a project. Crash-safe by the placement's own journal, which its id finds again. */
export class PlaceRunner implements Runner {
  readonly finishesWhenCancelled = true;
  readonly #tools: PlaceTools;

  constructor(tools: PlaceTools) {
    this.#tools = tools;
  }

  need(): Need {
    return { pool: "place", class: "place" };
  }

  admit(record: JobRecord): Lease | Blocked {
    return this.#tools.places.take(record.title);
  }

  async run(record: JobRecord, _lease: Lease, context: RunContext): Promise<JobResult> {
    const input = placeInput(record);
    const { sprite, prompt } = this.#spriteOf(input);
    const id = record.checkpoint?.step === "placing" ? record.checkpoint.placement : randomUUID();
    // Before anything is written, so that another daemon finds the journal. A placing goes on from it
    // even when it was cancelled, since only its journal knows what is to be taken back.
    if (record.checkpoint === null) context.checkpoint({ step: "placing", placement: id });
    context.progress({ stage: "placing the sprite", fraction: 0 });
    const place = this.#tools.place ?? placeSprite;
    const placement = await place(
      { ...this.#tools.context, id, now: this.#tools.clock.now() },
      {
        png: await this.#tools.artifacts.read(sprite.sprite),
        sprite,
        target: input.target,
        replace: input.replace,
        signal: context.signal,
        ...(prompt !== null && { prompt }),
      },
    );
    await this.#tools.placed(placement);
    return { kind: "placed", placement };
  }

  #spriteOf(input: FromPlacing): { sprite: SpriteArtifact; prompt: string | null } {
    if ("sprite" in input.from) return { sprite: input.from.sprite, prompt: null };
    const made = this.#tools.store.get(input.from.job);
    if (made?.result?.kind === "sprite") {
      const prompt = made.input.kind === "generate" ? made.input.request.engine.prompt : null;
      return { sprite: made.result.sprite, prompt };
    }
    throw new PixelsError({
      code: "internal",
      message: "The sprite to place was not made",
      data: { job: input.from.job },
    });
  }
}

function placeInput(record: JobRecord): FromPlacing {
  const input = parseInput(record);
  if (input.kind !== "place") throw new PixelsError({ code: "internal", message: `${record.id} is no place job` });
  return input;
}
