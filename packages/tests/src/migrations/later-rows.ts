/** What later releases keep besides: jobs (2), notifications about jobs (3), the audit and tokens (4), replays (5). */
import { DEFAULT_PLATFORM_ID } from "@millrace/db";
import { hostile, hostileJson, nullable, pick, time, type RowWriter } from "./row-writer.ts";
import { WORKFLOWS } from "./workflow-rows.ts";

const JOB_TYPES = ["cron", "one_time", "recurring", "event"];
const JOB_STATUSES = ["pending", "active", "paused", "completed", "failed", "cancelled"];
const EXECUTION_STATUSES = ["pending", "running", "success", "failed", "timeout", "cancelled", "skipped"];
const ORIGINS = ["schedule", "backfill", "event", "manual", "retry"];
const JOB_KINDS = ["missing_handler", "job_paused", "dead_schedule"];

export function writeJobRows(writer: RowWriter, count: number): void {
  for (let n = 0; n < count; n += 1) {
    writer.insert("scheduled_jobs", jobRow(n));
    writer.insert("job_tags", { job_id: `j${n}`, platform_id: DEFAULT_PLATFORM_ID, tag: hostile(n) });
    writer.insert("job_versions", {
      job_id: `j${n}`,
      version: n,
      definition: hostileJson(n),
      created_by: nullable(n, hostile(n)),
      created_at: time(n),
    });
    writer.insert("job_executions", executionRow(n));
    writer.insert("job_execution_logs", {
      execution_id: `x${n}`,
      seq: n,
      attempt: 1,
      timestamp: time(n),
      level: pick(["debug", "info", "warn", "error"], n),
      message: hostile(n),
      data: nullable(n, hostileJson(n)),
    });
    writer.insert("event_handlers", {
      id: `eh${n}`,
      platform_id: DEFAULT_PLATFORM_ID,
      event_name: hostile(n),
      job_id: `j${n}`,
      enabled: n % 2,
      created_at: time(n),
      updated_at: time(n),
    });
    writer.insert("schedule_decisions", decisionRow(n));
  }
}

function jobRow(n: number) {
  const type = pick(JOB_TYPES, n);
  const status = pick(JOB_STATUSES, Math.floor(n / JOB_TYPES.length));
  const goesOn = status === "pending" || status === "active";
  return {
    id: `j${n}`,
    platform_id: DEFAULT_PLATFORM_ID,
    key: nullable(n, `key ${n}`),
    name: hostile(n),
    description: nullable(n, hostile(n)),
    type,
    status,
    version: n,
    digest: "d",
    schedule_digest: "s",
    cron_expression: type === "cron" ? "0 8 * * *" : null,
    timezone: "Europe/Vienna",
    dst_gap: pick(["shift", "skip"], n),
    dst_overlap: pick(["first", "last", "both"], n),
    interval_ms: type === "recurring" ? 60_000 + n : null,
    interval_mode: pick(["fixed_rate", "fixed_delay"], n),
    anchor_at: nullable(n, time(n)),
    run_at: type === "one_time" ? time(n) : null,
    event_name: type === "event" ? hostile(n) : null,
    ends_at: nullable(n, Number.MAX_SAFE_INTEGER),
    max_runs: nullable(n, 1_000_000),
    jitter_ms: n,
    handler_type: pick(["function", "workflow", "agent"], n),
    handler_name: `unknown ${hostile(n)}`,
    handler_target: nullable(n, hostileJson(n)),
    payload: nullable(n, hostileJson(n)),
    max_retries: n % 4,
    retry_delay_ms: 60_000,
    timeout_ms: 60_000,
    priority: n % 7,
    delivery: pick(["at_least_once", "at_most_once"], n),
    overlap_policy: pick(["skip", "buffer_one", "buffer_all", "cancel_other", "allow"], n),
    misfire_policy: pick(["latest", "all", "skip"], n),
    misfire_grace_ms: 0,
    misfire_window_ms: 0,
    misfire_limit: 10,
    catch_up: n % 2,
    max_concurrency: nullable(n, 1 + n),
    concurrency_key: nullable(n, hostile(n)),
    concurrency_key_limit: nullable(n, 1 + n),
    unique_key: nullable(n, hostile(n)),
    auto_pause_after: nullable(n, 5),
    keep_last: 10,
    tags: JSON.stringify([hostile(n)]),
    metadata: nullable(n, hostileJson(n)),
    pause_note: nullable(n, hostile(n)),
    paused_at: nullable(n, time(n)),
    run_count: n,
    execution_count: n,
    success_count: n,
    failure_count: n,
    consecutive_failures: 0,
    total_duration_ms: n,
    next_run: goesOn && n % 2 === 0 ? Number.MAX_SAFE_INTEGER - n : null,
    last_run: nullable(n, time(n)),
    created_by: nullable(n, hostile(n)),
    traceparent: nullable(n, hostile(n)),
    created_at: time(n),
    updated_at: time(n),
    finished_at: nullable(n, time(n)),
  };
}

function executionRow(n: number) {
  const status = pick(EXECUTION_STATUSES, n);
  const isOver = status !== "pending" && status !== "running";
  return {
    id: `x${n}`,
    job_id: `j${n}`,
    platform_id: DEFAULT_PLATFORM_ID,
    job_version: n,
    handler_name: `unknown ${hostile(n)}`,
    origin: pick(ORIGINS, n),
    scheduled_at: time(n),
    occurrence: hostile(n),
    due_at: time(n),
    rank: time(n),
    status,
    waits_for: status === "pending" && n % 2 === 0 ? "time" : null,
    payload: nullable(n, hostileJson(n)),
    idempotency_key: `k${n}`,
    event_id: nullable(n, `${n}`),
    concurrency_key: nullable(n, hostile(n)),
    attempt: n % 4,
    retry_count: n % 4,
    next_retry_at: nullable(n, time(n)),
    worker_id: nullable(n, "a worker that is gone"),
    lease_token: n,
    lease_expires_at: status === "running" ? time(n) : null,
    unsettled: 0,
    started_at: nullable(n, time(n)),
    completed_at: isOver ? time(n) : null,
    duration_ms: nullable(n, n),
    result: nullable(n, hostileJson(n)),
    error: nullable(n, hostile(n)),
    error_type: nullable(n, "Error"),
    error_stack: nullable(n, hostile(n)),
    reason: nullable(n, hostile(n)),
    missed_count: n,
    cancel_requested_at: nullable(n, time(n)),
    trace_id: nullable(n, "0af7651916cd43dd8448eb211c80319c"),
    span_id: nullable(n, "b7ad6b7169203331"),
    parent_span_id: nullable(n, "00f067aa0ba902b7"),
    retry_of: nullable(n, `x${n - 1}`),
    redriven_by: nullable(n + 1, `x${n + 1}`),
    created_by: nullable(n, hostile(n)),
    created_at: time(n),
    updated_at: time(n),
  };
}

function decisionRow(n: number) {
  const isOfJob = n % 2 === 0;
  return {
    id: `d${n}`,
    job_id: isOfJob ? `j${n}` : null,
    workflow_id: isOfJob ? null : `w${n % WORKFLOWS}`,
    producer_name: isOfJob ? null : hostile(n),
    scheduled_at: time(n),
    decided_at: time(n),
    decision: pick(["fired", "skipped", "coalesced", "missed"], n),
    reason: nullable(n, hostile(n)),
    count: n,
    execution_id: nullable(n, `x${n}`),
    run_id: nullable(n + 1, `r${n}`),
  };
}

export function writeJobNotifications(writer: RowWriter, count: number): void {
  for (let n = 0; n < count; n += 1) {
    writer.insert("notifications", {
      id: `jo${n}`,
      job_id: `j${n}`,
      kind: pick(JOB_KINDS, n),
      message: hostile(n),
      created_at: time(n),
      resolved_at: nullable(n, time(n)),
    });
  }
}

export function writeHostRows(writer: RowWriter, count: number): void {
  for (let n = 0; n < count; n += 1) {
    const outcome = pick([null, "done", "refused", "failed"], n);
    writer.insert("audit_entries", {
      id: `au${n}`,
      platform_id: DEFAULT_PLATFORM_ID,
      at: time(n),
      actor: hostile(n),
      channel: pick(["dashboard", "api", "command_line", "program"], n),
      action: "workflow.pause",
      subject_type: "workflow",
      subject_id: `w${n}`,
      details: nullable(n, hostileJson(n)),
      outcome,
      message: nullable(n, hostile(n)),
      completed_at: outcome === null ? null : time(n),
    });
    writer.insert("access_tokens", {
      id: `at${n}`,
      platform_id: DEFAULT_PLATFORM_ID,
      name: hostile(n),
      role: pick(["viewer", "operator", "publisher"], n),
      digest: String(n).padStart(64, "0"),
      created_at: time(n),
      created_by: nullable(n, hostile(n)),
      expires_at: nullable(n, time(n)),
      revoked_at: nullable(n + 1, time(n)),
    });
  }
}

/** At most one replay of a workflow has yet to begin. */
export function writeReplays(writer: RowWriter, count: number): void {
  for (let n = 0; n < count; n += 1) {
    const isPending = n < WORKFLOWS;
    writer.insert("replays", {
      id: `rp${n}`,
      workflow_id: `w${n % WORKFLOWS}`,
      run_id: `r${n}`,
      from_phase: pick(["preparing", "emitting", "executing"], n),
      asked_by: hostile(n),
      evidence: nullable(n, hostile(n)),
      crossed: "[]",
      asked_at: time(n),
      started_run_id: isPending || n % 2 === 0 ? null : `r${n}`,
      withdrawn_at: isPending || n % 2 === 1 ? null : time(n),
    });
  }
}
