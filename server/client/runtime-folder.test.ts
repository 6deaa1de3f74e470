import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureRuntime } from "./runtime-folder.ts";

let root: string;
let state: string;
let bundles: string;
const hash = "0123456789abcdef";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dgxp-"));
  state = join(root, "state");
  bundles = join(root, "extension", "dist");
  mkdirSync(join(bundles, "workflows"), { recursive: true });
  writeFileSync(join(bundles, "daemon.js"), "// the daemon");
  writeFileSync(join(bundles, "workflows", "a.json"), "{}");
  symlinkSync(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(root, "extension", "node_modules"));
});
afterEach(() => rmSync(root, { recursive: true }));

const ensure = (node = process.execPath) => ensureRuntime(state, node, { bundles, hash });

describe("ensureRuntime", () => {
  test("gathers bundles, natives of this platform, and a Node that is not the system's", async () => {
    const { node, entry } = await ensure();
    const folder = join(state, "runtime", hash);
    expect(entry).toBe(join(folder, "daemon.js"));
    expect(readFileSync(entry, "utf8")).toBe("// the daemon");
    expect(existsSync(join(folder, "workflows", "a.json"))).toBe(true);
    if (/^\/(usr|opt|bin)\//.test(realpathSync(process.execPath))) expect(node).toBe(process.execPath);
    else expect(statSync(node).ino).toBe(statSync(process.execPath).ino);

    const modules = join(folder, "node_modules");
    expect(readdirSync(modules).toSorted()).toEqual(["@img", "cmake-ts", "detect-libc", "semver", "sharp", "zeromq"]);
    expect(readdirSync(join(modules, "zeromq", "build", process.platform))).toEqual([process.arch]);
    expect(readdirSync(join(modules, "@img")).every((name) => name === "colour" || name.endsWith(process.arch))).toBe(
      true,
    );
  });

  test("runs from the system's Node where that is what there is", async () => {
    const system = ["/usr/bin/node", "/bin/sh"].find((path) => existsSync(path)) ?? "";
    expect((await ensure(realpathSync(system))).node).toBe(realpathSync(system));
  });

  test("makes it once, and again when it lost its files", async () => {
    const { entry } = await ensure();
    const inode = statSync(entry).ino;
    rmSync(bundles, { recursive: true });
    await ensure();
    expect(statSync(entry).ino).toBe(inode);

    rmSync(entry);
    mkdirSync(bundles);
    writeFileSync(join(bundles, "daemon.js"), "// again");
    await ensure();
    expect(readFileSync(entry, "utf8")).toBe("// again");
  });

  test("leaves nothing half made: not when it fails, nor what a killed process left", async () => {
    mkdirSync(join(state, "runtime", ".999999999-1-2.5"), { recursive: true });
    rmSync(join(root, "extension", "node_modules"));
    await expect(ensure()).rejects.toMatchObject({
      code: "daemon_unavailable",
      message: "The package zeromq is missing",
    });
    expect(readdirSync(join(state, "runtime"))).toEqual([]);
  });
});
