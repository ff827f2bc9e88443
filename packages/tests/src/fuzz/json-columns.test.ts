import { afterAll, beforeAll, describe, test } from "vitest";
import { JSON_COLUMNS } from "./json-columns.ts";
import { BrokenRows } from "./json-columns-target.ts";

let rows: BrokenRows;
beforeAll(async () => {
  rows = await BrokenRows.open();
});
afterAll(() => rows.close());

describe("whatever is looked at while a column of one row can't be read, the row is named and all others are shown", () => {
  test.each(JSON_COLUMNS.map((one) => [`${one.table}.${one.column}`, one] as const))("%s", async (_name, column) => {
    await rows.look(column, 0, "{");
    await rows.look(column, 1, "7");
  });
});

test.each([
  ["mutations", "late_outcome", `{"a":${"9".repeat(400)}}`],
  ["handler_runs", "prepare_result", `${"[".repeat(600)}${"]".repeat(600)}`],
  ["scheduled_jobs", "handler_target", ""],
  ["scheduled_jobs", "tags", '{"a":1}'],
])("what once failed more than its own row: %s.%s with %s", async (table, name, text) => {
  const column = JSON_COLUMNS.find((one) => one.table === table && one.column === name);
  for (const row of [0, 1]) await rows.look(column!, row, text);
});
