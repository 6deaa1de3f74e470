import { randomUUID } from "node:crypto";
import { Context, Dealer, type Observer, Subscriber } from "zeromq";
import { z } from "zod";
import type { Addresses } from "../protocol/endpoint-file.ts";
import { type EventEnvelope, eventEnvelopeSchema, type Preview, previewSchema } from "../protocol/events.ts";
import {
  decodeFrame,
  encodeFrame,
  maxFrameBytes,
  type ReplyFrame,
  replyFrameSchema,
  type RequestFrame,
  topics,
} from "../protocol/wire.ts";
import { parseLenient } from "./lenient.ts";

/** Keys (Z85, 40 characters each) for a daemon that is reached over TCP. */
export interface CurveKeys {
  readonly serverKey: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

export interface ConnectionListener {
  onReply(reply: ReplyFrame): void;
  onEvent(envelope: EventEnvelope): void;
  onPreview(preview: Preview): void;
  /** The other end is gone. Called once, never after `close`. */
  onLost(): void;
}

// One context a process: each costs a thread, and connections come and go.
let context: Context | undefined;

/** The sockets to one instance of the daemon. It repeats nothing: that is its owner's part. */
export class Connection {
  readonly #dealer: Dealer;
  readonly #subscriber: Subscriber;
  readonly #listener: ConnectionListener;
  /** By its topic, what waits for a subscription to be in force. */
  readonly #syncs = new Map<string, () => void>();
  #closed = false;

  constructor(addresses: Addresses, keys: CurveKeys | null, listener: ConnectionListener) {
    this.#listener = listener;
    context ??= new Context({ blocky: false });
    const options = {
      context,
      linger: 0,
      receiveHighWaterMark: 100_000,
      maxMessageSize: maxFrameBytes + 1024,
      ...(keys && {
        curveServerKey: keys.serverKey,
        curvePublicKey: keys.publicKey,
        curveSecretKey: keys.secretKey,
      }),
    };
    // Sending never waits, since a socket allows one waiting send only.
    this.#dealer = new Dealer({ ...options, sendTimeout: 0, sendHighWaterMark: 10_000 });
    this.#subscriber = new Subscriber(options);
    this.#watch(this.#dealer.events);
    this.#watch(this.#subscriber.events);
    this.#dealer.connect(addresses.requests);
    this.#subscriber.connect(addresses.events);
    void this.#read(this.#dealer, ([bytes]) => {
      const reply = bytes && readReply(bytes);
      if (reply) this.#listener.onReply(reply);
    });
    void this.#read(this.#subscriber, ([topic, bytes]) => this.#receive(String(topic), bytes));
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Hands a request to the socket; whether it arrived shows in its reply only. Throws when it cannot be encoded. */
  send(frame: RequestFrame): void {
    const bytes = encodeFrame(frame);
    if (!this.#closed) this.#write(bytes).catch(() => this.#lose());
  }

  /** Resolves once everything published from then on is received; never, when the connection is lost first. */
  async subscribe(topic: keyof typeof topics): Promise<void> {
    if (this.#closed) return;
    const sync = `${topics.sync}${randomUUID()}`;
    const inForce = new Promise<void>((resolve) => this.#syncs.set(sync, resolve));
    this.#subscriber.subscribe(topics[topic], sync);
    await inForce;
  }

  unsubscribe(topic: keyof typeof topics): void {
    if (!this.#closed) this.#subscriber.unsubscribe(topics[topic]);
  }

  close(): void {
    this.#closed = true;
    this.#dealer.close();
    this.#subscriber.close();
  }

  // Asynchronous so that what the socket throws at once is a rejection too.
  async #write(bytes: Uint8Array): Promise<void> {
    await this.#dealer.send(bytes);
  }

  #lose(): void {
    if (this.#closed) return;
    this.close();
    this.#listener.onLost();
  }

  #watch(events: Observer): void {
    // Once it broke, the owner reads the daemon's address again: it may be another instance by then.
    for (const type of ["disconnect", "handshake:error:auth", "handshake:error:protocol"] as const) {
      events.on(type, () => this.#lose());
    }
  }

  async #read(socket: Dealer | Subscriber, receive: (frames: Buffer[]) => void): Promise<void> {
    try {
      for await (const frames of socket) receive(frames);
    } catch {
      this.#lose();
    }
  }

  #receive(topic: string, bytes: Buffer | undefined): void {
    if (topic.startsWith(topics.sync)) {
      this.#subscriber.unsubscribe(topic);
      this.#syncs.get(topic)?.();
      this.#syncs.delete(topic);
      return;
    }
    if (bytes === undefined) return;
    let message: { event: EventEnvelope } | { preview: Preview };
    try {
      const value = decodeFrame(z.unknown(), bytes);
      message =
        topic === topics.preview
          ? { preview: parseLenient(previewSchema, value, "preview") }
          : { event: parseLenient(eventEnvelopeSchema, value, "event") };
    } catch {
      // An event that cannot be read leaves a gap in the numbers, which the mirror closes with a snapshot.
      return;
    }
    if ("event" in message) this.#listener.onEvent(message.event);
    else this.#listener.onPreview(message.preview);
  }
}

const identified = z.object({ id: z.int().min(0) });

/** A reply that can be routed; null for bytes without an id. */
function readReply(bytes: Uint8Array): ReplyFrame | null {
  let value: unknown;
  try {
    value = decodeFrame(z.unknown(), bytes);
    return parseLenient(replyFrameSchema, value, "reply");
  } catch (error) {
    const answer = identified.safeParse(value);
    if (!answer.success) return null;
    return {
      id: answer.data.id,
      ok: false,
      error: {
        code: "protocol_mismatch",
        message: "The daemon's reply cannot be understood",
        cause: error instanceof Error ? error.message : String(error),
        remedy: "Restart the daemon with `dgx-pixels daemon restart`; if it stays, update DGX-Pixels.",
      },
    };
  }
}
