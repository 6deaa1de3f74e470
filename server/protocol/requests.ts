import { z } from "zod";
import { configSchema } from "./config.ts";
import { engineModelsSchema, engineStatusSchema, findingSchema } from "./engine-info.ts";
import { jobId, jobSchema, jobStateSchema, placementSchema, prioritySchema, spriteArtifactSchema } from "./job.ts";
import { hash, pixelOptionsSchema, spriteRequestSchema, targetSchema } from "./sprite-request.ts";

const none = z.strictObject({});

export const buildSchema = z.strictObject({
  version: z.string(),
  /** First 16 hex digits of the SHA-256 over the bundles. */
  hash: z.string(),
  /** Unix milliseconds of the build; the newer of two builds with one version is the upgrade. */
  time: z.number(),
});

export const protocolVersion = { major: 1, minor: 0 } as const;
const protocolSchema = z.strictObject({ major: z.int(), minor: z.int() });

/** One sprite of a submission. */
export const submissionItemSchema = z.strictObject({
  title: z.string().max(200),
  request: spriteRequestSchema,
  /** Where it goes; null makes it without placing it (Preview, Compare, variants). */
  target: targetSchema.nullable(),
  /** Several sprites with consecutive seeds; more than one is never placed by itself. */
  variants: z.int().min(1).max(64).default(1),
  /** Replace a file that is the person's own, or another engine's sprite. */
  replace: z.boolean().default(false),
  /** The kind of engine that must make it, whichever else could. */
  prefer: z.enum(["any", "embedded", "comfyui"]).default("any"),
  /** The engine images a former run left; then the pixel stage alone runs. */
  sources: z.array(hash).min(1).nullable().default(null),
  /** The reference image, imported as the artifact that `request.engine.reference` names. */
  referencePath: z.string().startsWith("/").nullable().default(null),
});

const submittedSchema = z.strictObject({
  group: z.uuid(),
  items: z.array(
    z.strictObject({
      /** An equal request for the same target was running: these are its jobs. */
      joined: z.boolean(),
      jobs: z.array(jobId),
      place: jobId.nullable(),
    }),
  ),
});

const submissionOptions = {
  /** Equal keys are one submission, so that a client may repeat a request whose answer it lost. */
  key: z.uuid(),
  priority: prioritySchema.default("normal"),
  onDisconnect: z.enum(["keep", "cancel"]).default("keep"),
  /** Milliseconds from now after which an unfinished job fails; at most ten years, which are exact as a time. */
  deadlineMs: z
    .number()
    .positive()
    .max(10 * 365 * 24 * 3600 * 1000)
    .nullable()
    .default(null),
};

function method<P extends z.ZodType, R extends z.ZodType>(params: P, result: R) {
  return { params, result };
}

/** Every request a client can make of the daemon: the parameters' and the result's schema. */
export const requests = {
  hello: method(
    z.strictObject({
      protocol: protocolSchema,
      client: z.strictObject({ id: z.uuid(), name: z.string(), pid: z.int(), build: buildSchema }),
    }),
    z.strictObject({ protocol: protocolSchema, instance: z.uuid(), build: buildSchema, pid: z.int() }),
  ),
  /** Keeps the client alive in the daemon's eyes; a client silent for 15 s has vanished. */
  ping: method(none, z.strictObject({ seq: z.int().min(0) })),
  goodbye: method(none, none),
  snapshot: method(
    none,
    z.strictObject({
      instance: z.uuid(),
      /** The last event this snapshot holds. */
      seq: z.int().min(0),
      paused: z.boolean(),
      /** Every job that has not ended, in the order it will run, then the latest that have. At most 500. */
      jobs: z.array(jobSchema),
      total: z.strictObject({ waiting: z.int(), running: z.int(), ended: z.int() }),
      engines: z.array(engineStatusSchema),
    }),
  ),

  "sprites.submit": method(
    z.strictObject({ ...submissionOptions, items: z.array(submissionItemSchema).min(1).max(10_000) }),
    submittedSchema,
  ),
  /** Turns a picture into a sprite; placed when there is a target. */
  "sprites.pixelize": method(
    z.strictObject({
      ...submissionOptions,
      title: z.string().max(200),
      input: z.string().startsWith("/"),
      pixels: pixelOptionsSchema,
      target: targetSchema.nullable().default(null),
      replace: z.boolean().default(false),
    }),
    submittedSchema,
  ),
  /** "Use this": places a sprite that was made before. */
  "sprites.place": method(
    z.strictObject({
      ...submissionOptions,
      sprite: spriteArtifactSchema,
      target: targetSchema,
      replace: z.boolean().default(false),
    }),
    submittedSchema,
  ),
  /** Restores what the last (or the named) placement of a workspace replaced. */
  "sprites.undo": method(
    z.strictObject({ workspace: z.string().startsWith("/"), placement: z.uuid().nullable().default(null) }),
    z.strictObject({ placement: z.uuid(), restored: z.array(z.string()), removed: z.array(z.string()) }),
  ),
  "placements.list": method(
    z.strictObject({ workspace: z.string().startsWith("/"), limit: z.int().min(1).max(500).default(50) }),
    z.strictObject({
      placements: z.array(
        z.strictObject({ placement: placementSchema, target: targetSchema, at: z.number(), undone: z.boolean() }),
      ),
    }),
  ),

  "jobs.list": method(
    z.strictObject({
      states: z.array(jobStateSchema).nullable().default(null),
      workspace: z.string().nullable().default(null),
      limit: z.int().min(1).max(500).default(50),
      /** `next` of the page before. */
      cursor: z.string().nullable().default(null),
    }),
    z.strictObject({ jobs: z.array(jobSchema), next: z.string().nullable() }),
  ),
  "jobs.get": method(z.strictObject({ id: jobId }), z.strictObject({ job: jobSchema })),
  /** A job that has ended stays as it is; jobs that depend on a cancelled one are cancelled too. */
  "jobs.cancel": method(z.strictObject({ id: jobId }), z.strictObject({ job: jobSchema })),
  "jobs.retry": method(z.strictObject({ id: jobId }), z.strictObject({ job: jobSchema })),
  "jobs.pause": method(z.strictObject({ id: jobId, paused: z.boolean() }), z.strictObject({ job: jobSchema })),
  "jobs.prioritize": method(
    z.strictObject({ id: jobId, priority: prioritySchema }),
    z.strictObject({ job: jobSchema }),
  ),
  "queue.pause": method(z.strictObject({ paused: z.boolean() }), none),

  "artifacts.stat": method(
    z.strictObject({ hash }),
    z.strictObject({ path: z.string(), mediaType: z.string(), bytes: z.int() }),
  ),
  /** For a daemon on another machine; local clients read the path. */
  "artifacts.read": method(
    z.strictObject({
      hash,
      offset: z.int().min(0),
      length: z
        .int()
        .min(1)
        .max(1 << 20),
    }),
    z.strictObject({ bytes: z.instanceof(Uint8Array), total: z.int() }),
  ),

  /** Decoded pixels of a picture (an artifact or a file) for clients without a decoder, shrunk by nearest neighbour. */
  "images.read": method(
    z.strictObject({
      source: z.union([hash, z.string().startsWith("/")]),
      maxWidth: z.int().min(1).max(2048).default(512),
      maxHeight: z.int().min(1).max(2048).default(512),
    }),
    z.strictObject({
      /** Size of the picture itself. */
      width: z.int(),
      height: z.int(),
      /** Hash of all its decoded pixels, to compare with `output` of pixels.lock. */
      output: hash,
      /** What is returned: straight-alpha RGBA, `width × height × 4` bytes. */
      view: z.strictObject({ width: z.int(), height: z.int(), rgba: z.instanceof(Uint8Array) }),
    }),
  ),

  "engines.list": method(none, z.strictObject({ engines: z.array(engineStatusSchema) })),
  "models.list": method(none, z.strictObject({ engines: z.array(engineModelsSchema) })),
  "doctor.run": method(none, z.strictObject({ findings: z.array(findingSchema) })),
  "config.get": method(none, z.strictObject({ path: z.string(), config: configSchema })),
  "config.set": method(z.strictObject({ config: configSchema }), z.strictObject({ config: configSchema })),

  /** An editor tells which documents of its workspace are unsaved; it is asked by an `edit` event to edit those. */
  "editors.unsaved": method(z.strictObject({ paths: z.array(z.string().startsWith("/")) }), none),
  "editors.applied": method(
    z.strictObject({ id: z.uuid(), outcome: z.enum(["applied", "text-changed", "refused"]) }),
    none,
  ),

  "daemon.status": method(
    none,
    z.strictObject({
      pid: z.int(),
      instance: z.uuid(),
      build: buildSchema,
      stateFolder: z.string(),
      startedAt: z.number(),
      clients: z.int(),
      rssBytes: z.int(),
      stay: z.boolean(),
    }),
  ),
  /** Finishes the step in hand (at most 10 s) and exits; jobs go on with the next daemon. */
  "daemon.stop": method(z.strictObject({ reason: z.enum(["asked", "upgrade"]) }), none),
} as const;

export type Requests = typeof requests;
export type Method = keyof Requests;
/** What a client may pass: defaults left out. */
export type Params<M extends Method> = z.input<Requests[M]["params"]>;
/** What a handler receives: defaults filled in. */
export type ParsedParams<M extends Method> = z.output<Requests[M]["params"]>;
export type Result<M extends Method> = z.output<Requests[M]["result"]>;
export type Build = z.infer<typeof buildSchema>;
export type SubmissionItem = z.output<typeof submissionItemSchema>;
export type Submitted = z.infer<typeof submittedSchema>;
