import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { onlyRow } from "../../only-row.ts";
import { createExecutor, openConnection } from "./connection.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-connection-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const openMemory = () => openConnection({ source: ":memory:", readonly: false, busyTimeoutMs: 100 });

test("a file that is no database can't be opened for writing, and is left alone", () => {
  const source = join(folder, "letter");
  writeFileSync(source, "This is a letter, not a database. ".repeat(100));
  const open = () => openConnection({ source, readonly: false, busyTimeoutMs: 100 });
  expect(open).toThrow("not a database");
  renameSync(source, `${source}-moved`);
  open().close();
});

test("more different statements than are kept go on to work", async () => {
  const connection = openMemory();
  const executor = createExecutor(connection, "sqlite::memory:");
  let sum = 0;
  for (let number = 1; number <= 1_500; number += 1) {
    const { rows } = await sql<{ value: number }>`select ${sql.lit(number)} as value`.execute(executor);
    sum += onlyRow(rows).value;
  }
  expect(sum).toBe((1_500 * 1_501) / 2);
  connection.close();
});

test("rows can be read one by one", async () => {
  const connection = openMemory();
  connection.exec("create table topics (name text); insert into topics values ('a'), ('b')");
  const names: string[] = [];
  const rows = createExecutor(connection, "sqlite::memory:").selectFrom("topics").select("name").stream();
  for await (const { name } of rows) names.push(name);
  expect(names).toEqual(["a", "b"]);
  connection.close();
});
