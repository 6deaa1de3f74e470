import { posix } from "node:path";
import { PixelsError } from "../protocol/errors.ts";
import type { FileLookup } from "./lookup.ts";
import { pixelsTomlName } from "./pixels-toml.ts";
import { lockFileName } from "./lock.ts";
import type { FileProblem } from "./project-problem.ts";
import { atFile, unreadable } from "./walk.ts";

export interface TextLimits {
  /** Most files read, and most characters of them together. */
  readonly maxFiles: number;
  readonly maxCharacters: number;
}

const textLimits: TextLimits = { maxFiles: 10_000, maxCharacters: 128 << 20 };

/** Files read at one time. */
const batch = 32;

const projectFiles: ReadonlySet<string> = new Set(["Cargo.toml", "Cargo.lock", pixelsTomlName, lockFileName]);

/** The texts a project is read from, by path in the workspace. What cannot be read, or is beyond the limits, is told. */
export async function readTexts(
  lookup: FileLookup,
  workspace: string,
  files: readonly string[],
  limits: TextLimits = textLimits,
): Promise<{ texts: ReadonlyMap<string, string>; problems: readonly FileProblem[] }> {
  const texts = new Map<string, string>();
  const problems: FileProblem[] = [];
  // Settings before sources: they are few, and without them nothing can be said of a sprite.
  const wanted = files.filter(isRead).toSorted((a, b) => Number(isSource(a)) - Number(isSource(b)));
  let characters = 0;
  for (let at = 0; at < wanted.length; at += batch) {
    if (at >= limits.maxFiles || characters > limits.maxCharacters) {
      const message = `The workspace has too many sources: ${wanted.length - at} files from ${wanted[at] ?? ""} on are not read`;
      problems.push(
        atFile(wanted[at] ?? "", "limit", "warning", message, "Open the game's own folder as the workspace."),
      );
      break;
    }
    await Promise.all(
      wanted.slice(at, at + batch).map(async (file) => {
        try {
          const text = await lookup.readText(posix.join(workspace, file));
          if (text === null) return;
          texts.set(file, text);
          characters += text.length;
        } catch (error) {
          const problem = unreadable(file, error);
          // A scene of many megabytes has its place in a game, and no directives as a rule.
          const isBeside = isSource(file) && error instanceof PixelsError && error.data?.["limit"] !== undefined;
          problems.push(isBeside ? { ...problem, code: "limit", severity: "warning" } : problem);
        }
      }),
    );
  }
  // Reads end in any order; what is made of them must not depend on it.
  const sorted = [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { texts: new Map(sorted), problems: problems.toSorted((a, b) => (a.file < b.file ? -1 : 1)) };
}

function isRead(path: string): boolean {
  const folder = posix.basename(posix.dirname(path));
  if (folder === ".cargo") return /^config(?:\.toml)?$/.test(posix.basename(path));
  return projectFiles.has(posix.basename(path)) || isSource(path);
}

function isSource(path: string): boolean {
  return path.endsWith(".rs") || path.endsWith(".ron");
}
