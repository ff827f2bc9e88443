/** A file whose record of migrations is not one that a release has left is refused, and left as it is. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CorruptDatabaseError, MIGRATIONS, NoDatabaseError, openDatabase } from "@millrace/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createOldDatabase, inspect } from "../support/old-database.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-record-"));
  path = join(folder, "test.sqlite");
  (await createOldDatabase(path, Object.keys(MIGRATIONS).length)).close();
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => openDatabase(`sqlite:${path}`);
const change = (statement: string) => inspect(path, (connection) => connection.exec(statement));

test("one that lacks a migration in the middle is damaged", async () => {
  change("delete from kysely_migration where name = '0002-jobs'");
  await expect(open()).rejects.toThrow(CorruptDatabaseError);
  await expect(open()).rejects.toMatchObject({ cause: { message: expect.stringContaining("lacks 0002-jobs") } });
});

test("one that is empty beside tables is damaged", async () => {
  change("delete from kysely_migration");
  await expect(open()).rejects.toMatchObject({ cause: { message: expect.stringContaining("is empty") } });
});

test("one of another shape is damaged", async () => {
  change("alter table kysely_migration rename column name to title");
  await expect(open()).rejects.toThrow(CorruptDatabaseError);
});

test("one of another program's migrations, and a file with tables but no record, are not ours", async () => {
  change("update kysely_migration set name = 'theirs-' || name");
  await expect(open()).rejects.toThrow(NoDatabaseError);
  change("drop table kysely_migration");
  await expect(open()).rejects.toThrow(NoDatabaseError);
  expect(readdirSync(folder)).toEqual(["test.sqlite"]);
});
