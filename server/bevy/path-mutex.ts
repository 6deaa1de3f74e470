const tails = new Map<string, Promise<unknown>>();

/** What a placement itself is locked by, before any of its files. */
export function placementKey(id: string): string {
  return `placement ${id}`;
}

/** Runs `act` while no other call in this process works on any of these real paths. */
export async function withPaths<T>(paths: readonly string[], act: () => Promise<T>): Promise<T> {
  // One order for everyone, so that two calls never wait for each other.
  const [first, ...rest] = [...new Set(paths)].toSorted();
  if (first === undefined) return act();
  const before = tails.get(first) ?? Promise.resolve();
  const turn = before.then(() => withPaths(rest, act));
  const tail = turn.catch(() => {});
  tails.set(first, tail);
  try {
    return await turn;
  } finally {
    if (tails.get(first) === tail) tails.delete(first);
  }
}
