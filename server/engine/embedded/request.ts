import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { empty, text, type Reply } from "./reply.ts";

/** Longest body read, as ComfyUI's own limit. */
const maxBodyBytes = 100 << 20;

/** An answer in place of the one asked for: thrown where a request is no good. */
export class Refused extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`HTTP ${reply.status}`);
    this.reply = reply;
  }
}

/** A request as routes see it. */
export interface Request {
  readonly method: string;
  /** Decoded, without a leading `/api`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** Parts of the path that the route left open. */
  readonly parameters: readonly string[];
  /** Throws `Refused` for a body that is too long. */
  readonly body: () => Promise<Uint8Array>;
}

/**
 * ComfyUI's guard against other sites in the person's browser: `Sec-Fetch-Site: cross-site`, or an Origin that is not
 * the Host. Beyond it, a Host that is no loopback name is refused: this server is reached by no other.
 */
export function isForeign({ headers }: IncomingMessage): boolean {
  const host = headers.host?.toLowerCase() ?? "";
  if (!isLoopback(host)) return true;
  if (headers["sec-fetch-site"] === "cross-site") return true;
  const { origin } = headers;
  if (origin === undefined) return false;
  const from = URL.canParse(origin) ? new URL(origin) : null;
  return from === null || from.host.toLowerCase() !== host;
}

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return name === "localhost" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Splits the address; `/api` names the same routes. Throws `Refused` for one that cannot be read. */
export function parseUrl(target: string | undefined): { path: string; query: URLSearchParams } {
  const url = URL.parse(target ?? "/", "http://localhost");
  if (url === null) throw new Refused(text("Bad address", 400));
  try {
    const path = decodeURIComponent(url.pathname);
    // Jobs exist below /api only.
    const plain = path.startsWith("/api/") && !path.startsWith("/api/jobs") ? path.slice("/api".length) : path;
    return { path: plain, query: url.searchParams };
  } catch {
    throw new Refused(text("Bad address", 400));
  }
}

export async function readBody(message: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let length = 0;
  const stream: AsyncIterable<Buffer> = message;
  for await (const part of stream) {
    parts.push(part);
    length += part.byteLength;
    if (length > maxBodyBytes) throw new Refused(text("Request body is too long", 413));
  }
  return Buffer.concat(parts);
}

/** The body as a JSON object. Throws `Refused` otherwise. */
export async function jsonBody(request: Request): Promise<Record<string, unknown>> {
  const bytes = await request.body();
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refused(text("The body is not JSON", 400));
  }
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  if (!object.success) throw new Refused(text("The body is not a JSON object", 400));
  return object.data;
}

/** A form with its files, by the web platform's own reader. Throws `Refused` otherwise. */
export async function formBody(request: Request): Promise<FormData> {
  if (!request.contentType.startsWith("multipart/form-data")) throw new Refused(empty(400));
  try {
    const body = Buffer.from(await request.body());
    return await new Response(body, { headers: { "content-type": request.contentType } }).formData();
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(text("The form cannot be read", 400));
  }
}
