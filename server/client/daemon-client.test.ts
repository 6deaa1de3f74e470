import { rmSync } from "node:fs";
import { curveKeyPair } from "zeromq";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TestFolders, testFolders } from "../../test/daemon/folders.ts";
import { type InProcessDaemon, startInProcess } from "../../test/daemon/in-process.ts";
import type { DaemonEvent } from "../protocol/events.ts";
import { endpointFilePath, readEndpointFile } from "../protocol/endpoint-file.ts";
import { exchanges, preview } from "../protocol/golden/samples.ts";
import type { Job } from "../protocol/job.ts";
import { writeEndpointFile } from "../daemon/endpoint-writer.ts";
import type { DaemonOptions } from "../daemon/daemon.ts";
import type { Handlers } from "../daemon/service.ts";
import { type ConnectOptions, DaemonClient } from "./daemon-client.ts";
import type { Change } from "./mirror.ts";

let folders: TestFolders;
const running: InProcessDaemon[] = [];
const clients: DaemonClient[] = [];

beforeEach(() => {
  folders = testFolders();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const { daemon } of running.splice(0)) await daemon.stop("asked");
  folders[Symbol.dispose]();
});

async function serve(
  overrides: Partial<Handlers> = {},
  options: Partial<DaemonOptions> = {},
): Promise<InProcessDaemon> {
  const started = await startInProcess(folders, options, overrides);
  running.push(started);
  return started;
}

async function connect(options: Partial<ConnectOptions> = {}): Promise<DaemonClient> {
  const client = await DaemonClient.connect({ name: "test", stateFolder: folders.state, start: false, ...options });
  clients.push(client);
  return client;
}

describe("DaemonClient", () => {
  test("finds the daemon, asks it, and says goodbye", async () => {
    const { daemon, service } = await serve();
    const client = await connect();
    expect(client.daemon?.instance).toBe(daemon.instance);
    expect(await client.request("jobs.get", exchanges["jobs.get"].params)).toEqual(exchanges["jobs.get"].result);
    expect(await client.request("daemon.status", {})).toMatchObject({ pid: process.pid, clients: 1, stay: true });
    await client.close();
    await client.close();
    expect(client.state).toBe("closed");
    await expect.poll(() => service.comings).toEqual([`+${client.id}`, `-${client.id}`]);
    await expect(client.request("ping", {})).rejects.toMatchObject({ code: "cancelled" });
    await expect(client.subscribe(() => {})).rejects.toMatchObject({ code: "cancelled" });
  });

  test("says that none runs, when it may not start one", async () => {
    await expect(connect()).rejects.toMatchObject({ code: "daemon_unavailable", message: "No daemon is running" });
  });

  test("gives up when it is told to, by signal or by deadline", async () => {
    await serve({ "doctor.run": () => new Promise(() => {}) });
    const client = await connect();
    const giveUp = new AbortController();
    const asked = client.request("doctor.run", {}, { signal: giveUp.signal });
    giveUp.abort();
    await expect(asked).rejects.toMatchObject({ code: "cancelled" });
    await expect(client.request("doctor.run", {}, { signal: giveUp.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    await expect(client.request("doctor.run", {}, { deadlineMs: 30 })).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
    await expect(connect({ signal: giveUp.signal })).rejects.toThrow(/abort/);
  });

  test("has more requests than the daemon takes at once wait for their turn", async () => {
    let atOnce = 0;
    let most = 0;
    await serve({
      "engines.list": async () => {
        most = Math.max(most, ++atOnce);
        await new Promise((resolve) => setTimeout(resolve, 1));
        atOnce -= 1;
        return { engines: [] };
      },
    });
    const client = await connect();
    const all = await Promise.all(Array.from({ length: 200 }, () => client.request("engines.list", {})));
    expect(all).toHaveLength(200);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(32);
  });

  test("refuses an answer that does not fit its schema", async () => {
    await serve({ "engines.list": async () => JSON.parse('{"engines":"none"}') });
    await expect((await connect()).request("engines.list", {})).rejects.toMatchObject({ code: "protocol_mismatch" });
  });

  test("refuses to send what has no form on the wire", async () => {
    await serve();
    const client = await connect();
    const params = { seq: 1n ** 70n, loop: Symbol("s") };
    await expect(client.request("ping", JSON.parse("{}"))).resolves.toEqual({ seq: 0 });
    await expect(client.request("ping", Object.assign(JSON.parse("{}"), params))).rejects.toMatchObject({
      code: "internal",
      message: "Sending ping failed",
    });
  });

  test("refuses a daemon of a later protocol, and says which side to update", async () => {
    await serve();
    const file = readEndpointFile(folders.state);
    if (!file) throw new Error("no endpoint file");
    writeEndpointFile(folders.state, { ...file, protocol: { major: 2, minor: 0 } });
    await expect(connect()).rejects.toMatchObject({
      code: "protocol_mismatch",
      remedy: expect.stringMatching(/Update/),
    });
  });

  test("hears previews while someone listens", async () => {
    const { service } = await serve();
    const client = await connect();
    const heard = Promise.withResolvers<unknown>();
    const end = client.onPreview(heard.resolve);
    const timer = setInterval(() => service.options.publishPreview(preview), 5);
    expect(await heard.promise).toMatchObject({ job: preview.job, mediaType: "image/jpeg" });
    clearInterval(timer);
    end();
  });
});

/** A daemon with jobs of its own, which it publishes as they change. */
async function serveJobs() {
  const jobs = new Map<string, Job>();
  const { daemon, service } = await serve({
    snapshot: async () => ({
      instance: daemon.instance,
      seq: service.options.sequence(),
      paused: false,
      jobs: [...jobs.values()],
      total: { waiting: 0, running: jobs.size, ended: 0 },
      engines: [],
    }),
    "jobs.get": async ({ id }) => ({ job: jobs.get(id) ?? exchanges["jobs.get"].result.job }),
  });
  const publish = (event: DaemonEvent) => {
    if (event.type === "job") jobs.set(event.job.id, event.job);
    service.options.publish(event);
  };
  return { daemon, jobs, publish };
}
const job = (id: string, more: Partial<Job> = {}): Job => ({ ...exchanges["jobs.get"].result.job, id, ...more });

describe("a subscription", () => {
  const [one, two] = ["10000000-0000-4000-8000-000000000000", "20000000-0000-4000-8000-000000000000"];

  test("that comes late holds what was before, and hears what comes then", async () => {
    const { publish } = await serveJobs();
    publish({ type: "job", job: job(one) });
    const client = await connect();
    const changes: Change[] = [];
    const end = await client.subscribe((change) => changes.push(change));
    expect(changes).toEqual([{ type: "snapshot" }]);
    expect([...client.mirror.jobs.keys()]).toEqual([one]);
    publish({ type: "job", job: job(two) });
    await expect.poll(() => changes.length).toBe(2);
    expect(client.mirror.totals).toEqual({ waiting: 0, running: 2, ended: 0 });

    const others: Change[] = [];
    const endOther = await client.subscribe((change) => others.push(change));
    publish({ type: "queue", paused: true });
    await expect.poll(() => [changes.length, others.length]).toEqual([3, 2]);
    endOther();
    end();
  });

  test("loses nothing, however fast events come while it begins", async () => {
    const { publish } = await serveJobs();
    const client = await connect();
    let seq = 0;
    const timer = setInterval(() => {
      for (let count = 0; count < 20; count++) publish({ type: "job", job: job(one, { attempts: ++seq }) });
    }, 1);
    const end = await client.subscribe(() => {});
    const at = client.mirror.seq;
    await expect.poll(() => client.mirror.seq).toBeGreaterThan(at + 200);
    clearInterval(timer);
    await expect.poll(() => client.mirror.seq).toBe(seq);
    expect(client.mirror.jobs.get(one)?.attempts).toBe(seq);
    end();
  });

  test("goes on with the daemon that follows, and asks it again what may be asked again", async () => {
    const first = await serveJobs();
    first.publish({ type: "job", job: job(one) });
    const client = await connect();
    const states: string[] = [];
    client.onState((state) => states.push(state));
    const end = await client.subscribe(() => {});
    await first.daemon.stop("upgrade");
    await expect.poll(() => client.state).toBe("reconnecting");
    const asked = client.request("jobs.get", { id: two });

    const second = await serveJobs();
    second.jobs.set(two, job(two));
    expect((await asked).job.id).toBe(two);
    await expect.poll(() => client.mirror.instance).toBe(second.daemon.instance);
    expect([...client.mirror.jobs.keys()]).toEqual([two]);
    second.publish({ type: "queue", paused: true });
    await expect.poll(() => client.mirror.paused).toBe(true);
    expect(states).toEqual(["reconnecting", "connected"]);
    end();
  });
});

describe("a request whose daemon ends", () => {
  test("is not done twice when that would do something else", async () => {
    const begun = Promise.withResolvers<void>();
    const { daemon } = await serve({
      "sprites.undo": () => {
        begun.resolve();
        return new Promise(() => {});
      },
    });
    const client = await connect();
    const asked = client.request("sprites.undo", { workspace: "/w" });
    await begun.promise;
    await daemon.stop("upgrade");
    await serve();
    await expect(asked).rejects.toMatchObject({
      code: "daemon_unavailable",
      message: expect.stringMatching(/before it answered/),
    });
  });

  test("goes to the next daemon when this one refused it", async () => {
    const first = await serve();
    const client = await connect();
    const drained = Promise.withResolvers<void>();
    first.service.drained = drained.promise;
    const stopping = first.daemon.stop("upgrade");
    const asked = client.request("sprites.undo", { workspace: "/w" });
    // Answered after it, so that the one before was refused by then.
    await client.request("ping", {});
    drained.resolve();
    await stopping;
    const second = await serve();
    expect(await asked).toEqual(exchanges["sprites.undo"].result);
    expect(client.daemon?.instance).toBe(second.daemon.instance);
  });
});

describe("the daemon", () => {
  test("stops when it is idle, unless it is to stay", async () => {
    const { daemon, service } = await serve({}, { stay: false, lookMs: 20 });
    service.idle = false;
    const client = await connect();
    service.idle = true;
    await client.close();
    expect(await daemon.ended).toBe("idle");
    expect(readEndpointFile(folders.state)).toBeNull();
  });

  test("is the only one", async () => {
    await serve();
    await expect(serve()).rejects.toThrow("a daemon runs already");
  });

  test("opens new sockets when its own are removed, and its clients find them", async () => {
    await serve();
    const before = readEndpointFile(folders.state);
    const client = await connect();
    rmSync(folders.runtime, { recursive: true });
    process.env["XDG_RUNTIME_DIR"] = folders.root;
    await expect.poll(() => readEndpointFile(folders.state)?.requests, { timeout: 20_000 }).not.toBe(before?.requests);
    const other = await connect();
    expect(await other.request("ping", {})).toEqual({ seq: 0 });
    expect(await client.request("ping", {})).toEqual({ seq: 0 });
  });

  test("writes its endpoint file again", async () => {
    await serve();
    rmSync(endpointFilePath(folders.state));
    await expect.poll(() => readEndpointFile(folders.state), { timeout: 20_000 }).not.toBeNull();
  });

  test("ends when its state folder is gone, and does not make it again", async () => {
    const { daemon } = await serve();
    rmSync(folders.state, { recursive: true });
    expect(await daemon.ended).toBe("the state folder is gone");
    await expect(connect()).rejects.toMatchObject({ code: "daemon_unavailable" });
  });

  test("says so when it cannot start, and lets go of the lock", async () => {
    const failing = startInProcess(folders, {
      createService: () => {
        throw new Error("no database");
      },
    });
    await expect(failing).rejects.toThrow("no database");
    await serve();
    expect(await (await connect()).request("ping", {})).toEqual({ seq: 0 });
  });

  test("listens on TCP for clients with keys", async () => {
    const [server, known, unknown] = [curveKeyPair(), curveKeyPair(), curveKeyPair()];
    const curve = { ...server, clients: [known.publicKey] };
    await serve({}, { listen: { address: "tcp://127.0.0.1:0", curve } });
    const tcp = readEndpointFile(folders.state)?.tcp;
    if (!tcp) throw new Error("it does not listen");
    expect(tcp.serverKey).toBe(server.publicKey);
    const remote = (pair: typeof known) => ({ addresses: tcp, keys: { serverKey: tcp.serverKey, ...pair } });
    const client = await connect({ remote: remote(known) });
    const changes: Change[] = [];
    const end = await client.subscribe((change) => changes.push(change));
    expect(changes).toEqual([{ type: "snapshot" }]);
    end();
    await expect(connect({ remote: remote(unknown), connectMs: 500 })).rejects.toMatchObject({
      code: "daemon_unavailable",
    });
  });
});
