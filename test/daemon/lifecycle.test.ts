import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ConnectOptions, DaemonClient } from "../../server/client/daemon-client.ts";
import type { Change } from "../../server/client/mirror.ts";
import { logFilePath, readEndpointFile } from "../../server/protocol/endpoint-file.ts";
import { entryPointPath } from "../../server/protocol/entry-points.ts";
import { isRunning } from "../../server/protocol/process-identity.ts";
import { type TestFolders, testFolders } from "./folders.ts";
import { kill, killAll, outcomeOf, processesOf, runToEnd } from "./processes.ts";

// The daemon as its own process, run from source.

/** Longer than the daemon takes between looks at itself. */
const patience = { timeout: 20_000 };
let folders: TestFolders;
const clients: DaemonClient[] = [];

beforeEach(() => {
  folders = testFolders();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await killAll(folders.state);
  folders[Symbol.dispose]();
});

async function connect(options: Partial<ConnectOptions> = {}): Promise<DaemonClient> {
  const client = await DaemonClient.connect({ name: "test", stateFolder: folders.state, ...options });
  clients.push(client);
  return client;
}

function daemonPid(): number {
  const file = readEndpointFile(folders.state);
  if (!file) throw new Error("no daemon");
  return file.pid;
}

/** Those that lost the race for the lock are on their way out. */
async function expectOneDaemon(): Promise<void> {
  await expect.poll(() => processesOf(folders.state), patience).toEqual([daemonPid()]);
}

const node = ["--disable-warning=ExperimentalWarning", entryPointPath("daemon")];

describe("a daemon", () => {
  test("is started by the first client, shared by the next, and ends when it is asked", async () => {
    const [first, second] = await Promise.all([connect(), connect()]);
    expect(first.daemon?.pid).toBe(second.daemon?.pid);
    await expectOneDaemon();
    const status = await first.request("daemon.status", {});
    expect(status).toMatchObject({ stateFolder: folders.state, clients: 2, stay: false });
    await first.request("daemon.stop", { reason: "asked" });
    await expect.poll(() => processesOf(folders.state), patience).toEqual([]);
    expect(readEndpointFile(folders.state)).toBeNull();
    expect(readFileSync(logFilePath(folders.state), "utf8")).toMatch(/Stopping: asked\n.*Stopped\n$/);
  });

  test("that was stopped by hand is not started again by those who only listen", async () => {
    const client = await connect();
    const end = await client.subscribe(() => {});
    await client.request("daemon.stop", { reason: "asked" });
    await expect.poll(() => processesOf(folders.state), patience).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(processesOf(folders.state)).toEqual([]);
    expect(await client.request("ping", {})).toEqual({ seq: expect.any(Number) });
    end();
  });

  test("that is killed is followed by another, and listeners go on", async () => {
    const client = await connect();
    const changes: Change[] = [];
    const end = await client.subscribe((change) => changes.push(change));
    const before = client.daemon?.instance;
    kill(daemonPid(), "SIGKILL");
    await expect.poll(() => client.mirror.instance, patience).not.toBe(before);
    await client.request("queue.pause", { paused: true });
    await expect.poll(() => client.mirror.paused, patience).toBe(true);
    expect(changes.filter(({ type }) => type === "snapshot")).toHaveLength(2);
    await expectOneDaemon();
    end();
  });

  test.each(["SIGTERM", "SIGINT"] as const)("ends cleanly on %s", async (signal) => {
    const child = spawn(process.execPath, [...node, "--stay", "--foreground"], { stdio: ["ignore", "pipe", "pipe"] });
    const ended = outcomeOf(child);
    await expect.poll(() => readEndpointFile(folders.state), patience).not.toBeNull();
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/Stopping: signal/) });
    expect(readEndpointFile(folders.state)).toBeNull();
  });

  test("in the foreground says when another runs", async () => {
    await connect();
    expect(await runToEnd(process.execPath, [...node, "--foreground"])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/already running/),
    });
  });

  test("ends when it is idle", async () => {
    mkdirSync(join(folders.config, "dgx-pixels"), { recursive: true });
    writeFileSync(join(folders.config, "dgx-pixels", "config.toml"), "idleSeconds = 0.1\n");
    await (await connect()).close();
    await expect.poll(() => processesOf(folders.state), patience).toEqual([]);
    expect(readFileSync(logFilePath(folders.state), "utf8")).toMatch(/Stopping: idle/);
  });

  test("whose socket folder is removed can be reached again", async () => {
    const client = await connect();
    const before = readEndpointFile(folders.state);
    rmSync(join(folders.runtime, "dgx-pixels"), { recursive: true });
    // Asked all the while, as a busy client does.
    const asking = setInterval(() => {
      client.request("ping", {}).catch(() => {});
    }, 2);
    await expect.poll(() => readEndpointFile(folders.state)?.requests, patience).not.toBe(before?.requests);
    clearInterval(asking);
    expect(await client.request("ping", {})).toEqual({ seq: expect.any(Number) });
    expect((await connect({ start: false })).daemon?.instance).toBe(before?.instance);
  });

  test("whose state folder is removed ends, and the next one has a new folder", async () => {
    const client = await connect();
    const pid = daemonPid();
    rmSync(folders.state, { recursive: true });
    await expect.poll(() => isRunning({ pid, startTime: null }), patience).toBe(false);
    await client.request("ping", {});
    expect(daemonPid()).not.toBe(pid);
    await expectOneDaemon();
  });

  test("that does not answer is named, not killed", async () => {
    await connect();
    const pid = daemonPid();
    kill(pid, "SIGSTOP");
    const hung = connect({ connectMs: 2500 });
    await expect(hung).rejects.toMatchObject({ code: "daemon_unavailable", message: "The daemon does not answer" });
    expect(isRunning({ pid, startTime: null })).toBe(true);
    kill(pid, "SIGCONT");
    expect((await connect()).daemon?.pid).toBe(pid);
  });

  test("that cannot have a state folder is not started", async () => {
    writeFileSync(folders.state, "a file");
    await expect(connect()).rejects.toMatchObject({
      message: expect.stringMatching(/Making the daemon's state folder/),
    });
  });

  test("that cannot start says why, with its log's last lines", async () => {
    mkdirSync(folders.state, { mode: 0o700 });
    mkdirSync(join(folders.state, "jobs.db"));
    await expect(connect()).rejects.toMatchObject({
      code: "daemon_unavailable",
      message: expect.stringMatching(/ended as it started/),
      why: expect.stringMatching(/daemon\.log:\n(.|\n)*jobs\.db/),
      remedy: expect.stringMatching(/\S/),
    });
    await expect.poll(() => processesOf(folders.state), patience).toEqual([]);
  });
});

describe("on TCP", () => {
  test("it does not listen without keys, nor with keys that others can read", async () => {
    const listen = [...node, "--listen", "tcp://127.0.0.1:0"];
    expect(await runToEnd(process.execPath, listen)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/needs --keys/),
    });
    const open = join(folders.root, "keys.json");
    writeFileSync(open, "{}", { mode: 0o644 });
    expect(await runToEnd(process.execPath, [...listen, "--keys", open])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/can be read by others/),
    });
    expect(readEndpointFile(folders.state)).toBeNull();
  });

  test("it serves who has a key, also after it was killed and started again by a local client", async () => {
    const keys = join(folders.root, "keys");
    expect(await runToEnd(process.execPath, [...node, "--make-keys", keys])).toMatchObject({ code: 0 });
    const args = ["--stay", "--listen", "tcp://127.0.0.1:0", "--keys", join(keys, "daemon-keys.json")];
    spawn(process.execPath, [...node, ...args], { stdio: "ignore", detached: true }).unref();
    await expect.poll(() => readEndpointFile(folders.state), patience).not.toBeNull();
    kill(daemonPid(), "SIGKILL");

    const local = await connect();
    expect((await local.request("daemon.status", {})).stay).toBe(true);
    const tcp = readEndpointFile(folders.state)?.tcp;
    if (!tcp) throw new Error("it does not listen");
    const client = await connect({
      remote: { addresses: tcp, keys: JSON.parse(readFileSync(join(keys, "client-keys.json"), "utf8")) },
    });
    expect(client.daemon?.instance).toBe(local.daemon?.instance);
    await expect(client.request("daemon.stop", { reason: "asked" })).rejects.toMatchObject({
      code: "permission_denied",
    });
  });
});
