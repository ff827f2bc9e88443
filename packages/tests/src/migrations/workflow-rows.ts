/** What the first release keeps of workflows: every status, every phase, and whatever may be null. */
import { DEFAULT_PLATFORM_ID } from "@millrace/db";
import { hostile, hostileJson, nullable, pick, time, type RowWriter } from "./row-writer.ts";

const WORKFLOW_STATUSES = ["draft", "ready", "active", "paused", "archived"];
const CONSUMER_PHASES = ["preparing", "prepared", "mutating", "mutated", "emitting"];
const ACTIVE_PHASES = ["executing", ...CONSUMER_PHASES];
const STOPPED = [
  "paused:transient",
  "paused:approval",
  "paused:reconciliation",
  "failed:logic",
  "failed:internal",
  "aborted",
  "crashed",
];
const MUTATION_STATUSES = ["pending", "in_flight", "applied", "failed", "needs_reconcile", "indeterminate"];
const RESOLUTIONS = [null, "happened", "did_not_happen", "skip", "try_again"];
const FIRST_KINDS = [
  "approval",
  "indeterminate",
  "authorisation",
  "logic",
  "internal",
  "transient",
  "late_outcome",
  "missing_code",
];
export const WORKFLOWS = WORKFLOW_STATUSES.length * ACTIVE_PHASES.length;

/** Where the runs of a workflow can be when they are not active. */
const PLACES = [
  ...STOPPED.map((status) => ({ type: "producer", phase: "executing", status })),
  { type: "producer", phase: "committed", status: "committed" },
  ...CONSUMER_PHASES.flatMap((phase) => STOPPED.map((status) => ({ type: "consumer", phase, status }))),
  { type: "consumer", phase: "committed", status: "committed" },
];

/**
 * @param version the schema's, which says what a schedule has
 * @param count how many runs, inputs, events and mutations; those of a kind differ in all that may differ
 */
export function writeWorkflowRows(writer: RowWriter, version: number, count: number): void {
  for (let n = 0; n < WORKFLOWS; n += 1) writeWorkflow(writer, version, n);
  for (let n = 0; n < count; n += 1) {
    writeRun(writer, n);
    writeInputAndEvent(writer, n);
    writeMutation(writer, n);
    writeNotification(writer, n);
  }
}

function writeWorkflow(writer: RowWriter, version: number, n: number): void {
  const id = `w${n}`;
  const consumer = { subscribe: [hostile(n)], publishes: [], mutates: true, approval: n % 2 === 0 };
  writer.insert("workflows", {
    id,
    platform_id: DEFAULT_PLATFORM_ID,
    name: `${n} ${hostile(n)}`,
    status: pick(WORKFLOW_STATUSES, n),
    error: nullable(n, hostile(n)),
    maintenance: n % 2,
    handler_config: JSON.stringify({ topics: [hostile(n)], producers: {}, consumers: { [hostile(n)]: consumer } }),
    config_version: n,
    active_script_id: nullable(n, `s${n}`),
    pending_retry_run_id: nullable(n + 1, `r${n}`),
    retry_at: nullable(n + 1, time(n)),
    created_at: time(n),
    updated_at: time(n),
  });
  writer.insert("scripts", {
    id: `s${n}`,
    workflow_id: id,
    major: n,
    minor: 0,
    source: hostile(n),
    digest: hostile(n + 1),
    origin: "deploy",
    created_at: time(n),
  });
  writer.insert("sessions", {
    id: `n${n}`,
    workflow_id: id,
    trigger: "event",
    handler_run_count: n,
    result: nullable(n, "completed"),
    error: nullable(n + 1, hostile(n)),
    started_at: time(n),
    ended_at: nullable(n, time(n)),
  });
  writer.insert("topics", { id: `t${n}`, workflow_id: id, name: hostile(n), created_at: time(n) });
  writer.insert("handler_state", {
    id: `h${n}`,
    workflow_id: id,
    handler_name: hostile(n),
    state: hostileJson(n),
    wake_at: n % 2 === 0 ? 0 : time(n),
    updated_by_run_id: nullable(n, `r${n}`),
    updated_at: time(n),
  });
  writer.insert("producer_schedules", {
    id: `p${n}`,
    workflow_id: id,
    producer_name: hostile(n),
    schedule_type: n % 2 === 0 ? "interval" : "cron",
    schedule_value: n % 2 === 0 ? "5m" : "0 8 * * *",
    timezone: "Europe/Vienna",
    next_run_at: Number.MAX_SAFE_INTEGER - n,
    last_run_at: nullable(n, time(n)),
    ...(version >= 3 && { dst_gap: pick(["shift", "skip"], n), dst_overlap: pick(["first", "last", "both"], n) }),
  });
  writeActiveRun(writer, n);
}

/** A workflow has one active run at the most. */
function writeActiveRun(writer: RowWriter, n: number): void {
  const phase = pick(ACTIVE_PHASES, Math.floor(n / WORKFLOW_STATUSES.length));
  const called = ["mutating", "mutated", "emitting"].includes(phase);
  writer.insert("handler_runs", {
    ...runRow(n, `a${n}`, { type: phase === "executing" ? "producer" : "consumer", phase, status: "active" }),
    mutation_id: called ? `am${n}` : null,
    mutation_outcome: phase === "mutating" || !called ? null : "applied",
    ended_at: null,
  });
  if (called) {
    writer.insert("mutations", {
      ...mutationRow(n, `am${n}`, `a${n}`),
      status: phase === "mutating" ? "in_flight" : "applied",
      resolution: null,
    });
  }
}

function writeRun(writer: RowWriter, n: number): void {
  writer.insert("handler_runs", runRow(n, `r${n}`, pick(PLACES, n)));
  writer.insert("run_logs", {
    run_id: `r${n}`,
    seq: n,
    at: time(n),
    level: pick(["debug", "info", "warn", "error"], n),
    message: hostile(n),
    data: nullable(n, hostileJson(n)),
  });
}

function runRow(n: number, id: string, { type, phase, status }: (typeof PLACES)[number]) {
  const workflow = n % WORKFLOWS;
  return {
    id,
    session_id: `n${workflow}`,
    workflow_id: `w${workflow}`,
    script_id: `s${workflow}`,
    handler_type: type,
    handler_name: hostile(workflow),
    trigger: "event",
    phase,
    status,
    retry_of: nullable(n, `r${n - 1}`),
    attempt: 1 + (n % 3),
    transient_failures: n % 5,
    mutation_id: nullable(n, `m${n}`),
    mutation_outcome: pick([null, "applied", "none", "skipped"], n),
    prepare_result: nullable(n, JSON.stringify({ reservations: [], data: hostile(n) })),
    input_state: nullable(n + 1, hostileJson(n)),
    output_state: nullable(n + 2, hostileJson(n)),
    error: nullable(n, hostile(n)),
    error_type: nullable(n, "logic"),
    started_at: time(n),
    ended_at: nullable(n, time(n)),
  };
}

function writeInputAndEvent(writer: RowWriter, n: number): void {
  const workflow = n % WORKFLOWS;
  const status = pick(["pending", "reserved", "consumed", "skipped"], n);
  writer.insert("inputs", {
    id: `i${n}`,
    workflow_id: `w${workflow}`,
    source: hostile(n),
    type: "mail",
    external_id: `${n}`,
    title: hostile(n + 1),
    status: n % 5 === 0 ? "skipped" : "active",
    created_by_run_id: nullable(n, `r${n}`),
    created_at: time(n),
    updated_at: time(n),
  });
  writer.insert("events", {
    id: `e${n}`,
    topic_id: `t${workflow}`,
    workflow_id: `w${workflow}`,
    message_id: `${n} ${hostile(n)}`,
    payload: hostileJson(n),
    status,
    reserved_by_run_id: status === "pending" || status === "skipped" ? null : `r${n}`,
    created_by_run_id: nullable(n, `r${n}`),
    attempt_number: 1 + (n % 3),
    created_at: time(n),
    updated_at: time(n),
  });
  writer.insert("event_inputs", { event_id: `e${n}`, input_id: `i${n}` });
  writer.insert("run_events", { run_id: `r${n}`, event_id: `e${n}`, attempt_number: 1 + (n % 3) });
}

function writeMutation(writer: RowWriter, n: number): void {
  writer.insert("mutations", mutationRow(n, `m${n}`, `r${n}`));
}

function mutationRow(n: number, id: string, run: string) {
  return {
    id,
    handler_run_id: run,
    workflow_id: `w${n % WORKFLOWS}`,
    connector: hostile(n),
    operation: "send",
    params: hostileJson(n),
    idempotency_key: id,
    title: hostile(n + 1),
    status: pick(MUTATION_STATUSES, n),
    result: nullable(n, hostileJson(n)),
    error: nullable(n + 1, hostile(n)),
    sent_at: nullable(n + 2, time(n)),
    approved_by: nullable(n, hostile(n)),
    approved_at: nullable(n, time(n)),
    approval_evidence: nullable(n, hostile(n)),
    reconcile_attempts: n % 12,
    not_applied_count: n % 2,
    uncertain_since: nullable(n, time(n)),
    last_reconcile_at: nullable(n, time(n)),
    next_reconcile_at: nullable(n, Number.MAX_SAFE_INTEGER),
    resolution: pick(RESOLUTIONS, n),
    resolved_by: nullable(n, hostile(n)),
    resolved_at: nullable(n, time(n)),
    evidence: nullable(n, hostile(n)),
    late_outcome: nullable(n, hostileJson(n)),
    created_at: time(n),
    updated_at: time(n),
  };
}

function writeNotification(writer: RowWriter, n: number): void {
  writer.insert("notifications", {
    id: `o${n}`,
    workflow_id: `w${n % WORKFLOWS}`,
    run_id: nullable(n, `r${n}`),
    mutation_id: nullable(n + 1, `m${n}`),
    kind: pick(FIRST_KINDS, n),
    message: hostile(n),
    created_at: time(n),
    resolved_at: nullable(n, time(n)),
  });
}
