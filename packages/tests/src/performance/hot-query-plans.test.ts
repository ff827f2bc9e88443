/** How SQLite finds the rows of every statement that an engine runs while it works: with their values, as they were run. */
import BetterSqlite3 from "better-sqlite3";
import { beforeAll, expect, test } from "vitest";
import { isSort, planOf } from "../support/query-plans.ts";
import { createTemplate, crowdOf, withCrowdedFile } from "./crowded-database.ts";
import { isControl } from "./statement-trace.ts";
import { traceUnits } from "./unit-steps.ts";

interface PlannedStatement {
  sql: string;
  plan: string[];
}

/** Tables that a statement may read from one end, with the reason for which it may. */
const ALLOWED_SCANS: Readonly<Record<string, string>> = {
  topics: "a start looks into every topic, once, for an event",
  producer_schedules: "the watchdog reads the first one alone",
  schedule_decisions: "maintenance reads the first one alone: unit-steps.test.ts would see if it read more",
};

/** Statements that sort, with the reason for which they may. */
const ALLOWED_SORTS: Readonly<Record<string, string>> = {
  'select * from "handler_runs" where "status" = ? order by +started_at':
    "a start reads the runs that were under way: at most one a workflow",
};

let statements: PlannedStatement[];
/** They hold only rows of some status, so that to read all of one is no more than what is asked for. */
let partialIndexes: Set<string>;

beforeAll(async () => {
  const template = await createTemplate();
  await withCrowdedFile(template, crowdOf(10), async (path) => {
    const run = [...(await traceUnits(path, template.leftAt)).values()].flat();
    const connection = new BetterSqlite3(path);
    statements = [...new Map(run.map((statement) => [statement.sql, statement])).values()]
      .filter((statement) => !isControl(statement))
      .map((statement) => ({ sql: statement.sql, plan: planOf(connection, statement) }));
    const partial = "select name from sqlite_master where type = 'index' and sql like '% where %'";
    partialIndexes = new Set(connection.prepare(partial).pluck().all().map(String));
    connection.close();
  });
});

test("the trace has the statements of a run, a job, a publish and a recovery", () => {
  const written = statements.map(({ sql }) => /^(insert into|update) "?(\w+)/.exec(sql)?.slice(1).join(" "));
  expect(written).toEqual(
    expect.arrayContaining([
      "insert into events",
      "insert into handler_runs",
      "insert into job_executions",
      "insert into mutations",
      "insert into scheduled_jobs",
      "insert into sessions",
      "update events",
      "update handler_runs",
      "update job_executions",
      "update mutations",
      "update producer_schedules",
      "update scheduled_jobs",
      "update sessions",
    ]),
  );
});

test("no hot statement reads a table that grows, or an index of all its rows, from one end to the other", () => {
  const scanned = ({ plan }: PlannedStatement) => plan.map(scannedTable).filter((table) => table !== null);
  expect(statements.filter((one) => scanned(one).some((table) => !Object.hasOwn(ALLOWED_SCANS, table)))).toEqual([]);
  // What is allowed and does not happen any more is allowed no more.
  expect(new Set(statements.flatMap(scanned))).toEqual(new Set(Object.keys(ALLOWED_SCANS)));
});

test("no hot statement sorts what an index could give in its order", () => {
  const sorting = statements.filter(({ plan }) => plan.some(isSort));
  expect(sorting.filter(({ sql }) => !Object.hasOwn(ALLOWED_SORTS, sql))).toEqual([]);
  expect(new Set(sorting.map(({ sql }) => sql))).toEqual(new Set(Object.keys(ALLOWED_SORTS)));
});

/** The table of which a step of a plan reads all rows; null where it reads a part of one, or the whole of a partial index. */
function scannedTable(step: string): string | null {
  const [, table, index] = /^SCAN (?!CONSTANT ROW)(\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(step) ?? [];
  // A list that the statement was given is read from one end to the other.
  if (table === "json_each") return null;
  return table === undefined || (index !== undefined && partialIndexes.has(index)) ? null : table;
}
