/** A database that is damaged while it is open, and backups that do not come about. */
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BackupTargetError, CorruptDatabaseError, openDatabase } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorld, withDatabase } from "../support/store-behaviours.ts";

let folder: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-damaged-"));
  target = join(folder, "copy.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Overwrites the list of tables, of which the header in front of it knows nothing. */
function spoilFirstPage(path: string): void {
  const connection = new BetterSqlite3(path);
  connection.pragma("wal_checkpoint(TRUNCATE)");
  connection.close();
  overwrite(path, 100, 3_000);
}

function overwrite(path: string, from: number, length: number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(length, 0xab), 0, length, from);
  closeSync(file);
}

test("a file so damaged that the check itself fails has that as its finding, and gives no backup", async () => {
  await withDatabase("a file", async (database, path) => {
    await createWorld(database);
    spoilFirstPage(path!);
    expect(await database.check()).toEqual([
      { kind: "integrity", table: null, message: expect.stringContaining("The check itself failed") },
    ]);
    await expect(database.backup(target)).rejects.toThrow(CorruptDatabaseError);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("one whose record of migrations is damaged is refused, and left as it is", async () => {
  const path = join(folder, "test.sqlite");
  await (await openDatabase(`sqlite:${path}`)).close();
  const connection = new BetterSqlite3(path);
  // The table and its index.
  const find = "select rootpage from sqlite_master where tbl_name = 'kysely_migration'";
  const pages = connection.prepare(find).pluck().all().map(Number);
  connection.close();
  for (const page of pages) overwrite(path, (page - 1) * 4_096, 4_096);
  const before = readFileSync(path);
  await expect(openDatabase(`sqlite:${path}`)).rejects.toThrow(CorruptDatabaseError);
  expect(readFileSync(path)).toEqual(before);
});

test("a file that takes the backup's name meanwhile is left as it is", async () => {
  await withDatabase("a file", async (database) => {
    const backup = database.backup(target, () => writeFileSync(target, "a letter"));
    await expect(backup).rejects.toThrow(BackupTargetError);
    expect(readdirSync(folder)).toEqual(["copy.sqlite"]);
    expect(readFileSync(target, "utf8")).toBe("a letter");
  });
});

test("who is told how far a backup is may end it, and nothing is left of it", async () => {
  await withDatabase("a file", async (database) => {
    const backup = database.backup(target, () => {
      throw new Error("enough");
    });
    await expect(backup).rejects.toThrow("enough");
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("a backup whose folder is a file, or is in one, says so", async () => {
  await withDatabase("a file", async (database) => {
    writeFileSync(target, "a letter");
    for (const path of [join(target, "copy.sqlite"), join(target, "folder", "copy.sqlite")]) {
      await expect(database.backup(path)).rejects.toThrow(`${path} has no folder to be in`);
    }
    expect(readdirSync(folder)).toEqual(["copy.sqlite"]);
  });
});
