/** Every table of the first release but those of the jobs. */
import { sql, type ColumnDefinitionBuilder, type Kysely, type SqlBool } from "kysely";
import { DEFAULT_PLATFORM_ID } from "../ids.ts";

// A migration sees the schema of its own time, so it is not typed by the present one.
type AnySchema = Record<string, Record<string, unknown>>;
type Column = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;

const required: Column = (column) => column.notNull();
const id: Column = (column) => column.primaryKey().notNull();

function oneOf(column: string, words: readonly string[]) {
  const list = sql.join(words.map((word) => sql.lit(word)));
  return sql<SqlBool>`${sql.ref(column)} in (${list})`;
}

export async function up(database: Kysely<AnySchema>): Promise<void> {
  await createPlatformsAndWorkflows(database);
  await createInputsAndEvents(database);
  await createRuns(database);
  await createMutations(database);
  await createSchedulingAndNotifications(database);
}

async function createPlatformsAndWorkflows(database: Kysely<AnySchema>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable("platforms")
    .addColumn("id", "text", id)
    .addColumn("name", "text", required)
    .addColumn("created_at", "bigint", required)
    .addUniqueConstraint("platforms_name_unique", ["name"])
    .execute();
  await database.insertInto("platforms").values({ id: DEFAULT_PLATFORM_ID, name: "default", created_at: 0 }).execute();
  await schema
    .createTable("workflows")
    .addColumn("id", "text", id)
    .addColumn("platform_id", "text", required)
    .addColumn("name", "text", required)
    .addColumn("status", "text", required)
    .addColumn("error", "text")
    .addColumn("maintenance", "integer", required)
    .addColumn("handler_config", "text", required)
    .addColumn("config_version", "integer", required)
    .addColumn("active_script_id", "text")
    .addColumn("pending_retry_run_id", "text")
    .addColumn("retry_at", "bigint")
    .addColumn("created_at", "bigint", required)
    .addColumn("updated_at", "bigint", required)
    .addForeignKeyConstraint("workflows_platform_fk", ["platform_id"], "platforms", ["id"], (fk) =>
      fk.onDelete("cascade"),
    )
    .addUniqueConstraint("workflows_name_unique", ["platform_id", "name"])
    .addCheckConstraint("workflows_status_check", oneOf("status", ["draft", "ready", "active", "paused", "archived"]))
    .addCheckConstraint("workflows_maintenance_check", sql<SqlBool>`maintenance in (0, 1)`)
    .execute();
  await schema
    .createIndex("workflows_retry_index")
    .on("workflows")
    .column("retry_at")
    .where(sql<SqlBool>`retry_at is not null`)
    .execute();
  await schema
    .createTable("scripts")
    .addColumn("id", "text", id)
    .addColumn("workflow_id", "text", required)
    .addColumn("major", "integer", required)
    .addColumn("minor", "integer", required)
    .addColumn("source", "text", required)
    .addColumn("digest", "text", required)
    .addColumn("origin", "text", required)
    .addColumn("created_at", "bigint", required)
    .addForeignKeyConstraint("scripts_workflow_fk", ["workflow_id"], "workflows", ["id"], (fk) =>
      fk.onDelete("cascade"),
    )
    .addUniqueConstraint("scripts_version_unique", ["workflow_id", "major", "minor"])
    .execute();
  await schema
    .createTable("sessions")
    .addColumn("id", "text", id)
    .addColumn("workflow_id", "text", required)
    .addColumn("trigger", "text", required)
    .addColumn("handler_run_count", "integer", required)
    .addColumn("result", "text")
    .addColumn("error", "text")
    .addColumn("started_at", "bigint", required)
    .addColumn("ended_at", "bigint")
    .addForeignKeyConstraint("sessions_workflow_fk", ["workflow_id"], "workflows", ["id"], (fk) =>
      fk.onDelete("cascade"),
    )
    .execute();
  await schema.createIndex("sessions_workflow_index").on("sessions").columns(["workflow_id", "started_at"]).execute();
  await schema
    .createIndex("sessions_open_index")
    .on("sessions")
    .column("workflow_id")
    .where(sql<SqlBool>`ended_at is null`)
    .execute();
}

async function createInputsAndEvents(database: Kysely<AnySchema>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable("topics")
    .addColumn("id", "text", id)
    .addColumn("workflow_id", "text", required)
    .addColumn("name", "text", required)
    .addColumn("created_at", "bigint", required)
    .addForeignKeyConstraint("topics_workflow_fk", ["workflow_id"], "workflows", ["id"], (fk) => fk.onDelete("cascade"))
    .addUniqueConstraint("topics_name_unique", ["workflow_id", "name"])
    .execute();
  await schema
    .createTable("inputs")
    .addColumn("id", "text", id)
    .addColumn("workflow_id", "text", required)
    .addColumn("source", "text", required)
    .addColumn("type", "text", required)
    .addColumn("external_id", "text", required)
    .addColumn("title", "text", required)
    .addColumn("status", "text", required)
    .addColumn("created_by_run_id", "text")
    .addColumn("created_at", "bigint", required)
    .addColumn("updated_at", "bigint", required)
    .addForeignKeyConstraint("inputs_workflow_fk", ["workflow_id"], "workflows", ["id"], (fk) => fk.onDelete("cascade"))
    .addUniqueConstraint("inputs_external_id_unique", ["workflow_id", "source", "type", "external_id"])
    .addCheckConstraint("inputs_status_check", oneOf("status", ["active", "skipped"]))
    .execute();
  await schema.createIndex("inputs_workflow_index").on("inputs").columns(["workflow_id", "created_at"]).execute();
  await schema
    .createTable("events")
    .addColumn("id", "text", id)
    .addColumn("topic_id", "text", required)
    .addColumn("workflow_id", "text", required)
    .addColumn("message_id", "text", required)
    .addColumn("payload", "text", required)
    .addColumn("status", "text", required)
    .addColumn("reserved_by_run_id", "text")
    .addColumn("created_by_run_id", "text")
    .addColumn("attempt_number", "integer", required)
    .addColumn("created_at", "bigint", required)
    .addColumn("updated_at", "bigint", required)
    .addForeignKeyConstraint("events_topic_fk", ["topic_id"], "topics", ["id"], (fk) => fk.onDelete("cascade"))
    .addForeignKeyConstraint("events_workflow_fk", ["workflow_id"], "workflows", ["id"], (fk) => fk.onDelete("cascade"))
    .addUniqueConstraint("events_message_unique", ["topic_id", "message_id"])
    .addCheckConstraint("events_status_check", oneOf("status", ["pending", "reserved", "consumed", "skipped"]))
    .addCheckConstraint(
      "events_reservation_check",
      sql<SqlBool>`(status = 'pending' and reserved_by_run_id is null) or (status in ('reserved', 'consumed') and reserved_by_run_id is not null) or status = 'skipped'`,
    )
    .execute();
  await schema
    .createIndex("events_pending_index")
    .on("events")
    .columns(["workflow_id", "topic_id", "created_at", "id"])
    .where(sql<SqlBool>`status = 'pending'`)
    .execute();
  await schema.createIndex("events_reserved_by_index").on("events").column("reserved_by_run_id").execute();
  await schema
    .createTable("event_inputs")
    .addColumn("event_id", "text", required)
    .addColumn("input_id", "text", required)
    .addPrimaryKeyConstraint("event_inputs_pk", ["event_id", "input_id"])
    .addForeignKeyConstraint("event_inputs_event_fk", ["event_id"], "events", ["id"], (fk) => fk.onDelete("cascade"))
    .addForeignKeyConstraint("event_inputs_input_fk", ["input_id"], "inputs", ["id"], (fk) => fk.onDelete("cascade"))
    .execute();
  await schema.createIndex("event_inputs_input_index").on("event_inputs").column("input_id").execute();
}

async function createRuns(database: Kysely<AnySchema>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable("handler_runs")
    .addColumn("id", "text", id)
    .addColumn("session_id", "text", required)
    .addColumn("workflow_id", "text", required)
    .addColumn("script_id", "text", required)
    .addColumn("handler_type", "text", required)
    .addColumn("handler_name", "text", required)
    .addColumn("trigger", "text", required)
    .addColumn("phase", "text", required)
    .addColumn("status", "text", required)
    .addColumn("retry_of", "text")
    .addColumn("attempt", "integer", required)
    .addColumn("transient_failures", "integer", required)
    .addColumn("mutation_id", "text")
    .addColumn("mutation_outcome", "text")
    .addColumn("prepare_result", "text")
    .addColumn("input_state", "text")
    .addColumn("output_state", "text")
    .addColumn("error", "text")
    .addColumn("error_type", "text")
    .addColumn("started_at", "bigint", required)
    .addColumn("ended_at", "bigint")
    .addForeignKeyConstraint("handler_runs_session_fk", ["session_id"], "sessions", ["id"], (fk) =>
      fk.onDelete("cascade"),
    )
    .addForeignKeyConstraint("handler_runs_workflow_fk", ["workflow_id"], "workflows", ["id"], (fk) =>
      fk.onDelete("cascade"),
    )
    .addForeignKeyConstraint("handler_runs_script_fk", ["script_id"], "scripts", ["id"], (fk) => fk.onDelete("cascade"))
    .addCheckConstraint("handler_runs_type_check", oneOf("handler_type", ["producer", "consumer"]))
    .addCheckConstraint(
      "handler_runs_phase_check",
      sql<SqlBool>`(handler_type = 'producer' and phase in ('executing', 'committed')) or (handler_type = 'consumer' and phase in ('preparing', 'prepared', 'mutating', 'mutated', 'emitting', 'committed'))`,
    )
    .addCheckConstraint(
      "handler_runs_status_check",
      oneOf("status", [
        "active",
        "paused:transient",
        "paused:approval",
        "paused:reconciliation",
        "failed:logic",
        "failed:internal",
        "aborted",
        "committed",
        "crashed",
      ]),
    )
    .addCheckConstraint("handler_runs_committed_check", sql<SqlBool>`(phase = 'committed') = (status = 'committed')`)
    .addCheckConstraint("handler_runs_outcome_check", sql<SqlBool>`mutation_outcome in ('applied', 'none', 'skipped')`)
    .execute();
  await schema
    .createIndex("handler_runs_workflow_index")
    .on("handler_runs")
    .columns(["workflow_id", "started_at"])
    .execute();
  await schema.createIndex("handler_runs_retry_index").on("handler_runs").column("retry_of").execute();
  await schema.createIndex("handler_runs_session_index").on("handler_runs").column("session_id").execute();
  // At most one active run per workflow is a promise, so the index that finds active runs also enforces it.
  await schema
    .createIndex("handler_runs_active_index")
    .on("handler_runs")
    .column("workflow_id")
    .unique()
    .where(sql<SqlBool>`status = 'active'`)
    .execute();
  await schema
    .createTable("run_events")
    .addColumn("run_id", "text", required)
    .addColumn("event_id", "text", required)
    .addColumn("attempt_number", "integer", required)
    .addPrimaryKeyConstraint("run_events_pk", ["run_id", "event_id"])
    .addForeignKeyConstraint("run_events_run_fk", ["run_id"], "handler_runs", ["id"], (fk) => fk.onDelete("cascade"))
    .addForeignKeyConstraint("run_events_event_fk", ["event_id"], "events", ["id"], (fk) => fk.onDelete("cascade"))
    .execute();
  await schema.createIndex("run_events_event_index").on("run_events").column("event_id").execute();
  await schema
    .createTable("run_logs")
    .addColumn("run_id", "text", required)
    .addColumn("seq", "integer", required)
    .addColumn("at", "bigint", required)
    .addColumn("level", "text", required)
    .addColumn("message", "text", required)
    .addColumn("data", "text")
    .addPrimaryKeyConstraint("run_logs_pk", ["run_id", "seq"])
    .addForeignKeyConstraint("run_logs_run_fk", ["run_id"], "handler_runs", ["id"], (fk) => fk.onDelete("cascade"))
    .addCheckConstraint("run_logs_level_check", oneOf("level", ["debug", "info", "warn", "error"]))
    .execute();
}

async function createMutations(database: Kysely<AnySchema>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable("mutations")
    .addColumn("id", "text", id)
    .addColumn("handler_run_id", "text", required)
    .addColumn("workflow_id", "text", required)
    .addColumn("connector", "text", required)
    .addColumn("operation", "text", required)
    .addColumn("params", "text", required)
    .addColumn("idempotency_key", "text", required)
    .addColumn("title", "text", required)
    .addColumn("status", "text", required)
    .addColumn("result", "text")
    .addColumn("error", "text")
    .addColumn("sent_at", "bigint")
    .addColumn("approved_by", "text")
    .addColumn("approved_at", "bigint")
    .addColumn("approval_evidence", "text")
    .addColumn("reconcile_attempts", "integer", required)
    .addColumn("not_applied_count", "integer", required)
    .addColumn("uncertain_since", "bigint")
    .addColumn("last_reconcile_at", "bigint")
    .addColumn("next_reconcile_at", "bigint")
    .addColumn("resolution", "text")
    .addColumn("resolved_by", "text")
    .addColumn("resolved_at", "bigint")
    .addColumn("evidence", "text")
    .addColumn("late_outcome", "text")
    .addColumn("created_at", "bigint", required)
    .addColumn("updated_at", "bigint", required)
    .addForeignKeyConstraint("mutations_run_fk", ["handler_run_id"], "handler_runs", ["id"], (fk) =>
      fk.onDelete("cascade"),
    )
    .addForeignKeyConstraint("mutations_workflow_fk", ["workflow_id"], "workflows", ["id"], (fk) =>
      fk.onDelete("cascade"),
    )
    .addUniqueConstraint("mutations_run_unique", ["handler_run_id"])
    .addCheckConstraint(
      "mutations_status_check",
      oneOf("status", ["pending", "in_flight", "applied", "failed", "needs_reconcile", "indeterminate"]),
    )
    .addCheckConstraint(
      "mutations_resolution_check",
      oneOf("resolution", ["happened", "did_not_happen", "skip", "try_again"]),
    )
    .execute();
  await schema.createIndex("mutations_workflow_index").on("mutations").columns(["workflow_id", "status"]).execute();
  await schema.createIndex("mutations_connector_index").on("mutations").columns(["connector", "created_at"]).execute();
  await schema
    .createIndex("mutations_open_index")
    .on("mutations")
    .columns(["status", "created_at"])
    .where(sql<SqlBool>`status in ('pending', 'in_flight', 'needs_reconcile', 'indeterminate')`)
    .execute();
  await schema
    .createIndex("mutations_due_index")
    .on("mutations")
    .column("next_reconcile_at")
    .where(sql<SqlBool>`status = 'needs_reconcile'`)
    .execute();
}

async function createSchedulingAndNotifications(database: Kysely<AnySchema>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable("handler_state")
    .addColumn("id", "text", id)
    .addColumn("workflow_id", "text", required)
    .addColumn("handler_name", "text", required)
    .addColumn("state", "text", required)
    .addColumn("wake_at", "bigint", required)
    .addColumn("updated_by_run_id", "text")
    .addColumn("updated_at", "bigint", required)
    .addForeignKeyConstraint("handler_state_workflow_fk", ["workflow_id"], "workflows", ["id"], (fk) =>
      fk.onDelete("cascade"),
    )
    .addUniqueConstraint("handler_state_name_unique", ["workflow_id", "handler_name"])
    .addCheckConstraint("handler_state_wake_at_check", sql<SqlBool>`wake_at >= 0`)
    .execute();
  await schema
    .createIndex("handler_state_wake_index")
    .on("handler_state")
    .column("wake_at")
    .where(sql<SqlBool>`wake_at > 0`)
    .execute();
  await schema
    .createTable("producer_schedules")
    .addColumn("id", "text", id)
    .addColumn("workflow_id", "text", required)
    .addColumn("producer_name", "text", required)
    .addColumn("schedule_type", "text", required)
    .addColumn("schedule_value", "text", required)
    .addColumn("timezone", "text", required)
    .addColumn("next_run_at", "bigint", required)
    .addColumn("last_run_at", "bigint")
    .addForeignKeyConstraint("producer_schedules_workflow_fk", ["workflow_id"], "workflows", ["id"], (fk) =>
      fk.onDelete("cascade"),
    )
    .addUniqueConstraint("producer_schedules_name_unique", ["workflow_id", "producer_name"])
    .addCheckConstraint("producer_schedules_type_check", oneOf("schedule_type", ["interval", "cron"]))
    .execute();
  await schema.createIndex("producer_schedules_due_index").on("producer_schedules").column("next_run_at").execute();
  await schema
    .createTable("notifications")
    .addColumn("id", "text", id)
    .addColumn("workflow_id", "text", required)
    .addColumn("run_id", "text")
    .addColumn("mutation_id", "text")
    .addColumn("kind", "text", required)
    .addColumn("message", "text", required)
    .addColumn("created_at", "bigint", required)
    .addColumn("resolved_at", "bigint")
    .addForeignKeyConstraint("notifications_workflow_fk", ["workflow_id"], "workflows", ["id"], (fk) =>
      fk.onDelete("cascade"),
    )
    .addCheckConstraint(
      "notifications_kind_check",
      oneOf("kind", [
        "approval",
        "indeterminate",
        "authorisation",
        "logic",
        "internal",
        "transient",
        "late_outcome",
        "missing_code",
      ]),
    )
    .execute();
  await schema
    .createIndex("notifications_open_index")
    .on("notifications")
    .columns(["workflow_id", "created_at"])
    .where(sql<SqlBool>`resolved_at is null`)
    .execute();
}
