import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A state folder and a socket folder of a test's own, removed with it: `using folders = testFolders()`. */
export interface TestFolders extends Disposable {
  readonly root: string;
  readonly state: string;
  readonly runtime: string;
  /** What makes a process use them. */
  readonly env: NodeJS.ProcessEnv;
}

export function testFolders(): TestFolders {
  const root = mkdtempSync(join(tmpdir(), "dgxp-"));
  const runtime = mkdtempSync(join(root, "run-"));
  const state = join(root, "state");
  return {
    root,
    state,
    runtime,
    env: {
      ...process.env,
      DGX_PIXELS_STATE: state,
      XDG_RUNTIME_DIR: runtime,
      XDG_CONFIG_HOME: join(root, "config"),
      HOME: root,
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
