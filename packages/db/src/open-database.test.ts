import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DatabaseOwnedError, NoDatabaseError } from "./errors.ts";
import { openDatabase } from "./open-database.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-db-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("without `create`, a missing file is refused and none is made", async () => {
  const path = join(folder, "missing.sqlite");
  await expect(openDatabase(`sqlite:${path}`, { create: false })).rejects.toThrow(NoDatabaseError);
  expect(existsSync(path)).toBe(false);
});

test("without `create`, a database of another program is refused and left as it is", async () => {
  const path = join(folder, "other.sqlite");
  const other = new BetterSqlite3(path);
  other.exec("CREATE TABLE notes (text)");
  other.close();
  const before = readFileSync(path);
  await expect(openDatabase(`sqlite:${path}`, { create: false })).rejects.toThrow("not one of Millrace's");
  expect(readFileSync(path)).toEqual(before);
});

test("without `create`, a database that is there is opened", async () => {
  const location = `sqlite:${join(folder, "there.sqlite")}`;
  await (await openDatabase(location)).close();
  const database = await openDatabase(location, { create: false });
  expect(database.path).toBe(join(folder, "there.sqlite"));
  await database.close();
});

test("without `create`, an empty file is no database and stays empty", async () => {
  const path = join(folder, "empty.sqlite");
  writeFileSync(path, "");
  await expect(openDatabase(`sqlite:${path}`, { create: false })).rejects.toThrow("not one of Millrace's");
  expect(readFileSync(path)).toHaveLength(0);
});

test("a relative path is one from the current folder", async () => {
  const path = join(folder, "here.sqlite");
  const database = await openDatabase(`sqlite:${relative(process.cwd(), path)}`);
  const copy = await database.backup(relative(process.cwd(), join(folder, "copy.sqlite")));
  expect([database.path, copy.path]).toEqual([path, join(folder, "copy.sqlite")]);
  await database.close();
});

test("the right to run an engine can be taken twice by the same database, and means nothing in memory", async () => {
  const location = `sqlite:${join(folder, "owned.sqlite")}`;
  const [database, other] = [await openDatabase(location), await openDatabase(location)];
  database.acquireOwnership();
  database.acquireOwnership();
  expect(() => other.acquireOwnership()).toThrow(DatabaseOwnedError);
  await other.close();
  await database.close();
  const memory = await openDatabase("sqlite::memory:");
  memory.acquireOwnership();
  await memory.close();
});
