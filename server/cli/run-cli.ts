import { resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { DaemonClient } from "../client/daemon-client.ts";
import { directiveKeys } from "../project/directive-values.ts";
import { ownBuild } from "../protocol/build-info.ts";
import { priorityNames } from "../protocol/job.ts";
import type { CliContext } from "./cli-context.ts";
import { batch } from "./commands/batch.ts";
import { controlDaemon, daemonVerbs } from "./commands/daemon.ts";
import { demo } from "./commands/demo.ts";
import { generate } from "./commands/generate.ts";
import { doctor, listModels } from "./commands/inspect.ts";
import { cancelJobs, listJobs, retryJob } from "./commands/jobs.ts";
import { pixelize } from "./commands/pixelize.ts";
import { show } from "./commands/show.ts";
import { sync } from "./commands/sync.ts";
import { undo } from "./commands/undo.ts";
import { type UseOptions, useSprite } from "./commands/use.ts";
import { exitCodeFor, exitCodes } from "./exit-codes.ts";
import { createOutput, type Output, toErrorInfo } from "./output.ts";
import { pixelOptionsFrom } from "./pixel-arguments.ts";
import type { TerminalIo } from "./terminal-io.ts";

interface GlobalOptions {
  readonly json?: true;
  readonly color: boolean;
  readonly project?: string;
}

/** Runs one command line and returns its exit code. Never throws. */
export async function runCli(args: readonly string[], io: TerminalIo): Promise<number> {
  let output: Output = createOutput(io, { json: args.includes("--json"), color: false });
  let client: Promise<DaemonClient> | undefined;
  const contextOf = (options: GlobalOptions): CliContext => {
    const color = options.color && io.interactive && !io.env["NO_COLOR"];
    output = createOutput(io, { json: options.json ?? false, color });
    return {
      io,
      output,
      folder: resolve(io.cwd, options.project ?? "."),
      daemon: () => (client ??= DaemonClient.connect({ name: "cli", signal: io.interrupted })),
    };
  };
  try {
    await program(io, contextOf).parseAsync([...args], { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    // Help and version come as errors too, with exit code 0; usage errors are written by commander itself.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok;
      if (output.json) output.failure({ code: "invalid_request", message: error.message });
      return exitCodes.invalid;
    }
    const info = toErrorInfo(error);
    output.failure(info);
    return io.interrupted.aborted ? exitCodes.cancelled : exitCodeFor(info.code);
  } finally {
    output.clearStatus();
    await client?.then((connected) => connected.close()).catch(() => undefined);
  }
}

function program(io: TerminalIo, contextOf: (options: GlobalOptions) => CliContext): Command {
  const root = new Command("dgx-pixels")
    .description("True pixel-art sprites from prompts, straight into your Bevy game.")
    .version(ownBuild().version)
    .option("--json", "one JSON document on standard output instead of text")
    .option("--no-color", "no colours")
    .option("-C, --project <dir>", "the game's folder (default: where you are)")
    .exitOverride()
    .showHelpAfterError("(`dgx-pixels help` lists the commands.)")
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => {
        if (!process.argv.includes("--json")) io.err.write(text);
      },
    });
  /** Adds a command whose action gets the context and its own options. */
  const add = (usage: string, description: string): Command => root.command(usage).description(description);
  /** Runs a command's action and prints its result where a program asked for it. */
  const run = async <T>(action: (context: CliContext) => Promise<T>): Promise<void> => {
    const context = contextOf(root.opts<GlobalOptions>());
    context.output.result(await action(context));
  };

  submitting(withSettings(add("generate <prompt> [settings...]", "make one sprite and write it into the game")))
    .option("--size <WxH>", "one cell in pixels, such as 64x64")
    .option("-o, --output <file.png>", "write a plain picture instead of a sprite of the game")
    .option("--no-write", "only make it; `show` and `jobs` lead to it")
    .action((prompt: string, words: string[], options: GenerateFlags) =>
      run((context) => generate(context, { prompt, words, size: options.size, options: settingsOf(options) }, options)),
    );
  submitting(add("batch <file>", "make every sprite of a file: one prompt or directive a line, # for comments")).action(
    (file: string, options: SubmitFlags) => run((context) => batch(context, file, options)),
  );
  submitting(add("sync", "make what the game's @sprite directives ask for and is missing or out of date"))
    .option("-n, --dry-run", "only say what would be done")
    .option("-w, --watch", "keep on doing so as files change")
    .action((options: SubmitFlags & { dryRun?: boolean; watch?: boolean }) =>
      run((context) => sync(context, { ...options, dryRun: options.dryRun ?? false, watch: options.watch ?? false })),
    );
  add("pixelize <in...>", "make true pixel art of pictures: IN… OUT, a file or a folder")
    .option("--size <WxH|auto>", "size of the sprite (default: the picture's own grid)")
    .option("--colors <n>", "number of colours to learn")
    .option("--palette <name|file>", "a palette's name, its colours, or a palette file")
    .option("--background <auto|keep|#rrggbb>", "what to cut out")
    .option("--outline <#rrggbb>", "draw a one-pixel outline")
    .option("--replace", "overwrite what is there", false)
    .action(async (paths: string[], options: Parameters<typeof pixelOptionsFrom>[1] & { replace: boolean }) => {
      const to = paths.pop() ?? "";
      if (paths.length === 0) throw new InvalidArgumentError("Name the picture and where its sprite goes: IN… OUT.");
      await run(async (context) => {
        const pixels = await pixelOptionsFrom(context, options);
        return pixelize(context, paths, to, { pixels, replace: options.replace });
      });
    });

  add("jobs", "list what waits and runs")
    .option("-a, --all", "those that have ended too", false)
    .option("--limit <n>", "how many at most", wholeNumber, 50)
    .action((options: { all: boolean; limit: number }) => run((context) => listJobs(context, options)));
  add(
    "show [sprite]",
    "show a sprite in the terminal: a job's id, a path in the game, or a file; default the latest",
  ).action((what: string | undefined) => run((context) => show(context, what)));
  add("cancel [job]", "cancel a job, by the beginning of its id; default the latest")
    .option("-a, --all", "everything that waits or runs", false)
    .action((id: string | undefined, options: { all: boolean }) =>
      run((context) => cancelJobs(context, { id, all: options.all })),
    );
  add("retry [job]", "run a failed or cancelled job again; default the latest")
    .option("--no-wait", "do not wait for its end")
    .action((id: string | undefined, options: { wait: boolean }) =>
      run((context) => retryJob(context, { id, wait: options.wait })),
    );
  add("use <job>", "write the sprite of a finished job, such as one of several variants, into the game")
    .option("--path <path>", "target file in the asset folder (default: from the prompt)")
    .option("--key <key>", "target by its key in a RON manifest")
    .option("--replace", "overwrite a file that is your own", false)
    .action((id: string, options: UseOptions) => run((context) => useSprite(context, id, options)));
  add("undo [placement]", "take back the last write into the game")
    .option("-l, --list", "list the writes instead", false)
    .action((placement: string | undefined, options: { list: boolean }) =>
      run((context) => undo(context, { placement, list: options.list })),
    );

  add("models", "list the checkpoints, LoRAs and samplers of the engines").action(() =>
    run((context) => listModels(context)),
  );
  add("doctor", "look at everything a sprite needs, and say what to do about what is missing").action(() =>
    run((context) => doctor(context)),
  );
  const daemon = add("daemon", "the process that holds the queue");
  for (const verb of daemonVerbs) {
    const command = daemon.command(verb).option("--stay", "keep running when idle", false);
    command.action((options: { stay: boolean }) => run((context) => controlDaemon(context, verb, options)));
  }
  add("demo", "make a sample game in a new folder and generate its sprites")
    .option("--folder <dir>", "the new folder (default: dgx-pixels-demo)")
    .action((options: { folder?: string }) => run((context) => demo(context, options.folder)));
  return root;
}

export interface SubmitFlags {
  readonly replace: boolean;
  readonly wait: boolean;
  readonly priority: (typeof priorityNames)[number];
  readonly deadline?: number;
}

export interface GenerateFlags extends SubmitFlags {
  readonly size?: string;
  readonly output?: string;
  readonly write: boolean;
}

function submitting(command: Command): Command {
  return command
    .option("--replace", "overwrite a file that DGX-Pixels did not write, or another engine's sprite", false)
    .option("--no-wait", "submit and return; `jobs` shows how it goes")
    .option("--deadline <seconds>", "fail what has not ended by then", wholeNumber)
    .addOption(new Option("--priority <name>", "before or after others").choices(priorityNames).default("normal"));
}

/** Every key of the directive language is an option too. */
function withSettings(command: Command): Command {
  for (const [key, { about, example }] of Object.entries(directiveKeys)) {
    if (key === "tile") command.option("--tile", about);
    else if (key === "lora") command.option("--lora <name:strength...>", `${about}, such as ${example}`);
    else command.option(`--${key} <value>`, `${about}, such as ${example}`);
  }
  return command.addHelpText(
    "after",
    "\nSettings are written as in a directive: 64x64 frames=4 palette=sweetie-16 tile",
  );
}

function settingsOf(options: object): Record<string, string | readonly string[] | boolean> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(directiveKeys, key)));
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError("Expected a whole number above 0.");
  return value;
}
