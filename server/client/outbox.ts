import { PixelsError } from "../protocol/errors.ts";
import { isRepeatable } from "../protocol/repeatable.ts";
import type { Method } from "../protocol/requests.ts";
import type { ReplyFrame } from "../protocol/wire.ts";
import type { Link } from "./locator.ts";

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds from now until the request fails with `deadline_exceeded`. Default 30,000. */
  readonly deadlineMs?: number;
}

interface Pending {
  readonly id: number;
  readonly method: Method;
  readonly params: unknown;
  readonly deadlineAt: number;
  /** The instance it was handed to, and when; null until then. */
  sent: { instance: string; at: number } | null;
  settle(error: Error | null, result?: unknown): void;
}

/** On their way at once; the daemon refuses a client more than twice as many. */
const maxInFlight = 32;

/**
 * Requests that wait for their replies. One whose reply is lost is handed over again while its deadline lasts,
 * under its old number, by which an instance of the daemon knows a repeat.
 */
export class Outbox {
  readonly #client: string;
  readonly #pending = new Map<number, Pending>();
  #link: Link | null = null;
  #lastId = 0;
  #inFlight = 0;

  constructor(client: string) {
    this.#client = client;
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  ask(method: Method, params: unknown, { signal, deadlineMs = 30_000 }: RequestOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      const abort = () => pending.settle(cancelled(method));
      const timer = setTimeout(() => pending.settle(tooLate(method, deadlineMs)), deadlineMs);
      const pending: Pending = {
        id,
        method,
        params,
        deadlineAt: performance.now() + deadlineMs,
        sent: null,
        settle: (error, result) => {
          if (!this.#pending.delete(id)) return;
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
          if (pending.sent) this.#inFlight -= 1;
          if (error) reject(error);
          else resolve(result);
          this.#sendWaiting();
        },
      };
      this.#pending.set(id, pending);
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort, { once: true });
      this.#sendWaiting();
    });
  }

  /** Goes on over a new connection. What another instance may have done already is repeated only if it may be. */
  attach(link: Link): void {
    this.#link = link;
    const { instance } = link.welcome;
    for (const pending of this.#pending.values()) {
      if (pending.sent === null) continue;
      if (pending.sent.instance === instance || isRepeatable(pending.method)) this.#send(pending, link);
      else pending.settle(unknownOutcome(pending.method));
    }
    this.#sendWaiting();
  }

  detach(): void {
    this.#link = null;
  }

  receive(reply: ReplyFrame): void {
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    if (reply.ok) pending.settle(null, reply.result);
    else if (reply.error.data?.["handingOver"] === true) this.#takeBack(pending);
    else pending.settle(new PixelsError(reply.error));
  }

  /** Hands over again what has had no reply for so long. */
  repeatOlderThan(ms: number): void {
    const link = this.#link;
    if (!link) return;
    const before = performance.now() - ms;
    for (const pending of this.#pending.values()) {
      if (pending.sent && pending.sent.at < before) this.#send(pending, link);
    }
  }

  failAll(error: Error): void {
    for (const pending of this.#pending.values()) pending.settle(error);
  }

  /** The daemon did not begin it, since it is about to end: the next one gets it. */
  #takeBack(pending: Pending): void {
    if (pending.sent) this.#inFlight -= 1;
    pending.sent = null;
    this.detach();
  }

  #sendWaiting(): void {
    const link = this.#link;
    if (!link || this.#inFlight >= maxInFlight) return;
    for (const pending of this.#pending.values()) {
      if (pending.sent) continue;
      this.#inFlight += 1;
      this.#send(pending, link);
      if (this.#inFlight >= maxInFlight) return;
    }
  }

  #send(pending: Pending, { connection, welcome }: Link): void {
    const now = performance.now();
    pending.sent = { instance: welcome.instance, at: now };
    const { id, method, params } = pending;
    try {
      connection.send({ id, method, params, client: this.#client, deadline: Math.max(1, pending.deadlineAt - now) });
    } catch (error) {
      pending.settle(PixelsError.from(error, `Sending ${method}`));
    }
  }
}

function cancelled(method: Method): PixelsError {
  return new PixelsError({ code: "cancelled", message: `${method} was given up` });
}

function tooLate(method: Method, deadlineMs: number): PixelsError {
  return new PixelsError({
    code: "deadline_exceeded",
    message: `The daemon did not answer ${method} within ${deadlineMs / 1000} s`,
    remedy: "See what it is doing with `dgx-pixels daemon status`, then try again.",
  });
}

function unknownOutcome(method: Method): PixelsError {
  return new PixelsError({
    code: "daemon_unavailable",
    message: `The daemon ended before it answered ${method}`,
    cause: "Whether it was done is not known, and doing it twice would be wrong.",
    remedy: "Look at the result, then ask again if it is missing.",
  });
}
