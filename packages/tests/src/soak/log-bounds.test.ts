import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type SqliteDatabase } from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";

const MEBIBYTE = 1024 * 1024;
/** What the log is cut back to, and the commit that follows. */
const BOUND = 25 * MEBIBYTE;

let folder: string;
let path: string;
let database: SqliteDatabase;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-log-"));
  path = join(folder, "test.sqlite");
  database = await openDatabase(`sqlite:${path}`);
  await database.transaction(({ executor }) => sql`create table scratch (content blob)`.execute(executor));
});

afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const logBytes = () => statSync(`${path}-wal`).size;

/** Writes so many mebibytes in one transaction. */
async function write(mebibytes: number): Promise<void> {
  await database.transaction(async ({ executor }) => {
    for (let row = 0; row < mebibytes; row += 1)
      await sql`insert into scratch values (zeroblob(${MEBIBYTE}))`.execute(executor);
  });
}

test("after a burst in one transaction the log is cut back by the next", async () => {
  await write(30);
  expect(logBytes()).toBeGreaterThan(30 * MEBIBYTE);
  await write(1);
  expect(logBytes()).toBeLessThan(BOUND);
});

test("the log grows while another process reads what it would replace, and is cut back when that is over", async () => {
  const reader = new BetterSqlite3(path, { readonly: true });
  reader.exec("begin");
  reader.prepare("select count(*) from scratch").get();
  for (let turn = 0; turn < 30; turn += 1) await write(1);
  expect(logBytes()).toBeGreaterThan(30 * MEBIBYTE);
  reader.exec("commit");
  reader.close();
  // One moves the log into the file, the next begins it anew.
  await write(1);
  await write(1);
  expect(logBytes()).toBeLessThan(BOUND);
});

test("reads that go on all the time in this process do not keep the log from being begun anew", async () => {
  const over = new AbortController();
  const reading = (async () => {
    while (!over.signal.aborted) {
      await database.read((executor) => sql`select count(*) from scratch`.execute(executor));
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for (let turn = 0; turn < 40; turn += 1) await write(1);
  expect(logBytes()).toBeLessThan(BOUND);
  over.abort();
  await reading;
});
