import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStores, MIGRATIONS, openDatabase, type WorkflowId } from "@millrace/db";
import type BetterSqlite3 from "better-sqlite3";
import type { Migration } from "kysely/migration";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createOldDatabase, inspect } from "../support/old-database.ts";
import { createExecution, createJob } from "../support/job-rows.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-migrations-"));
  path = join(folder, "old.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A database of the first release, with what hangs on two workflows. */
async function createFirstRelease(): Promise<void> {
  const connection = await createOldDatabase(path, 1);
  for (const id of ["w1", "w2"]) fillWorkflow(connection, id);
  connection.close();
}

function fillWorkflow(connection: BetterSqlite3.Database, id: string): void {
  connection
    .prepare(
      `insert into workflows (id, platform_id, name, status, maintenance, handler_config, config_version, created_at, updated_at)
       select ?, id, ?, 'active', 0, '{}', 1, 1, 1 from platforms`,
    )
    .run(id, `workflow ${id}`);
  const schedule = connection.prepare(
    `insert into producer_schedules (id, workflow_id, producer_name, schedule_type, schedule_value, timezone, next_run_at, last_run_at)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  schedule.run(`${id}-s1`, id, "poll", "interval", "5m", "UTC", 100, null);
  schedule.run(`${id}-s2`, id, "it's 漢字", "cron", "0 8 * * *", "Europe/Vienna", 9_007_199_254_740_991, 50);
  const notification = connection.prepare(
    `insert into notifications (id, workflow_id, run_id, mutation_id, kind, message, created_at, resolved_at)
     values (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  notification.run(`${id}-n1`, id, "r1", "m1", "approval", "open", 10, null);
  notification.run(`${id}-n2`, id, null, null, "missing_code", "resolved", 11, 12);
}

const rowsOf = (connection: BetterSqlite3.Database, table: string): object[] =>
  // Every row of a table is an object of its columns.
  connection.prepare(`select * from "${table}" order by 1`).all() as object[];

const schemaOf = (connection: BetterSqlite3.Database) =>
  connection.prepare("select type, name, sql from sqlite_master order by type, name").all();

test("a database of the first release opens, and keeps every row", async () => {
  await createFirstRelease();
  const before = inspect(path, (connection) => ({
    workflows: rowsOf(connection, "workflows"),
    schedules: rowsOf(connection, "producer_schedules"),
    notifications: rowsOf(connection, "notifications"),
  }));
  expect(before.schedules).toHaveLength(4);
  expect(before.notifications).toHaveLength(4);
  await (await openDatabase(`sqlite:${path}`)).close();
  inspect(path, (connection) => {
    expect(rowsOf(connection, "workflows")).toEqual(before.workflows);
    const policy = { dst_gap: "shift", dst_overlap: "first" };
    expect(rowsOf(connection, "producer_schedules")).toEqual(before.schedules.map((row) => ({ ...row, ...policy })));
    expect(rowsOf(connection, "notifications")).toEqual(before.notifications.map((row) => ({ ...row, job_id: null })));
    expect(connection.pragma("foreign_key_check")).toEqual([]);
    expect(connection.pragma("integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });
});

test("a database that was brought up to date has the schema of a new one", async () => {
  await createFirstRelease();
  const fresh = join(folder, "new.sqlite");
  for (const location of [path, fresh]) await (await openDatabase(`sqlite:${location}`)).close();
  expect(inspect(path, schemaOf)).toEqual(inspect(fresh, schemaOf));
});

test("a database of any earlier schema opens", async () => {
  for (const count of Object.keys(MIGRATIONS).keys()) {
    const old = join(folder, `${count}.sqlite`);
    (await createOldDatabase(old, count)).close();
    const database = await openDatabase(`sqlite:${old}`);
    expect(await createStores(database).platforms.list()).toMatchObject([{ name: "default" }]);
    await database.close();
    const names = inspect(old, (connection) => connection.prepare("select name from kysely_migration").pluck().all());
    expect(names).toEqual(Object.keys(MIGRATIONS));
  }
});

test("the stores work with what the first release has left", async () => {
  await createFirstRelease();
  const database = await openDatabase(`sqlite:${path}`);
  const stores = createStores(database);
  const workflowId = "w1" as WorkflowId;
  expect(await stores.producerSchedules.getForWorkflow(workflowId)).toMatchObject([
    { producerName: "it's 漢字", dstGap: "shift", dstOverlap: "first", lastRunAt: 50 },
    { producerName: "poll", dstGap: "shift", dstOverlap: "first", lastRunAt: null },
  ]);
  expect(await stores.notifications.listOpen(workflowId)).toMatchObject([{ id: "w1-n1", jobId: null, runId: "r1" }]);
  await stores.producerSchedules.advance(workflowId, "poll", { lastRunAt: 100, nextRunAt: 200 });
  await createExecution({ stores }, await createJob({ stores }));
  await stores.workflows.delete(workflowId);
  expect(await stores.producerSchedules.list()).toHaveLength(2);
  expect(await stores.notifications.listOpen()).toHaveLength(1);
  await database.close();
});

test("a migration that fails leaves the old schema and every row, and the next one that does not succeeds", async () => {
  await createFirstRelease();
  const before = inspect(path, (connection) => [schemaOf(connection), rowsOf(connection, "producer_schedules")]);
  // The list is closed to the code that uses it; a test may add to it.
  const migrations = MIGRATIONS as Record<string, Migration>;
  migrations["9999-fails"] = { up: () => Promise.reject(new Error("the power went off")) };
  try {
    await expect(openDatabase(`sqlite:${path}`)).rejects.toThrow("the power went off");
  } finally {
    delete migrations["9999-fails"];
  }
  const after = inspect(path, (connection) => [schemaOf(connection), rowsOf(connection, "producer_schedules")]);
  expect(after).toEqual(before);
  const database = await openDatabase(`sqlite:${path}`);
  expect(await createStores(database).producerSchedules.list()).toHaveLength(4);
  await database.close();
});

test("opening a database again changes nothing in it", async () => {
  await createFirstRelease();
  await (await openDatabase(`sqlite:${path}`)).close();
  const before = inspect(path, (connection) => [schemaOf(connection), rowsOf(connection, "kysely_migration")]);
  await (await openDatabase(`sqlite:${path}`)).close();
  expect(inspect(path, (connection) => [schemaOf(connection), rowsOf(connection, "kysely_migration")])).toEqual(before);
});
