import type { Params } from "../protocol/requests.ts";
import type { Call } from "./call.ts";

/** What the daemon knows of one client. */
export interface Client {
  readonly id: string;
  hello: Params<"hello">["client"] | null;
  /** `performance.now()` of its last request. */
  lastHeard: number;
  readonly inFlight: Map<number, Call>;
  /** Replies to requests that must not be done twice, by the request's number; the latest few. */
  readonly kept: Map<number, Uint8Array>;
}

export interface ClientsOptions {
  /** A client silent for so many milliseconds has vanished. */
  readonly silenceMs: number;
  seen(client: string): void;
  gone(client: string): void;
}

const maxClients = 1024;
const maxKept = 32;

/** The clients of a daemon, by their ids, for as long as they are heard. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #clients = new Map<string, Client>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: ClientsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#forgetSilent(), options.silenceMs / 6).unref();
  }

  get size(): number {
    return this.#clients.size;
  }

  names(): string[] {
    return [...this.#clients.values()].map(({ hello }) => (hello ? `${hello.name} (${hello.pid})` : "unnamed"));
  }

  /** The client, which is alive by asking; null when there are too many. */
  heard(id: string): Client | null {
    const known = this.#clients.get(id);
    if (known) {
      known.lastHeard = performance.now();
      return known;
    }
    if (this.#clients.size >= maxClients) return null;
    const client = { id, hello: null, lastHeard: performance.now(), inFlight: new Map(), kept: new Map() };
    this.#clients.set(id, client);
    // Also one that was silent for long, as after a machine's sleep, and comes back without a word.
    this.#options.seen(id);
    return client;
  }

  greet(client: Client, hello: NonNullable<Client["hello"]>): void {
    if (client.hello) this.#options.seen(client.id);
    client.hello = hello;
  }

  keep(client: Client, request: number, reply: Uint8Array): void {
    client.kept.set(request, reply);
    const [oldest] = client.kept.keys();
    if (client.kept.size > maxKept && oldest !== undefined) client.kept.delete(oldest);
  }

  /** Forgets a client and gives up what it asked. */
  forget(id: string): void {
    const client = this.#clients.get(id);
    if (!client) return;
    this.#clients.delete(id);
    for (const call of client.inFlight.values()) call.giveUp(new Error("the client is gone"));
    this.#options.gone(id);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #forgetSilent(): void {
    const before = performance.now() - this.#options.silenceMs;
    for (const { id, lastHeard } of this.#clients.values()) if (lastHeard < before) this.forget(id);
  }
}
