import { cp, mkdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { PixelsError } from "../../protocol/errors.ts";
import { resourcePath } from "../../protocol/entry-points.ts";
import type { CliContext } from "../cli-context.ts";
import type { JsonResults } from "../json-results.ts";
import { generate } from "./generate.ts";
import { sync } from "./sync.ts";

const defaultFolder = "dgx-pixels-demo";
const submit = { replace: false, wait: true, priority: "normal" } as const;

/** A sample game in a new folder: two sprites from its directives, one from a prompt given here. */
export async function demo(context: CliContext, folder: string | undefined): Promise<JsonResults["demo"]> {
  const { output, io } = context;
  const path = await newFolder(io.cwd, folder);
  await cp(resourcePath("sample-game"), path, { recursive: true });
  output.line(`A sample game: ${path}`);
  output.line();
  output.line("Its directives, one in src/main.rs and one in assets/game.assets.ron (`dgx-pixels sync`):");
  const game: CliContext = { ...context, folder: path };
  const synced = await sync(game, { ...submit, dryRun: false, watch: false });
  output.line();
  output.line('A prompt of the command line (`dgx-pixels generate "golden treasure chest" 24x24`):');
  const generated = await generate(
    game,
    { prompt: "golden treasure chest", words: ["24x24", "key=chest.image", "seed=3"], size: undefined, options: {} },
    { ...submit, write: true },
  );
  output.line();
  output.line("Next:");
  output.line(`  cd ${path}`);
  output.line("  dgx-pixels sync --watch     and change a prompt in src/main.rs");
  output.line("  cargo run                   the game shows each new sprite at once");
  output.line("  dgx-pixels undo             takes the last write back");
  output.line("  dgx-pixels doctor           what is missing for SDXL sprites from your own ComfyUI");
  output.line("(`dgx-pixels` is `node dist/cli.js` in the clone; `npm link` puts it on your PATH.)");
  return { folder: path, sync: synced, generate: generated };
}

/** The named folder, which must be new or empty, else the first free `dgx-pixels-demo`, `-2`, … */
async function newFolder(cwd: string, named: string | undefined): Promise<string> {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (await exists(path)) {
      throw new PixelsError({
        code: "conflict",
        message: `${path} is already there`,
        remedy: `Name another folder, such as ${join(dirname(path), `${basename(path)}-2`)}.`,
      });
    }
    await mkdir(path, { recursive: true });
    return path;
  }
  for (let count = 1; ; count++) {
    const path = join(cwd, count === 1 ? defaultFolder : `${defaultFolder}-${count}`);
    if (await exists(path)) continue;
    await mkdir(path);
    return path;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
