import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP connection to the server that can be cut or frozen: any server can lose its clients behind it. */
export interface Proxy {
  readonly url: string;
  /** Drops every connection without a goodbye. */
  cut(): void;
  /** Leaves open WebSockets open, but passes nothing more through them: half-open connections. */
  freezeSockets(): void;
  /** Number of WebSockets opened so far. */
  socketsOpened(): number;
  close(): Promise<void>;
}

export async function startProxy(targetUrl: string): Promise<Proxy> {
  const target = new URL(targetUrl);
  const pairs = new Set<{ near: Socket; far: Socket; isWebSocket: boolean }>();
  let opened = 0;
  const server = createServer((near) => {
    const far = connect(Number(target.port || 80), target.hostname);
    const pair = { near, far, isWebSocket: false };
    pairs.add(pair);
    near.once("data", (first) => {
      pair.isWebSocket = first.toString("latin1").startsWith("GET /ws");
      if (pair.isWebSocket) opened++;
    });
    near.pipe(far);
    far.pipe(near);
    for (const socket of [near, far]) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        near.destroy();
        far.destroy();
        pairs.delete(pair);
      });
    }
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const cut = () => {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    cut,
    freezeSockets() {
      for (const { near, far, isWebSocket } of pairs) {
        if (!isWebSocket) continue;
        near.unpipe(far);
        far.unpipe(near);
        for (const socket of [near, far]) socket.resume().on("data", () => undefined);
      }
    },
    socketsOpened: () => opened,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      cut();
      await closed.promise;
    },
  };
}

function portOf(listener: Server): number {
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen on a port");
  return address.port;
}
