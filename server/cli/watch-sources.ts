import type { Stats } from "node:fs";
import { relative } from "node:path";
import { watch } from "chokidar";
import { errnoOf, PixelsError } from "../protocol/errors.ts";

/** Quiet time after a change before it counts: editors write in several steps. */
const settleMs = 300;

export interface SourceWatch {
  /** Resolves after a change since it was last called, or once `signal` aborts. Rejects when nothing can be watched. */
  next(): Promise<void>;
  close(): Promise<void>;
}

/** Watches what directives, settings, manifests and palettes stand in; what `sync` itself writes is left out. */
export async function watchSources(workspace: string, signal: AbortSignal): Promise<SourceWatch> {
  // Reading follows no links to folders either.
  const watcher = watch(workspace, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path, stats) => isIgnored(relative(workspace, path), stats),
  });
  let isChanged = false;
  let timer: NodeJS.Timeout | undefined;
  let wake: () => void = () => undefined;
  const { promise: broken, reject: fail } = Promise.withResolvers<never>();
  broken.catch(() => undefined);
  watcher.on("error", (error) => fail(watchError(error, workspace)));
  watcher.on("all", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isChanged = true;
      wake();
    }, settleMs);
  });
  const stop = (): void => wake();
  signal.addEventListener("abort", stop, { once: true });
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    await watcher.close();
  };
  try {
    await Promise.race([new Promise<void>((resolve) => watcher.once("ready", resolve)), broken]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async next() {
      if (!isChanged && !signal.aborted) {
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), broken]);
      }
      isChanged = false;
    },
    close,
  };
}

function isIgnored(path: string, stats: Stats | undefined): boolean {
  if (/(?:^|\/)(?:target|node_modules|\.[^/]+)(?:\/|$)/.test(path)) return true;
  return stats !== undefined && !stats.isDirectory() && !/\.(?:rs|ron|toml|hex|gpl|pal)$/.test(path);
}

function watchError(error: unknown, workspace: string): PixelsError {
  const code = errnoOf(error);
  if (code !== "ENOSPC" && code !== "EMFILE") return PixelsError.from(error, `Watching ${workspace}`);
  return new PixelsError(
    {
      code: "unsupported",
      message: `Not all of ${workspace} can be watched`,
      cause: "The system watches no more files for you.",
      remedy: "Raise the limit, as in `sudo sysctl fs.inotify.max_user_watches=524288`, or close other watchers.",
    },
    { cause: error },
  );
}
