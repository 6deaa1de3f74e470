import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DaemonClient } from "../../server/client/daemon-client.ts";
import { readEndpointFile } from "../../server/protocol/endpoint-file.ts";
import { exchanges } from "../../server/protocol/golden/samples.ts";
import { isEnded } from "../../server/protocol/job.ts";
import { isRunning } from "../../server/protocol/process-identity.ts";
import { type Installation, install, reinstall } from "./built.ts";
import { type TestFolders, testFolders } from "./folders.ts";
import { kill, killAll, type Outcome, processesOf, runToEnd } from "./processes.ts";

// The programs as they are installed: bundled, started from a folder that goes away.

const patience = { timeout: 20_000 };
const rounds = process.env["DGX_PIXELS_ROUNDS"] === "full" ? 100 : 3;
let base: string;
let older: Installation;
let folders: TestFolders;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "dgxp-"));
  mkdirSync(join(base, "older"));
  older = await install(join(base, "older"));
}, 60_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));

beforeEach(() => {
  folders = testFolders();
});
afterEach(async () => {
  await killAll(folders.state);
  folders[Symbol.dispose]();
});

async function cli({ cli: path }: Installation, ...args: string[]): Promise<Outcome> {
  return await runToEnd(process.execPath, [path, ...args]);
}

function another(from: Installation, name: string, hash: string, laterBy: number): Installation {
  return reinstall(from, join(folders.root, name), { hash, time: from.build.time + laterBy });
}

function endpoint() {
  const file = readEndpointFile(folders.state);
  if (!file) throw new Error("no daemon");
  return file;
}

/** Those that lost the race for the lock, or hand over, are on their way out. */
async function expectOneDaemon(): Promise<void> {
  await expect.poll(() => processesOf(folders.state), patience).toEqual([endpoint().pid]);
}

function runtimes(): string[] {
  return readdirSync(join(folders.state, "runtime")).toSorted();
}

describe("the runtime folder", () => {
  test("is what the daemon runs from, whole, so that the installation may go", async () => {
    const gone = another(older, "gone", "aaaaaaaaaaaaaaaa", 0);
    expect(await cli(gone, "daemon", "start", "--json")).toMatchObject({ code: 0 });
    rmSync(gone.folder, { recursive: true });
    const { pid, build } = endpoint();
    const folder = join(folders.state, "runtime", build.hash);
    expect(runtimes()).toEqual([build.hash]);
    expect(readlinkSync(`/proc/${pid}/exe`)).toBe(join(folder, "node"));
    expect(readdirSync(join(folder, "node_modules", "zeromq", "build")).toSorted()).toEqual(["linux", "manifest.json"]);
    expect(statSync(folder).mode & 0o077).toBe(0);

    // It loads what it has not loaded yet: sharp, in a thread made of its own files.
    const client = await DaemonClient.connect({ name: "test", stateFolder: folders.state, start: false });
    const png = join(folders.root, "dot.png");
    writeFileSync(
      png,
      Buffer.from(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
        "base64",
      ),
    );
    expect(await client.request("images.read", { source: png })).toMatchObject({ width: 1, height: 1 });
    await client.close();
    expect(processesOf(folders.state)).toContain(pid);
  });

  test("is made once, however many make it at once, and leaves no stage behind", async () => {
    mkdirSync(join(folders.state, "runtime", ".999999999-1-0.5"), { recursive: true });
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => cli(older, "daemon", "start", "--json")));
    expect(outcomes.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(["0 ", "0 ", "0 ", "0 "]);
    expect(runtimes()).toEqual([older.build.hash]);
    await expectOneDaemon();
  });

  test("that was removed underneath makes the daemon hand over", async () => {
    await cli(older, "daemon", "start");
    const { pid } = endpoint();
    const client = await DaemonClient.connect({ name: "test", stateFolder: folders.state, start: false });
    const states: string[] = [];
    client.onState((state) => states.push(state));
    const farewells: string[] = [];
    await client.subscribe((change) => change.type === "daemon" && farewells.push(change.state));
    rmSync(join(folders.state, "runtime", older.build.hash), { recursive: true });
    await expect.poll(() => isRunning({ pid, startTime: null }), patience).toBe(false);
    expect(farewells).toEqual(["handing-over"]);
    await client.close();
    expect(await cli(older, "daemon", "start")).toMatchObject({ code: 0 });
    expect(endpoint().pid).not.toBe(pid);
  });
});

describe("an upgrade", () => {
  test("replaces the daemon of an older build, with its settings; an older client joins the newer", async () => {
    const newer = another(older, "newer", "bbbbbbbbbbbbbbbb", 1000);
    await cli(older, "daemon", "start", "--stay");
    const before = endpoint();
    // Looking alone replaces nothing.
    expect((await cli(newer, "daemon", "status", "--json")).stdout).toContain(before.instance);

    expect(await cli(newer, "daemon", "start", "--json")).toMatchObject({ code: 0 });
    const after = endpoint();
    expect(after).toMatchObject({ build: { hash: "bbbbbbbbbbbbbbbb" }, args: ["--stay"] });
    await expectOneDaemon();
    expect(runtimes()).toEqual([older.build.hash, "bbbbbbbbbbbbbbbb"].toSorted());

    expect((await cli(older, "daemon", "start", "--json")).stdout).toContain(after.instance);
    expect(endpoint().instance).toBe(after.instance);
  });

  test("reaches those who listen, who go on with the daemon that follows", async () => {
    const newer = another(older, "newer", "bbbbbbbbbbbbbbbb", 1000);
    await cli(older, "daemon", "start");
    const listener = await DaemonClient.connect({ name: "test", stateFolder: folders.state });
    const end = await listener.subscribe(() => {});
    expect(await cli(newer, "daemon", "start")).toMatchObject({ code: 0 });
    await expect.poll(() => listener.daemon?.build.hash, patience).toBe("bbbbbbbbbbbbbbbb");
    await expect.poll(() => listener.mirror.instance, patience).toBe(endpoint().instance);
    end();
    await listener.close();
    await expectOneDaemon();
  });
});

describe("an upgrade in the middle of jobs", () => {
  test("ends every job once, by one daemon or the other", { timeout: 60_000 }, async () => {
    const newer = another(older, "newer", "bbbbbbbbbbbbbbbb", 1000);
    await cli(older, "daemon", "start");
    const client = await DaemonClient.connect({ name: "test", stateFolder: folders.state });
    const ends = new Map<string, string[]>();
    const end = await client.subscribe((change) => {
      if (change.type !== "job" || !isEnded(change.job.state)) return;
      ends.set(change.job.id, [...(ends.get(change.job.id) ?? []), change.job.state]);
    });
    const { items } = await client.request("sprites.submit", { key: randomUUID(), items: someSprites(12) });
    const jobs = items.flatMap((item) => item.jobs);
    await expect.poll(() => ends.size, patience).toBeGreaterThan(1);
    expect(await cli(newer, "daemon", "start")).toMatchObject({ code: 0 });

    await expect.poll(() => client.mirror.totals, { timeout: 40_000 }).toEqual({ waiting: 0, running: 0, ended: 12 });
    expect(client.daemon?.build.hash).toBe("bbbbbbbbbbbbbbbb");
    expect(jobs.map((id) => client.mirror.jobs.get(id)?.state)).toEqual(jobs.map(() => "succeeded"));
    for (const states of ends.values()) expect(states).toEqual(["succeeded"]);
    end();
    await client.close();
  });
});

function someSprites(count: number) {
  const [sample] = exchanges["sprites.submit"].params.items;
  if (!sample) throw new Error("the sample has no sprite");
  const { engine, pixels } = sample.request;
  return Array.from({ length: count }, (_, seed) => ({
    title: `gem ${seed}`,
    request: { engine: { ...engine, seed, checkpoint: null, loras: [] }, pixels },
    target: null,
  }));
}

describe("daemons that race", () => {
  test(`leave one, in each of ${rounds} rounds`, { timeout: 30_000 + rounds * 10_000 }, async () => {
    for (let round = 0; round < rounds; round++) {
      const started = Array.from({ length: 4 }, () => spawn(process.execPath, [older.daemon], { stdio: "ignore" }));
      const ended = started.map(async (child) => {
        const [code]: unknown[] = await once(child, "exit");
        return { pid: child.pid, code };
      });
      const losers = await firstOf(ended, 3);
      expect(losers.map(({ code }) => code)).toEqual([0, 0, 0]);
      const winner = endpoint();
      expect(losers.map(({ pid }) => pid)).not.toContain(winner.pid);
      expect(processesOf(folders.state)).toEqual([winner.pid]);
      const client = await DaemonClient.connect({ name: "test", stateFolder: folders.state, start: false });
      expect(client.daemon?.pid).toBe(winner.pid);
      await client.close();
      // The next round begins with what a killed daemon leaves.
      kill(winner.pid, "SIGKILL");
      await Promise.all(ended);
    }
  });

  test("also those that clients start, who all find the same one", async () => {
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => cli(older, "daemon", "status", "--json")));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    const clients = await Promise.all(
      Array.from({ length: 5 }, () => DaemonClient.connect({ name: "test", stateFolder: folders.state })),
    );
    expect(new Set(clients.map(({ daemon }) => daemon?.pid)).size).toBe(1);
    await Promise.all(clients.map((client) => client.close()));
    await expectOneDaemon();
  });
});

describe("the launcher", () => {
  const oldNode = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => existsSync(path));

  test("runs the CLI on a Node that can, from the machine's own", async () => {
    const outcome = await runToEnd(oldNode ?? process.execPath, [older.cli, "daemon", "status", "--json"]);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ ok: true, result: { running: false } });
  });

  test("passes its exit code on", async () => {
    expect((await cli(older, "no-such-command")).code).toBe(2);
  });

  test("passes signals on, and ends as the program did", async () => {
    const script = join(folders.root, "installation");
    const stand = reinstall(older, script, {});
    writeFileSync(
      join(script, "dist", "cli-main.js"),
      'process.on("SIGTERM", () => process.exit(7)); setInterval(() => {}, 1000); console.log("ready");',
    );
    const child = spawn(process.execPath, [stand.cli], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    await once(child, "close");
    expect(child.exitCode).toBe(7);

    const killed = spawn(process.execPath, [stand.cli], { stdio: ["ignore", "pipe", "inherit"] });
    await once(killed.stdout, "data");
    killed.kill("SIGINT");
    await once(killed, "close");
    expect(killed.signalCode).toBe("SIGINT");
  });
});

/** The outcomes of the first so many promises to resolve. */
async function firstOf<T>(promises: readonly Promise<T>[], count: number): Promise<T[]> {
  const outcomes: T[] = [];
  const { promise, resolve } = Promise.withResolvers<T[]>();
  for (const each of promises) {
    void each.then((outcome) => {
      if (outcomes.push(outcome) === count) resolve([...outcomes]);
    });
  }
  return await promise;
}
