import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folders of a test's own; `Symbol.dispose` removes them and puts this process's environment back. */
export interface TestFolders extends Disposable {
  readonly root: string;
  readonly state: string;
  /** XDG_RUNTIME_DIR: where the socket folder is made. */
  readonly runtime: string;
  readonly config: string;
}

/** Makes the folders, and has this process and what it starts use them. */
export function testFolders(): TestFolders {
  const root = mkdtempSync(join(tmpdir(), "dgxp-"));
  const runtime = mkdtempSync(join(root, "run-"));
  const config = join(root, "config");
  const own = { XDG_RUNTIME_DIR: runtime, XDG_CONFIG_HOME: config, DGX_PIXELS_STATE: join(root, "state") };
  const before = Object.keys(own).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, own);
  return {
    root,
    runtime,
    config,
    state: own.DGX_PIXELS_STATE,
    [Symbol.dispose]: () => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      rmSync(root, { recursive: true, force: true });
    },
  };
}
