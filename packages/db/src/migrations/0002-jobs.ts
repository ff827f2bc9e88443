/** The tables of the jobs. */
import type { Kysely } from "kysely";
import { condition, index, oneOf, owned, table, type AnySchema } from "./table-definition.ts";

const TYPES = ["cron", "one_time", "recurring", "event"];
const JOB_STATUSES = ["pending", "active", "paused", "completed", "failed", "cancelled"];
const EXECUTION_STATUSES = ["pending", "running", "success", "failed", "timeout", "cancelled", "skipped"];
const ORIGINS = ["schedule", "backfill", "event", "manual", "retry"];
const GAPS = ["shift", "skip"];
const OVERLAPS = ["first", "last", "both"];
const DECISIONS = ["fired", "skipped", "coalesced", "missed"];
const LEVELS = ["debug", "info", "warn", "error"];
export async function up(database: Kysely<AnySchema>): Promise<void> {
  await createJobs(database);
  await createExecutions(database);
  await createEventHandlers(database);
  await createDecisions(database);
}

async function createJobs(database: Kysely<AnySchema>): Promise<void> {
  const jobs = table(database, "scheduled_jobs", {
    id: "text!",
    platform_id: "text!",
    key: "text",
    name: "text!",
    description: "text",
    type: "text!",
    status: "text!",
    version: "integer!",
    digest: "text!",
    schedule_digest: "text!",
    cron_expression: "text",
    timezone: "text!",
    dst_gap: "text!",
    dst_overlap: "text!",
    interval_ms: "bigint",
    interval_mode: "text!",
    anchor_at: "bigint",
    run_at: "bigint",
    event_name: "text",
    ends_at: "bigint",
    max_runs: "bigint",
    jitter_ms: "bigint!",
    handler_type: "text!",
    handler_name: "text!",
    handler_target: "text",
    payload: "text",
    max_retries: "integer!",
    retry_delay_ms: "bigint!",
    timeout_ms: "bigint!",
    priority: "integer!",
    delivery: "text!",
    overlap_policy: "text!",
    misfire_policy: "text!",
    misfire_grace_ms: "bigint!",
    misfire_window_ms: "bigint!",
    misfire_limit: "integer!",
    catch_up: "integer!",
    max_concurrency: "integer",
    concurrency_key: "text",
    concurrency_key_limit: "integer",
    unique_key: "text",
    auto_pause_after: "integer",
    keep_last: "integer!",
    tags: "text!",
    metadata: "text",
    pause_note: "text",
    paused_at: "bigint",
    run_count: "bigint!",
    execution_count: "bigint!",
    success_count: "bigint!",
    failure_count: "bigint!",
    consecutive_failures: "bigint!",
    total_duration_ms: "bigint!",
    next_run: "bigint",
    last_run: "bigint",
    created_by: "text",
    traceparent: "text",
    created_at: "bigint!",
    updated_at: "bigint!",
    finished_at: "bigint",
  });
  await owned(jobs, "scheduled_jobs_platform_fk", "platform_id", "platforms")
    .addCheckConstraint("scheduled_jobs_type_check", oneOf("type", TYPES))
    .addCheckConstraint("scheduled_jobs_status_check", oneOf("status", JOB_STATUSES))
    .addCheckConstraint("scheduled_jobs_handler_type_check", oneOf("handler_type", ["function", "workflow", "agent"]))
    .addCheckConstraint("scheduled_jobs_delivery_check", oneOf("delivery", ["at_least_once", "at_most_once"]))
    .addCheckConstraint("scheduled_jobs_interval_mode_check", oneOf("interval_mode", ["fixed_rate", "fixed_delay"]))
    .addCheckConstraint(
      "scheduled_jobs_overlap_policy_check",
      oneOf("overlap_policy", ["skip", "buffer_one", "buffer_all", "cancel_other", "allow"]),
    )
    .addCheckConstraint("scheduled_jobs_misfire_policy_check", oneOf("misfire_policy", ["latest", "all", "skip"]))
    .addCheckConstraint("scheduled_jobs_dst_gap_check", oneOf("dst_gap", GAPS))
    .addCheckConstraint("scheduled_jobs_dst_overlap_check", oneOf("dst_overlap", OVERLAPS))
    .addCheckConstraint(
      "scheduled_jobs_schedule_check",
      condition(
        "(type = 'cron' and cron_expression is not null) or (type = 'one_time' and run_at is not null) or " +
          "(type = 'recurring' and (interval_ms is null) <> (cron_expression is null)) or " +
          "(type = 'event' and event_name is not null)",
      ),
    )
    .addCheckConstraint(
      "scheduled_jobs_next_run_check",
      condition("next_run is null or status in ('pending', 'active')"),
    )
    .execute();
  // Few jobs have a key, so those that have none are not in the index.
  await index(database, "scheduled_jobs", "key_unique", ["platform_id", "key"], {
    unique: true,
    where: "key is not null",
  });
  await index(database, "scheduled_jobs", "due_index", ["next_run"], { where: "next_run is not null" });
  // The status is there for lists of several statuses, which are read in this order and pass over the other rows.
  await index(database, "scheduled_jobs", "platform_index", ["platform_id", "id", "status"]);
  await index(database, "scheduled_jobs", "status_index", ["platform_id", "status", "id"]);
  await index(database, "scheduled_jobs", "type_index", ["platform_id", "type", "id"]);
  await index(database, "scheduled_jobs", "handler_index", ["platform_id", "handler_name", "id"]);
  await index(database, "scheduled_jobs", "created_index", ["platform_id", "created_at"]);
  await index(database, "scheduled_jobs", "next_run_index", ["platform_id", "next_run"], {
    where: "next_run is not null",
  });
  await index(database, "scheduled_jobs", "unique_key_index", ["platform_id", "unique_key", "created_at", "id"], {
    where: "unique_key is not null",
  });
  await index(database, "scheduled_jobs", "finished_index", ["finished_at"], { where: "finished_at is not null" });
  // Holds what the watchdog looks for, so it is empty as a rule.
  await index(database, "scheduled_jobs", "unscheduled_index", ["id"], {
    where:
      "next_run is null and status in ('pending', 'active') and type = 'cron' and max_runs is null and ends_at is null",
  });
  const tags = table(database, "job_tags", { job_id: "text!", platform_id: "text!", tag: "text!" });
  await owned(tags, "job_tags_job_fk", "job_id", "scheduled_jobs")
    .addPrimaryKeyConstraint("job_tags_key", ["job_id", "tag"])
    .execute();
  await index(database, "job_tags", "tag_index", ["tag", "platform_id", "job_id"]);
  const versions = table(database, "job_versions", {
    job_id: "text!",
    version: "integer!",
    definition: "text!",
    created_by: "text",
    created_at: "bigint!",
  });
  await owned(versions, "job_versions_job_fk", "job_id", "scheduled_jobs")
    .addPrimaryKeyConstraint("job_versions_key", ["job_id", "version"])
    .execute();
}

async function createExecutions(database: Kysely<AnySchema>): Promise<void> {
  const executions = table(database, "job_executions", {
    id: "text!",
    job_id: "text!",
    platform_id: "text!",
    job_version: "integer!",
    handler_name: "text!",
    origin: "text!",
    scheduled_at: "bigint!",
    occurrence: "text!",
    due_at: "bigint!",
    rank: "bigint!",
    status: "text!",
    waits_for: "text",
    payload: "text",
    idempotency_key: "text!",
    event_id: "text",
    concurrency_key: "text",
    attempt: "integer!",
    retry_count: "integer!",
    next_retry_at: "bigint",
    worker_id: "text",
    lease_token: "integer!",
    lease_expires_at: "bigint",
    unsettled: "integer!",
    started_at: "bigint",
    completed_at: "bigint",
    duration_ms: "bigint",
    result: "text",
    error: "text",
    error_type: "text",
    error_stack: "text",
    reason: "text",
    missed_count: "bigint!",
    cancel_requested_at: "bigint",
    trace_id: "text",
    span_id: "text",
    parent_span_id: "text",
    retry_of: "text",
    redriven_by: "text",
    created_by: "text",
    created_at: "bigint!",
    updated_at: "bigint!",
  });
  await owned(executions, "job_executions_job_fk", "job_id", "scheduled_jobs")
    // A tick has one record: its occurrence is empty. Others of the same moment carry an identity of their own.
    .addUniqueConstraint("job_executions_tick_unique", ["job_id", "scheduled_at", "occurrence"])
    .addCheckConstraint("job_executions_status_check", oneOf("status", EXECUTION_STATUSES))
    .addCheckConstraint("job_executions_origin_check", oneOf("origin", ORIGINS))
    .addCheckConstraint("job_executions_waits_check", condition("waits_for is null or status = 'pending'"))
    .addCheckConstraint(
      "job_executions_lease_check",
      condition("(status = 'running') = (lease_expires_at is not null)"),
    )
    .addCheckConstraint(
      "job_executions_completed_check",
      condition("(status in ('pending', 'running')) = (completed_at is null)"),
    )
    .execute();
  // Most executions succeed, and are found by their job alone.
  await index(database, "job_executions", "unsuccessful_index", ["job_id", "status", "scheduled_at", "id"], {
    where: "status <> 'success'",
  });
  await index(database, "job_executions", "event_unique", ["job_id", "event_id"], {
    unique: true,
    where: "event_id is not null",
  });
  await index(database, "job_executions", "ready_index", ["rank", "id"], {
    where: "status = 'pending' and waits_for is null",
  });
  await index(database, "job_executions", "waiting_index", ["waits_for", "rank", "id"], {
    where: "status = 'pending' and waits_for is not null",
  });
  await index(database, "job_executions", "due_index", ["waits_for", "due_at"], {
    // The first column is always the same, but without it SQLite prefers the index above and sorts.
    where: "status = 'pending' and waits_for = 'time'",
  });
  await index(database, "job_executions", "lease_index", ["lease_expires_at"], { where: "status = 'running'" });
  await index(database, "job_executions", "finished_index", ["completed_at", "id"], {
    where: "completed_at is not null",
  });
  await index(database, "job_executions", "dead_letter_index", ["platform_id", "completed_at", "id"], {
    where: "status in ('failed', 'timeout') and redriven_by is null",
  });
  await index(database, "job_executions", "trace_index", ["trace_id", "id"], { where: "trace_id is not null" });
  const logs = table(database, "job_execution_logs", {
    execution_id: "text!",
    seq: "integer!",
    attempt: "integer!",
    timestamp: "bigint!",
    level: "text!",
    message: "text!",
    data: "text",
  });
  await owned(logs, "job_execution_logs_execution_fk", "execution_id", "job_executions")
    .addPrimaryKeyConstraint("job_execution_logs_key", ["execution_id", "seq"])
    .addCheckConstraint("job_execution_logs_level_check", oneOf("level", LEVELS))
    .execute();
  await index(database, "job_execution_logs", "time_index", ["execution_id", "timestamp"]);
  await index(database, "job_execution_logs", "level_index", ["level", "timestamp"]);
}

async function createEventHandlers(database: Kysely<AnySchema>): Promise<void> {
  const handlers = table(database, "event_handlers", {
    id: "text!",
    platform_id: "text!",
    event_name: "text!",
    job_id: "text!",
    enabled: "integer!",
    created_at: "bigint!",
    updated_at: "bigint!",
  });
  await owned(handlers, "event_handlers_job_fk", "job_id", "scheduled_jobs")
    .addUniqueConstraint("event_handlers_job_unique", ["job_id"])
    .addCheckConstraint("event_handlers_enabled_check", condition("enabled in (0, 1)"))
    .execute();
  await index(database, "event_handlers", "event_index", ["platform_id", "event_name", "enabled", "id"]);
}

async function createDecisions(database: Kysely<AnySchema>): Promise<void> {
  let decisions = table(database, "schedule_decisions", {
    id: "text!",
    job_id: "text",
    workflow_id: "text",
    producer_name: "text",
    scheduled_at: "bigint!",
    decided_at: "bigint!",
    decision: "text!",
    reason: "text",
    count: "bigint!",
    execution_id: "text",
    run_id: "text",
  });
  decisions = owned(decisions, "schedule_decisions_job_fk", "job_id", "scheduled_jobs");
  await owned(decisions, "schedule_decisions_workflow_fk", "workflow_id", "workflows")
    .addCheckConstraint("schedule_decisions_decision_check", oneOf("decision", DECISIONS))
    .addCheckConstraint("schedule_decisions_owner_check", condition("(job_id is null) <> (workflow_id is null)"))
    .execute();
  await index(database, "schedule_decisions", "job_index", ["job_id", "scheduled_at", "id"], {
    where: "job_id is not null",
  });
  await index(database, "schedule_decisions", "workflow_index", ["workflow_id", "scheduled_at", "id"], {
    where: "workflow_id is not null",
  });
  await index(database, "schedule_decisions", "decided_index", ["decided_at"]);
}
