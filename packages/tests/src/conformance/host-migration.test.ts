import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStores, DEFAULT_PLATFORM_ID, openDatabase, type WorkflowId } from "@millrace/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createOldDatabase, inspect } from "../support/old-database.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-host-migration-"));
  path = join(folder, "old.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

const TABLES = ["handler_runs", "run_events", "inputs", "events", "event_inputs", "mutations", "notifications"];

/** 300 runs, each with an input, an event and a mutation; every tenth failed, and every hundredth is uncertain. */
async function createBusyDatabase(): Promise<void> {
  const connection = await createOldDatabase(path, 3);
  connection.exec(`
    insert into workflows (id, platform_id, name, status, maintenance, handler_config, config_version, created_at, updated_at)
      values ('w', '${DEFAULT_PLATFORM_ID}', 'busy', 'active', 0, '{}', 1, 1, 1);
    insert into topics values ('t', 'w', 'mail', 1);
    insert into scripts values ('s', 'w', 1, 0, '', 'd', 'deploy', 1);
    insert into sessions (id, workflow_id, trigger, handler_run_count, started_at) values ('n', 'w', 'event', 300, 1);
    create temp table numbers as
      with recursive number(i) as (values (1) union all select i + 1 from number where i < 300) select i from number;
    insert into handler_runs (id, session_id, workflow_id, script_id, handler_type, handler_name, trigger, phase, status,
        retry_of, attempt, transient_failures, started_at)
      select 'r' || i, 'n', 'w', 's', 'consumer', 'it''s 漢字', 'event',
        case when i % 10 = 0 then 'mutating' else 'committed' end,
        case when i % 10 = 0 then 'failed:logic' else 'committed' end,
        case when i % 10 = 1 and i > 1 then 'r' || (i - 1) end, 1, 0, i from numbers;
    insert into inputs select 'i' || i, 'w', 'mail', 'invoice', 'e' || i, 'title ' || i,
      case when i % 50 = 0 then 'skipped' else 'active' end, 'r' || i, i, i from numbers;
    insert into events select 'v' || i, 't', 'w', 'm' || i, '{"i":' || i || '}',
      case when i > 290 then 'pending' else 'consumed' end, case when i > 290 then null else 'r' || i end, 'r1', 1, i, i
      from numbers;
    insert into event_inputs select 'v' || i, 'i' || i from numbers;
    insert into run_events select 'r' || i, 'v' || i, 1 from numbers where i <= 290;
    insert into mutations (id, handler_run_id, workflow_id, connector, operation, params, idempotency_key, title, status,
        reconcile_attempts, not_applied_count, created_at, updated_at)
      select 'u' || i, 'r' || i, 'w', 'mail', 'send', '{}', 'k' || i, 'a mail',
        case when i % 100 = 0 then 'indeterminate' when i % 10 = 0 then 'failed' else 'applied' end, 0, 0, i, i from numbers;
    insert into notifications (id, workflow_id, kind, message, created_at, resolved_at)
      select 'o' || i, 'w', 'indeterminate', 'm', i, case when i = 100 then 200 end from numbers where i % 100 = 0;`);
  connection.close();
}

const rowsOf = () =>
  inspect(path, (connection) =>
    Object.fromEntries(
      TABLES.map((table) => [table, connection.prepare(`select * from ${table} order by 1, 2`).all()]),
    ),
  );

test("a busy database of the schema before keeps every row", async () => {
  await createBusyDatabase();
  const before = rowsOf();
  expect(before["handler_runs"]).toHaveLength(300);
  await (await openDatabase(`sqlite:${path}`)).close();
  const unknown = { prepared_at: null, mutating_at: null, mutated_at: null, emitting_at: null };
  const runs = before["handler_runs"]?.map((run) => ({ ...(run as object), ...unknown }));
  expect(rowsOf()).toEqual({ ...before, handler_runs: runs });
  inspect(path, (connection) => {
    expect(connection.pragma("integrity_check")).toEqual([{ integrity_check: "ok" }]);
    expect(connection.pragma("foreign_key_check")).toEqual([]);
  });
});

test("the lists find what was there before", async () => {
  await createBusyDatabase();
  const database = await openDatabase(`sqlite:${path}`);
  const { handlerRuns, inputs, mutations, events, notifications } = createStores(database);
  const platformId = DEFAULT_PLATFORM_ID;
  const workflowId = "w" as WorkflowId;
  const limit = 1_000;
  expect(await handlerRuns.list({ platformId, limit })).toHaveLength(300);
  expect(await handlerRuns.list({ workflowId, status: "failed:logic", limit })).toHaveLength(30);
  expect(await handlerRuns.listRetriesOf("r10" as never)).toMatchObject([{ id: "r11" }]);
  expect(await handlerRuns.countsBetween(platformId, 1, 101)).toEqual({
    total: 100,
    byStatus: { committed: 90, "failed:logic": 10 },
  });
  expect(await inputs.list({ status: "skipped", limit })).toHaveLength(6);
  expect(await inputs.listOfRun("r7" as never)).toMatchObject([{ id: "i7" }]);
  expect(await mutations.list({ unresolved: true, limit })).toMatchObject([
    { id: "u300" },
    { id: "u200" },
    { id: "u100" },
  ]);
  expect(await mutations.countsByStatus(platformId)).toMatchObject({ failed: 27, indeterminate: 3 });
  expect(await events.list({ workflowId, status: "pending", limit })).toHaveLength(10);
  expect(await events.listCreatedByRun("r1" as never)).toHaveLength(300);
  expect(await events.listByRun("r5" as never)).toMatchObject([{ id: "v5" }]);
  expect(await notifications.list({ open: true })).toMatchObject([{ id: "o300" }, { id: "o200" }]);
  await database.close();
});
