import { z } from "zod";
import { PixelsError } from "../../protocol/errors.ts";
import { parsePythonJson } from "./json.ts";

/** One answer, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly body: Uint8Array;
  /** Length the server promised, or null. */
  readonly promised: number | null;
}

export interface HttpOptions {
  /** Milliseconds for the whole exchange, the body included, so that a slow drip ends too. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

const defaultTimeoutMs = 15_000;
const defaultMaxBytes = 64 << 20;

/** HTTP to one ComfyUI. Every failure is `engine_unavailable`, or the caller's own abort. */
export class ComfyHttp {
  /** Without a trailing slash. */
  readonly url: string;
  readonly #timeoutMs: number;

  constructor(url: string, timeoutMs: number = defaultTimeoutMs) {
    this.url = url.replace(/\/+$/, "");
    this.#timeoutMs = timeoutMs;
  }

  async send(
    method: "GET" | "POST",
    path: string,
    body: FormData | object | null,
    options: HttpOptions = {},
  ): Promise<HttpAnswer> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? this.#timeoutMs);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    try {
      const response = await fetch(this.url + path, {
        method,
        signal,
        redirect: "error",
        ...(body instanceof FormData && { body }),
        ...(body !== null &&
          !(body instanceof FormData) && {
            body: JSON.stringify(body),
            headers: { "content-type": "application/json" },
          }),
      });
      const promised = response.headers.get("content-length");
      return {
        status: response.status,
        mediaType: (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "",
        body: await readBounded(response, options.maxBytes ?? defaultMaxBytes),
        promised: promised === null ? null : Number(promised),
      };
    } catch (error) {
      options.signal?.throwIfAborted();
      throw unavailable(this.url, `${method} ${path}: ${timeout.aborted ? "no whole answer in time" : reason(error)}`);
    }
  }

  /** A JSON answer of status 200, checked. */
  async json<S extends z.ZodType>(
    schema: S,
    method: "GET" | "POST",
    path: string,
    body: FormData | object | null = null,
    options: HttpOptions = {},
  ): Promise<z.output<S>> {
    const answer = await this.send(method, path, body, options);
    if (answer.status !== 200) throw this.unexpected(method, path, answer);
    return this.parse(schema, method, path, answer);
  }

  parse<S extends z.ZodType>(schema: S, method: string, path: string, answer: HttpAnswer): z.output<S> {
    try {
      return schema.parse(parsePythonJson(text(answer)));
    } catch (error) {
      const cause = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      throw unavailable(this.url, `${method} ${path}: not the answer of a ComfyUI (${cause})`);
    }
  }

  /** The error for a status that the caller did not expect. */
  unexpected(method: string, path: string, answer: HttpAnswer): PixelsError {
    const said = text(answer).slice(0, 300).trim();
    const why = `${method} ${path}: status ${answer.status}${said ? `, ${said}` : ""}`;
    if (answer.status === 401 || answer.status === 403) {
      return new PixelsError({
        code: "engine_unavailable",
        message: `The ComfyUI at ${this.url} refuses this client`,
        cause: why,
        remedy: "ComfyUI itself asks for no login: allow this machine in whatever proxy stands before it.",
        data: { url: this.url, status: answer.status },
      });
    }
    return unavailable(this.url, why, answer.status);
  }
}

export function text(answer: HttpAnswer): string {
  return new TextDecoder().decode(answer.body);
}

export function unavailable(url: string, cause: string, status?: number): PixelsError {
  return new PixelsError({
    code: "engine_unavailable",
    message: `The ComfyUI at ${url} does not answer as it should`,
    cause,
    remedy: "Start it, or look at its log; jobs wait for it until then. `dgx-pixels doctor` checks it.",
    data: { url, ...(status !== undefined && { status }) },
  });
}

async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** undici puts what went wrong into the cause of "fetch failed". */
function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError) return cause.errors.map(String).join(", ");
  return cause instanceof Error ? cause.message : String(error);
}
