import { setTimeout as sleep } from "node:timers/promises";
import { type Context, Router, XPublisher } from "zeromq";
import type { Addresses } from "../protocol/endpoint-file.ts";
import { errnoOf } from "../protocol/errors.ts";
import { maxFrameBytes, topics } from "../protocol/wire.ts";

const retryMs = 100;

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
  #isBound = false;

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
  }

  /** Binds, once, and returns where, ports resolved. A socket that is read or written cannot bind again meanwhile. */
  async bind(addresses: Addresses): Promise<Addresses> {
    await this.#router.bind(addresses.requests);
    await this.#publisher.bind(addresses.events);
    const bound = {
      requests: this.#router.lastEndpoint ?? addresses.requests,
      events: this.#publisher.lastEndpoint ?? addresses.events,
    };
    this.#isBound = true;
    void this.#readRequests();
    void this.#answerSyncs();
    return bound;
  }

  publish(topic: string, bytes: Uint8Array): void {
    // Before that nobody can have subscribed, and a socket that binds cannot send.
    if (this.#isBound) void this.#send(this.#publisher, [topic, bytes]);
  }

  close(): void {
    this.#router.close();
    this.#publisher.close();
  }

  async #readRequests(): Promise<void> {
    await this.#readAll(this.#router, (frames) => {
      const [route, bytes] = frames;
      // What has no single frame after the route comes from no client of ours; there is no id to answer to.
      if (route && bytes && frames.length === 2)
        this.#options.receive(bytes, (reply) => void this.#send(this.#router, [route, reply]));
    });
  }

  async #answerSyncs(): Promise<void> {
    await this.#readAll(this.#publisher, ([message]) => {
      // A subscription is a byte 1 and the topic (ZMTP 3.0).
      const topic = message?.[0] === 1 ? message.toString("latin1", 1) : "";
      if (topic.startsWith(topics.sync) && topic.length > 1) void this.#send(this.#publisher, [topic]);
    });
  }

  async #readAll(socket: Router | XPublisher, take: (frames: Buffer[]) => void): Promise<void> {
    while (!socket.closed) {
      try {
        for await (const frames of socket) take(frames);
      } catch (error) {
        if (socket.closed) return;
        this.#options.log("error", `Reading a socket failed, and is tried again: ${String(error)}`);
        await sleep(retryMs);
      }
    }
  }

  async #send(socket: Router | XPublisher, frames: (Uint8Array | string)[]): Promise<void> {
    try {
      // A closed socket throws at once; answers may still come for clients it had.
      if (!socket.closed) await socket.send(frames);
    } catch (error) {
      // EHOSTUNREACH: the client is gone. One that does not read asks again if it still wants to know.
      if (socket.closed || errnoOf(error) === "EHOSTUNREACH") return;
      this.#options.log("warn", `A message could not be sent: ${String(error)}`);
    }
  }
}
