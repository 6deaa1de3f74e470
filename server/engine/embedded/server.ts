import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { Engine } from "./engine.ts";
import { Faults } from "./faults.ts";
import { Files } from "./files.ts";
import { embeddedModels, type ModelFolders } from "./models.ts";
import { ProceduralArtist } from "./procedural/artist.ts";
import { empty, send, text, type Reply } from "./reply.ts";
import { isForeign, parseUrl, readBody, Refused } from "./request.ts";
import { route } from "./routes.ts";
import type { SpriteGenerator } from "./generator.ts";
import type { Catalog } from "./nodes/node-class.ts";

export interface EmbeddedServerOptions {
  /** 0, the default, takes a free one. The address is always 127.0.0.1. */
  readonly port?: number;
  /** What draws; the procedural artist unless another is given. */
  readonly generator?: SpriteGenerator;
  /** Seconds that every job takes at least, spread over its steps: a declared engine speed for timing. */
  readonly jobSeconds?: number;
  /** More names for loaders to offer, by folder: `{ checkpoints: ["x.safetensors"] }`. */
  readonly models?: ModelFolders;
  /** Hides the jobs interface and the flags of newer servers: a ComfyUI of 2025. */
  readonly older?: boolean;
  /** Called with what went wrong inside; a request's own mistakes are not. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedServer {
  /** `http://127.0.0.1:PORT`, the same after a restart. */
  readonly url: string;
  /** What goes wrong on purpose: switched on and off at any time. */
  readonly faults: Faults;
  /** Kills the server's memory (queue, history, sockets, cache) and starts it anew on its port after `downMs`. */
  restart(downMs?: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a server that speaks ComfyUI's interface on 127.0.0.1 and draws sprites itself.
 * Rejects when the port is taken.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const server = new EmbeddedComfy(options);
  await server.listen(options.port ?? 0);
  return server;
}

class EmbeddedComfy implements EmbeddedServer {
  readonly faults = new Faults();
  readonly #options: EmbeddedServerOptions;
  readonly #generator: SpriteGenerator;
  readonly #catalog: Catalog;
  readonly #connections = new Set<Socket>();
  readonly #webSockets = new WebSocketServer({ noServer: true, maxPayload: 16 << 20 });
  readonly #closed = new AbortController();
  #http: Server;
  #engine: Engine;
  #port = 0;

  constructor(options: EmbeddedServerOptions) {
    this.#options = options;
    this.#generator = options.generator ?? new ProceduralArtist();
    this.#catalog = { models: { ...embeddedModels, ...options.models }, files: new Files() };
    this.#engine = this.#newEngine();
    this.#http = this.#newHttp();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(port: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#http.once("error", reject);
    this.#http.listen(port, "127.0.0.1", resolve);
    await promise;
    this.#http.off("error", reject);
    const address = this.#http.address();
    if (address !== null && typeof address === "object") this.#port = address.port;
  }

  async restart(downMs = 0): Promise<void> {
    await this.#stop();
    if (downMs > 0) await setTimeout(downMs, undefined, { signal: this.#closed.signal });
    if (this.#closed.signal.aborted) return;
    this.#catalog.files.forgetTemp();
    this.#engine = this.#newEngine();
    this.#http = this.#newHttp();
    await this.listen(this.#port);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#stop();
  }

  async #stop(): Promise<void> {
    this.#engine.close();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#http.close(() => resolve());
    for (const socket of this.#connections) socket.destroy();
    await promise;
  }

  #newEngine(): Engine {
    return new Engine({
      catalog: this.#catalog,
      faults: this.faults,
      generator: this.#generator,
      jobSeconds: this.#options.jobSeconds ?? 0,
      older: this.#options.older ?? false,
      restart: (downMs) => {
        // Closed while it was down: there is nothing to start any more.
        this.restart(downMs).catch((error: unknown) => this.#log(`restart failed: ${String(error)}`));
      },
    });
  }

  #newHttp(): Server {
    const http = createServer((request, response) => void this.#respond(request, response));
    http.on("connection", (socket) => {
      this.#connections.add(socket);
      socket.on("close", () => this.#connections.delete(socket));
    });
    http.on("upgrade", (request, socket, head) => void this.#upgrade(request, socket, head));
    http.on("clientError", (_error, socket) => {
      if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
      else socket.destroy();
    });
    return http;
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { path } = parseUrl(request.url);
      await this.faults.until("silent_server", this.#closed.signal);
      if (this.#isCut(path)) {
        request.socket.resetAndDestroy();
        return;
      }
      const reply = this.#failure(path) ?? (await this.#answer(request));
      if (request.method === "POST" && path === "/prompt" && this.faults.take("lost_reply") !== null) {
        request.socket.destroy();
        return;
      }
      await send(reply, response, this.faults);
      // What was not read of a refused body would be taken for the next request.
      if (!request.complete) request.resume();
    } catch (error) {
      if (response.headersSent) response.destroy();
      else if (error instanceof Refused) await send(error.reply, response, this.faults);
      else {
        this.#log(`${request.method} ${request.url}: ${error instanceof Error ? error.stack : String(error)}`);
        await send(text("500 Internal Server Error", 500), response, this.faults);
      }
    }
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    if (isForeign(request)) return empty(403);
    if (request.method === "OPTIONS") return empty();
    const url = parseUrl(request.url);
    if (this.#options.older === true && /^\/(api\/jobs|features)/.test(url.path)) return empty(404);
    let body: Promise<Uint8Array> | null = null;
    return route(
      {
        ...url,
        method: request.method ?? "GET",
        contentType: request.headers["content-type"] ?? "",
        body: () => (body ??= readBody(request)),
      },
      { engine: this.#engine, catalog: this.#catalog, faults: this.faults, generator: this.#generator },
    );
  }

  #isCut(path: string): boolean {
    const reset = this.faults.peek("connection_reset");
    if (reset === null || !path.startsWith(reset.path ?? "")) return false;
    this.faults.take("connection_reset");
    return true;
  }

  #failure(path: string): Reply | null {
    const failing = this.faults.peek("internal_server_error");
    if (failing === null || !path.startsWith(failing.path ?? "")) return null;
    this.faults.take("internal_server_error");
    const page =
      "<html><head><title>500 Internal Server Error</title></head><body>Server got itself in trouble</body></html>";
    return { status: failing.status ?? 500, type: "text/html; charset=utf-8", body: Buffer.from(page) };
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Whoever upgrades a connection has to listen for its errors; its end says all there is to say.
    socket.on("error", () => socket.destroy());
    await this.faults.until("silent_server", this.#closed.signal);
    if (socket.destroyed) return;
    const url = URL.parse(request.url ?? "", "http://localhost");
    if (isForeign(request)) refuse(socket, "403 Forbidden");
    else if (url === null || !/^(\/api)?\/ws$/.test(url.pathname)) refuse(socket, "404 Not Found");
    else {
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        const engine = this.#engine;
        engine.hub.add(webSocket, url.searchParams.get("clientId") ?? "", (sid) => engine.welcome(sid));
      });
    }
  }

  #log(line: string): void {
    this.#options.log?.(line);
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
