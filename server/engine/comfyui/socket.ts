import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";

export interface SocketListener {
  onText(text: string): void;
  onFrame(bytes: Uint8Array): void;
}

const handshakeMs = 10_000;
const maxPayload = 64 << 20;

/**
 * One connection to `/ws`, under an id of its own: an id used again over a half-open connection would lose the new
 * one when the server cleans up the old (`server.py`, `websocket_handler`).
 */
export class ComfySocket {
  readonly clientId: string;
  /** Resolves when the connection is gone, whatever the reason. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(socket: WebSocket, clientId: string, heartbeatMs: number) {
    this.#socket = socket;
    this.clientId = clientId;
    let alive = true;
    for (const event of ["pong", "message"] as const) socket.on(event, () => void (alive = true));
    // A half-open connection says nothing at all: only a ping that nobody answers shows it.
    this.#heartbeat = setInterval(() => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    }, heartbeatMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on("close", () => {
      clearInterval(this.#heartbeat);
      resolve();
    });
    this.closed = promise;
  }

  /** Rejects when the server does not take the connection. */
  static open(url: string, listener: SocketListener, heartbeatMs: number): Promise<ComfySocket> {
    const clientId = randomUUID();
    const address = `${url.replace(/^http/, "ws")}/ws?clientId=${clientId}`;
    const socket = new WebSocket(address, { handshakeTimeout: handshakeMs, maxPayload, perMessageDeflate: false });
    socket.binaryType = "nodebuffer";
    const { promise, resolve, reject } = Promise.withResolvers<ComfySocket>();
    const opened = new ComfySocket(socket, clientId, heartbeatMs);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection was closed")));
    socket.on("message", (data, isBinary) => {
      const bytes = Buffer.isBuffer(data) ? data : Buffer.concat([data].flat().map((part) => new Uint8Array(part)));
      if (isBinary) listener.onFrame(bytes);
      else listener.onText(bytes.toString("utf8"));
    });
    socket.on("open", () => {
      // Must be the first text: without it the server sends previews that name no prompt.
      socket.send(JSON.stringify({ type: "feature_flags", data: { supports_preview_metadata: true } }));
      resolve(opened);
    });
    return promise;
  }

  /** Ends it at once: a server that no longer listens would never answer a polite close. */
  close(): void {
    this.#socket.terminate();
  }
}
