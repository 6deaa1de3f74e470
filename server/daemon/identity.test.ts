import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TestFolders, testFolders } from "../../test/daemon/folders.ts";
import { compareBuilds, ownBuild } from "../protocol/build-info.ts";
import { type EndpointFile, endpointFilePath, readEndpointFile } from "../protocol/endpoint-file.ts";
import { exchanges } from "../protocol/golden/samples.ts";
import { isRunning, processStartTime } from "../protocol/process-identity.ts";
import { stateFolderPath } from "../protocol/state-folder.ts";
import { removeEndpointFile, writeEndpointFile } from "./endpoint-writer.ts";
import { InstanceLock } from "./instance-lock.ts";
import { Log } from "./log.ts";
import { pruneRuntimes } from "./prune-runtimes.ts";
import { newSockets, removeStaleSockets } from "./socket-folder.ts";

const never = () => false;
const atOnce = () => true;

let folders: TestFolders;
beforeEach(() => {
  folders = testFolders();
  mkdirSync(folders.state);
});
afterEach(() => folders[Symbol.dispose]());

describe("the state folder", () => {
  test("is the one asked for, else XDG's, else the home folder's", () => {
    expect(stateFolderPath({ DGX_PIXELS_STATE: "/s", XDG_STATE_HOME: "/x" })).toBe("/s");
    expect(stateFolderPath({ XDG_STATE_HOME: "/x" })).toBe("/x/dgx-pixels");
    expect(stateFolderPath({ XDG_STATE_HOME: "relative" })).toMatch(/\/\.local\/state\/dgx-pixels$/);
  });
});

describe("builds", () => {
  const build = exchanges.hello.result.build;
  test.each([
    [{ version: "0.10.0" }, { version: "0.9.9" }, 1],
    [{ version: "0.1.0", time: 2 }, { version: "0.1.0", time: 1 }, 1],
    [{ version: "1.0.0-rc.1", time: 1 }, { version: "1.0.1", time: 0 }, -1],
  ])("%j against %j", (a, b, sign) => {
    const [left, right] = [
      { ...build, hash: "a", ...a },
      { ...build, hash: "b", ...b },
    ];
    expect(Math.sign(compareBuilds(left, right))).toBe(sign);
    expect(Math.sign(compareBuilds(right, left))).toBe(-sign);
  });

  test("of the same files are the same, whenever they were made", () => {
    expect(compareBuilds({ ...build, time: 5 }, build)).toBe(0);
    expect(ownBuild().hash).toBe("source");
  });
});

describe("a process", () => {
  test("is told from another with its number", async () => {
    const child = spawn("sleep", ["60"]);
    const pid = child.pid ?? 0;
    const startTime = processStartTime(pid);
    expect(startTime).toMatch(/^\d+$/);
    expect(isRunning({ pid, startTime })).toBe(true);
    expect(isRunning({ pid, startTime: "1" })).toBe(false);
    expect(isRunning({ pid, startTime: null })).toBe(true);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(isRunning({ pid, startTime })).toBe(false);
    expect(isRunning({ pid, startTime: null })).toBe(false);
  });
});

describe("the endpoint file", () => {
  const file: EndpointFile = {
    requests: "ipc:///r",
    events: "ipc:///e",
    tcp: null,
    pid: process.pid,
    startTime: "1",
    instance: exchanges.hello.result.instance,
    args: ["--stay"],
    build: exchanges.hello.result.build,
    protocol: { major: 1, minor: 0 },
  };

  test("is written whole, for its user alone, and read back", () => {
    writeEndpointFile(folders.state, file);
    expect(readEndpointFile(folders.state)).toEqual(file);
    expect(statSync(endpointFilePath(folders.state)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folders.state)).toEqual(["endpoint.json"]);
  });

  test("of a newer version is read, and one that is none is not", () => {
    writeFileSync(endpointFilePath(folders.state), JSON.stringify({ ...file, colour: "red" }));
    expect(readEndpointFile(folders.state)).toEqual(file);
    for (const text of ["", "{", "{}", JSON.stringify({ ...file, pid: "1" })]) {
      writeFileSync(endpointFilePath(folders.state), text);
      expect(readEndpointFile(folders.state)).toBeNull();
    }
  });

  test("is removed by the instance that wrote it", () => {
    writeEndpointFile(folders.state, file);
    removeEndpointFile(folders.state, "another");
    expect(readEndpointFile(folders.state)).toEqual(file);
    removeEndpointFile(folders.state, file.instance);
    expect(readEndpointFile(folders.state)).toBeNull();
  });
});

describe("the lock", () => {
  test("is held by one, and by the next when it is let go", async () => {
    const first = await InstanceLock.acquire(folders.state, atOnce);
    expect(first?.isHeld()).toBe(true);
    expect(await InstanceLock.acquire(folders.state, atOnce)).toBeNull();
    const second = InstanceLock.acquire(folders.state, never);
    first?.release();
    expect((await second)?.isHeld()).toBe(true);
    (await second)?.release();
  });

  test("is lost when its folder is removed, also when another is made in its place", async () => {
    const lock = await InstanceLock.acquire(folders.state, atOnce);
    rmSync(folders.state, { recursive: true });
    expect(lock?.isHeld()).toBe(false);
    mkdirSync(folders.state);
    writeFileSync(join(folders.state, "other"), "");
    const other = await InstanceLock.acquire(folders.state, atOnce);
    expect(other?.isHeld()).toBe(true);
    expect(lock?.isHeld()).toBe(false);
    lock?.release();
    other?.release();
  });

  test("is taken though the file is damaged, and not where nobody may write", async () => {
    writeFileSync(join(folders.state, "daemon.lock"), "x".repeat(5000));
    const lock = await InstanceLock.acquire(folders.state, atOnce);
    expect(lock?.isHeld()).toBe(true);
    lock?.release();
    await expect(InstanceLock.acquire(join(folders.state, "missing"), atOnce)).rejects.toThrow(
      /unable to open|Locking/,
    );
  });
});

describe("the socket folder", () => {
  test("is XDG's when that is private, and short enough", () => {
    const { requests, events } = newSockets(folders.state, { XDG_RUNTIME_DIR: folders.runtime });
    expect(requests).toMatch(new RegExp(`^ipc://${folders.runtime}/dgx-pixels/[0-9a-f-]+\\.r$`));
    expect(events).not.toBe(requests);
    expect(statSync(join(folders.runtime, "dgx-pixels")).mode & 0o777).toBe(0o700);

    const long = join(folders.runtime, "x".repeat(80));
    mkdirSync(long, { mode: 0o700 });
    expect(newSockets(folders.state, { XDG_RUNTIME_DIR: long }).requests).not.toContain("xxx");
    chmodSync(folders.runtime, 0o755);
    expect(newSockets(folders.state, { XDG_RUNTIME_DIR: folders.runtime }).requests).not.toContain(folders.runtime);
  });

  test("is not one that someone else prepared", () => {
    const trap = join(folders.root, "trap");
    mkdirSync(trap, { mode: 0o700 });
    symlinkSync(trap, join(folders.runtime, "dgx-pixels"));
    expect(() => newSockets(folders.state, { XDG_RUNTIME_DIR: folders.runtime })).toThrow(/belongs to someone else/);
  });

  test("is made private again", () => {
    mkdirSync(join(folders.runtime, "dgx-pixels"));
    chmodSync(join(folders.runtime, "dgx-pixels"), 0o777);
    newSockets(folders.state, { XDG_RUNTIME_DIR: folders.runtime });
    expect(statSync(join(folders.runtime, "dgx-pixels")).mode & 0o777).toBe(0o700);
  });

  test("loses what a killed daemon of this state folder left, and nothing else", () => {
    const env = { XDG_RUNTIME_DIR: folders.runtime };
    const mine = newSockets(folders.state, env).requests.slice(6);
    const others = newSockets("/another/state", env).requests.slice(6);
    for (const path of [mine, others]) writeFileSync(path, "");
    removeStaleSockets(folders.state, env);
    expect([existsSync(mine), existsSync(others)]).toEqual([false, true]);
  });
});

describe("the log", () => {
  test("has a line an event, without secrets, and moves on at its size", () => {
    const path = join(folders.state, "daemon.log");
    const log = new Log(path, false);
    log.write("warn", "http://ann:hunter2@host:8188/ said password=abc\nand more");
    const text = readFileSync(path, "utf8");
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z warn {2}http:\/\/…@host:8188\/ said password=…\n {4}and more\n$/);
    for (let count = 0; count < 12; count++) log.write("info", "x".repeat(100_000));
    expect(statSync(path).size).toBeLessThan(1 << 20);
    expect(statSync(`${path}.1`).size).toBeGreaterThan(1 << 20);
  });

  test("never throws", () => {
    new Log(join(folders.state, "missing", "daemon.log"), false).write("error", "nobody reads this");
  });
});

describe("old builds", () => {
  test("are removed when nothing runs from them and nobody just asked for them", async () => {
    const runtimes = join(folders.state, "runtime");
    const old = new Date(Date.now() - 3_600_000);
    for (const name of ["own", "unused", "used", "fresh", ".123-4-stage"]) {
      mkdirSync(join(runtimes, name), { recursive: true });
      writeFileSync(join(runtimes, name, "daemon.js"), "");
      if (name !== "fresh") utimesSync(join(runtimes, name), old, old);
    }
    const child = spawn("sleep", ["60"], { cwd: join(runtimes, "used") });
    await once(child, "spawn");
    try {
      expect(await pruneRuntimes(folders.state, "own")).toEqual(["unused"]);
      expect(readdirSync(runtimes).toSorted()).toEqual([".123-4-stage", "fresh", "own", "used"]);
    } finally {
      child.kill("SIGKILL");
      await once(child, "close");
    }
    expect(await pruneRuntimes(folders.state, "own")).toEqual(["used"]);
  });

  test("need not be there", async () => {
    expect(await pruneRuntimes(folders.state, "own")).toEqual([]);
  });
});
