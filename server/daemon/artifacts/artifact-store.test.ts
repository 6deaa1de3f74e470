import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { chmod, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../protocol/hashing.ts";
import { temporaryFolder } from "../test-support.ts";
import { ArtifactStore } from "./artifact-store.ts";
import { enforceQuota } from "./retention.ts";

const png = Buffer.from("\x89PNG\r\n\x1a\nand so on", "latin1");

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await temporaryFolder();
  store = await ArtifactStore.open(join(folder.path, "artifacts"));
});
afterEach(() => folder.remove());

test("an artifact lies under its hash, for its user alone", async () => {
  const { hash, path, mediaType, bytes } = await store.put(png);
  expect(hash).toBe(sha256(png));
  expect(path).toBe(join(folder.path, "artifacts", hash.slice(0, 2), `${hash}.png`));
  expect([mediaType, bytes]).toEqual(["image/png", png.length]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
  expect(await readFile(path)).toEqual(png);
  expect(await store.stat(hash)).toEqual({ hash, path, mediaType, bytes });
});

test.each([
  ["image/jpeg", Buffer.from("ffd8ffe000", "hex")],
  ["image/webp", Buffer.from("RIFF0000WEBP0000", "latin1")],
  ["application/octet-stream", Buffer.from("hello")],
  ["application/octet-stream", Buffer.alloc(0)],
])("%s is known by its bytes", async (mediaType, bytes) => {
  expect((await store.put(bytes)).mediaType).toBe(mediaType);
});

test("equal bytes are stored once, also when they come at the same time", async () => {
  const stored = await Promise.all(Array.from({ length: 8 }, () => store.put(png)));
  expect(new Set(stored.map(({ path }) => path)).size).toBe(1);
  expect(readdirSync(join(stored[0]?.path ?? "", ".."))).toHaveLength(1);
  expect(readdirSync(join(folder.path, "artifacts", "tmp"))).toEqual([]);
});

test("a damaged artifact is missing, and can be stored again", async () => {
  const { hash, path } = await store.put(png);
  await writeFile(path, "not what it was");
  const gone = {
    code: "not_found",
    message: "The image is no longer stored",
    remedy: expect.stringContaining("Regenerate to edit"),
  };
  await expect(store.read(hash)).rejects.toMatchObject(gone);
  expect(await store.has(hash)).toBe(false);
  await store.put(png);
  expect(Buffer.from(await store.read(hash))).toEqual(png);
});

test("a damaged artifact of the same size and time as before is found after a restart", async () => {
  const { hash, path } = await store.put(png);
  const { atime, mtime } = statSync(path);
  await writeFile(path, Buffer.alloc(png.length));
  await utimes(path, atime, mtime);
  const again = await ArtifactStore.open(join(folder.path, "artifacts"));
  expect(await again.has(hash)).toBe(false);
});

test("a missing artifact says what to do", async () => {
  await expect(store.stat("0".repeat(64))).rejects.toMatchObject({ code: "not_found" });
});

test("reads in chunks", async () => {
  const bytes = randomBytes(1000);
  const { hash } = await store.put(bytes);
  const chunks = [await store.readChunk(hash, 0, 600), await store.readChunk(hash, 600, 600)];
  expect(Buffer.concat(chunks.map((chunk) => chunk.bytes))).toEqual(bytes);
  expect(chunks.map(({ total }) => total)).toEqual([1000, 1000]);
  expect((await store.readChunk(hash, 5000, 10)).bytes).toHaveLength(0);
});

describe("a write that fails", () => {
  test("on a full disk leaves nothing and says so", async () => {
    const full = await ArtifactStore.open(join(folder.path, "full"), async (file, bytes) => {
      await file.write(bytes.subarray(0, 4));
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    });
    await expect(full.put(png)).rejects.toMatchObject({ code: "storage_full", remedy: expect.any(String) });
    expect(readdirSync(join(folder.path, "full", "tmp"))).toEqual([]);
    expect(await full.has(sha256(png))).toBe(false);
  });

  test("what an earlier daemon left half-written is thrown away", async () => {
    await writeFile(join(folder.path, "artifacts", "tmp", "half"), "x");
    await ArtifactStore.open(join(folder.path, "artifacts"));
    expect(readdirSync(join(folder.path, "artifacts", "tmp"))).toEqual([]);
  });
});

describe("importing a person's file", () => {
  test("stores its bytes", async () => {
    const path = join(folder.path, "sketch.png");
    await writeFile(path, png);
    expect((await store.import(path)).hash).toBe(sha256(png));
  });

  test("refuses what is no file, too large, or not there", async () => {
    await expect(store.import(folder.path)).rejects.toMatchObject({ code: "invalid_image" });
    await expect(store.import(join(folder.path, "missing"))).rejects.toMatchObject({ code: "not_found" });
    const large = join(folder.path, "large.png");
    await writeFile(large, "");
    await truncate(large, 200 << 20);
    await expect(store.import(large)).rejects.toMatchObject({ code: "invalid_image", message: /too large: 200 MiB/ });
  });

  test.skipIf(process.getuid?.() === 0)("says when it may not be read", async () => {
    const path = join(folder.path, "secret.png");
    await writeFile(path, png);
    await chmod(path, 0);
    await expect(store.import(path)).rejects.toMatchObject({ code: "permission_denied" });
  });
});

describe("the quota", () => {
  const old = new Date(Date.UTC(2026, 0, 1));
  const now = Date.UTC(2026, 5, 1);
  const put = async (content: string, ageDays: number): Promise<string> => {
    const { hash, path } = await store.put(Buffer.from(content.padEnd(100)));
    const time = new Date(old.getTime() - ageDays * 86_400_000);
    await utimes(path, time, time);
    return hash;
  };

  test("removes the oldest until the rest fits, and nothing that is kept or held", async () => {
    const [kept, held, older, newer] = [await put("k", 9), await put("h", 8), await put("o", 7), await put("n", 1)];
    const release = store.hold([held]);
    const outcome = await enforceQuota(store, { quotaBytes: 300, now, isKept: (hash) => hash === kept });
    expect(outcome).toEqual({ removed: 1, freedBytes: 100, keptBytes: 300 });
    expect(await Promise.all([kept, held, older, newer].map((hash) => store.has(hash)))).toEqual([
      true,
      true,
      false,
      true,
    ]);
    release();
    await enforceQuota(store, { quotaBytes: 0, now: now + 1e9, isKept: (hash) => hash === kept });
    expect(await store.has(kept)).toBe(true);
  });

  test("leaves what was written a moment ago, whatever the clock says", async () => {
    const { hash, path } = await store.put(png);
    for (const time of [now - 1000, now + 1000]) {
      await utimes(path, new Date(time), new Date(time));
      await enforceQuota(store, { quotaBytes: 0, now, isKept: () => false });
      expect(await store.has(hash)).toBe(true);
    }
  });

  test("a file of nobody's in the folder is not looked at", async () => {
    await put("o", 7);
    await writeFile(join(folder.path, "artifacts", "notes.txt"), "mine");
    await enforceQuota(store, { quotaBytes: 0, now, isKept: () => false });
    expect(readdirSync(join(folder.path, "artifacts"))).toContain("notes.txt");
    await rm(join(folder.path, "artifacts", "notes.txt"));
  });
});
