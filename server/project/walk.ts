import { posix } from "node:path";
import { PixelsError } from "../protocol/errors.ts";
import type { DirectoryEntry, FileLookup } from "./lookup.ts";
import type { FileProblem, PlanProblemCode } from "./project-problem.ts";

/** How much of a workspace is looked at; what lies beyond is said, never silently left out. */
interface WalkLimits {
  readonly maxFiles: number;
  readonly maxDepth: number;
}

const walkLimits: WalkLimits = { maxFiles: 50_000, maxDepth: 32 };

export interface Walk {
  /** Every file, relative to the workspace, sorted. */
  readonly files: readonly string[];
  readonly problems: readonly FileProblem[];
}

/**
 * Lists a workspace's files, breadth first. Leaves out hidden folders (`.cargo` excepted), `node_modules`, Cargo's
 * `target` beside a Cargo.toml; links to folders are told.
 */
export async function walkWorkspace(lookup: FileLookup, workspace: string, limits = walkLimits): Promise<Walk> {
  const files: string[] = [];
  const problems: FileProblem[] = [];
  let folders = [""];
  for (let depth = 0; folders.length > 0; depth++) {
    if (depth > limits.maxDepth) {
      problems.push(
        atFile(folders[0] ?? "", "limit", "warning", `Folders deeper than ${limits.maxDepth} are not read`),
      );
      break;
    }
    const next: string[] = [];
    for (const folder of folders) {
      const entries = await listFolder(lookup, workspace, folder, problems);
      const isCrate = entries.some(({ name }) => name === "Cargo.toml");
      for (const { name, kind } of entries) {
        const path = posix.join(folder, name);
        if (kind === "file") files.push(path);
        else if (!isRead(name, isCrate)) continue;
        else if (kind === "directory") next.push(path);
        else if (kind === "linked-directory") {
          const message = `${path} is a link to a folder; what is in it is not read`;
          problems.push(
            atFile(path, "limit", "warning", message, "Move the folder itself here if its sprites should be."),
          );
        }
      }
      if (files.length > limits.maxFiles) {
        const message = `The workspace has more than ${limits.maxFiles} files; those after ${files[limits.maxFiles - 1] ?? ""} are not read`;
        problems.push(atFile("", "limit", "warning", message, "Open the game's own folder as the workspace."));
        return { files: files.slice(0, limits.maxFiles).toSorted(), problems };
      }
    }
    folders = next;
  }
  return { files: files.toSorted(), problems };
}

/** A problem of a file as a whole: it stands at the file's beginning. */
export function atFile(
  file: string,
  code: PlanProblemCode,
  severity: FileProblem["severity"],
  message: string,
  remedy?: string,
): FileProblem {
  return {
    code,
    severity,
    message,
    ...(remedy !== undefined && { remedy }),
    file,
    line: 1,
    column: 1,
    start: 0,
    end: 0,
  };
}

/** What kept a file from being read, as its problem. */
export function unreadable(file: string, thrown: unknown): FileProblem {
  const { message, why, remedy } = PixelsError.from(thrown, `Reading ${file}`);
  return atFile(file, "file-unreadable", "error", why === undefined ? message : `${message}: ${why}`, remedy);
}

async function listFolder(
  lookup: FileLookup,
  workspace: string,
  folder: string,
  problems: FileProblem[],
): Promise<readonly DirectoryEntry[]> {
  try {
    return (await lookup.list(posix.join(workspace, folder))) ?? [];
  } catch (error) {
    problems.push(unreadable(folder, error));
    return [];
  }
}

function isRead(name: string, besideManifest: boolean): boolean {
  if (name === "node_modules" || (name === "target" && besideManifest)) return false;
  return !name.startsWith(".") || name === ".cargo";
}
