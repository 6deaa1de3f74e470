import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { startEmbeddedEngine } from "../engine/embedded/child.ts";
import type { Timings } from "../engine/comfyui/timings.ts";
import { type Config, configSchema } from "../protocol/config.ts";
import { resourcePath } from "../protocol/entry-points.ts";
import { PixelsError } from "../protocol/errors.ts";
import type { DaemonEvent, EditRequest, Preview } from "../protocol/events.ts";
import type { Method, ParsedParams, Result } from "../protocol/requests.ts";
import { ArtifactStore, type WriteFile } from "./artifacts/artifact-store.ts";
import { LockSightings } from "./artifacts/lock-sightings.ts";
import { Upkeep } from "./artifacts/upkeep.ts";
import { type Clock, systemClock } from "./clock.ts";
import { ConfigFile, configFolder } from "./config-file.ts";
import type { Engine } from "./engines/engine.ts";
import { EnginePool } from "./engines/engine-pool.ts";
import type { StartEmbedded } from "./engines/on-demand-engine.ts";
import { handlersOf } from "./handlers.ts";
import { openDatabase } from "./jobs/database.ts";
import { JobEvents } from "./jobs/job-events.ts";
import { fittingPreview } from "./jobs/preview-size.ts";
import { GenerateRunner } from "./jobs/run-generate.ts";
import { PixelizeRunner } from "./jobs/run-pixelize.ts";
import { PlaceRunner } from "./jobs/run-place.ts";
import { Scheduler } from "./jobs/scheduler.ts";
import { JobStore } from "./jobs/store.ts";
import { Submissions } from "./jobs/submission.ts";
import { Tokens } from "./jobs/tokens.ts";
import { PixelPool } from "./pixel-pool.ts";

/** Requests the service answers; the endpoint answers the rest itself. */
export type ServiceMethod = Exclude<Method, "hello" | "ping" | "goodbye" | `daemon.${string}` | `editors.${string}`>;

/** Who asks, and until when. */
export interface RequestContext {
  /** The client's id from its `hello`. */
  readonly client: string;
  /** Aborted when the client gave up on this request or its deadline passed. */
  readonly signal: AbortSignal;
}

/** Parameters are parsed before a handler sees them. It rejects with a `PixelsError`. */
export type Handlers = {
  readonly [M in ServiceMethod]: (params: ParsedParams<M>, context: RequestContext) => Promise<Result<M>>;
};

export type EditOutcome = "applied" | "text-changed" | "refused" | "no-editor";

export interface ServiceOptions {
  /** Absolute path; made with mode 0700 when missing. */
  readonly stateFolder: string;
  /** The daemon's instance, as its events carry it. */
  readonly instance: string;
  /** Sequence number of the last event published by anyone; 0 before the first. */
  sequence(): number;
  publish(event: DaemonEvent): void;
  publishPreview(preview: Preview): void;
  /** Asks the editor that holds the document unsaved to apply the spans. */
  requestEdit(edit: EditRequest): Promise<EditOutcome>;
  /** The client that holds this absolute path unsaved, else null. */
  isUnsaved(path: string): string | null;
  log(level: "info" | "warn" | "error", message: string): void;
  /** Where `config.toml` lies; default `$XDG_CONFIG_HOME/dgx-pixels`, else `~/.config/dgx-pixels`. */
  readonly configFolder?: string;
  /**
   * Where a ComfyUI that nobody configured may be found; null looks nowhere.
   * Default: `DGX_PIXELS_COMFYUI_PROBE` (an address, or `off`), else `http://127.0.0.1:8188`.
   */
  readonly probeUrl?: string | null;
  /** What tests put in place of the real thing. */
  readonly clock?: Clock;
  readonly startEmbedded?: StartEmbedded;
  readonly writeArtifact?: WriteFile;
  readonly engineTimings?: Partial<Timings>;
}

export interface Service {
  readonly handlers: Handlers;
  /** The daemon's settings now. */
  config(): Config;
  /** A client said hello, perhaps again after a restart of the daemon. */
  clientSeen(client: string): void;
  /** A client said goodbye or fell silent: its `onDisconnect: cancel` jobs are cancelled. */
  clientGone(client: string): void;
  /** No job is running or could run: nothing would be lost or delayed by stopping. */
  isIdle(): boolean;
  /**
   * Finishes the step in hand, at most `drainMs`, and closes the database.
   * Prompts on a ComfyUI are left running: the next daemon adopts them.
   */
  stop(options: { drainMs: number }): Promise<void>;
}

/** Placings at once: most of their time is spent waiting for a watcher or for the disk. */
const placingsAtOnce = 8;

/** A client of an earlier daemon that is not heard of by then has vanished. */
const returnMs = 30_000;

/**
 * Puts queue, engines, artifacts and settings together, and takes up the jobs that an earlier daemon left.
 * Throws `storage_failed` or `permission_denied` when the state folder cannot be used, `unsupported` when a newer
 * DGX-Pixels wrote it.
 */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { stateFolder } = options;
  const log: ServiceOptions["log"] = (level, message) => options.log(level, message);
  const clock = options.clock ?? systemClock;
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  const artifactsFolder = join(stateFolder, "artifacts");
  const configDirectory = options.configFolder ?? configFolder();
  const ownWorkflows = join(configDirectory, "workflows");

  const opened = openDatabase(join(stateFolder, "jobs.db"), () => clock.now());
  if (opened.setAside !== null) {
    log("error", `The job database was damaged. It was put aside as ${opened.setAside}, and a new one was started.`);
  }
  const store = new JobStore(opened.db);
  const artifacts = await ArtifactStore.open(artifactsFolder, options.writeArtifact);
  const sightings = new LockSightings(store, clock);

  const threads = Math.max(1, Math.min(4, availableParallelism() - 1));
  const pixels = new PixelPool({ size: threads });
  const wake = (): void => scheduler.wake();
  const cpu = new Tokens({ name: "a free processor", count: threads, freed: wake });
  const places = new Tokens({ name: "earlier sprites to be placed", count: placingsAtOnce, freed: wake });

  const engines = new EnginePool({
    probeUrl: options.probeUrl === undefined ? probeUrlOf(process.env) : options.probeUrl,
    startEmbedded: options.startEmbedded ?? startEmbeddedEngine,
    ...(options.engineTimings && { timings: options.engineTimings }),
    clock,
    changed: wake,
    publish: (engine) => options.publish({ type: "engine", engine }),
    reachable: (engine) => void stopStrays(engine, store, log),
    log,
  });

  const bevy = {
    backups: join(stateFolder, "backups"),
    editors: {
      unsavedBy: (path: string) => options.isUnsaved(path),
      apply: (edit: EditRequest) => options.requestEdit(edit),
    },
    decode: async (png: Uint8Array) => (await import("../codec/decode.ts")).decodeImage(png),
  };
  const events = new JobEvents(
    (id) => {
      const record = store.get(id);
      return record && scheduler.view(record);
    },
    (job) => options.publish({ type: "job", job }),
  );
  const tools = { artifacts, pixels, cpu, store, clock, places };
  const scheduler = new Scheduler({
    store,
    clock,
    runners: {
      generate: new GenerateRunner({
        ...tools,
        engines,
        ownWorkflows,
        promptsOver: (job) => store.forgetPromptsOf(job),
      }),
      pixelize: new PixelizeRunner(tools),
      place: new PlaceRunner({
        ...tools,
        context: bevy,
        placed: async ({ files }) => {
          for (const { role, path } of files) if (role === "lock") await sightings.lookAt(path).catch(() => undefined);
        },
      }),
    },
    changed: (id) => events.changed(id),
    queuePaused: (paused) => options.publish({ type: "queue", paused }),
    publishProgress: (job, progress) => {
      events.settle(job);
      options.publish({ type: "progress", job, progress });
    },
    publishPreview: (preview) => {
      void fittingPreview(preview).then((fitting) => fitting && options.publishPreview(fitting));
    },
    log,
  });

  const configFile = new ConfigFile(configDirectory);
  let config = configSchema.parse({});
  let isConfigured = false;
  const configure = async (): Promise<void> => {
    try {
      config = await configFile.read();
      isConfigured = true;
      engines.configure(config.comfyui);
    } catch (error) {
      const problem = PixelsError.from(error, `Reading ${configFile.path}`);
      log("error", `${problem.message}: ${problem.why ?? ""}`);
      if (!isConfigured) engines.misconfigured(problem);
    }
  };
  await configure();
  const unwatch = configFile.watch(() => void configure());

  let stopped = false;
  const clientGone = (client: string): void => {
    if (stopped) return;
    for (const job of store.disown(client)) {
      scheduler.cancel(job).catch((error: unknown) => log("error", `Job ${job} was not cancelled: ${String(error)}`));
    }
  };
  const awaited = new Set(store.owningClients());
  const cancelReturn = clock.after(returnMs, () => {
    for (const client of awaited) clientGone(client);
  });

  const upkeep = new Upkeep({ store, artifacts, clock, limits: () => config.artifacts, log });
  scheduler.load();

  return {
    handlers: handlersOf({
      store,
      scheduler,
      submissions: new Submissions({
        store,
        clock,
        add: (records) => {
          scheduler.add(records);
          for (const { id } of records) events.changed(id);
        },
      }),
      artifacts,
      engines,
      sightings,
      bevy,
      configFile,
      configChanged: configure,
      doctor: {
        stateFolder,
        artifactsFolder,
        workflowFolders: [resourcePath("workflows"), ownWorkflows],
        config: configFile,
        engines,
      },
      instance: options.instance,
      sequence: () => options.sequence(),
    }),
    config: () => config,
    clientSeen: (client) => void awaited.delete(client),
    clientGone,
    isIdle: () => scheduler.idle,
    async stop({ drainMs }) {
      if (stopped) return;
      stopped = true;
      unwatch();
      upkeep.close();
      cancelReturn();
      await Promise.all([scheduler.stop(drainMs), engines.leave()]);
      await Promise.all([pixels.close(), engines.close()]);
      events.flush();
      store.close();
    },
  };
}

/** Stops prompts that an earlier run left at the engine and that nobody waits for. */
async function stopStrays(engine: Engine, store: JobStore, log: ServiceOptions["log"]): Promise<void> {
  try {
    for (const id of store.strayPrompts(engine.id)) {
      await engine.session.cancel(id);
      store.forgetPrompt(id);
    }
  } catch (error) {
    log("warn", `A prompt that nobody waits for could not be stopped at ${engine.id}: ${String(error)}`);
  }
}

function probeUrlOf(environment: NodeJS.ProcessEnv): string | null {
  const named = environment["DGX_PIXELS_COMFYUI_PROBE"];
  return named === "off" ? null : (named ?? "http://127.0.0.1:8188");
}
