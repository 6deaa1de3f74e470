import { expect } from "vitest";
import type { CliRun, Machine } from "../cli/harness.ts";
import { publishedSchema } from "../cli/published-schema.ts";
import { treeOf } from "./tree.ts";

export interface Refusal {
  readonly code: number;
  /** What the message must hold: the cause, and the name or place it is about. */
  readonly says: readonly string[];
  /** Where the person stands, when that is not the game. */
  readonly cwd?: string;
}

/**
 * Runs a command line that must be refused, for a person and for a program: with its exit code, a cause and a remedy,
 * without a trace of the program's inside, and with every file of the machine as it was.
 */
export async function expectRefusal(machine: Machine, args: readonly string[], wanted: Refusal): Promise<CliRun> {
  const where = wanted.cwd === undefined ? {} : { cwd: wanted.cwd };
  const before = await filesOf(machine);
  const run = await machine.run(args, where);
  expect({ code: run.code, err: run.err }).toMatchObject({ code: wanted.code });
  for (const part of wanted.says) expect(run.err).toContain(part);
  expect(run.err).toMatch(/^error: /m);
  expect(run.err).toMatch(/^ {2}try: ./m);
  expectNoInside(run.err);

  const program = await machine.run(["--json", ...args], where);
  expect(program.code).toBe(wanted.code);
  expect(publishedSchema("failure").parse(JSON.parse(program.out))).toMatchObject({
    error: { remedy: expect.stringMatching(/./) },
  });
  expectNoInside(program.out);
  expect(await filesOf(machine)).toEqual(before);
  return run;
}

/** Every file but the daemon's own. */
export function filesOf(machine: Machine): Promise<Record<string, string>> {
  return treeOf(machine.folder, ["state"]);
}

/** No stack of calls, and nothing that only the program understands. */
function expectNoInside(text: string): void {
  expect(text).not.toMatch(/^\s+at .+:\d+/m);
  expect(text).not.toMatch(/\[object |\bundefined\b|node:internal/);
}

/** Nothing was left behind that still waits or runs. */
export async function expectNoJobLeft(machine: Machine): Promise<void> {
  const { jobs } = await machine.json("jobs", ["jobs"]);
  expect(jobs.map(({ title, state }) => `${title} ${state}`)).toEqual([]);
}
