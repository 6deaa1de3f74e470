import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../protocol/hashing.ts";
import { DiskLookup } from "./disk-lookup.ts";
import type { FileLookup } from "./lookup.ts";
import { MemoryLookup } from "./memory-lookup.ts";

let parent = "";
let root = "";

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "dgx-pixels-lookup-"));
  root = join(parent, "game");
  await mkdir(join(root, "src"), { recursive: true });
  await writeFile(join(root, "src/main.rs"), "fn main() {} // ä");
  await writeFile(join(root, "Cargo.toml"), "");
  await writeFile(join(parent, "secret.txt"), "secret");
});

afterAll(async () => await rm(parent, { recursive: true }));

describe.for([
  ["on disk", () => [new DiskLookup(root), root]],
  ["in memory", () => [new MemoryLookup({ "/w/src/main.rs": "fn main() {} // ä", "/w/Cargo.toml": "" }), "/w"]],
] as [string, () => [FileLookup, string]][])("a look-up %s", ([, make]) => {
  test("reads text, bytes and hashes", async () => {
    const [lookup, folder] = make();
    expect(await lookup.readText(`${folder}/src/main.rs`)).toBe("fn main() {} // ä");
    expect((await lookup.readBytes(`${folder}/src/main.rs`))?.byteLength).toBe(18);
    expect(await lookup.hash(`${folder}/src/main.rs`)).toBe(sha256("fn main() {} // ä"));
  });

  test("lists folders by name", async () => {
    const [lookup, folder] = make();
    expect(await lookup.list(folder)).toEqual([
      { name: "Cargo.toml", kind: "file" },
      { name: "src", kind: "directory" },
    ]);
  });

  test("tells files from folders", async () => {
    const [lookup, folder] = make();
    expect(await lookup.stat(`${folder}/src/main.rs`)).toEqual({ kind: "file", size: 18 });
    expect((await lookup.stat(`${folder}/src`))?.kind).toBe("directory");
    expect(await lookup.readText(`${folder}/src`)).toBeNull();
    expect(await lookup.list(`${folder}/Cargo.toml`)).toBeNull();
  });

  test("answers null for what is not there", async () => {
    const [lookup, folder] = make();
    for (const path of [`${folder}/no`, `${folder}/src/main.rs/deeper`]) {
      expect(await lookup.readText(path)).toBeNull();
      expect(await lookup.list(path)).toBeNull();
      expect(await lookup.stat(path)).toBeNull();
      expect(await lookup.hash(path)).toBeNull();
    }
  });
});

describe("a disk holds traps", () => {
  test("a file that is too large is refused with its size", async () => {
    await expect(new DiskLookup(root, 10).readText(join(root, "src/main.rs"))).rejects.toThrow(
      expect.objectContaining({ code: "invalid_file", data: expect.objectContaining({ size: 18, limit: 10 }) }),
    );
  });

  test("text that is not UTF-8 is said", async () => {
    const path = join(root, "latin1.rs");
    await writeFile(path, Buffer.from([0x66, 0xe4]));
    await expect(new DiskLookup(root).readText(path)).rejects.toThrow(/is not UTF-8 text/);
  });

  test("a link out of the workspace is refused, one inside it is followed", async () => {
    const lookup = new DiskLookup(root);
    await symlink(join(parent, "secret.txt"), join(root, "out.txt"));
    await symlink(parent, join(root, "up"));
    await symlink(join(root, "Cargo.toml"), join(root, "in.txt"));
    for (const path of ["out.txt", "up/secret.txt", "../secret.txt"]) {
      await expect(lookup.readText(join(root, path))).rejects.toThrow(/leads out of the workspace/);
      await expect(lookup.hash(join(root, path))).rejects.toThrow(expect.objectContaining({ code: "invalid_target" }));
    }
    expect(await lookup.readText(join(root, "in.txt"))).toBe("");
    const entries = await lookup.list(root);
    expect(entries).toContainEqual({ name: "up", kind: "linked-directory" });
    expect(entries).toContainEqual({ name: "in.txt", kind: "file" });
  });
});
