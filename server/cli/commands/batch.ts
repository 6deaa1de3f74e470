import { resolveSprite } from "../../project/resolve.ts";
import { resolveContext } from "../../project/workspace.ts";
import { PixelsError } from "../../protocol/errors.ts";
import { type CliContext, personPath } from "../cli-context.ts";
import type { JsonResults } from "../json-results.ts";
import { explain } from "../explain-problems.ts";
import { crateForNewSprite, openProject } from "../project-access.ts";
import { readText } from "../read-text.ts";
import { type SubmitOptions, submitSprites, type Wanted } from "../submit.ts";
import { wishFromLine } from "../wish-arguments.ts";

const maxLines = 10_000;

/** Makes every sprite of a file, one a line. Nothing is made when one line is wrong. */
export async function batch(context: CliContext, file: string, options: SubmitOptions): Promise<JsonResults["batch"]> {
  const path = file === "-" ? "/dev/stdin" : personPath(context, file);
  const text = await readText(path);
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const wishes = lines.filter(({ line }) => line !== "" && !line.startsWith("#"));
  if (wishes.length === 0 || wishes.length > maxLines) {
    throw new PixelsError({
      code: "invalid_file",
      message: wishes.length === 0 ? `${path} has no prompt` : `${path} has more than ${maxLines} prompts`,
      remedy: wishes.length === 0 ? 'Write one prompt or directive a line: "red dragon" 64x64' : "Split it.",
    });
  }
  const { project, lookup } = await openProject(context);
  const crate = crateForNewSprite(context, project);
  const base = resolveContext(lookup, project, crate, null);
  const taken = new Set<string>();
  const wanted: Wanted[] = [];
  const faults: string[] = [];
  for (const { line, number } of wishes) {
    try {
      // Names made from prompts differ within the batch too.
      const wish = wishFromLine(line);
      const { sprite, problems } = await resolveSprite(wish, {
        ...base,
        isTaken: (name) => taken.has(name) || base.isTaken(name),
      });
      for (const { message } of problems) (sprite === null ? faults : []).push(`${path}:${number}: ${message}`);
      if (sprite === null) continue;
      if (taken.has(sprite.target.path)) faults.push(`${path}:${number}: ${sprite.target.path} is asked for twice`);
      taken.add(sprite.target.path);
      wanted.push({ sprite, place: sprite.variants === 1, sources: null });
    } catch (error) {
      const { why, message } = PixelsError.from(error, "Reading the line");
      faults.push(`${path}:${number}: ${why ?? message}`);
    }
  }
  if (faults.length === 0) return submitSprites(context, wanted, options);
  throw new PixelsError({
    code: "invalid_directive",
    message: faults.length === 1 ? "One line cannot be read" : `${faults.length} lines cannot be read`,
    ...explain(
      faults.map((message) => ({ message })),
      "Correct them; nothing was made.",
    ),
  });
}
