import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findNode, type NodeSearch, thisSearch } from "./find-node.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dgxp-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Binaries are files that hold their version. */
function put(path: string, version: string): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, version);
  versions.set(full, version);
  return full;
}
const versions = new Map<string, string>();

function search(more: Partial<NodeSearch> = {}): NodeSearch {
  return {
    self: { path: "/self", version: "v20.11.0", electron: false },
    from: join(root, "repo/dist"),
    home: join(root, "home"),
    env: { PATH: `${join(root, "path1")}:relative:${join(root, "path2")}` },
    versionOf: (path) => versions.get(path) ?? null,
    ...more,
  };
}

describe("findNode", () => {
  const packaged = `repo/node_modules/node-${process.platform}-${process.arch}/bin/node`;

  test("takes itself first, then the package, the editor server's, the PATH's", () => {
    const onPath = put("path2/node", "v26.1.0");
    expect(findNode(search())).toBe(onPath);
    const editors = put("home/.vscode-server/cli/servers/Stable-abc/server/node", "v24.2.0");
    expect(findNode(search())).toBe(editors);
    const own = put(packaged, "v24.21.0");
    expect(findNode(search())).toBe(own);
    expect(findNode(search({ self: { path: "/self", version: "v24.0.0", electron: false } }))).toBe("/self");
  });

  test("passes over what is too old, does not run, or is Electron", () => {
    put(packaged, "v22.0.0");
    put("home/.cursor-server/bin/abc/node", "no version");
    const named = put("elsewhere/node", "v24.9.0");
    const electron = { path: "/code", version: "v24.0.0", electron: true };
    expect(findNode(search({ self: electron }))).toBeNull();
    expect(findNode(search({ self: electron, env: { VSCODE_GIT_ASKPASS_NODE: named } }))).toBe(named);
  });

  test("asks a real binary for its version", () => {
    const real = thisSearch(root);
    expect(real.versionOf(real.self.path)).toBe(process.version);
    expect(real.versionOf(join(root, "missing"))).toBeNull();
  });
});
