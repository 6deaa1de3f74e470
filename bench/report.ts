/** One figure of a benchmark, as the JSON line has it. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What `value` is not to exceed; left out where it is information alone. */
  readonly target?: number;
  /** The figure behind a ratio, and the floor it was measured against in the same run. */
  readonly absolute?: { readonly value: number; readonly unit: string };
  readonly floor?: { readonly value: number; readonly unit: string };
}

/** Few rounds: `--quick`. The targets stay. */
export const isQuick = process.argv.includes("--quick");

/** Prints one line of JSON, and fails the process when a target is missed. */
export async function report(benchmark: string, measures: readonly Measure[]): Promise<void> {
  const missed = measures.filter(({ value, target }) => target !== undefined && !(value <= target));
  const line = { benchmark, at: new Date().toISOString(), node: process.version, ok: missed.length === 0, measures };
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(`${JSON.stringify(line)}\n`, (error) => (error ? reject(error) : resolve()));
  });
  if (missed.length > 0) process.exitCode = 1;
}

/** The value below which the given part (0 … 1) of the values lies, by nearest rank. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
