import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { z } from "zod";
import { pythonJson, withNaN } from "./python-json.ts";
import type { RgbaImage } from "../../sprite/image.ts";
import { encodePreview } from "../../codec/encode.ts";
import type { Faults } from "./faults.ts";

/** What this server can do, as it tells clients that tell theirs. */
export const serverFeatures = {
  supports_preview_metadata: true,
  max_upload_size: 100 << 20,
  extension: { manager: { supports_v4: false } },
};

/** What a client's first text says of itself; any other text means nothing. */
const featureFlags = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue("not JSON");
      return z.NEVER;
    }
  })
  .pipe(
    z.looseObject({
      type: z.literal("feature_flags"),
      data: z.looseObject({ supports_preview_metadata: z.unknown() }),
    }),
  );

/** Binary frame kinds: an image alone, or with its node and prompt. */
const plainPreview = 1;
const previewWithMetadata = 4;
const maxPreviewBytes = 64 << 10;

interface Client {
  readonly socket: WebSocket;
  wantsMetadata: boolean;
  eventsOfJobs: number;
}

/** The WebSockets, one a client id, and what is sent through them. */
export class SocketHub {
  readonly #clients = new Map<string, Client>();
  readonly #open = new Set<WebSocket>();
  readonly #faults: Faults;
  readonly #older: boolean;

  /** `older`: knows nothing of feature flags. */
  constructor(faults: Faults, older: boolean) {
    this.#faults = faults;
    this.#older = older;
  }

  /** Takes a new socket in; `welcome` gives what a client sees first. Returns the client's id. */
  add(socket: WebSocket, asked: string, welcome: (sid: string) => readonly (readonly [string, object])[]): void {
    const sid = asked === "" ? randomUUID().replaceAll("-", "") : asked;
    const client: Client = { socket, wantsMetadata: false, eventsOfJobs: 0 };
    this.#clients.set(sid, client);
    this.#open.add(socket);
    let first = true;
    socket.on("message", (data, isBinary) => {
      // One buffer, since `binaryType` is the usual `nodebuffer`.
      if (first && !isBinary && Buffer.isBuffer(data)) this.#negotiate(client, data.toString());
      first = false;
    });
    // A peer that breaks the protocol closes its socket; that is all there is to do about it.
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      this.#open.delete(socket);
      // As in ComfyUI, the id goes even when a newer socket has taken it over since.
      this.#clients.delete(sid);
    });
    for (const [event, data] of welcome(sid)) this.#post(client, event, data);
  }

  has(sid: string | null): boolean {
    return sid !== null && this.#clients.has(sid);
  }

  broadcast(event: string, data: object): void {
    for (const client of this.#clients.values()) this.#post(client, event, data);
  }

  /** Sends one event of a job to its client, if that one is there. */
  send(sid: string | null, event: string, data: object): void {
    const client = sid === null ? undefined : this.#clients.get(sid);
    if (client === undefined) return;
    if (this.#faults.peek("unknown_events") !== null) {
      this.#post(client, "a_type_nobody_knows", { anything: [event] });
      this.#write(client, Buffer.from([0, 0, 0, 99, 1, 2, 3]));
    }
    this.#post(client, event, data);
    client.eventsOfJobs += 1;
    const lost = this.#faults.peek("lost_socket");
    if (lost !== null && client.eventsOfJobs >= (lost.afterEvents ?? 1)) {
      this.#faults.take("lost_socket");
      client.socket.terminate();
    }
  }

  /** Sends a preview of a node's picture in the newest form the client understands. */
  async sendPreview(sid: string | null, nodeId: string, promptId: string, image: RgbaImage): Promise<void> {
    const client = sid === null ? undefined : this.#clients.get(sid);
    if (client === undefined) return;
    const { mediaType, bytes } = await encodePreview(image, maxPreviewBytes);
    if (client.wantsMetadata) {
      const metadata = Buffer.from(
        JSON.stringify({
          node_id: nodeId,
          prompt_id: promptId,
          display_node_id: nodeId,
          parent_node_id: null,
          real_node_id: nodeId,
          image_type: mediaType,
        }),
      );
      this.#write(client, Buffer.concat([words(previewWithMetadata, metadata.length), metadata, bytes]));
    } else {
      this.#write(client, Buffer.concat([words(plainPreview, mediaType === "image/jpeg" ? 1 : 2), bytes]));
    }
  }

  /** Cuts every connection, without a closing handshake. */
  terminate(): void {
    for (const socket of this.#open) socket.terminate();
  }

  #negotiate(client: Client, text: string): void {
    const message = featureFlags.safeParse(text);
    if (!message.success || this.#older) return;
    client.wantsMetadata = message.data.data.supports_preview_metadata === true;
    this.#post(client, "feature_flags", serverFeatures);
  }

  #post(client: Client, type: string, data: object): void {
    this.#write(client, pythonJson({ type, data: this.#faults.peek("nan_in_json") === null ? data : withNaN(data) }));
  }

  #write({ socket }: Client, data: string | Uint8Array): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (this.#faults.peek("half_open_socket") !== null || this.#faults.peek("silent_server") !== null) return;
    socket.send(data);
  }
}

/** Unsigned 32-bit numbers, big-endian. */
function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, index * 4);
  return buffer;
}
