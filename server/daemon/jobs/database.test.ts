import { existsSync, readdirSync, statSync } from "node:fs";
import { copyFile, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../test-support.ts";
import { openDatabase } from "./database.ts";
import { migrations } from "./migrations.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, "jobs.db");
});
afterEach(() => folder.remove());

test("a new database is the user's alone and has the newest schema", () => {
  const { db, setAside } = openDatabase(path);
  expect(setAside).toBeNull();
  expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: migrations.length });
  expect(db.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
  db.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("opening again keeps what is in it", () => {
  const first = openDatabase(path).db;
  first.exec("INSERT INTO settings (name, value) VALUES ('kept', 'yes')");
  first.close();
  const { db, setAside } = openDatabase(path);
  expect(setAside).toBeNull();
  expect(db.prepare("SELECT value FROM settings").get()).toEqual({ value: "yes" });
  db.close();
});

test.each([
  ["something else", async () => writeFile(path, "This is no database at all, however long it may be.".repeat(100))],
  [
    "a database with a damaged page",
    async () => {
      const { db } = openDatabase(path);
      db.exec("INSERT INTO settings (name, value) VALUES ('x', hex(randomblob(40000)))");
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      db.close();
      const file = await open(path, "r+");
      await file.write(Buffer.alloc(8192, 0xa5), 0, 8192, 4096);
      await file.close();
    },
  ],
])("%s is put aside and a new one started", async (_name, damage) => {
  await damage();
  const before = `${path}.before`;
  await copyFile(path, before);
  const { db, setAside } = openDatabase(path, () => Date.UTC(2026, 4, 1, 12));
  expect(setAside).toBe(`${path}.corrupt-2026-05-01T12-00-00.000Z`);
  expect(setAside !== null && statSync(setAside).size).toBe(statSync(before).size);
  expect(db.prepare("SELECT count(*) AS n FROM jobs").get()).toEqual({ n: 0 });
  db.close();
  expect(readdirSync(folder.path).filter((name) => name.endsWith("-wal"))).toEqual([]);
});

test("a database of a newer program is left as it is", () => {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA user_version = ${migrations.length + 1}`);
  db.close();
  expect(() => openDatabase(path)).toThrow(expect.objectContaining({ code: "unsupported" }));
  expect(existsSync(path)).toBe(true);
});

test("a folder that is not there is said", () => {
  expect(() => openDatabase(join(folder.path, "missing", "jobs.db"))).toThrow(
    expect.objectContaining({ code: "storage_failed" }),
  );
});
