import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
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
  CannotOpenDatabaseError,
  CorruptDatabaseError,
  createStores,
  EVENT_STATUSES,
  INPUT_STATUSES,
  InvalidLocationError,
  MUTATION_STATUSES,
  NewerDatabaseError,
  NotADatabaseError,
  NOTIFICATION_KINDS,
  openDatabase,
  RUN_STATUSES,
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

test("the words of every CHECK are those of the code", async () => {
  await withDatabase("memory", async (database) => {
    const { rows } = await database.read((executor) =>
      sql<{ name: string; sql: string }>`select name, sql from sqlite_master where type = 'table'`.execute(executor),
    );
    const words = (table: string, constraint: string) => {
      const definition = rows.find(({ name }) => name === table)?.sql ?? "";
      const [, list = ""] = new RegExp(`"${constraint}" check \\("\\w+" in \\(([^)]*)\\)`).exec(definition) ?? [];
      return list.split(",").map((word) => word.trim().replaceAll("'", ""));
    };
    expect(words("workflows", "workflows_status_check")).toEqual([...WORKFLOW_STATUSES]);
    expect(words("inputs", "inputs_status_check")).toEqual([...INPUT_STATUSES]);
    expect(words("events", "events_status_check")).toEqual([...EVENT_STATUSES]);
    expect(words("handler_runs", "handler_runs_status_check")).toEqual([...RUN_STATUSES]);
    expect(words("mutations", "mutations_status_check")).toEqual([...MUTATION_STATUSES]);
    expect(words("notifications", "notifications_kind_check")).toEqual([...NOTIFICATION_KINDS]);
  });
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
])("%s are found by an index", async (_what, query, index) => {
  await withDatabase("memory", async (database) => {
    const connection = new BetterSqlite3(database.serialise());
    const plan = connection.prepare(`explain query plan ${query}`).all() as { detail: string }[];
    connection.close();
    expect(plan.map(({ detail }) => detail).join()).toContain(index);
  });
});
