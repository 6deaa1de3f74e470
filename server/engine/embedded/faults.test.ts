import { afterEach, beforeEach, expect, test } from "vitest";
import { startEmbeddedServer, type EmbeddedServer } from "./server.ts";
import { ask, ended, firstImage, isEnd, spriteGraph, submit, TestSocket } from "./test-support.ts";

let server: EmbeddedServer;

beforeEach(async () => {
  server = await startEmbeddedServer();
});

afterEach(async () => {
  await server.close();
});

test("lost_socket: the socket ends in the middle, the job goes on", async () => {
  server.faults.set("lost_socket", { afterEvents: 3, times: 1 });
  const socket = await TestSocket.open(server, "client");
  const id = await submit(server, spriteGraph(), { client_id: "client" });
  await socket.closed;
  expect((await ended(server, id)).status.status_str).toBe("success");
  expect(socket.messages.some(isEnd)).toBe(false);
});

test("half_open_socket: the socket stays and says nothing more", async () => {
  const socket = await TestSocket.open(server, "client");
  server.faults.set("half_open_socket");
  const heard = socket.messages.length;
  await ended(server, await submit(server, spriteGraph(), { client_id: "client" }));
  expect(socket.messages).toHaveLength(heard);
  expect(socket.socket.readyState).toBe(socket.socket.OPEN);
  socket.close();
});

test("silent_server: no answer until it is cleared", async () => {
  server.faults.set("silent_server");
  const answer = ask(server, "/queue");
  const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, "silence"))]);
  expect(first).toBe("silence");
  server.faults.clear("silent_server");
  expect((await answer).status).toBe(200);
});

test("silent_server: closing the server lets its connections go", async () => {
  server.faults.set("silent_server");
  const answer = ask(server, "/queue").catch(() => "gone");
  await new Promise((resolve) => setTimeout(resolve, 50));
  await server.close();
  expect(await answer).toBe("gone");
});

test("restart_with_empty_history: in the middle of a job; the address stays, the job is unknown", async () => {
  const socket = await TestSocket.open(server, "client");
  server.faults.set("restart_with_empty_history", { afterSteps: 2, downMs: 10, times: 1 });
  const id = await submit(server, spriteGraph(), { client_id: "client" });
  await socket.closed;
  expect(socket.of("progress")).toHaveLength(2);
  for (;;) {
    const answer = await ask(server, `/history/${id}`).catch(() => null);
    if (answer === null) continue;
    expect(answer.body).toEqual({});
    break;
  }
  expect((await ask(server, "/queue")).body).toEqual({ queue_running: [], queue_pending: [] });
  expect((await ended(server, await submit(server, spriteGraph()))).status.completed).toBe(true);
});

test("late_history: neither queued nor in the history for a while", async () => {
  server.faults.set("late_history", { ms: 150 });
  const socket = await TestSocket.open(server, "client");
  const id = await submit(server, spriteGraph(), { client_id: "client" });
  await socket.until(isEnd);
  expect((await ask(server, `/history/${id}`)).body).toEqual({});
  expect((await ask(server, "/queue")).body.queue_running).toEqual([]);
  expect((await ended(server, id)).status.completed).toBe(true);
  socket.close();
});

test("nan_in_json: answers that JSON.parse refuses", async () => {
  server.faults.set("nan_in_json");
  const { text } = await ask(server, "/prompt", { prompt: spriteGraph() });
  expect(text).toContain('"prompt_id":"');
  expect(text).toContain('"is_changed":NaN');
  expect(text).toContain("[Infinity,-Infinity]");
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
});

test("node_errors_on_success: 200, and the last output is dropped", async () => {
  server.faults.set("node_errors_on_success", { times: 1 });
  const { status, body } = await ask(server, "/prompt", { prompt: spriteGraph() });
  expect(status).toBe(200);
  expect(body.node_errors.save.errors[0].type).toBe("value_not_in_list");
  expect((await ended(server, body.prompt_id)).outputs).toEqual({});
  expect((await ask(server, "/prompt", { prompt: spriteGraph() })).body.node_errors).toEqual({});
});

test("truncated_image: complete in length but not in content, or cut off", async () => {
  const id = await submit(server, spriteGraph());
  const whole = await firstImage(server, id);
  server.faults.set("truncated_image", { fraction: 0.25, times: 1 });
  expect((await firstImage(server, id)).byteLength).toBe(Math.floor(whole.byteLength / 4));
  server.faults.set("truncated_image", { cut: true, times: 1 });
  await expect(firstImage(server, id)).rejects.toThrow();
  expect((await firstImage(server, id)).byteLength).toBe(whole.byteLength);
});

test("slow_drip: a body in small pieces", async () => {
  server.faults.set("slow_drip", { bytes: 20, ms: 1, times: 1 });
  expect((await ask(server, "/queue")).body).toEqual({ queue_running: [], queue_pending: [] });
});

test("wrong_content_type: everything is called HTML", async () => {
  server.faults.set("wrong_content_type", { times: 1 });
  expect((await fetch(`${server.url}/queue`)).headers.get("content-type")).toContain("text/html");
  expect((await fetch(`${server.url}/queue`)).headers.get("content-type")).toContain("application/json");
});

test("internal_server_error: on the paths it names", async () => {
  server.faults.set("internal_server_error", { path: "/history", status: 502 });
  expect((await ask(server, "/history/x")).status).toBe(502);
  expect((await ask(server, "/queue")).status).toBe(200);
  server.faults.clear();
  expect((await ask(server, "/history/x")).status).toBe(200);
});

test("lost_reply: the prompt runs although its answer never came", async () => {
  const prompt_id = "12345678-1234-4234-8234-123456789abc";
  server.faults.set("lost_reply", { times: 1 });
  await expect(submit(server, spriteGraph(), { prompt_id })).rejects.toThrow();
  expect((await ended(server, prompt_id)).status.completed).toBe(true);
});

test("connection_reset: no answer at all", async () => {
  server.faults.set("connection_reset", { path: "/queue", times: 1 });
  await expect(ask(server, "/queue")).rejects.toThrow();
  expect((await ask(server, "/queue")).status).toBe(200);
});

test("execution_error and out_of_memory: the job fails as Python says it", async () => {
  const failure = async (): Promise<Record<string, unknown>> => {
    const entry = await ended(server, await submit(server, spriteGraph()));
    expect(entry.status).toMatchObject({ status_str: "error", completed: false });
    const [event, data] = entry.status.messages.at(-1);
    expect(event).toBe("execution_error");
    return data as Record<string, unknown>;
  };
  server.faults.set("execution_error", { message: "broken", times: 1 });
  expect(await failure()).toMatchObject({ node_id: "sampler", node_type: "KSampler", exception_message: "broken" });
  server.faults.set("execution_error", { node: "VAEDecode", times: 1 });
  expect(await failure()).toMatchObject({ node_id: "decode", exception_type: "RuntimeError" });
  await ask(server, "/free", { free_memory: true });
  server.faults.set("out_of_memory", { times: 1 });
  expect(await failure()).toMatchObject({ exception_type: "torch.OutOfMemoryError" });
  expect((await ended(server, await submit(server, spriteGraph()))).status.completed).toBe(true);
});

test("unknown_events: types and frames that nobody knows come between", async () => {
  server.faults.set("unknown_events");
  const socket = await TestSocket.open(server, "client");
  await submit(server, spriteGraph(), { client_id: "client" });
  await socket.until(isEnd);
  expect(socket.of("a_type_nobody_knows").length).toBeGreaterThan(3);
  expect((socket.of("binary") as Buffer[]).some((frame) => frame.readUInt32BE(0) === 99)).toBe(true);
  socket.close();
});
