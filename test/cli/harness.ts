import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { DaemonClient } from "../../server/client/daemon-client.ts";
import { runCli } from "../../server/cli/run-cli.ts";
import { type JsonResults, jsonResults } from "../../server/cli/json-results.ts";
import { errorSchema } from "../../server/protocol/errors.ts";
import { z } from "zod";
import { publishedSchema } from "./published-schema.ts";

export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** One person's machine: a home with settings, a state folder with its own daemon, and a game. */
export class Machine {
  readonly folder: string;
  readonly game: string;

  static async create(): Promise<Machine> {
    const machine = new Machine(await mkdtemp(join(tmpdir(), "dgx-pixels-cli-")));
    await mkdir(join(machine.folder, "config", "dgx-pixels"), { recursive: true });
    // The daemon that the command line starts inherits these.
    process.env["DGX_PIXELS_STATE"] = join(machine.folder, "state");
    process.env["XDG_CONFIG_HOME"] = join(machine.folder, "config");
    await cp(new URL("../../bevy-templates/sample", import.meta.url), machine.game, { recursive: true });
    return machine;
  }

  private constructor(folder: string) {
    this.folder = folder;
    this.game = join(folder, "game");
  }

  /** Runs a command line in the game's folder, as it would run in a terminal that nobody looks at. */
  async run(args: readonly string[], options: { cwd?: string; interrupted?: AbortSignal } = {}): Promise<CliRun> {
    const out = collector();
    const err = collector();
    const code = await runCli(args, {
      out: out.stream,
      err: err.stream,
      input: Object.assign(new PassThrough(), { isTTY: false }) as unknown as NodeJS.ReadStream,
      interactive: false,
      cwd: options.cwd ?? this.game,
      env: { ...process.env, COLUMNS: "80" },
      interrupted: options.interrupted ?? new AbortController().signal,
    });
    return { code, out: out.text(), err: err.text() };
  }

  /** Runs a command with `--json` and checks the document against the published schema. */
  async json<C extends keyof JsonResults>(command: C, args: readonly string[]): Promise<JsonResults[C]> {
    const { out, err, code } = await this.run(["--json", ...args]);
    const printed: unknown = JSON.parse(out);
    const document = z.object({ ok: z.boolean(), result: z.unknown(), error: errorSchema.optional() }).parse(printed);
    if (!document.ok) throw new Error(`exit code ${code}: ${JSON.stringify(document.error)} ${err}`);
    publishedSchema(`result-${command}`).parse(printed);
    return jsonResults[command].parse(document.result) as JsonResults[C];
  }

  /** Stops the daemon, waits until its process is gone, and removes everything. */
  async remove(): Promise<void> {
    const client = await DaemonClient.connect({ name: "test", start: false, connectMs: 2000 }).catch(() => null);
    if (client) {
      const { pid } = await client.request("daemon.status", {});
      await client.request("daemon.stop", { reason: "asked" });
      await client.close();
      for (let wait = 0; isAlive(pid); wait++) {
        if (wait > 200) throw new Error(`The daemon ${pid} did not stop`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function collector(): { stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
