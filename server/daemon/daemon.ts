import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { compareBuilds, ownBuild } from "../protocol/build-info.ts";
import { type Addresses, type EndpointFile, logFilePath, readEndpointFile } from "../protocol/endpoint-file.ts";
import { entryPointPath } from "../protocol/entry-points.ts";
import { PixelsError } from "../protocol/errors.ts";
import { isRunning, processStartTime } from "../protocol/process-identity.ts";
import { type Method, protocolVersion } from "../protocol/requests.ts";
import type { Channel } from "./channel.ts";
import type { CurveServer } from "./curve.ts";
import { Editors } from "./editors.ts";
import { removeEndpointFile, writeEndpointFile } from "./endpoint-writer.ts";
import { Endpoint, type EndpointHandlers } from "./endpoint.ts";
import { InstanceLock } from "./instance-lock.ts";
import { Log } from "./log.ts";
import { pruneRuntimes } from "./prune-runtimes.ts";
import type { Service, ServiceMethod, ServiceOptions } from "./service.ts";
import { newSockets, removeStaleSockets } from "./socket-folder.ts";

export interface DaemonOptions {
  readonly stateFolder: string;
  readonly createService: (options: ServiceOptions) => Service | Promise<Service>;
  /** Runs on without clients and jobs. */
  readonly stay: boolean;
  /** Also listens on TCP, for clients with these keys. */
  readonly listen: { readonly address: string; readonly curve: CurveServer } | null;
  /** The command line, for the daemon that takes over. */
  readonly args: readonly string[];
  /** Logs to standard error too. */
  readonly foreground: boolean;
  /** Milliseconds between looks at its sockets, its folder and its idleness. Default 5000. */
  readonly lookMs?: number;
}

export type StopReason =
  | "asked"
  | "upgrade"
  | "idle"
  | "signal"
  | "the state folder is gone"
  | "its program files are gone"
  | "an internal error";

type OwnMethod = Exclude<Method, ServiceMethod | "hello" | "ping" | "goodbye">;

/** Milliseconds for the step in hand when it hands over. */
const drainMs = 10_000;
/** Milliseconds after a crash: what is not stored by then is repeated by the next daemon. */
const crashDrainMs = 1000;
/** Milliseconds a daemon that starts waits for one that hands over. */
const lockMs = 20_000;

/** One running daemon: the lock, the service, and the sockets clients reach it by. */
export class Daemon {
  readonly instance: string = randomUUID();
  readonly #options: DaemonOptions;
  readonly #lock: InstanceLock;
  readonly #log: Log;
  readonly #endpoint: Endpoint;
  readonly #editors: Editors;
  readonly #startedAt = Date.now();
  readonly #ended = Promise.withResolvers<StopReason>();
  #service: Service | null = null;
  #local: { channel: Channel; addresses: Addresses } | null = null;
  #tcp: Addresses | null = null;
  #timer: NodeJS.Timeout | null = null;
  #idleSince: number | null = null;
  #stopping: StopReason | null = null;

  /**
   * Starts the daemon of a state folder. null when there is one already, of this build or a newer; one of an older
   * build is given time to hand over.
   */
  static async start(options: DaemonOptions): Promise<Daemon | null> {
    makeStateFolder(options.stateFolder);
    const until = performance.now() + lockMs;
    const lock = await InstanceLock.acquire(options.stateFolder, () => {
      const other = readEndpointFile(options.stateFolder);
      const served = other !== null && isRunning(other) && compareBuilds(ownBuild(), other.build) <= 0;
      return served || performance.now() > until;
    });
    if (!lock) return null;
    const daemon = new Daemon(options, lock);
    try {
      await daemon.#open();
      return daemon;
    } catch (error) {
      daemon.log("error", `The daemon could not start: ${describe(error)}`);
      await daemon.stop("an internal error");
      throw error;
    }
  }

  private constructor(options: DaemonOptions, lock: InstanceLock) {
    this.#options = options;
    this.#lock = lock;
    this.#log = new Log(logFilePath(options.stateFolder), options.foreground);
    this.#editors = new Editors((event) => this.#endpoint.publish(event));
    this.#endpoint = new Endpoint({
      welcome: { protocol: protocolVersion, instance: this.instance, build: ownBuild(), pid: process.pid },
      clientSeen: (client) => this.#service?.clientSeen(client),
      clientGone: (client) => {
        this.#editors.clientGone(client);
        this.#service?.clientGone(client);
      },
      log: (level, message) => this.log(level, message),
    });
  }

  /** Resolves with the reason once it has stopped. */
  get ended(): Promise<StopReason> {
    return this.#ended.promise;
  }

  log(level: "info" | "warn" | "error", message: string): void {
    // Its folder may have been removed, and is not made again by a daemon that has none.
    if (existsSync(this.#options.stateFolder)) this.#log.write(level, message);
  }

  /** Hands over or ends: says so, finishes the step in hand, lets go of everything. Safe to repeat. */
  async stop(reason: StopReason): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = reason;
    const { stateFolder } = this.#options;
    this.log("info", `Stopping: ${reason}`);
    if (this.#timer) clearInterval(this.#timer);
    removeEndpointFile(stateFolder, this.instance);
    const goesOn = reason === "upgrade" || reason === "its program files are gone";
    this.#endpoint.publish({ type: "daemon", state: goesOn ? "handing-over" : "stopping", reason });
    this.#endpoint.drain();
    try {
      await this.#service?.stop({ drainMs: reason === "an internal error" ? crashDrainMs : drainMs });
    } catch (error) {
      this.log("error", `Stopping the service failed: ${describe(error)}`);
    }
    this.#endpoint.close();
    this.#lock.release();
    this.log("info", "Stopped");
    this.#ended.resolve(reason);
  }

  async #open(): Promise<void> {
    const { stateFolder, createService, listen, lookMs = 5000 } = this.#options;
    const build = ownBuild();
    this.log("info", `Starting: version ${build.version}, build ${build.hash}, process ${process.pid}`);
    this.#service = await createService({
      stateFolder,
      instance: this.instance,
      sequence: () => this.#endpoint.sequence,
      publish: (event) => this.#endpoint.publish(event),
      publishPreview: (preview) => this.#endpoint.publishPreview(preview),
      requestEdit: (edit) => this.#editors.request(edit),
      isUnsaved: (path) => this.#editors.holderOf(path),
      log: (level, message) => this.log(level, message),
    });
    this.#endpoint.serve({ ...this.#service.handlers, ...this.#ownHandlers() });
    removeStaleSockets(stateFolder);
    this.#local = await this.#endpoint.listen(newSockets(stateFolder), null);
    if (listen) await this.#listen(listen);
    this.#writeEndpoint();
    this.log("info", `Ready at ${this.#local.addresses.requests}`);
    this.#timer = setInterval(() => void this.#look(), lookMs);
    pruneRuntimes(stateFolder, build.hash).then(
      (removed) => removed.length > 0 && this.log("info", `Removed the files of old builds: ${removed.join(", ")}`),
      (error: unknown) => this.log("warn", `Old builds could not be removed: ${String(error)}`),
    );
  }

  async #listen({ address, curve }: NonNullable<DaemonOptions["listen"]>): Promise<void> {
    const { addresses } = await this.#endpoint.listen({ requests: address, events: nextPort(address) }, curve);
    this.#tcp = addresses;
    this.log("info", `Listening at ${addresses.requests} and ${addresses.events} for ${curve.clients.length} keys`);
  }

  #ownHandlers(): Pick<EndpointHandlers, OwnMethod> {
    return {
      "daemon.status": async () => ({
        pid: process.pid,
        instance: this.instance,
        build: ownBuild(),
        stateFolder: this.#options.stateFolder,
        startedAt: this.#startedAt,
        clients: this.#endpoint.clients.size,
        rssBytes: process.memoryUsage.rss(),
        stay: this.#options.stay,
      }),
      "daemon.stop": async ({ reason }) => {
        // Once the reply is on its way.
        setImmediate(() => void this.stop(reason));
        return {};
      },
      "editors.unsaved": async ({ paths }, { client }) => {
        this.#editors.setUnsaved(client, paths);
        return {};
      },
      "editors.applied": async ({ id, outcome }, { client }) => {
        this.#editors.applied(client, id, outcome);
        return {};
      },
    };
  }

  /** Looks whether it can still be found, and whether it is still wanted. */
  async #look(): Promise<void> {
    if (!this.#lock.isHeld()) await this.stop("the state folder is gone");
    else if (!existsSync(entryPointPath("daemon"))) await this.stop("its program files are gone");
    else if (this.#isIdleTooLong()) await this.stop("idle");
    else await this.#stayReachable();
  }

  #isIdleTooLong(): boolean {
    const service = this.#service;
    const idle = !this.#options.stay && this.#endpoint.clients.size === 0 && service?.isIdle();
    if (!idle) this.#idleSince = null;
    else this.#idleSince ??= performance.now();
    return (
      this.#idleSince !== null && performance.now() - this.#idleSince >= (service?.config().idleSeconds ?? 0) * 1000
    );
  }

  /** Opens new sockets when one was removed, and writes the endpoint file again when that was. */
  async #stayReachable(): Promise<void> {
    const local = this.#local;
    if (!local || this.#stopping) return;
    try {
      const { requests, events } = local.addresses;
      if (!existsSync(requests.slice(ipc.length)) || !existsSync(events.slice(ipc.length))) {
        const fresh = await this.#endpoint.listen(newSockets(this.#options.stateFolder), null);
        this.#local = fresh;
        this.#writeEndpoint();
        this.#endpoint.hangUp(local.channel);
        this.log("warn", `The sockets were removed; ready again at ${fresh.addresses.requests}`);
      } else if (readEndpointFile(this.#options.stateFolder)?.instance !== this.instance) this.#writeEndpoint();
    } catch (error) {
      this.log("error", `The daemon cannot be reached, and tries again: ${describe(error)}`);
    }
  }

  #writeEndpoint(): void {
    if (!this.#local || this.#stopping) return;
    const { listen, args, stateFolder } = this.#options;
    const file: EndpointFile = {
      ...this.#local.addresses,
      tcp: this.#tcp && listen && { ...this.#tcp, serverKey: listen.curve.publicKey },
      pid: process.pid,
      startTime: processStartTime(process.pid),
      instance: this.instance,
      args: [...args],
      build: ownBuild(),
      protocol: protocolVersion,
    };
    writeEndpointFile(stateFolder, file);
  }
}

const ipc = "ipc://";

function makeStateFolder(stateFolder: string): void {
  try {
    mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw PixelsError.from(error, `Making the state folder ${stateFolder}`);
  }
  const { uid, mode } = statSync(stateFolder);
  if (uid !== process.getuid?.()) {
    throw new PixelsError({
      code: "permission_denied",
      message: `The state folder ${stateFolder} belongs to someone else`,
      remedy: "Set XDG_STATE_HOME to a folder of your own.",
    });
  }
  if ((mode & 0o077) !== 0) chmodSync(stateFolder, 0o700);
}

/** Events are published on the port after the requests'; on any free one when those are. */
function nextPort(address: string): string {
  return address.replace(/:(\d+)$/, (_, port: string) => `:${port === "0" ? 0 : Number(port) + 1}`);
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
