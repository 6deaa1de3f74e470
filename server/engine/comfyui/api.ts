import { z } from "zod";
import { PixelsError } from "../../protocol/errors.ts";
import type { Graph } from "../workflow/graph.ts";
import { type ComfyHttp, text, type HttpAnswer, type HttpOptions } from "./http.ts";
import { parsePythonJson } from "./json.ts";
import {
  acceptedSchema,
  cancelledSchema,
  historySchema,
  type ImageRef,
  jobSchema,
  objectInfoSchema,
  queueSchema,
  rejectionSchema,
  systemStatsSchema,
  uploadedSchema,
} from "./schemas.ts";

/** Validating a large graph and describing every node can take a busy server long. */
const slowTimeoutMs = 30_000;
const viewTimeoutMs = 60_000;
const maxImageBytes = 256 << 20;

export interface Submission {
  readonly prompt: Graph;
  readonly prompt_id: string;
  readonly client_id: string;
  readonly extra_data: Record<string, unknown>;
}

/** ComfyUI's routes, typed. What an answer means is decided elsewhere. */
export class ComfyApi {
  readonly #http: ComfyHttp;
  /** Whether the server has `/api/jobs`; null until it was asked. */
  #hasJobs: boolean | null = null;
  #hasCancel: boolean | null = null;

  constructor(http: ComfyHttp) {
    this.#http = http;
  }

  get url(): string {
    return this.#http.url;
  }

  /** After a reconnect the server may be another version. */
  forgetFeatures(): void {
    this.#hasJobs = null;
    this.#hasCancel = null;
  }

  systemStats(options?: HttpOptions) {
    return this.#http.json(systemStatsSchema, "GET", "/system_stats", null, options);
  }

  /** Description of one node class, or null when the server does not have it. */
  async objectInfo(nodeClass: string) {
    const path = `/object_info/${encodeURIComponent(nodeClass)}`;
    const info = await this.#http.json(objectInfoSchema, "GET", path, null, { timeoutMs: slowTimeoutMs });
    return info[nodeClass] ?? null;
  }

  /** The server's answer to a prompt: taken, possibly with node errors, or refused. */
  async submit(submission: Submission) {
    const answer = await this.#http.send("POST", "/prompt", submission, { timeoutMs: slowTimeoutMs });
    if (answer.status === 200) {
      return { taken: true, answer: this.#http.parse(acceptedSchema, "POST", "/prompt", answer) } as const;
    }
    if (answer.status === 400) {
      return { taken: false, answer: this.#http.parse(rejectionSchema, "POST", "/prompt", answer) } as const;
    }
    throw this.#http.unexpected("POST", "/prompt", answer);
  }

  queue() {
    return this.#http.json(queueSchema, "GET", "/queue");
  }

  /** The ended prompt, or null. */
  async history(id: string) {
    const path = `/history/${encodeURIComponent(id)}`;
    const history = await this.#http.json(historySchema, "GET", path);
    return history[id] ?? null;
  }

  async lastHistory() {
    const history = await this.#http.json(historySchema, "GET", "/history?max_items=1");
    return Object.values(history).at(-1) ?? null;
  }

  /** The job by the jobs API; null when it does not know it, undefined when the server has no such API. */
  async job(id: string) {
    if (this.#hasJobs === false) return undefined;
    const path = `/api/jobs/${encodeURIComponent(id)}`;
    const answer = await this.#http.send("GET", path, null);
    if (isOfApi(answer)) {
      this.#hasJobs = true;
      return answer.status === 404 ? null : this.#http.parse(jobSchema, "GET", path, answer);
    }
    if (!isNoSuchRoute(answer)) throw this.#http.unexpected("GET", path, answer);
    this.#hasJobs = false;
    return undefined;
  }

  /** Whether the jobs API stopped it; undefined when the server has no such API. */
  async cancelJob(id: string): Promise<boolean | undefined> {
    if (this.#hasCancel === false) return undefined;
    const path = `/api/jobs/${encodeURIComponent(id)}/cancel`;
    const answer = await this.#http.send("POST", path, {});
    if (isOfApi(answer)) {
      this.#hasCancel = true;
      return answer.status === 404 ? false : this.#http.parse(cancelledSchema, "POST", path, answer).cancelled;
    }
    if (!isNoSuchRoute(answer)) throw this.#http.unexpected("POST", path, answer);
    this.#hasCancel = false;
    return undefined;
  }

  /** Always answers 200, whether or not the prompt was pending. */
  async deletePending(id: string): Promise<void> {
    await this.#post("/queue", { delete: [id] });
  }

  /** Names the prompt: an empty body would stop whatever runs, whoever owns it. */
  async interrupt(id: string): Promise<void> {
    if (id === "") throw new PixelsError({ code: "internal", message: "An interrupt needs a prompt id" });
    await this.#post("/interrupt", { prompt_id: id });
  }

  async free(what: { unload_models: boolean; free_memory: boolean }): Promise<void> {
    await this.#post("/free", what);
  }

  view(image: ImageRef, signal?: AbortSignal): Promise<HttpAnswer> {
    const query = new URLSearchParams({ filename: image.filename, subfolder: image.subfolder, type: image.type });
    return this.#http.send("GET", `/view?${query.toString()}`, null, {
      timeoutMs: viewTimeoutMs,
      maxBytes: maxImageBytes,
      signal,
    });
  }

  upload(form: FormData, signal?: AbortSignal) {
    return this.#http.json(uploadedSchema, "POST", "/upload/image", form, { timeoutMs: viewTimeoutMs, signal });
  }

  async #post(path: string, body: object): Promise<void> {
    const answer = await this.#http.send("POST", path, body);
    if (answer.status !== 200) throw this.#http.unexpected("POST", path, answer);
  }
}

/** An answer of the route itself: its 404 is a JSON object too, which tells it from a server without the route. */
function isOfApi(answer: HttpAnswer): boolean {
  if (answer.status !== 200 && answer.status !== 404) return false;
  try {
    return z.looseObject({}).safeParse(parsePythonJson(text(answer))).success;
  } catch {
    return false;
  }
}

/** Newer routes on older servers fall to the one for files, which takes GET alone and answers pages. */
function isNoSuchRoute(answer: HttpAnswer): boolean {
  return answer.status === 404 || answer.status === 405 || answer.status === 200;
}
