import { type BevyContext } from "../bevy/context.ts";
import { lastPlacement, listPlacements } from "../bevy/history.ts";
import { undoPlacement } from "../bevy/undo.ts";
import { PixelsError } from "../protocol/errors.ts";
import { isEnded } from "../protocol/job.ts";
import type { SubmissionItem } from "../protocol/requests.ts";
import type { ArtifactStore } from "./artifacts/artifact-store.ts";
import type { LockSightings } from "./artifacts/lock-sightings.ts";
import type { ConfigFile } from "./config-file.ts";
import { type DoctorOptions, examine } from "./doctor.ts";
import type { EnginePool } from "./engines/engine-pool.ts";
import { readImage } from "./images.ts";
import { formerRuns } from "./jobs/former-run.ts";
import type { JobRecord } from "./jobs/record.ts";
import type { Scheduler } from "./jobs/scheduler.ts";
import type { JobStore } from "./jobs/store.ts";
import type { Submissions } from "./jobs/submission.ts";
import type { Handlers } from "./service.ts";

/** Jobs in a snapshot, as the protocol says. */
const snapshotLength = 500;

export interface HandlerTools {
  readonly store: JobStore;
  readonly scheduler: Scheduler;
  readonly submissions: Submissions;
  readonly artifacts: ArtifactStore;
  readonly engines: EnginePool;
  readonly sightings: LockSightings;
  readonly bevy: BevyContext;
  readonly configFile: ConfigFile;
  /** The file was written: read it again. */
  configChanged(): Promise<void>;
  readonly doctor: DoctorOptions;
  readonly instance: string;
  sequence(): number;
}

/** What answers each request. */
export function handlersOf(tools: HandlerTools): Handlers {
  const { store, scheduler, submissions, artifacts, engines, bevy, configFile } = tools;
  const record = (id: string): JobRecord => {
    const found = store.get(id);
    if (found) return found;
    throw new PixelsError({
      code: "not_found",
      message: `There is no job ${id}`,
      cause: "It never was, or it is older than the history.",
      remedy: "List the jobs with `dgx-pixels jobs`.",
    });
  };
  const answer = (id: string) => ({ job: scheduler.view(record(id)) });

  return {
    snapshot: async () => {
      // Without a pause, so that no event falls between the jobs and the sequence number.
      const live = scheduler.order(snapshotLength).flatMap((id) => store.get(id) ?? []);
      const records = [...live, ...store.latestEnded(snapshotLength - live.length)];
      return {
        instance: tools.instance,
        seq: tools.sequence(),
        paused: scheduler.paused,
        jobs: records.map((job) => scheduler.view(job)),
        total: { ...scheduler.counts, ended: store.ended },
        engines: engines.statuses(),
      };
    },

    "sprites.submit": async (params, { client }) => {
      const known = store.reply(params.key);
      if (known) return known;
      const release = await importReferences(artifacts, params.items);
      try {
        const former = await formerRuns(params.items);
        const submitted = submissions.submit(params, client, former);
        void tools.sightings.look(params.items.flatMap(({ target }) => target ?? []));
        return submitted;
      } finally {
        release();
      }
    },
    "sprites.pixelize": async (params, { client }) => submissions.pixelize(params, client),
    "sprites.place": async (params, { client }) => submissions.place(params, client),
    "sprites.undo": async ({ workspace, placement }) => {
      const id = placement ?? (await lastPlacement(bevy, workspace));
      if (id === null) {
        throw new PixelsError({
          code: "not_found",
          message: `Nothing was placed in ${workspace} that could be undone`,
          remedy: "List the placements with `dgx-pixels undo --list`.",
        });
      }
      return undoPlacement(bevy, id);
    },
    "placements.list": async ({ workspace, limit }) => ({ placements: await listPlacements(bevy, workspace, limit) }),

    "jobs.list": async (params) => {
      const { records, next } = store.list(params);
      return { jobs: records.map((job) => scheduler.view(job)), next };
    },
    "jobs.get": async ({ id }) => answer(id),
    "jobs.cancel": async ({ id }) => {
      record(id);
      await scheduler.cancel(id);
      return answer(id);
    },
    "jobs.retry": async ({ id }) => {
      const { state, title } = record(id);
      if (!isEnded(state) || state === "succeeded") {
        throw new PixelsError({
          code: "conflict",
          message: state === "succeeded" ? `“${title}” succeeded already` : `“${title}” has not ended yet`,
          remedy: state === "succeeded" ? "Regenerate it to have another." : "Wait for its end, or cancel it first.",
        });
      }
      scheduler.retry(id);
      return answer(id);
    },
    "jobs.pause": async ({ id, paused }) => {
      record(id);
      scheduler.pause(id, paused);
      return answer(id);
    },
    "jobs.prioritize": async ({ id, priority }) => {
      record(id);
      scheduler.prioritize(id, priority);
      return answer(id);
    },
    "queue.pause": async ({ paused }) => {
      scheduler.pauseQueue(paused);
      return {};
    },

    "artifacts.stat": async ({ hash }) => {
      const { path, mediaType, bytes } = await artifacts.stat(hash);
      return { path, mediaType, bytes };
    },
    "artifacts.read": async ({ hash, offset, length }) => artifacts.readChunk(hash, offset, length),
    "images.read": async ({ source, ...limits }) => {
      const path = source.startsWith("/") ? source : (await artifacts.stat(source)).path;
      return readImage(path, limits);
    },

    "engines.list": async () => ({ engines: engines.statuses() }),
    "models.list": async () => ({ engines: await engines.models() }),
    "doctor.run": async () => ({ findings: await examine(tools.doctor) }),
    "config.get": async () => ({ path: configFile.path, config: await configFile.read() }),
    "config.set": async ({ config }) => {
      await configFile.write(config);
      await tools.configChanged();
      return { config: await configFile.read() };
    },
  };
}

/**
 * Takes the reference pictures in, each once, and holds them until their jobs are stored.
 * Throws `invalid_image` for what no engine could start from, `conflict` when a file is not the one that the request
 * was made for.
 */
async function importReferences(artifacts: ArtifactStore, items: readonly SubmissionItem[]): Promise<() => void> {
  const wanted = new Map<string, string>();
  for (const { request, referencePath } of items) {
    if (request.engine.reference !== null && referencePath !== null)
      wanted.set(referencePath, request.engine.reference);
  }
  for (const [path, hash] of wanted) {
    const imported = await artifacts.import(path);
    if (imported.hash !== hash) {
      throw new PixelsError({
        code: "conflict",
        message: `${path} was changed while it was read`,
        remedy: "Try again.",
        data: { path },
      });
    }
    await readImage(path, { maxWidth: 1, maxHeight: 1 });
  }
  return artifacts.hold([...wanted.values()]);
}
