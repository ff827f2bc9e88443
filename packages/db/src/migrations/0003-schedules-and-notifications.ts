/** Notifications about jobs; what a producer's schedule does when the clocks change. */
import { sql, type Kysely } from "kysely";
import { condition, index, oneOf, owned, table, type AnySchema } from "./table-definition.ts";

const KINDS = [
  "approval",
  "indeterminate",
  "authorisation",
  "logic",
  "internal",
  "transient",
  "late_outcome",
  "missing_code",
  "missing_handler",
  "job_paused",
  "dead_schedule",
];

export async function up(database: Kysely<AnySchema>): Promise<void> {
  await rebuildNotifications(database);
  await rebuildProducerSchedules(database);
}

/** A table whose constraints change is made anew and takes over the rows: SQLite can't change them in place. */
async function replaceTable(
  database: Kysely<AnySchema>,
  name: string,
  columns: readonly string[],
  create: (temporaryName: string) => Promise<void>,
  added: Readonly<Record<string, string>> = {},
): Promise<void> {
  const temporary = `${name}_new`;
  await create(temporary);
  await database
    .insertInto(temporary)
    .columns([...columns, ...Object.keys(added)])
    .expression(
      database
        .selectFrom(name)
        .select([...columns, ...Object.entries(added).map(([column, value]) => sql.lit(value).as(column))]),
    )
    .execute();
  await database.schema.dropTable(name).execute();
  await database.schema.alterTable(temporary).renameTo(name).execute();
}

async function rebuildNotifications(database: Kysely<AnySchema>): Promise<void> {
  const kept = ["id", "workflow_id", "run_id", "mutation_id", "kind", "message", "created_at", "resolved_at"];
  await replaceTable(database, "notifications", kept, async (name) => {
    let notifications = table(database, name, {
      id: "text!",
      workflow_id: "text",
      job_id: "text",
      run_id: "text",
      mutation_id: "text",
      kind: "text!",
      message: "text!",
      created_at: "bigint!",
      resolved_at: "bigint",
    });
    notifications = owned(notifications, "notifications_workflow_fk", "workflow_id", "workflows");
    await owned(notifications, "notifications_job_fk", "job_id", "scheduled_jobs")
      .addCheckConstraint("notifications_kind_check", oneOf("kind", KINDS))
      .addCheckConstraint("notifications_owner_check", condition("(workflow_id is null) <> (job_id is null)"))
      .execute();
  });
  await index(database, "notifications", "open_index", ["workflow_id", "created_at"], {
    where: "resolved_at is null",
  });
  // Of resolved ones too: when a job is deleted, its notifications are looked for.
  await index(database, "notifications", "job_index", ["job_id", "created_at", "id"], {
    where: "job_id is not null",
  });
}

async function rebuildProducerSchedules(database: Kysely<AnySchema>): Promise<void> {
  const kept = [
    "id",
    "workflow_id",
    "producer_name",
    "schedule_type",
    "schedule_value",
    "timezone",
    "next_run_at",
    "last_run_at",
  ];
  const create = async (name: string) => {
    const schedules = table(database, name, {
      id: "text!",
      workflow_id: "text!",
      producer_name: "text!",
      schedule_type: "text!",
      schedule_value: "text!",
      timezone: "text!",
      dst_gap: "text!",
      dst_overlap: "text!",
      next_run_at: "bigint!",
      last_run_at: "bigint",
    });
    await owned(schedules, "producer_schedules_workflow_fk", "workflow_id", "workflows")
      .addUniqueConstraint("producer_schedules_name_unique", ["workflow_id", "producer_name"])
      .addCheckConstraint("producer_schedules_type_check", oneOf("schedule_type", ["interval", "cron"]))
      .addCheckConstraint("producer_schedules_dst_gap_check", oneOf("dst_gap", ["shift", "skip"]))
      .addCheckConstraint("producer_schedules_dst_overlap_check", oneOf("dst_overlap", ["first", "last", "both"]))
      .execute();
  };
  await replaceTable(database, "producer_schedules", kept, create, { dst_gap: "shift", dst_overlap: "first" });
  await index(database, "producer_schedules", "due_index", ["next_run_at"]);
}
