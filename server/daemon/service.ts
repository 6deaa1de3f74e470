import type { Config } from "../protocol/config.ts";
import type { DaemonEvent, EditRequest, Preview } from "../protocol/events.ts";
import type { Method, ParsedParams, Result } from "../protocol/requests.ts";

/** Requests the service answers; the endpoint answers the rest itself. */
export type ServiceMethod = Exclude<Method, "hello" | "ping" | "goodbye" | `daemon.${string}` | `editors.${string}`>;

/** Who asks, and until when. */
export interface RequestContext {
  /** The client's id from its `hello`. */
  readonly client: string;
  /** Aborted when the client gave up on this request or its deadline passed. */
  readonly signal: AbortSignal;
}

/** Parameters are parsed before a handler sees them. It rejects with a `PixelsError`. */
export type Handlers = {
  readonly [M in ServiceMethod]: (params: ParsedParams<M>, context: RequestContext) => Promise<Result<M>>;
};

export type EditOutcome = "applied" | "text-changed" | "refused" | "no-editor";

export interface ServiceOptions {
  /** Absolute path; made with mode 0700 when missing. */
  readonly stateFolder: string;
  /** The daemon's instance, as its events carry it. */
  readonly instance: string;
  /** Sequence number of the last event published by anyone; 0 before the first. */
  sequence(): number;
  publish(event: DaemonEvent): void;
  publishPreview(preview: Preview): void;
  /** Asks the editor that holds the document unsaved to apply the spans. */
  requestEdit(edit: EditRequest): Promise<EditOutcome>;
  /** The client that holds this absolute path unsaved, else null. */
  isUnsaved(path: string): string | null;
  log(level: "info" | "warn" | "error", message: string): void;
  /** Where `config.toml` lies; default `$XDG_CONFIG_HOME/dgx-pixels`, else `~/.config/dgx-pixels`. */
  readonly configFolder?: string;
}

export interface Service {
  readonly handlers: Handlers;
  /** The daemon's settings now. */
  config(): Config;
  /** A client said hello, perhaps again after a restart of the daemon. */
  clientSeen(client: string): void;
  /** A client said goodbye or fell silent: its `onDisconnect: cancel` jobs are cancelled. */
  clientGone(client: string): void;
  /** No job is running or could run: nothing would be lost or delayed by stopping. */
  isIdle(): boolean;
  /**
   * Finishes the step in hand, at most `drainMs`, and closes the database.
   * Prompts on a ComfyUI are left running: the next daemon adopts them.
   */
  stop(options: { drainMs: number }): Promise<void>;
}
