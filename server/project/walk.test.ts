import { expect, test } from "vitest";
import { PixelsError } from "../protocol/errors.ts";
import type { DirectoryEntry } from "./lookup.ts";
import { MemoryLookup } from "./memory-lookup.ts";
import { readTexts } from "./read-texts.ts";
import { walkWorkspace } from "./walk.ts";

class RefusingLookup extends MemoryLookup {
  override async list(path: string): Promise<readonly DirectoryEntry[] | null> {
    if (path === "/linked")
      return [
        { name: "assets", kind: "linked-directory" },
        { name: ".git", kind: "linked-directory" },
      ];
    if (path.endsWith("/locked")) throw new PixelsError({ code: "permission_denied", message: "No", cause: "locked" });
    return await super.list(path);
  }
  override async readText(path: string) {
    if (path.endsWith("/big.rs")) throw new PixelsError({ code: "invalid_file", message: "big.rs is too large" });
    return await super.readText(path);
  }
}

test("hidden folders, node_modules and Cargo's target are left out, a module called target is not", async () => {
  const files = [
    "Cargo.toml",
    ".cargo/config.toml",
    "src/target/mod.rs",
    "target/debug/a.rs",
    "node_modules/a/b.rs",
    ".git/x.rs",
    ".vscode/y.ron",
  ];
  const lookup = new MemoryLookup(Object.fromEntries(files.map((file) => [`/w/${file}`, ""])));
  expect(await walkWorkspace(lookup, "/w")).toEqual({
    files: [".cargo/config.toml", "Cargo.toml", "src/target/mod.rs"],
    problems: [],
  });
});

test("limits are said when they are met", async () => {
  const lookup = new MemoryLookup({ "/w/a.rs": "", "/w/b.rs": "", "/w/c.rs": "", "/w/d/e/f.rs": "" });
  const few = await walkWorkspace(lookup, "/w", { maxFiles: 2, maxDepth: 9 });
  expect(few.files).toEqual(["a.rs", "b.rs"]);
  expect(few.problems).toEqual([
    expect.objectContaining({ code: "limit", message: expect.stringContaining("more than 2 files") }),
  ]);
  const shallow = await walkWorkspace(lookup, "/w", { maxFiles: 9, maxDepth: 1 });
  expect(shallow.files).toEqual(["a.rs", "b.rs", "c.rs"]);
  expect(shallow.problems).toEqual([expect.objectContaining({ code: "limit", file: "d/e" })]);
  const { texts, problems } = await readTexts(lookup, "/w", ["a.rs", "b.rs"], { maxFiles: 0, maxCharacters: 9 });
  expect(texts.size).toBe(0);
  expect(problems).toEqual([
    expect.objectContaining({ code: "limit", message: expect.stringContaining("2 files from a.rs on") }),
  ]);
});

test("a folder or file that cannot be read is told, and the others are read", async () => {
  const lookup = new RefusingLookup({ "/w/locked/a.rs": "", "/w/b.rs": "fn b() {}", "/w/big.rs": "" });
  const walk = await walkWorkspace(lookup, "/w");
  expect(walk.problems).toEqual([
    expect.objectContaining({ file: "locked", code: "file-unreadable", message: "No: locked" }),
  ]);
  const { texts, problems } = await readTexts(lookup, "/w", walk.files);
  expect([...texts]).toEqual([["b.rs", "fn b() {}"]]);
  expect(problems).toEqual([expect.objectContaining({ file: "big.rs", line: 1, column: 1 })]);
});

test("a link to a folder is told, not entered", async () => {
  expect(await walkWorkspace(new RefusingLookup(), "/linked")).toEqual({
    files: [],
    problems: [
      expect.objectContaining({
        file: "assets",
        severity: "warning",
        message: expect.stringContaining("is a link to a folder"),
      }),
    ],
  });
});

test("a workspace that is not there has no files", async () => {
  expect(await walkWorkspace(new MemoryLookup(), "/w")).toEqual({ files: [], problems: [] });
});
