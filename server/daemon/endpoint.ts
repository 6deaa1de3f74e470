import { Context } from "zeromq";
import { z } from "zod";
import type { Addresses } from "../protocol/endpoint-file.ts";
import { type ErrorInfo, PixelsError } from "../protocol/errors.ts";
import type { DaemonEvent, Preview } from "../protocol/events.ts";
import { isRepeatable } from "../protocol/repeatable.ts";
import { type Method, type ParsedParams, requests, type Result } from "../protocol/requests.ts";
import {
  decodeFrame,
  encodeFrame,
  maxFrameBytes,
  type RequestFrame,
  requestFrameSchema,
  topics,
} from "../protocol/wire.ts";
import { Call } from "./call.ts";
import { Channel } from "./channel.ts";
import { type Client, Clients } from "./clients.ts";
import { type CurveServer, guardByKeys } from "./curve.ts";
import { isAllowedRemotely, refusedRemotely } from "./remote.ts";
import type { RequestContext } from "./service.ts";

export type Handler<M extends Method> = (params: ParsedParams<M>, context: RequestContext) => Promise<Result<M>>;

/** What answers the requests; the endpoint itself answers those about the connection. */
export type EndpointHandlers = { readonly [M in Exclude<Method, "hello" | "ping" | "goodbye">]: Handler<M> };

export interface EndpointOptions {
  /** The answer to every `hello`; its instance is in every event. */
  readonly welcome: Result<"hello">;
  /** A client was heard of, for the first time or again. */
  clientSeen(client: string): void;
  /** A client said goodbye or fell silent. */
  clientGone(client: string): void;
  log(level: "info" | "warn" | "error", message: string): void;
  /** Default 15,000. */
  readonly silenceMs?: number;
}

/** Where a request came from and its reply goes. */
interface Origin {
  readonly reply: (bytes: Uint8Array) => void;
  readonly isRemote: boolean;
}

/** Requests of one client at once; its own limit is half of that. */
const maxInFlight = 64;
const defaultDeadlineMs = 30_000;
const maxDeadlineMs = 10 * 60_000;

/** Answered even while the daemon hands over. */
const alwaysAnswered: ReadonlySet<string> = new Set<Method>([
  "ping",
  "goodbye",
  "daemon.status",
  "daemon.stop",
  "editors.applied",
]);

const identified = z.looseObject({ id: z.int().min(0) });

/** Where clients ask and listen: parses what comes in, runs its handler, and numbers what is published. */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #context = new Context({ blocky: false });
  readonly #channels = new Set<Channel>();
  readonly #guards: { close(): void }[] = [];
  readonly #clients: Clients;
  #handlers: EndpointHandlers | null = null;
  #seq = 0;
  #draining = false;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#clients = new Clients({
      silenceMs: options.silenceMs ?? 15_000,
      seen: (client) => options.clientSeen(client),
      gone: (client) => options.clientGone(client),
    });
  }

  /** Number of the last event that was published; 0 before the first. */
  get sequence(): number {
    return this.#seq;
  }

  get clients(): Clients {
    return this.#clients;
  }

  /** Says who answers; before that nothing may be bound. */
  serve(handlers: EndpointHandlers): void {
    this.#handlers = handlers;
  }

  /** Opens a pair of sockets, guarded by CURVE keys when given, and returns where they are bound. */
  async listen(addresses: Addresses, curve: CurveServer | null): Promise<{ channel: Channel; addresses: Addresses }> {
    if (curve) this.#guards.push(await guardByKeys(this.#context, curve));
    const channel = new Channel({
      context: this.#context,
      secretKey: curve?.secretKey ?? null,
      receive: (bytes, reply) => this.#receive(bytes, { reply, isRemote: curve !== null }),
      log: (level, message) => this.#options.log(level, message),
    });
    this.#channels.add(channel);
    try {
      return { channel, addresses: await channel.bind(addresses) };
    } catch (error) {
      this.hangUp(channel);
      throw PixelsError.from(error, `Listening at ${addresses.requests}`);
    }
  }

  /** Closes a pair of sockets. Its clients look for the daemon again, and go on where they were. */
  hangUp(channel: Channel): void {
    this.#channels.delete(channel);
    channel.close();
  }

  publish(event: DaemonEvent): void {
    this.#seq += 1;
    const bytes = encodeFrame({ instance: this.#options.welcome.instance, seq: this.#seq, event });
    for (const channel of this.#channels) channel.publish(topics.event, bytes);
  }

  publishPreview(preview: Preview): void {
    const bytes = encodeFrame(preview);
    for (const channel of this.#channels) channel.publish(topics.preview, bytes);
  }

  /** From now on new requests are sent to the next daemon; those at work are finished. */
  drain(): void {
    this.#draining = true;
  }

  close(): void {
    this.#clients.close();
    for (const socket of [...this.#channels, ...this.#guards]) socket.close();
  }

  #receive(bytes: Buffer, origin: Origin): void {
    const { reply } = origin;
    let frame: RequestFrame;
    try {
      frame = decodeFrame(requestFrameSchema, bytes);
    } catch (error) {
      const id = readId(bytes);
      if (id !== null) reply(encodeFailure(id, PixelsError.from(error, "Reading a request").toInfo()));
      return;
    }
    const client = this.#clients.heard(frame.client);
    if (!client) {
      reply(encodeFailure(frame.id, tooManyClients));
      return;
    }
    const refusal = this.#refusal(frame, client);
    if (refusal) {
      reply(encodeFailure(frame.id, refusal));
      return;
    }
    const kept = client.kept.get(frame.id);
    const running = client.inFlight.get(frame.id);
    if (kept) reply(kept);
    else if (running) running.reply = reply;
    else void this.#answer(frame, client, origin);
  }

  #refusal({ id, method }: RequestFrame, client: Client): ErrorInfo | null {
    if (!isMethod(method)) return unknownMethod(method);
    if (this.#draining && !alwaysAnswered.has(method)) return handingOver;
    return client.inFlight.size >= maxInFlight && !client.inFlight.has(id) ? tooManyRequests : null;
  }

  async #answer({ id, method, params, deadline }: RequestFrame, client: Client, origin: Origin): Promise<void> {
    const deadlineMs = Math.min(deadline ?? defaultDeadlineMs, maxDeadlineMs);
    const tooLateError = () => new PixelsError(tooLate(method, deadlineMs));
    const call = new Call({ ...origin, client: client.id }, deadlineMs, tooLateError);
    // Number 0 is the handshake's, which every connection of a client makes.
    if (id > 0) client.inFlight.set(id, call);
    let bytes: Uint8Array;
    try {
      const result = await call.outcome(this.#run(method, params, client, call));
      bytes = encodeFrame({ id, ok: true, result });
      if (bytes.byteLength > maxFrameBytes) bytes = encodeFailure(id, tooLong(method));
    } catch (thrown) {
      const error = PixelsError.from(thrown, method);
      if (error.code === "internal") this.#options.log("error", `${method}: ${describe(thrown)}`);
      bytes = encodeFailure(id, error.toInfo());
    }
    client.inFlight.delete(id);
    if (id > 0 && isMethod(method) && !isRepeatable(method)) this.#clients.keep(client, id, bytes);
    call.reply(bytes);
  }

  async #run(method: string, params: unknown, client: Client, call: Call): Promise<unknown> {
    if (!isMethod(method)) throw new PixelsError(unknownMethod(method));
    if (method === "hello") {
      // Another major version's hello is answered too: by the welcome its client sees that they do not fit.
      const { data } = requests.hello.params.safeParse(params);
      if (data) this.#clients.greet(client, data.client);
      return this.#options.welcome;
    }
    if (method === "ping") {
      parseParams("ping", params);
      return { seq: this.#seq };
    }
    if (method === "goodbye") {
      // Once the reply is on its way.
      setImmediate(() => this.#clients.forget(client.id));
      return {};
    }
    return await this.#handle(method, params, call);
  }

  async #handle<M extends keyof EndpointHandlers>(method: M, value: unknown, call: Call): Promise<Result<M>> {
    if (!this.#handlers) throw new PixelsError(unknownMethod(method));
    const params = parseParams(method, value);
    if (call.isRemote && !isAllowedRemotely(method, params)) throw new PixelsError(refusedRemotely(method));
    return await this.#handlers[method](params, call);
  }
}

/** The table of requests, so typed that a method's name alone tells its parameters. */
const schemas: { readonly [M in Method]: { readonly params: z.ZodType<ParsedParams<M>> } } = requests;

function parseParams<M extends Method>(method: M, value: unknown): ParsedParams<M> {
  const parsed = schemas[method].params.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PixelsError(badParameters(method, parsed.error));
}

function isMethod(name: string): name is Method {
  return Object.hasOwn(requests, name);
}

function encodeFailure(id: number, error: ErrorInfo): Uint8Array {
  return encodeFrame({ id, ok: false, error });
}

/** The number in a message that is no request otherwise; null when there is none to answer to. */
function readId(bytes: Uint8Array): number | null {
  try {
    return decodeFrame(identified, bytes).id;
  } catch {
    return null;
  }
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

const handingOver: ErrorInfo = {
  code: "daemon_unavailable",
  message: "The daemon is about to end",
  remedy: "Ask again in a moment: the next daemon goes on with the jobs.",
  data: { handingOver: true },
};

const tooManyRequests: ErrorInfo = {
  code: "invalid_request",
  message: `More than ${maxInFlight} requests of one client at once`,
  remedy: "Wait for replies before asking more; submit many sprites as one request.",
};

const tooManyClients: ErrorInfo = {
  code: "invalid_request",
  message: "Too many clients are connected to the daemon",
  remedy: "Close windows or commands that are no longer needed, then try again.",
};

function unknownMethod(method: string): ErrorInfo {
  return {
    code: "invalid_request",
    message: `There is no request named ${JSON.stringify(method.slice(0, 100))}`,
    remedy: "Client and daemon may be of different versions: restart the daemon with `dgx-pixels daemon restart`.",
  };
}

function badParameters(method: Method, error: z.ZodError): ErrorInfo {
  return {
    code: "invalid_request",
    message: `The parameters of ${method} are not valid`,
    cause: z.prettifyError(error),
  };
}

function tooLate(method: string, deadlineMs: number): ErrorInfo {
  return { code: "deadline_exceeded", message: `${method} took longer than the ${deadlineMs / 1000} s it was given` };
}

function tooLong(method: string): ErrorInfo {
  return {
    code: "invalid_request",
    message: `The answer to ${method} is longer than ${maxFrameBytes >> 20} MB`,
    remedy: "Ask for less at once.",
  };
}
