import { resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { DaemonClient } from "../client/daemon-client.ts";
import { directiveKeys } from "../project/directive-values.ts";
import { nearestName } from "../project/nearest.ts";
import { ownBuild } from "../protocol/build-info.ts";
import { PixelsError } from "../protocol/errors.ts";
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
import { sync, syncWatching } from "./commands/sync.ts";
import { undo } from "./commands/undo.ts";
import { type UseOptions, useSprite } from "./commands/use.ts";
import { exitCodeFor, exitCodes } from "./exit-codes.ts";
import { createOutput, type Output, toErrorInfo } from "./output.ts";
import { pixelOptionsFrom } from "./pixel-arguments.ts";
import type { TerminalIo } from "./terminal-io.ts";
import { usageError } from "./usage-error.ts";

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
    await program(io, contextOf, output.json).parseAsync([...args], { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    // Help and version come as errors too, with exit code 0.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok;
      output.failure(usageError(error));
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

function program(io: TerminalIo, contextOf: (options: GlobalOptions) => CliContext, json: boolean): Command {
  const root = new Command("dgx-pixels")
    .description("True pixel-art sprites from prompts, straight into your Bevy game.")
    .version(ownBuild().version)
    .option("--json", "one JSON document on standard output instead of text")
    .option("--no-color", "no colours")
    .option("-C, --project <dir>", "the game's folder (default: where you are)")
    .exitOverride()
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => {
        if (!json) io.err.write(text);
      },
      // Errors of usage are told as all others are.
      outputError: () => undefined,
    });
  /** Adds a command whose action gets the context and its own options. */
  const add = (usage: string, description: string): Command => root.command(usage).description(description);
  /** Runs a command's action and prints its result where a program asked for it. */
  const run = async <T>(action: (context: CliContext) => Promise<T>): Promise<void> => {
    const context = contextOf(root.opts<GlobalOptions>());
    const result = await action(context);
    if (result !== undefined) context.output.result(result);
  };

  submitting(withSettings(add("generate <prompt> [settings...]", "make one sprite and write it into the game")))
    .option("--size <WxH>", "one cell in pixels, such as 64x64")
    .option("-o, --output <file.png>", "write a plain picture instead of a sprite of the game")
    .option("--no-write", "only make it; `show` and `jobs` lead to it")
    .action((prompt: string, words: string[], options: GenerateFlags) =>
      run((context) => generate(context, { prompt, words, size: options.size, options: settingsOf(options) }, options)),
    );
  submitting(
    add(
      "batch <file>",
      "make every sprite of a file (- for standard input): one prompt a line, with settings; # for comments",
    ),
  ).action((file: string, options: SubmitFlags) => run((context) => batch(context, file, options)));
  submitting(add("sync", "make what the game's @sprite directives ask for and is missing or out of date"))
    .option("-n, --dry-run", "only say what would be done")
    .option("-w, --watch", "keep on doing so as files change")
    .action((options: SubmitFlags & { dryRun?: boolean; watch?: boolean }) =>
      run((context) => {
        const { dryRun = false, watch = false } = options;
        return (watch ? syncWatching : sync)(context, { ...options, dryRun, watch });
      }),
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
      await run(async (context) => {
        if (paths.length === 0) throw noOutput(to);
        const pixels = await pixelOptionsFrom(context, options);
        return pixelize(context, paths, to, { pixels, replace: options.replace });
      });
    });

  add("jobs", "list what waits and runs")
    .option("-a, --all", "those that have ended too", false)
    .option("--limit <n>", "how many at most, up to 500", wholeNumber(500), 50)
    .action((options: { all: boolean; limit: number }) => run((context) => listJobs(context, options)));
  add(
    "show [sprite]",
    "show a sprite in the terminal: a job's id, a path in the game, or a file; default the latest",
  ).action((what: string | undefined) => run((context) => show(context, what)));
  add("cancel [job]", "cancel a job, by the beginning of its id; default all of what was submitted last")
    .option("-a, --all", "everything that waits or runs", false)
    .action((id: string | undefined, options: { all: boolean }) =>
      run((context) => cancelJobs(context, { id, all: options.all })),
    );
  add("retry [job]", "run a failed or cancelled job again, by the beginning of its id; default the latest")
    .option("--no-wait", "do not wait for its end")
    .action((id: string | undefined, options: { wait: boolean }) =>
      run((context) => retryJob(context, { id, wait: options.wait })),
    );
  add("use <job>", "write the sprite of a finished job, such as one of several variants, into the game")
    .option("--path <path>", "target file in the asset folder (default: from the prompt)")
    .option("--key <key>", "target by its key in a RON manifest")
    .option("--replace", "overwrite a file that is your own", false)
    .action((id: string, options: UseOptions) => run((context) => useSprite(context, id, options)));
  add("undo [placement]", "take back the last write into the game, or one by the beginning of its id")
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
  const daemon = add("daemon", "the process that holds the queue").helpCommand(false);
  for (const [verb, about] of daemonVerbs) {
    const command = daemon.command(verb).description(about).helpCommand(false);
    if (verb === "start" || verb === "restart") command.option("--stay", "keep running when idle", false);
    command.action(({ stay = false }: { stay?: boolean }) => run((context) => controlDaemon(context, verb, { stay })));
  }
  add("demo", "make a sample game in a new folder and generate its sprites")
    .option("--folder <dir>", "the new folder (default: dgx-pixels-demo)")
    .action((options: { folder?: string }) => run((context) => demo(context, options.folder)));
  add("help [command...]", "explain a command and its options").action((names: string[]) => showHelp(root, names));
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
    .option("--deadline <seconds>", "fail what has not ended by then, up to a year", wholeNumber(365 * 24 * 3600))
    .addOption(new Option("--priority <name>", "before or after others").choices(priorityNames).default("normal"));
}

/** Every key of the directive language is an option too. */
function withSettings(command: Command): Command {
  for (const [key, { about, example }] of Object.entries(directiveKeys)) {
    const text = about.replace(/^[A-Z](?![a-z]*[A-Z])/, (letter) => letter.toLowerCase());
    if (key === "tile") command.option("--tile", text);
    else if (key === "lora") command.option("--lora <name:strength...>", `${text}, such as ${example}`);
    else command.option(`--${key} <value>`, `${text}, such as ${example}`);
  }
  return command.addHelpText(
    "after",
    "\nSettings are written as in a directive: 64x64 frames=4 palette=sweetie-16 tile",
  );
}

function settingsOf(options: object): Record<string, string | readonly string[] | boolean> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(directiveKeys, key)));
}

function wholeNumber(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${max}.`);
  };
}

function noOutput(input: string): PixelsError {
  return new PixelsError({
    code: "invalid_request",
    message: `Only ${input} is named, and not where its sprite goes`,
    remedy: "Name the picture, then a PNG file or a folder: `dgx-pixels pixelize IN… OUT`.",
  });
}

/** Shows a command's help, or the whole program's. Throws `not_found` with the nearest name. */
function showHelp(root: Command, names: readonly string[]): void {
  let command = root;
  for (const name of names) {
    const found = command.commands.find((each) => each.name() === name);
    if (!found) {
      const known = command.commands.map((each) => each.name());
      const nearest = nearestName(name, known);
      throw new PixelsError({
        code: "not_found",
        message: `There is no command "${name}"`,
        remedy: nearest === null ? `The commands are ${known.join(", ")}.` : `Did you mean ${nearest}?`,
      });
    }
    command = found;
  }
  command.outputHelp();
}
