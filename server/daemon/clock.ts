/** Time, as the daemon sees it; tests put their own in its place. */
export interface Clock {
  /** Unix milliseconds. May go backwards: for people to read, never for ordering or waiting. */
  now(): number;
  /** Milliseconds since some moment; never goes backwards. */
  monotonic(): number;
  /** Calls once after so many milliseconds, and does not keep the process alive. Gives a function that cancels it. */
  after(milliseconds: number, call: () => void): () => void;
}

/** Node fires a longer timer at once. */
const longestTimer = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, Math.min(Math.max(0, milliseconds), longestTimer));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
