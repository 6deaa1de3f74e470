import { randomUUID } from "node:crypto";
import { createConnection } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Context, curveKeyPair, Dealer, Subscriber } from "zeromq";
import { afterEach, describe, expect, test } from "vitest";
import { sampleHandlers } from "../../test/daemon/fake-service.ts";
import { exchanges, preview } from "../protocol/golden/samples.ts";
import { goldenFrames } from "../protocol/golden/frames.ts";
import type { Addresses } from "../protocol/endpoint-file.ts";
import { eventEnvelopeSchema } from "../protocol/events.ts";
import { PixelsError } from "../protocol/errors.ts";
import { decodeFrame, encodeFrame, type ReplyFrame, replyFrameSchema } from "../protocol/wire.ts";
import type { Channel } from "./channel.ts";
import { Endpoint, type EndpointHandlers } from "./endpoint.ts";

const rounds = process.env["DGX_PIXELS_ROUNDS"] === "full" ? 100_000 : 3000;
const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const clean of cleanups.splice(0).toReversed()) clean();
});

interface Running {
  endpoint: Endpoint;
  channel: Channel;
  addresses: Addresses;
  comings: string[];
  logged: string[];
}

async function serve(overrides: Partial<EndpointHandlers> = {}, silenceMs = 15_000): Promise<Running> {
  const comings: string[] = [];
  const logged: string[] = [];
  const endpoint = new Endpoint({
    welcome: exchanges.hello.result,
    clientSeen: (client) => comings.push(`+${client}`),
    clientGone: (client) => comings.push(`-${client}`),
    log: (level, message) => logged.push(`${level} ${message}`),
    silenceMs,
  });
  endpoint.serve({ ...sampleHandlers(), ...overrides });
  const folder = mkdtempSync(join(tmpdir(), "dgxp-"));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  cleanups.push(() => endpoint.close());
  const { channel, addresses } = await endpoint.listen(
    { requests: `ipc://${folder}/r`, events: `ipc://${folder}/e` },
    null,
  );
  return { endpoint, channel, addresses, comings, logged };
}

/** A client that is nothing but a socket. */
class RawClient {
  readonly id: string = randomUUID();
  readonly socket: Dealer;
  #last = 0;

  constructor({ requests: address }: Addresses, options: ConstructorParameters<typeof Dealer>[0] = {}) {
    this.socket = new Dealer({
      context: new Context({ blocky: false }),
      linger: 0,
      receiveTimeout: 20_000,
      ...options,
    });
    this.socket.connect(address);
    cleanups.push(() => this.socket.close());
  }

  async send(method: string, params: unknown, more: Record<string, unknown> = {}): Promise<number> {
    const id = ++this.#last;
    await this.socket.send(encodeFrame({ id, method, params, client: this.id, ...more }));
    return id;
  }

  async receive(): Promise<ReplyFrame> {
    const [bytes] = await this.socket.receive();
    if (!bytes) throw new Error("no frame");
    return decodeFrame(replyFrameSchema, bytes);
  }

  async ask(method: string, params: unknown, more: Record<string, unknown> = {}): Promise<ReplyFrame> {
    await this.send(method, params, more);
    return await this.receive();
  }
}

describe("the endpoint", () => {
  test("answers every request with what its handler gives", async () => {
    const client = new RawClient((await serve()).addresses);
    for (const [method, { params, result }] of Object.entries(exchanges)) {
      const reply = await client.ask(method, params);
      const expected = method === "ping" ? { seq: 0 } : result;
      expect(encodeFrame(reply.ok && reply.result), method).toEqual(encodeFrame(expected));
    }
  });

  test("says what is wrong with a request that it can answer", async () => {
    const client = new RawClient((await serve()).addresses);
    const cases: [string, unknown, RegExp][] = [
      ["jobs.get", { id: "x" }, /parameters of jobs.get/],
      ["jobs.get", {}, /parameters of jobs.get/],
      ["ping", { more: 1 }, /parameters of ping/],
      ["jobs.explode", {}, /no request named "jobs.explode"/],
      ["constructor", {}, /no request named/],
      ["__proto__", {}, /no request named/],
    ];
    for (const [method, params, message] of cases) {
      const reply = await client.ask(method, params);
      expect(reply).toMatchObject({
        ok: false,
        error: { code: "invalid_request", message: expect.stringMatching(message) },
      });
    }
    await client.socket.send(encodeFrame({ id: 99, method: 3 }));
    expect(await client.receive()).toMatchObject({ id: 99, ok: false, error: { code: "invalid_request" } });
  });

  test("welcomes a client of another major version, who may send anything else", async () => {
    const client = new RawClient((await serve()).addresses);
    const reply = await client.ask("hello", { protocol: { major: 9, minor: 0, flavour: "new" } });
    expect(reply).toMatchObject({ ok: true, result: exchanges.hello.result });
  });

  test("passes a handler's error on, and logs one that nobody expected", async () => {
    const { addresses, logged } = await serve({
      "jobs.get": async () => {
        throw new PixelsError({ code: "not_found", message: "There is no such job", remedy: "List them." });
      },
      "jobs.list": async () => {
        throw new TypeError("a mistake");
      },
    });
    const client = new RawClient(addresses);
    expect(await client.ask("jobs.get", exchanges["jobs.get"].params)).toMatchObject({
      error: { code: "not_found", message: "There is no such job", remedy: "List them." },
    });
    expect(logged).toEqual([]);
    expect(await client.ask("jobs.list", {})).toMatchObject({ error: { code: "internal", cause: "a mistake" } });
    expect(logged[0]).toMatch(/^error jobs.list: TypeError: a mistake\n/);
  });

  test("answers once the deadline passes, and tells the handler", async () => {
    const aborted = Promise.withResolvers<unknown>();
    const { addresses } = await serve({
      "doctor.run": (_, { signal }) =>
        new Promise(() => signal.addEventListener("abort", () => aborted.resolve(signal.reason))),
    });
    const reply = await new RawClient(addresses).ask("doctor.run", {}, { deadline: 20 });
    expect(reply).toMatchObject({ ok: false, error: { code: "deadline_exceeded" } });
    expect(await aborted.promise).toBeInstanceOf(PixelsError);
  });

  test("bounds what one client may ask at once, and no other client", async () => {
    const { addresses } = await serve({ "doctor.run": () => new Promise(() => {}) });
    const greedy = new RawClient(addresses);
    for (let count = 0; count < 64; count++) await greedy.send("doctor.run", {});
    expect(await greedy.ask("doctor.run", {})).toMatchObject({ id: 65, error: { code: "invalid_request" } });
    expect(await new RawClient(addresses).ask("ping", {})).toMatchObject({ ok: true });
  });

  test("does an unrepeatable request once, however often it comes", async () => {
    let undone = 0;
    const started = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const { addresses } = await serve({
      "sprites.undo": async () => {
        undone += 1;
        started.resolve();
        await go.promise;
        return exchanges["sprites.undo"].result;
      },
    });
    const client = new RawClient(addresses);
    const frame = encodeFrame({ id: 5, method: "sprites.undo", params: { workspace: "/w" }, client: client.id });
    await client.socket.send(frame);
    await started.promise;
    // While it runs: over a connection that replaced the first.
    const again = new Dealer({ linger: 0, receiveTimeout: 20_000 });
    cleanups.push(() => again.close());
    again.connect(addresses.requests);
    await again.send(frame);
    await again.send(encodeFrame({ id: 6, method: "ping", params: {}, client: client.id }));
    expect(decodeFrame(replyFrameSchema, (await again.receive())[0] ?? Buffer.alloc(0))).toMatchObject({ id: 6 });
    go.resolve();
    const [first] = await again.receive();
    // And after it ended.
    await again.send(frame);
    const [second] = await again.receive();
    expect(first).toEqual(second);
    expect(undone).toBe(1);
  });

  test("answers over the new sockets what was asked over those it closed", async () => {
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const { endpoint, addresses, channel, logged } = await serve({
      "doctor.run": async () => {
        asked.resolve();
        await go.promise;
        return exchanges["doctor.run"].result;
      },
    });
    const client = new RawClient(addresses);
    const lost = new RawClient(addresses);
    await client.send("doctor.run", {});
    await asked.promise;
    await lost.ask("doctor.run", {}, { deadline: 1 });
    await lost.send("doctor.run", {});
    const fresh = await endpoint.listen({ requests: `${addresses.requests}2`, events: `${addresses.events}2` }, null);
    endpoint.hangUp(channel);
    client.socket.connect(fresh.addresses.requests);
    const again = new RawClient(fresh.addresses);
    await again.socket.send(encodeFrame({ id: 1, method: "doctor.run", params: {}, client: client.id }));
    await again.ask("ping", {});
    go.resolve();
    expect(await again.receive()).toMatchObject({ id: 1, ok: true });
    expect(logged).toEqual([]);
  });

  test("sends what comes while it drains to the next daemon", async () => {
    const { endpoint, addresses } = await serve();
    endpoint.drain();
    const client = new RawClient(addresses);
    expect(await client.ask("jobs.list", {})).toMatchObject({
      error: { code: "daemon_unavailable", data: { handingOver: true } },
    });
    expect(await client.ask("ping", {})).toMatchObject({ ok: true });
  });

  test("notices clients that come, say goodbye, and fall silent", async () => {
    const silenceMs = 120;
    const { addresses, comings } = await serve({ "doctor.run": () => new Promise(() => {}) }, silenceMs);
    const polite = new RawClient(addresses);
    await polite.ask("hello", { ...exchanges.hello.params });
    await polite.ask("goodbye", {});
    const silent = new RawClient(addresses);
    await silent.send("doctor.run", {});
    await expect.poll(() => comings, { timeout: 20_000 }).toContain(`-${silent.id}`);
    expect(comings).toEqual([`+${polite.id}`, `-${polite.id}`, `+${silent.id}`, `-${silent.id}`]);
  });

  test("publishes numbered events to whoever's subscription it confirmed", async () => {
    const { endpoint, addresses } = await serve();
    const subscriber = new Subscriber({ linger: 0, receiveTimeout: 20_000 });
    cleanups.push(() => subscriber.close());
    subscriber.connect(addresses.events);
    subscriber.subscribe("e", "p", "s-me");
    expect(String((await subscriber.receive())[0])).toBe("s-me");
    endpoint.publish({ type: "queue", paused: true });
    endpoint.publishPreview(preview);
    endpoint.publish({ type: "queue", paused: false });
    const received = [await subscriber.receive(), await subscriber.receive(), await subscriber.receive()];
    expect(received.map(([topic]) => String(topic))).toEqual(["e", "p", "e"]);
    const envelopes = [received[0], received[2]].map((frames) =>
      decodeFrame(eventEnvelopeSchema, frames?.[1] ?? Buffer.alloc(0)),
    );
    expect(envelopes.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(endpoint.sequence).toBe(2);
  });

  test(`survives ${rounds} random and mutated messages, and goes on answering`, { timeout: 600_000 }, async () => {
    const { addresses, endpoint } = await serve();
    const seeds = [...goldenFrames().values()].map(({ bytes }) => bytes);
    const random = mulberry32(rounds);
    const client = new RawClient(addresses, { sendHighWaterMark: 0 });
    const answers: ReplyFrame[] = [];
    const drained = (async () => {
      for await (const [bytes] of client.socket) {
        const reply = decodeFrame(replyFrameSchema, bytes ?? Buffer.alloc(0));
        answers.push(reply);
        if (reply.id === 4_000_000_000) return;
      }
    })();
    for (let round = 0; round < rounds; round++) {
      const message = randomMessage(random, seeds);
      await client.socket.send(random() < 0.02 ? [message, message] : message);
      if (round % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await client.socket.send(encodeFrame({ id: 4_000_000_000, method: "ping", params: {}, client: randomUUID() }));
    await drained;
    expect(answers.some((reply) => !reply.ok)).toBe(true);
    expect(endpoint.clients.size).toBeLessThanOrEqual(1024);
    expect(await new RawClient(addresses).ask("ping", {})).toMatchObject({ ok: true });
  });

  test("survives what is not ZeroMQ at all", async () => {
    const { addresses } = await serve();
    const random = mulberry32(7);
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const socket = createConnection(addresses.requests.slice("ipc://".length));
        const bytes = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
        await new Promise<void>((resolve) => {
          socket.once("close", () => resolve());
          socket.once("error", () => resolve());
          socket.end(bytes);
          socket.resume();
        });
      }),
    );
    expect(await new RawClient(addresses).ask("ping", {})).toMatchObject({ ok: true });
  });
});

describe("over TCP", () => {
  const server = curveKeyPair();
  const known = curveKeyPair();

  async function listen(): Promise<Addresses> {
    const { endpoint } = await serve();
    const anyPort = { requests: "tcp://127.0.0.1:0", events: "tcp://127.0.0.1:0" };
    return (await endpoint.listen(anyPort, { ...server, clients: [known.publicKey] })).addresses;
  }

  function clientWith(addresses: Addresses, pair: typeof known, serverKey = server.publicKey): RawClient {
    const keys = { curveServerKey: serverKey, curvePublicKey: pair.publicKey, curveSecretKey: pair.secretKey };
    return new RawClient(addresses, { ...keys, reconnectInterval: -1 });
  }

  test("a client with a known key makes sprites, and touches no files", async () => {
    const client = clientWith(await listen(), known);
    expect(await client.ask("jobs.list", {})).toMatchObject({ ok: true });
    const { items, ...rest } = exchanges["sprites.submit"].params;
    const alone = items.map((item) => ({ ...item, target: null, referencePath: null }));
    expect(await client.ask("sprites.submit", { ...rest, items: alone })).toMatchObject({ ok: true });
    for (const method of ["sprites.submit", "sprites.place", "sprites.undo", "config.set", "daemon.stop"] as const) {
      const reply = await client.ask(method, exchanges[method].params);
      expect(reply, method).toMatchObject({ ok: false, error: { code: "permission_denied" } });
    }
    expect(await client.ask("images.read", { source: "/etc/passwd" })).toMatchObject({
      error: { code: "permission_denied" },
    });
  });

  test.each([
    ["a key the daemon does not know", curveKeyPair(), server.publicKey],
    ["another daemon's key", known, curveKeyPair().publicKey],
  ])("%s is refused", async (_, pair, serverKey) => {
    const client = clientWith(await listen(), pair, serverKey);
    const refused = new Promise((resolve) => {
      client.socket.events.on("handshake:error:auth", resolve);
      client.socket.events.on("handshake:error:protocol", resolve);
      client.socket.events.on("disconnect", resolve);
    });
    await client.send("ping", {});
    await refused;
    client.socket.receiveTimeout = 200;
    await expect(client.receive()).rejects.toMatchObject({ code: "EAGAIN" });
  });

  test("no keys at all are refused", async () => {
    const client = new RawClient(await listen());
    await client.send("ping", {});
    client.socket.receiveTimeout = 300;
    await expect(client.receive()).rejects.toMatchObject({ code: "EAGAIN" });
  });
});

/** Random bytes, or a golden frame with bytes changed, removed, doubled or cut off. */
function randomMessage(random: () => number, seeds: readonly Uint8Array[]): Buffer {
  const below = (limit: number) => Math.floor(random() * limit);
  if (random() < 0.2) return Buffer.from(Array.from({ length: below(80) }, () => below(256)));
  let bytes = Buffer.from(seeds[below(seeds.length)] ?? []);
  for (let edits = 1 + below(4); edits > 0; edits--) {
    const at = below(bytes.length + 1);
    const kind = below(4);
    if (kind === 0 && at < bytes.length) bytes[at] = below(256);
    else if (kind === 1) bytes = bytes.subarray(0, at);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(8))]);
    else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([below(256)]), bytes.subarray(at)]);
  }
  return bytes;
}

/** A small seeded generator (mulberry32, Tommy Ettinger, public domain), so that a failing round can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
