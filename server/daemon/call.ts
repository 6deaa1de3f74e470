import type { RequestContext } from "./service.ts";

/** One request being answered. */
export class Call implements RequestContext {
  readonly client: string;
  /** Came over TCP. */
  readonly isRemote: boolean;
  /** Where the reply goes: a repeat over a new connection changes it. */
  reply: (bytes: Uint8Array) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #givenUp = Promise.withResolvers<never>();
  #abort: AbortController | null = null;
  #reason: Error | null = null;

  /** Gives itself up with what `tooLate` makes, once the deadline has passed. */
  constructor(
    asker: { client: string; isRemote: boolean; reply: (bytes: Uint8Array) => void },
    deadlineMs: number,
    tooLate: () => Error,
  ) {
    this.client = asker.client;
    this.isRemote = asker.isRemote;
    this.reply = asker.reply;
    this.#timer = setTimeout(() => this.giveUp(tooLate()), deadlineMs);
  }

  /** Made when a handler wants it: most do not, and a signal costs more than all else of a request. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#reason) this.#abort.abort(this.#reason);
    return this.#abort.signal;
  }

  giveUp(reason: Error): void {
    this.#reason = reason;
    this.#abort?.abort(reason);
    this.#givenUp.reject(reason);
  }

  /** The work's outcome, or the reason for which it was given up before. */
  async outcome<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([work, this.#givenUp.promise]);
    } finally {
      clearTimeout(this.#timer);
    }
  }
}
