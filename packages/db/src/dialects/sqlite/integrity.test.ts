import BetterSqlite3 from "better-sqlite3";
import { expect, test } from "vitest";
import { findDamage } from "./integrity.ts";

test("a row without a number that names a missing one is told by its table", () => {
  const connection = new BetterSqlite3(":memory:");
  connection.pragma("foreign_keys = OFF");
  connection.exec(`
    create table parents (id text primary key);
    create table children (id text primary key, parent text references parents (id)) without rowid;
    insert into children values ('a', 'gone');`);
  const message = "Row without a number of children names a row of parents that is missing.";
  expect(findDamage(connection, "sqlite::memory:")).toEqual([{ kind: "reference", table: "children", message }]);
  connection.close();
});

test("a check that can't be made is an error, and no finding", () => {
  const connection = new BetterSqlite3(":memory:");
  connection.close();
  expect(() => findDamage(connection, "sqlite::memory:")).toThrow("not open");
});
