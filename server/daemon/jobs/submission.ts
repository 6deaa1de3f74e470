import { randomInt, randomUUID } from "node:crypto";
import { canonicalJson, sha256 } from "../../protocol/hashing.ts";
import type { ParsedParams, SubmissionItem, Submitted } from "../../protocol/requests.ts";
import type { JobInput } from "../../protocol/job.ts";
import type { Target } from "../../protocol/sprite-request.ts";
import type { Clock } from "../clock.ts";
import type { JobRecord, NewJob } from "./record.ts";
import type { FormerRun } from "./former-run.ts";
import type { JobStore } from "./store.ts";

/** Drawn seeds have 32 bits, so that a person can read and repeat them. */
const drawnSeeds = 2 ** 32;

type Options = Pick<ParsedParams<"sprites.submit">, "key" | "priority" | "onDisconnect" | "deadlineMs">;
type Owner = Options & { readonly group: string; readonly client: string };

/** What a submission stores, before it is stored. */
interface Plan {
  readonly jobs: NewJob[];
  /** Jobs of earlier submissions that an item joins. */
  readonly joined: JobRecord[];
  readonly items: Submitted["items"][number][];
}

/** A job that makes a sprite, and where the sprite goes. */
interface Work {
  readonly title: string;
  readonly input: Exclude<JobInput, { kind: "place" }>;
  readonly seed: number | null;
  readonly target: Target;
  readonly replace: boolean;
  /** What makes two requests for one target equal. */
  readonly content: unknown;
}

export interface SubmissionTools {
  readonly store: JobStore;
  readonly clock: Clock;
  /** Takes up stored jobs. */
  add(records: readonly JobRecord[]): void;
}

/** Turns what a client asks for into stored jobs: all of them or none, once a key. */
export class Submissions {
  readonly #tools: SubmissionTools;

  constructor(tools: SubmissionTools) {
    this.#tools = tools;
  }

  /** `former`: by the index of the item, what is known of the run that left its sources. */
  submit(
    params: ParsedParams<"sprites.submit">,
    client: string,
    former: ReadonlyMap<number, FormerRun> = new Map(),
  ): Submitted {
    return this.#submit(params, client, (plan, owner) => {
      for (const [i, item] of params.items.entries()) this.#planItem(plan, item, former.get(i) ?? null, owner);
    });
  }

  pixelize(params: ParsedParams<"sprites.pixelize">, client: string): Submitted {
    return this.#submit(params, client, (plan, owner) => {
      const { title, input: sources, pixels, target, replace } = params;
      const input = { kind: "pixelize", sources, pixels, request: null, seed: null, engine: null } as const;
      if (target) this.#planPlaced(plan, { title, input, seed: null, target, replace, content: input }, owner);
      else this.#planUnplaced(plan, [newJob({ title, input, seed: null, target }, owner, this.#now)]);
    });
  }

  place(params: ParsedParams<"sprites.place">, client: string): Submitted {
    return this.#submit(params, client, (plan, owner) => {
      const { target, replace, sprite } = params;
      const joinKey = joinKeyOf(target, { sprite: sprite.sprite, replace });
      if (this.#join(plan, joinKey)) return;
      const input = { kind: "place", target, from: { sprite }, replace } as const;
      const job = newJob({ title: target.path, input, seed: sprite.seed, target, joinKey }, owner, this.#now);
      plan.jobs.push(job);
      plan.items.push({ joined: false, jobs: [], place: job.id });
    });
  }

  get #now(): number {
    return this.#tools.clock.now();
  }

  /** One transaction from the look-up of the key to the stored reply, so that a repeated request finds it. */
  #submit(options: Options, client: string, build: (plan: Plan, owner: Owner) => void): Submitted {
    const { store } = this.#tools;
    const { reply, added } = store.transaction(() => {
      const known = store.reply(options.key);
      if (known) return { reply: known, added: [] };
      const plan: Plan = { jobs: [], joined: [], items: [] };
      const group = randomUUID();
      build(plan, { ...options, group, client });
      store.insert(plan.jobs);
      this.#own(plan, options.onDisconnect, client);
      const submitted = { group, items: plan.items };
      store.saveReply(options.key, submitted);
      return { reply: submitted, added: plan.jobs };
    });
    this.#tools.add(added.flatMap((job) => store.get(job.id) ?? []));
    return reply;
  }

  /** A joined job stays for whoever wants it longest. */
  #own(plan: Plan, onDisconnect: Options["onDisconnect"], client: string): void {
    const { store } = this.#tools;
    if (onDisconnect === "cancel") for (const job of plan.jobs) store.addOwner(job.id, client);
    for (const place of plan.joined) {
      for (const id of [place.id, ...place.dependsOn]) {
        if (onDisconnect === "keep") store.keep(id);
        else if (store.owners(id).length > 0) store.addOwner(id, client);
      }
    }
  }

  #planItem(plan: Plan, item: SubmissionItem, former: FormerRun | null, owner: Owner): void {
    const { title, request, sources, target, replace, variants, prefer } = item;
    const { seed } = request.engine;
    const first = seed ?? randomInt(drawnSeeds);
    const input: Work["input"] = sources
      ? {
          kind: "pixelize",
          sources,
          pixels: request.pixels,
          request: former?.request ?? null,
          seed: former?.seed ?? seed,
          engine: former?.engine ?? null,
        }
      : { kind: "generate", request, prefer };
    const used = input.kind === "generate" ? first : input.seed;
    if (target && variants === 1) {
      this.#planPlaced(plan, { title, input, seed: used, target, replace, content: [request, sources, prefer] }, owner);
      return;
    }
    const count = input.kind === "generate" ? variants : 1;
    const jobs = Array.from({ length: count }, (_, i) =>
      newJob(
        {
          title: count === 1 ? title : `${title} (${i + 1})`,
          input,
          seed: used === null ? null : seedAfter(used, i),
          target,
        },
        owner,
        this.#now,
      ),
    );
    this.#planUnplaced(plan, jobs);
  }

  #planUnplaced(plan: Plan, jobs: NewJob[]): void {
    plan.jobs.push(...jobs);
    plan.items.push({ joined: false, jobs: jobs.map((job) => job.id), place: null });
  }

  /** A job that makes the sprite, and one that places it. */
  #planPlaced(plan: Plan, work: Work, owner: Owner): void {
    const { target, replace } = work;
    const joinKey = joinKeyOf(target, { content: work.content, replace });
    if (this.#join(plan, joinKey)) return;
    const make = newJob(work, owner, this.#now);
    const input = { kind: "place", target, from: { job: make.id }, replace } as const;
    const place = newJob(
      { title: target.path, input, seed: work.seed, target, joinKey, dependsOn: [make.id] },
      owner,
      this.#now,
    );
    plan.jobs.push(make, place);
    plan.items.push({ joined: false, jobs: [make.id], place: place.id });
  }

  /** Whether an equal request for the same target is on its way; then the item is that one's. */
  #join(plan: Plan, joinKey: string): boolean {
    const planned = plan.jobs.find((job) => job.joinKey === joinKey);
    const stored = planned ? null : this.#tools.store.findJoinable(joinKey);
    const place = planned ?? stored;
    if (!place) return false;
    if (stored) plan.joined.push(stored);
    plan.items.push({ joined: true, jobs: place.dependsOn, place: place.id });
    return true;
  }
}

function newJob(
  job: Pick<NewJob, "title" | "input" | "seed" | "target"> & { joinKey?: string; dependsOn?: string[] },
  owner: Owner,
  now: number,
): NewJob {
  return {
    id: randomUUID(),
    group: owner.group,
    kind: job.input.kind,
    title: job.title,
    priority: owner.priority,
    client: owner.client,
    workspace: job.target?.workspace ?? null,
    target: job.target,
    input: job.input,
    dependsOn: job.dependsOn ?? [],
    seed: job.seed,
    createdAt: now,
    deadlineAt: owner.deadlineMs === null ? null : now + owner.deadlineMs,
    joinKey: job.joinKey ?? null,
  };
}

/** The seed so many after another, from the largest on to 0; their sum itself may not be exact. */
function seedAfter(seed: number, count: number): number {
  const left = Number.MAX_SAFE_INTEGER - seed;
  return count <= left ? seed + count : count - left - 1;
}

/** Equal for requests whose outcome would be the same file with the same content. */
function joinKeyOf(target: Target, content: unknown): string {
  return sha256(canonicalJson({ target, content }));
}
