import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DaemonClient } from "../../server/client/daemon-client.ts";
import { type EmbeddedServer, startEmbeddedServer } from "../../server/engine/embedded/server.ts";
import { entryPointPath } from "../../server/protocol/entry-points.ts";
import { Machine } from "./harness.ts";

const compare = (a: string, b: string): number => (a < b ? -1 : 1);

let machine: Machine;
let server: EmbeddedServer;
beforeAll(async () => {
  machine = await Machine.create();
  server = await startEmbeddedServer({ jobSeconds: 60 });
  await writeFile(join(machine.folder, "config", "dgx-pixels", "config.toml"), `[[comfyui]]\nurl = "${server.url}"\n`);
});
afterAll(async () => {
  await machine.remove();
  await server.close();
});

describe("waiting for an engine that takes its time", () => {
  test("Ctrl-C cancels the jobs, on the engine too, and says so", async () => {
    const interrupt = new AbortController();
    const client = await DaemonClient.connect({ name: "test" });
    await client.subscribe((change) => {
      // As soon as it draws.
      if (change.type === "progress" && (change.progress.step ?? 0) > 0) interrupt.abort();
    });
    const run = await machine.run(["generate", "red dragon", "16x16"], { interrupted: interrupt.signal });
    expect(run.code).toBe(130);
    expect(run.err).toContain("Cancelling");
    expect(run.err).toContain("was cancelled");
    const { jobs } = await client.request("jobs.list", {});
    expect(jobs.map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
    const queue = (await (await fetch(`${server.url}/queue`)).json()) as Record<string, unknown[]>;
    expect(queue).toEqual({ queue_running: [], queue_pending: [] });
    await client.close();
  });

  test("one press of Ctrl-C counts once, though the terminal and the launcher both pass it on", async () => {
    const program = spawn(process.execPath, [
      "--disable-warning=ExperimentalWarning",
      entryPointPath("cli-main"),
      ...["-C", machine.game, "generate", "red dragon", "16x16"],
    ]);
    let err = "";
    program.stderr.on("data", (chunk) => (err += String(chunk)));
    program.stdout.on("data", (chunk) => {
      if (!String(chunk).includes("sampling")) return;
      program.kill("SIGINT");
      program.kill("SIGINT");
    });
    const code = await new Promise((resolve) => program.on("close", resolve));
    expect({ code, err }).toEqual({ code: 130, err: expect.stringMatching(/Cancelling[^]*was cancelled[^]*retry/) });
  });

  test("whoever closes the pipe ends it without a word", async () => {
    const program = spawn(process.execPath, [
      "--disable-warning=ExperimentalWarning",
      entryPointPath("cli-main"),
      ...["help", "generate"],
    ]);
    let err = "";
    program.stderr.on("data", (chunk) => (err += String(chunk)));
    program.stdout.destroy();
    const code = await new Promise((resolve) => program.on("close", resolve));
    expect({ code, err }).toEqual({ code: 141, err: "" });
  });

  test("--no-wait returns at once; cancel --all ends what was left to the daemon", async () => {
    const submitted = await machine.json("generate", ["generate", "blue bird", "16x16", "--no-wait"]);
    expect(submitted.jobs.map(({ kind }) => kind)).toEqual(["generate", "place"]);
    const cancelled = await machine.json("cancel", ["cancel", "--all"]);
    expect(cancelled.jobs.map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
  });

  test("cancel without an id ends all of what was submitted last, and retry does it again", async () => {
    const earlier = await machine.json("generate", ["generate", "red fox", "16x16", "--no-wait"]);
    await machine.json("generate", ["generate", "blue bird", "16x16", "--no-wait"]);
    const cancelled = await machine.json("cancel", ["cancel"]);
    expect(cancelled.jobs.map(({ kind, state }) => `${kind} ${state}`).toSorted(compare)).toEqual([
      "generate cancelled",
      "place cancelled",
    ]);
    const { jobs } = await machine.json("jobs", ["jobs"]);
    expect(jobs.map(({ id }) => id).toSorted(compare)).toEqual(earlier.jobs.map(({ id }) => id).toSorted(compare));
    const retried = await machine.json("retry", ["retry", "--no-wait"]);
    expect(retried.jobs[0]?.group).toBe(cancelled.jobs[0]?.group);
    await machine.run(["cancel", "--all"]);
    expect(await machine.run(["cancel"])).toMatchObject({ code: 3, err: expect.stringContaining("No job is waiting") });
  });

  test("an equal request joins the one that runs", async () => {
    const first = await machine.json("generate", ["generate", "a cat", "16x16", "path=sprites/cat.png", "--no-wait"]);
    const second = await machine.run(["generate", "a cat", "16x16", "path=sprites/cat.png", "--no-wait"]);
    expect(second.err).toContain("being made already");
    expect(second.out).toContain(first.jobs[0]?.id.slice(0, 8));
    await machine.run(["cancel", "--all"]);
  });

  test("--deadline ends it in time", async () => {
    const { code, err } = await machine.run(["generate", "a dog", "16x16", "--deadline", "1"]);
    expect(code).toBe(1);
    expect(err).toMatch(/deadline|in time/i);
  });
});
