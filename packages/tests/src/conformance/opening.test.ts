import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ACCESS_ROLES,
  AUDIT_CHANNELS,
  AUDIT_OUTCOMES,
  CannotOpenDatabaseError,
  CorruptDatabaseError,
  createStores,
  DELIVERIES,
  DST_GAPS,
  DST_OVERLAPS,
  EVENT_STATUSES,
  EXECUTION_ORIGINS,
  EXECUTION_STATUSES,
  HANDLER_TYPES,
  INPUT_STATUSES,
  INTERVAL_MODES,
  InvalidLocationError,
  JOB_HANDLER_TYPES,
  JOB_STATUSES,
  JOB_TYPES,
  LOG_LEVELS,
  MISFIRE_POLICIES,
  MUTATION_STATUSES,
  NewerDatabaseError,
  NotADatabaseError,
  NOTIFICATION_KINDS,
  openDatabase,
  OVERLAP_POLICIES,
  REPLAY_PHASES,
  RESOLUTIONS,
  RUN_STATUSES,
  SCHEDULE_TYPES,
  TICK_DECISIONS,
  WORKFLOW_STATUSES,
} from "@millrace/db";
import BetterSqlite3 from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorld, withDatabase } from "../support/store-behaviours.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-open-"));
  path = join(folder, "test.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function createDatabase(): Promise<void> {
  const database = await openDatabase(`sqlite:${path}`);
  const { stores, workflow, topic } = await createWorld(database);
  for (let index = 0; index < 200; index += 1) {
    const event = {
      workflowId: workflow.id,
      topicId: topic.id,
      messageId: `m${index}`,
      payload: "x".repeat(1_000),
      createdByRunId: null,
      inputIds: [],
    };
    await stores.events.publish(event, 1);
  }
  await database.close();
}

test.each(["", "test.sqlite", "postgres://x", "sqlite:", "sqlite::nope:", "sqlite:a\0b"])(
  "the location %j is refused",
  async (location) => {
    await expect(openDatabase(location)).rejects.toThrow(InvalidLocationError);
  },
);

test("a missing folder, and a folder as the file, can't be opened", async () => {
  await expect(openDatabase(`sqlite:${join(folder, "no", "where.sqlite")}`)).rejects.toThrow(CannotOpenDatabaseError);
  mkdirSync(path);
  await expect(openDatabase(`sqlite:${path}`)).rejects.toThrow(CannotOpenDatabaseError);
});

test("a file that is no database is refused and left as it is", async () => {
  const content = "This is a letter, not a database. ".repeat(100);
  writeFileSync(path, content);
  await expect(openDatabase(`sqlite:${path}`)).rejects.toThrow(NotADatabaseError);
  expect(readFileSync(path, "utf8")).toBe(content);
});

test("a database that was made by newer code is refused, and says which migrations it has", async () => {
  await createDatabase();
  const connection = new BetterSqlite3(path);
  connection
    .prepare("insert into kysely_migration (name, timestamp) values ('9999-from-the-future', '2030-01-01')")
    .run();
  connection.close();
  await expect(openDatabase(`sqlite:${path}`)).rejects.toThrow(NewerDatabaseError);
  await expect(openDatabase(`sqlite:${path}`)).rejects.toThrow("9999-from-the-future");
});

test("a closed database is one complete file", async () => {
  await createDatabase();
  expect(readdirSync(folder)).toEqual(["test.sqlite"]);
  cpSync(path, `${path}-copy`);
  const copy = await openDatabase(`sqlite:${path}-copy`);
  expect(await createStores(copy).workflows.list()).toHaveLength(1);
  await copy.close();
});

test("a damaged page is found when it is read", async () => {
  await createDatabase();
  const file = openSync(path, "r+");
  for (let page = 5; page * 4096 < statSync(path).size; page += 1)
    writeSync(file, Buffer.alloc(4096, 0xab), 0, 4096, page * 4096);
  closeSync(file);
  const read = async () => {
    const database = await openDatabase(`sqlite:${path}`);
    try {
      const [workflow] = await createStores(database).workflows.list();
      await createStores(database).events.list({ workflowId: workflow!.id });
    } finally {
      await database.close();
    }
  };
  await expect(read()).rejects.toThrow(CorruptDatabaseError);
});

test("a file or a folder that can't be written says that it is read-only", async () => {
  await createDatabase();
  // Nobody's permissions hold for root, so the process that tries is somebody else.
  const place = mkdtempSync(join(tmpdir(), "millrace-readonly-"));
  cpSync(path, join(place, "test.sqlite"));
  chmodSync(join(place, "test.sqlite"), 0o444);
  chmodSync(place, 0o555);
  const program = `import { openDatabase } from ${JSON.stringify(import.meta.resolve("@millrace/db"))};
    if (process.getuid() === 0) { process.setegid(65534); process.seteuid(65534); }
    await openDatabase(${JSON.stringify(`sqlite:${join(place, "test.sqlite")}`)}).then(() => console.log("opened"), (error) => console.log(error.name));`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=millrace-source", "--input-type=module", "-e", program],
    {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      encoding: "utf8",
    },
  );
  chmodSync(place, 0o755);
  rmSync(place, { recursive: true });
  expect(`${stdout.trim()}${stderr}`).toBe("ReadOnlyDatabaseError");
});

/** The CHECK constraints of a database by their names, as SQLite has them. */
async function readChecks(): Promise<Map<string, string>> {
  return withDatabase("memory", async (database) => {
    const { rows } = await database.read((executor) =>
      sql<{ sql: string }>`select sql from sqlite_master where type = 'table' and sql is not null`.execute(executor),
    );
    const checks = rows.flatMap((row) => [
      ...row.sql.matchAll(/constraint "(\w+)" check \((.*?)\)(?=, constraint|\)$)/g),
    ]);
    return new Map(checks.map(([, name = "", condition = ""]) => [name, condition]));
  });
}

const WORDS: Record<string, readonly string[]> = {
  workflows_status_check: WORKFLOW_STATUSES,
  inputs_status_check: INPUT_STATUSES,
  events_status_check: EVENT_STATUSES,
  handler_runs_type_check: HANDLER_TYPES,
  handler_runs_status_check: RUN_STATUSES,
  run_logs_level_check: LOG_LEVELS,
  mutations_status_check: MUTATION_STATUSES,
  mutations_resolution_check: RESOLUTIONS,
  notifications_kind_check: NOTIFICATION_KINDS,
  producer_schedules_type_check: SCHEDULE_TYPES,
  producer_schedules_dst_gap_check: DST_GAPS,
  producer_schedules_dst_overlap_check: DST_OVERLAPS,
  scheduled_jobs_type_check: JOB_TYPES,
  scheduled_jobs_status_check: JOB_STATUSES,
  scheduled_jobs_handler_type_check: JOB_HANDLER_TYPES,
  scheduled_jobs_delivery_check: DELIVERIES,
  scheduled_jobs_interval_mode_check: INTERVAL_MODES,
  scheduled_jobs_overlap_policy_check: OVERLAP_POLICIES,
  scheduled_jobs_misfire_policy_check: MISFIRE_POLICIES,
  scheduled_jobs_dst_gap_check: DST_GAPS,
  scheduled_jobs_dst_overlap_check: DST_OVERLAPS,
  job_executions_status_check: EXECUTION_STATUSES,
  job_executions_origin_check: EXECUTION_ORIGINS,
  job_execution_logs_level_check: LOG_LEVELS,
  schedule_decisions_decision_check: TICK_DECISIONS,
  audit_entries_channel_check: AUDIT_CHANNELS,
  audit_entries_outcome_check: AUDIT_OUTCOMES,
  access_tokens_role_check: ACCESS_ROLES,
  replays_from_phase_check: REPLAY_PHASES,
};

/** Constraints that say more than which words a column may hold; the tests of their stores break each of them. */
const OTHER_CHECKS = [
  "workflows_maintenance_check",
  "events_reservation_check",
  "handler_runs_phase_check",
  "handler_runs_committed_check",
  "handler_runs_outcome_check",
  "handler_state_wake_at_check",
  "scheduled_jobs_schedule_check",
  "scheduled_jobs_next_run_check",
  "job_executions_waits_check",
  "job_executions_lease_check",
  "job_executions_completed_check",
  "event_handlers_enabled_check",
  "schedule_decisions_owner_check",
  "notifications_owner_check",
  "audit_entries_completed_check",
  "access_tokens_digest_check",
  "replays_end_check",
];

test("the words of every CHECK are those of the code", async () => {
  const checks = await readChecks();
  for (const [name, words] of Object.entries(WORDS)) {
    const check = checks.get(name) ?? "";
    const [, column = "", list = ""] = /^"(\w+)" (?:in \((.*)\)|=.*)$/.exec(check) ?? [];
    // Rows that come in numbers have each word compared.
    const found = list === "" ? check.split(" or ").map((one) => one.replace(`"${column}" = `, "")) : list.split(", ");
    expect([name, found]).toEqual([name, words.map((word) => `'${word}'`)]);
    expect(name).toContain(column.replace(/^schedule_|^handler_/, ""));
  }
});

test("every CHECK is known to these tests", async () => {
  const checks = await readChecks();
  expect([...checks.keys()].toSorted()).toEqual([...Object.keys(WORDS), ...OTHER_CHECKS].toSorted());
});

test("the statuses that a condition names are statuses", async () => {
  const checks = await readChecks();
  const named = OTHER_CHECKS.filter((name) => /^(scheduled_jobs|job_executions)/.test(name)).flatMap((name) =>
    [...(checks.get(name) ?? "").matchAll(/'(\w+)'/g)].map(([, word]) => word),
  );
  expect(new Set(named)).toEqual(new Set([...JOB_TYPES, "pending", "active", "running"]));
});

test.each([
  [
    "pending events of a topic",
    "select * from events where workflow_id = 'w' and topic_id = 't' and status = 'pending' order by created_at, id limit 1",
    "events_pending_index",
  ],
  ["events of a run", "select * from events where reserved_by_run_id = 'r'", "events_reserved_by_index"],
  ["active runs", "select * from handler_runs where status = 'active'", "handler_runs_active_index"],
  ["retries of a run", "select * from handler_runs where retry_of = 'r'", "handler_runs_retry_index"],
  ["due schedules", "select * from producer_schedules where next_run_at <= 5", "producer_schedules_due_index"],
  ["due wake times", "select * from handler_state where wake_at > 0 and wake_at <= 5", "handler_state_wake_index"],
  [
    "open questions",
    "select * from mutations where status = 'needs_reconcile' order by next_reconcile_at",
    "mutations_due_index",
  ],
  [
    "open notifications",
    "select * from notifications where resolved_at is null and workflow_id = 'w'",
    "notifications_open_index",
  ],
  [
    "log lines of an execution by time",
    "select * from job_execution_logs where execution_id = 'e' and timestamp >= 5 order by timestamp",
    "job_execution_logs_time_index",
  ],
  [
    "log lines by level",
    "select * from job_execution_logs where level = 'error' order by timestamp desc limit 9",
    "job_execution_logs_level_index",
  ],
])("%s are found by an index", async (_what, query, index) => {
  await withDatabase("memory", async (database) => {
    const connection = new BetterSqlite3(database.serialise());
    const plan = connection.prepare(`explain query plan ${query}`).all() as { detail: string }[];
    connection.close();
    expect(plan.map(({ detail }) => detail).join()).toContain(index);
  });
});
