import { type Context, Router, XPublisher } from "zeromq";
import type { Addresses } from "../protocol/endpoint-file.ts";
import { errnoOf } from "../protocol/errors.ts";
import { maxFrameBytes, topics } from "../protocol/wire.ts";

/** Who sent a request, in ROUTER's terms. */
export type Route = Buffer;

export interface ChannelOptions {
  readonly context: Context;
  /** The daemon's secret CURVE key, for clients on other machines; null where the folder's mode is the guard. */
  readonly secretKey: string | null;
  receive(bytes: Buffer, reply: (bytes: Uint8Array) => void): void;
  log(level: "warn" | "error", message: string): void;
}

/** One pair of sockets: ROUTER for requests, XPUB for events. */
export class Channel {
  readonly #router: Router;
  readonly #publisher: XPublisher;
  readonly #options: ChannelOptions;
  #bound: Addresses | null = null;

  constructor(options: ChannelOptions) {
    this.#options = options;
    const { context, secretKey } = options;
    const shared = {
      context,
      linger: 500,
      // Sending never waits: a client that does not read loses its messages, and nobody else's are held up.
      sendTimeout: 0,
      sendHighWaterMark: 100_000,
      maxMessageSize: maxFrameBytes + 1024,
      ...(secretKey !== null && { curveServer: true, curveSecretKey: secretKey, zapDomain: "dgx-pixels" }),
    };
    this.#router = new Router({ ...shared, mandatory: true });
    this.#publisher = new XPublisher(shared);
    void this.#readRequests();
    void this.#answerSyncs();
  }

  /** Binds, after letting go of former addresses; connections that are there stay. Returns where, ports resolved. */
  async bind(addresses: Addresses): Promise<Addresses> {
    await this.#unbind();
    await this.#router.bind(addresses.requests);
    const requests = this.#router.lastEndpoint ?? addresses.requests;
    await this.#publisher.bind(addresses.events);
    const events = this.#publisher.lastEndpoint ?? addresses.events;
    this.#bound = { requests, events };
    return this.#bound;
  }

  publish(topic: string, bytes: Uint8Array): void {
    this.#publisher.send([topic, bytes]).catch((error: unknown) => {
      this.#options.log("error", `An event could not be published: ${String(error)}`);
    });
  }

  close(): void {
    this.#router.close();
    this.#publisher.close();
  }

  async #unbind(): Promise<void> {
    const bound = this.#bound;
    this.#bound = null;
    if (!bound) return;
    await Promise.allSettled([this.#router.unbind(bound.requests), this.#publisher.unbind(bound.events)]);
  }

  async #readRequests(): Promise<void> {
    for (;;) {
      try {
        for await (const frames of this.#router) {
          const [route, bytes] = frames;
          // What has no single frame after the route comes from no client of ours; there is no id to answer to.
          if (route && bytes && frames.length === 2) this.#options.receive(bytes, (reply) => this.#reply(route, reply));
        }
        return;
      } catch (error) {
        if (this.#router.closed) return;
        this.#options.log("error", `Reading requests failed: ${String(error)}`);
      }
    }
  }

  #reply(route: Route, bytes: Uint8Array): void {
    this.#router.send([route, bytes]).catch((error: unknown) => {
      // EHOSTUNREACH: the client is gone. One that does not read asks again if it still wants to know.
      if (this.#router.closed || errnoOf(error) === "EHOSTUNREACH") return;
      this.#options.log("warn", `A reply could not be delivered: ${String(error)}`);
    });
  }

  async #answerSyncs(): Promise<void> {
    for (;;) {
      try {
        for await (const [message] of this.#publisher) {
          // A subscription is a byte 1 and the topic (ZMTP 3.0).
          const topic = message?.[0] === 1 ? message.toString("latin1", 1) : "";
          if (topic.startsWith(topics.sync) && topic.length > 1) await this.#publisher.send(topic);
        }
        return;
      } catch (error) {
        if (this.#publisher.closed) return;
        this.#options.log("error", `Reading subscriptions failed: ${String(error)}`);
      }
    }
  }
}
