import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { processStartTime } from "../../server/protocol/process-identity.ts";

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and returns what it wrote. */
export async function runToEnd(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<Outcome> {
  return await outcomeOf(spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] }));
}

export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  child.stdout?.on("data", (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.stderr.push(chunk));
  await once(child, "close");
  const text = (name: keyof typeof chunks) => Buffer.concat(chunks[name]).toString("utf8");
  return { code: child.exitCode, signal: child.signalCode, stdout: text("stdout"), stderr: text("stderr") };
}

/** Every process whose environment names this state folder: daemons, and all they started. Zombies are none. */
export function processesOf(stateFolder: string): number[] {
  const wanted = `DGX_PIXELS_STATE=${stateFolder}\0`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => readText(`/proc/${pid}/environ`).includes(wanted))
    .map(Number)
    .filter((pid) => processStartTime(pid) !== null);
}

function readText(path: string): string {
  try {
    return `${readFileSync(path, "utf8")}\0`;
  } catch {
    return "";
  }
}

/** Ends a test: what still runs for its state folder is killed, and gone when this resolves. */
export async function killAll(stateFolder: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const left = processesOf(stateFolder);
    if (left.length === 0) return;
    for (const pid of left) kill(pid, "SIGKILL");
    await sleep(25);
  }
  expect(processesOf(stateFolder)).toEqual([]);
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}
