import { setTimeout as sleep } from "node:timers/promises";
import { compareBuilds } from "../protocol/build-info.ts";
import { type Addresses, type EndpointFile, readEndpointFile } from "../protocol/endpoint-file.ts";
import { PixelsError } from "../protocol/errors.ts";
import { isRunning } from "../protocol/process-identity.ts";
import { type Method, type Params, protocolVersion, requests, type Result } from "../protocol/requests.ts";
import type { ReplyFrame } from "../protocol/wire.ts";
import { Connection, type ConnectionListener, type CurveKeys } from "./connection.ts";
import { parseLenient } from "./lenient.ts";
import { startDaemon, type StartedDaemon, unavailable } from "./start-daemon.ts";

/** A connection whose daemon has said hello. */
export interface Link {
  readonly connection: Connection;
  readonly welcome: Result<"hello">;
}

export interface LocatorOptions {
  readonly stateFolder: string;
  /** A daemon elsewhere, which is only connected to. */
  readonly remote: { readonly addresses: Addresses; readonly keys: CurveKeys } | null;
  /** A daemon started here keeps running when idle. */
  readonly stay: boolean;
  readonly client: Params<"hello">["client"];
}

export interface OpenOptions {
  /** Start a daemon when none runs, and replace one of an older build. */
  readonly mayStart: boolean;
  /** Milliseconds until it throws. */
  readonly withinMs: number;
  /** Milliseconds to wait for a daemon that someone else is about to start. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
}

const answerMs = 2000;
const lookMs = 25;
/** A start may lose the race for the lock to a daemon that then ends. */
const maxStarts = 5;

/** Finds the daemon of a state folder, starts it, and has an older one hand over. */
export class Locator {
  readonly #options: LocatorOptions;

  constructor(options: LocatorOptions) {
    this.#options = options;
  }

  /** Throws `daemon_unavailable`, `protocol_mismatch` or `unsupported`, or the signal's reason. */
  async open(listener: ConnectionListener, options: OpenOptions): Promise<Link> {
    const until = performance.now() + options.withinMs;
    const { remote } = this.#options;
    return remote
      ? await this.#openRemote(remote, listener, until, options)
      : await this.#openOwn(listener, until, options);
  }

  async #openOwn(listener: ConnectionListener, until: number, options: OpenOptions): Promise<Link> {
    const { stateFolder } = this.#options;
    const startAt = performance.now() + (options.graceMs ?? 0);
    let started: StartedDaemon | null = null;
    let starts = 0;
    let args = this.#options.stay ? ["--stay"] : [];
    while (performance.now() < until) {
      options.signal?.throwIfAborted();
      const file = readEndpointFile(stateFolder);
      if (file) args = [...new Set([...args, ...file.args])];

      if (file && isRunning(file)) {
        const stance = this.#stanceTo(file, options.mayStart);
        if (stance === "join") {
          const link = await this.#shakeHands(file, null, listener);
          if (link) return link;
        } else if (started === null) {
          await this.#askToHandOver(file);
          started = await startDaemon(stateFolder, args);
        }
      } else if (!options.mayStart) {
        throw unavailable("No daemon is running", stateFolder, "Start it with `dgx-pixels daemon start`.");
      } else if (started === null && performance.now() >= startAt) {
        if (++starts > maxStarts) break;
        started = await startDaemon(stateFolder, args);
      }

      const end = await Promise.race(started ? [started.exited, sleep(lookMs)] : [sleep(lookMs)]);
      // One that found another daemon ends without an error; one that was killed is followed by another.
      if (end?.code === 0 || end?.signal) started = null;
      else if (end) throw unavailable(`The daemon ended as it started (exit code ${end.code})`, stateFolder);
    }
    throw unavailable("The daemon does not answer", stateFolder);
  }

  async #openRemote(
    { addresses, keys }: { addresses: Addresses; keys: CurveKeys },
    listener: ConnectionListener,
    until: number,
    { signal }: OpenOptions,
  ): Promise<Link> {
    while (performance.now() < until) {
      signal?.throwIfAborted();
      const link = await this.#shakeHands(addresses, keys, listener);
      if (link && link.welcome.protocol.major !== protocolVersion.major) {
        link.connection.close();
        throw mismatch(link.welcome.protocol.major);
      }
      if (link) return link;
      await sleep(200, undefined, signal ? { signal } : {});
    }
    throw new PixelsError({
      code: "daemon_unavailable",
      message: `The daemon at ${addresses.requests} does not answer`,
      cause: "It is not running there, it cannot be reached, or it does not know this client's key.",
      remedy: "Check the address, and that the public key is among the daemon's clients.",
    });
  }

  #stanceTo(file: EndpointFile, mayStart: boolean): "join" | "replace" {
    const newer = compareBuilds(this.#options.client.build, file.build) > 0;
    if (mayStart && newer) return "replace";
    if (file.protocol.major !== protocolVersion.major) throw mismatch(file.protocol.major);
    return "join";
  }

  /** null when nobody answered in time. */
  async #shakeHands(addresses: Addresses, keys: CurveKeys | null, listener: ConnectionListener): Promise<Link | null> {
    const { client } = this.#options;
    const params = { protocol: protocolVersion, client };
    const { connection, result } = await exchange(addresses, keys, client.id, "hello", params, listener);
    if (connection === null) return null;
    try {
      return { connection, welcome: parseLenient(requests.hello.result, result, "hello") };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #askToHandOver(file: EndpointFile): Promise<void> {
    const { client } = this.#options;
    const { connection } = await exchange(file, null, client.id, "daemon.stop", { reason: "upgrade" }, null);
    connection?.close();
  }
}

/** Makes one request, numbered 0, over a new connection. `connection` is null when there was no answer in time. */
async function exchange<M extends Method>(
  addresses: Addresses,
  keys: CurveKeys | null,
  client: string,
  method: M,
  params: Params<M>,
  listener: ConnectionListener | null,
): Promise<{ connection: Connection; result: unknown } | { connection: null; result?: never }> {
  const { promise, resolve } = Promise.withResolvers<ReplyFrame | null>();
  let adopted = false;
  const connection = new Connection(addresses, keys, {
    onReply: (reply) => (reply.id === 0 ? resolve(reply) : listener?.onReply(reply)),
    onEvent: (envelope) => listener?.onEvent(envelope),
    onPreview: (preview) => listener?.onPreview(preview),
    onLost: () => (adopted ? listener?.onLost() : resolve(null)),
  });
  const timer = setTimeout(resolve, answerMs, null);
  connection.send({ id: 0, method, params, client, deadline: answerMs });
  const reply = await promise;
  clearTimeout(timer);
  if (reply?.ok && !connection.isClosed) {
    adopted = true;
    return { connection, result: reply.result };
  }
  connection.close();
  if (reply?.ok === false && reply.error.code !== "daemon_unavailable") throw new PixelsError(reply.error);
  return { connection: null };
}

function mismatch(theirs: number): PixelsError {
  return new PixelsError({
    code: "protocol_mismatch",
    message: `The daemon speaks protocol ${theirs}, this program ${protocolVersion.major}`,
    remedy:
      theirs > protocolVersion.major
        ? "Update this program: a newer DGX-Pixels runs on the machine."
        : "Restart the daemon with `dgx-pixels daemon restart`.",
  });
}
