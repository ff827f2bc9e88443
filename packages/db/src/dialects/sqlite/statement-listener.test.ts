import BetterSqlite3 from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listenToStatements } from "./statement-listener.ts";

let connection: BetterSqlite3.Database;
let heard: [sql: string, parameters: readonly unknown[]][];

beforeEach(() => {
  connection = new BetterSqlite3(":memory:");
  heard = [];
  listenToStatements(connection, (sql, parameters) => heard.push([sql, parameters]));
});

afterEach(() => connection.close());

test("a statement is told of each time it is run, with its values, and gives what it always gives", () => {
  connection.exec("create table t (n integer)");
  const insert = connection.prepare("insert into t values (?)");
  expect(insert.run(1).changes).toBe(1);
  expect(insert.run(2).changes).toBe(1);
  expect(heard).toEqual([
    ["create table t (n integer)", []],
    ["insert into t values (?)", [1]],
    ["insert into t values (?)", [2]],
  ]);
});

test("however its rows are asked for", () => {
  const statement = connection.prepare("select ? as n");
  expect(statement.get(1)).toEqual({ n: 1 });
  expect(statement.all(2)).toEqual([{ n: 2 }]);
  expect([...statement.iterate(3)]).toEqual([{ n: 3 }]);
  expect(statement.pluck().get(4)).toBe(4);
  expect(heard.map(([, parameters]) => parameters)).toEqual([[1], [2], [3], [4]]);
});

test("one that fails is told of as well", () => {
  const statement = connection.prepare("select abs(?)");
  expect(() => statement.get(-9_223_372_036_854_775_808n)).toThrow("integer overflow");
  expect(heard).toHaveLength(1);
});
