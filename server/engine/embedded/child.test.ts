import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { entryPointPath } from "../../protocol/entry-points.ts";
import { startEmbeddedEngine } from "./child.ts";

test("the engine runs as a child, and goes when it is told to", async () => {
  const engine = await startEmbeddedEngine({ log: () => undefined });
  expect((await fetch(`${engine.url}/features`)).status).toBe(200);
  await engine.stop();
  await engine.exited;
  await expect(fetch(`${engine.url}/features`)).rejects.toThrow();
  // Stopping what has stopped does nothing.
  await engine.stop();
});

test("an abort stops it, also before it starts", async () => {
  const controller = new AbortController();
  const engine = await startEmbeddedEngine({ log: () => undefined, signal: controller.signal });
  controller.abort(new Error("enough"));
  await engine.exited;
  await expect(startEmbeddedEngine({ log: () => undefined, signal: controller.signal })).rejects.toThrow("enough");
});

test("a program that does not start is an error that says why", async () => {
  const lines: string[] = [];
  const args = ["--port", "not a port"];
  await expect(startEmbeddedEngine({ log: (line) => lines.push(line), args })).rejects.toMatchObject({
    code: "engine_unavailable",
  });
  expect(lines.join("\n")).toContain("port");
  await expect(startEmbeddedEngine({ log: () => undefined, node: "/nowhere/node" })).rejects.toMatchObject({
    code: "engine_unavailable",
  });
});

test.each(["its standard input closes", "SIGTERM"])("the process ends cleanly when %s", async (why) => {
  const child = spawn(process.execPath, [entryPointPath("embedded-engine")], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  // A connection that is held open may not keep it.
  const held = fetch(`${url}/queue`);
  await held;
  if (why === "SIGTERM") child.kill("SIGTERM");
  else child.stdin.end();
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
});
