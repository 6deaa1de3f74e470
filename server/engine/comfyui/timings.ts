/** How long the client waits for what, in milliseconds. Tests shorten them. */
export interface Timings {
  /** Without an event of a prompt for this long, HTTP is asked how it stands. */
  readonly silenceMs: number;
  /** Between two questions about a prompt whose events go elsewhere: an adopted one, or after a reconnect. */
  readonly pollMs: number;
  /** First wait after a failure; doubles up to `backoffMs`. */
  readonly retryMs: number;
  readonly backoffMs: number;
  /** A prompt that is nowhere for this long is lost; a late history needs some of it. */
  readonly lostMs: number;
  /** A cancel that is not confirmed by then ends the wait all the same. */
  readonly cancelMs: number;
  readonly heartbeatMs: number;
  readonly httpTimeoutMs: number;
}

export const defaultTimings: Timings = {
  silenceMs: 5_000,
  pollMs: 1_000,
  retryMs: 250,
  backoffMs: 10_000,
  lostMs: 5_000,
  cancelMs: 15_000,
  heartbeatMs: 10_000,
  httpTimeoutMs: 15_000,
};
