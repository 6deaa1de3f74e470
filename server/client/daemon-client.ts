import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { ownBuild } from "../protocol/build-info.ts";
import type { Addresses } from "../protocol/endpoint-file.ts";
import { PixelsError } from "../protocol/errors.ts";
import type { Preview } from "../protocol/events.ts";
import { type Method, type Params, requests, type Result } from "../protocol/requests.ts";
import { stateFolderPath } from "../protocol/state-folder.ts";
import type { CurveKeys } from "./connection.ts";
import { parseLenient } from "./lenient.ts";
import { callSafely, type ChangeListener, LiveMirror } from "./live-mirror.ts";
import { type Link, Locator, type OpenOptions } from "./locator.ts";
import type { Mirror } from "./mirror.ts";
import { Outbox, type RequestOptions } from "./outbox.ts";

export interface ConnectOptions {
  /** Who asks, for the daemon's log: `cli`, `language-server`, `mcp`. */
  readonly name: string;
  /** Default: see `stateFolderPath`. */
  readonly stateFolder?: string;
  /** Start a daemon when none runs, and replace one of an older build. Default true. */
  readonly start?: boolean;
  /** A daemon that is started here keeps running when idle. Default false. */
  readonly stay?: boolean;
  /** A daemon reached over TCP, instead of one's own. */
  readonly remote?: { readonly addresses: Addresses; readonly keys: CurveKeys };
  /** Milliseconds until `connect` gives up. Default 30,000. */
  readonly connectMs?: number;
  readonly signal?: AbortSignal;
}

export type ConnectionState = "connected" | "reconnecting" | "closed";

/** The table of requests, so typed that a method's name alone tells its result. */
const results: { readonly [M in Method]: { readonly result: z.ZodType<Result<M>> } } = requests;

const heartbeatMs = 5000;
/** Silent for so long, though it is pinged: the connection is made anew. */
const silenceMs = 12_000;
/** For someone else to start the daemon that an older one hands over to. */
const graceMs = 3000;

/**
 * A face's line to the daemon: finds or starts it, asks, listens, and comes back after a crash or an upgrade.
 * A request whose reply is lost is repeated while its deadline lasts, unless repeating could do it twice.
 */
export class DaemonClient {
  readonly id: string = randomUUID();
  readonly #options: ConnectOptions;
  readonly #locator: Locator;
  readonly #outbox = new Outbox(this.id);
  readonly #live = new LiveMirror(() => this.request("snapshot", {}));
  readonly #previewListeners = new Set<(preview: Preview) => void>();
  readonly #stateListeners = new Set<(state: ConnectionState) => void>();
  readonly #closing = new AbortController();
  readonly #heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
  #link: Link | null = null;
  #reconnecting = false;
  #lastHeard = 0;
  /** What the daemon said before it ended: `stopping` is not answered with a start until there is something to ask. */
  #farewell: "stopping" | "handing-over" | null = null;

  /** Finds the daemon, or starts it. Throws `daemon_unavailable`, `protocol_mismatch` or `unsupported`. */
  static async connect(options: ConnectOptions): Promise<DaemonClient> {
    const client = new DaemonClient(options);
    try {
      const signal = options.signal
        ? AbortSignal.any([options.signal, client.#closing.signal])
        : client.#closing.signal;
      await client.#open({ mayStart: options.start ?? true, withinMs: options.connectMs ?? 30_000, signal });
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  private constructor(options: ConnectOptions) {
    this.#options = options;
    this.#locator = new Locator({
      stateFolder: options.stateFolder ?? stateFolderPath(),
      remote: options.remote ?? null,
      stay: options.stay ?? false,
      client: { id: this.id, name: options.name, pid: process.pid, build: ownBuild() },
    });
  }

  /** The daemon as it said hello; null while there is no connection. */
  get daemon(): Result<"hello"> | null {
    return this.#link?.welcome ?? null;
  }

  /** The daemon's state; kept up to date from the first `subscribe` on. */
  get mirror(): Mirror {
    return this.#live.mirror;
  }

  get state(): ConnectionState {
    if (this.#closing.signal.aborted) return "closed";
    return this.#link ? "connected" : "reconnecting";
  }

  /**
   * Asks the daemon. Throws what it answered, `deadline_exceeded`, `daemon_unavailable`, or `cancelled` when the
   * signal was aborted first, whereupon the daemon may still do it.
   */
  async request<M extends Method>(method: M, params: Params<M>, options: RequestOptions = {}): Promise<Result<M>> {
    if (this.#closing.signal.aborted) throw closed();
    const asked = this.#outbox.ask(method, params, options);
    if (!this.#link) this.#reconnect();
    return parseLenient(results[method].result, await asked, `answer to ${method}`);
  }

  /**
   * Hears every change of the daemon's state: first, and whenever all of it may have changed, a `snapshot`, upon which
   * `mirror` is to be looked at; else each event, in order. Resolves with what ends it, after the first snapshot.
   */
  async subscribe(listener: ChangeListener): Promise<() => void> {
    if (this.#closing.signal.aborted) throw closed();
    const first = !this.#live.isHeard;
    this.#live.add(listener);
    const end = () => {
      this.#live.remove(listener);
      if (this.#live.isHeard) return;
      this.#live.lapse();
      this.#link?.connection.unsubscribe("event");
    };
    if (!this.#link) this.#reconnect();
    else if (first) void this.#live.follow(this.#link.connection);
    else if (this.#live.isFresh) callSafely(listener, { type: "snapshot" });
    try {
      await this.#live.whenFresh();
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  /** Hears live previews of running jobs, some of which may be skipped. Returns what ends it. */
  onPreview(listener: (preview: Preview) => void): () => void {
    this.#previewListeners.add(listener);
    if (this.#previewListeners.size === 1) void this.#link?.connection.subscribe("preview");
    return () => {
      this.#previewListeners.delete(listener);
      if (this.#previewListeners.size === 0) this.#link?.connection.unsubscribe("preview");
    };
  }

  /** Hears when the connection is lost and when it is back. Returns what ends it. */
  onState(listener: (state: ConnectionState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Says goodbye and closes the sockets; requests on their way end as `cancelled`. Safe to repeat. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(closed());
    clearInterval(this.#heartbeat);
    this.#outbox.failAll(closed());
    this.#live.fail(closed());
    if (this.#link) await this.#outbox.ask("goodbye", {}, { deadlineMs: 500 }).catch(() => {});
    this.#link?.connection.close();
    this.#link = null;
    this.#announce("closed");
  }

  async #open(options: OpenOptions): Promise<void> {
    const link: Link = await this.#locator.open(
      {
        onReply: (reply) => {
          this.#lastHeard = performance.now();
          this.#outbox.receive(reply);
        },
        onEvent: ({ event, ...place }) => {
          this.#lastHeard = performance.now();
          if (event.type === "daemon") this.#farewell = event.state;
          this.#live.receive({ ...place, event });
        },
        onPreview: (preview) => {
          for (const listener of this.#previewListeners) callSafely(listener, preview);
        },
        onLost: () => this.#lose(link),
      },
      options,
    );
    if (this.#closing.signal.aborted) {
      link.connection.close();
      throw closed();
    }
    this.#link = link;
    this.#lastHeard = performance.now();
    this.#farewell = null;
    this.#outbox.attach(link);
    if (this.#live.isHeard) void this.#live.follow(link.connection);
    if (this.#previewListeners.size > 0) void link.connection.subscribe("preview");
    this.#announce("connected");
  }

  #lose(link: Link): void {
    if (this.#link !== link) return;
    link.connection.close();
    this.#link = null;
    this.#outbox.detach();
    this.#live.lapse();
    if (this.#closing.signal.aborted) {
      this.#outbox.failAll(closed());
      return;
    }
    this.#announce("reconnecting");
    this.#reconnect();
  }

  #reconnect(): void {
    if (this.#reconnecting) return;
    this.#reconnecting = true;
    void this.#comeBack().finally(() => {
      this.#reconnecting = false;
    });
  }

  /** Connects again while someone asks or listens; otherwise the next request does. */
  async #comeBack(): Promise<void> {
    const { signal } = this.#closing;
    for (let pauseMs = 250; !this.#link && !signal.aborted; pauseMs *= 2) {
      if (this.#outbox.isEmpty && !this.#live.isHeard && this.#previewListeners.size === 0) return;
      const stoppedByHand = this.#farewell === "stopping" && this.#outbox.isEmpty;
      const mayStart = (this.#options.start ?? true) && !stoppedByHand;
      try {
        const grace = this.#farewell === "handing-over" ? graceMs : 0;
        await this.#open({ mayStart, withinMs: this.#options.connectMs ?? 30_000, graceMs: grace, signal });
      } catch (error) {
        if (mayStart) {
          this.#outbox.failAll(PixelsError.from(error, "Connecting to the daemon"));
          this.#live.fail(error);
        }
        await sleep(mayStart ? Math.min(pauseMs, 60_000) : 1000, undefined, { ref: false, signal }).catch(() => {});
      }
    }
  }

  #beat(): void {
    const link = this.#link;
    if (!link) return;
    if (performance.now() - this.#lastHeard > silenceMs) {
      this.#lose(link);
      return;
    }
    this.#outbox.repeatOlderThan(heartbeatMs);
    void this.#ping();
  }

  /** Keeps this client alive in the daemon's eyes, and sees whether the latest events were lost. */
  async #ping(): Promise<void> {
    try {
      const { seq } = await this.request("ping", {}, { deadlineMs: silenceMs });
      if (!this.#live.isHeard || this.mirror.seq >= seq) return;
      await sleep(500, undefined, { ref: false, signal: this.#closing.signal });
      if (this.mirror.seq < seq) await this.#live.refresh();
    } catch {
      // Silence is judged by the next beat.
    }
  }

  #announce(state: ConnectionState): void {
    for (const listener of this.#stateListeners) callSafely(listener, state);
  }
}

function closed(): PixelsError {
  return new PixelsError({ code: "cancelled", message: "The connection to the daemon was closed" });
}
