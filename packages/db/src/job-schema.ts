/** The tables of the jobs as Kysely sees them. Times are Unix milliseconds UTC; JSON columns hold JSON text. */
import type {
  EventHandlerId,
  JobExecutionId,
  JobId,
  PlatformId,
  RunId,
  ScheduleDecisionId,
  WorkflowId,
} from "./ids.ts";
import type {
  Delivery,
  DstGap,
  DstOverlap,
  ExecutionOrigin,
  ExecutionStatus,
  IntervalMode,
  JobHandlerType,
  JobStatus,
  JobType,
  MisfirePolicy,
  OverlapPolicy,
  TickDecision,
} from "./job-statuses.ts";
import type { LogLevel } from "./statuses.ts";

export interface ScheduledJobTable {
  id: JobId;
  platform_id: PlatformId;
  key: string | null;
  name: string;
  description: string | null;
  type: JobType;
  status: JobStatus;
  version: number;
  digest: string;
  schedule_digest: string;
  cron_expression: string | null;
  timezone: string;
  dst_gap: DstGap;
  dst_overlap: DstOverlap;
  interval_ms: number | null;
  interval_mode: IntervalMode;
  anchor_at: number | null;
  run_at: number | null;
  event_name: string | null;
  ends_at: number | null;
  max_runs: number | null;
  jitter_ms: number;
  handler_type: JobHandlerType;
  handler_name: string;
  handler_target: string | null;
  payload: string | null;
  max_retries: number;
  retry_delay_ms: number;
  timeout_ms: number;
  priority: number;
  delivery: Delivery;
  overlap_policy: OverlapPolicy;
  misfire_policy: MisfirePolicy;
  misfire_grace_ms: number;
  misfire_window_ms: number;
  misfire_limit: number;
  catch_up: number;
  max_concurrency: number | null;
  concurrency_key: string | null;
  concurrency_key_limit: number | null;
  unique_key: string | null;
  auto_pause_after: number | null;
  keep_last: number;
  tags: string;
  metadata: string | null;
  pause_note: string | null;
  paused_at: number | null;
  run_count: number;
  execution_count: number;
  success_count: number;
  failure_count: number;
  consecutive_failures: number;
  total_duration_ms: number;
  next_run: number | null;
  last_run: number | null;
  created_by: string | null;
  traceparent: string | null;
  created_at: number;
  updated_at: number;
  finished_at: number | null;
}

export interface JobTagTable {
  job_id: JobId;
  platform_id: PlatformId;
  tag: string;
}

export interface JobVersionTable {
  job_id: JobId;
  version: number;
  definition: string;
  created_by: string | null;
  created_at: number;
}

export interface JobExecutionTable {
  id: JobExecutionId;
  job_id: JobId;
  platform_id: PlatformId;
  job_version: number;
  handler_name: string;
  origin: ExecutionOrigin;
  scheduled_at: number;
  occurrence: string;
  due_at: number;
  rank: number;
  status: ExecutionStatus;
  waits_for: string | null;
  payload: string | null;
  idempotency_key: string;
  event_id: string | null;
  concurrency_key: string | null;
  attempt: number;
  retry_count: number;
  next_retry_at: number | null;
  worker_id: string | null;
  lease_token: number;
  lease_expires_at: number | null;
  unsettled: number;
  started_at: number | null;
  completed_at: number | null;
  duration_ms: number | null;
  result: string | null;
  error: string | null;
  error_type: string | null;
  error_stack: string | null;
  reason: string | null;
  missed_count: number;
  cancel_requested_at: number | null;
  trace_id: string | null;
  span_id: string | null;
  parent_span_id: string | null;
  retry_of: JobExecutionId | null;
  redriven_by: JobExecutionId | null;
  created_by: string | null;
  created_at: number;
  updated_at: number;
}

export interface JobExecutionLogTable {
  execution_id: JobExecutionId;
  seq: number;
  attempt: number;
  timestamp: number;
  level: LogLevel;
  message: string;
  data: string | null;
}

export interface EventHandlerTable {
  id: EventHandlerId;
  platform_id: PlatformId;
  event_name: string;
  job_id: JobId;
  enabled: number;
  created_at: number;
  updated_at: number;
}

export interface ScheduleDecisionTable {
  id: ScheduleDecisionId;
  job_id: JobId | null;
  workflow_id: WorkflowId | null;
  producer_name: string | null;
  scheduled_at: number;
  decided_at: number;
  decision: TickDecision;
  reason: string | null;
  count: number;
  execution_id: JobExecutionId | null;
  run_id: RunId | null;
}

export interface JobSchema {
  scheduled_jobs: ScheduledJobTable;
  job_tags: JobTagTable;
  job_versions: JobVersionTable;
  job_executions: JobExecutionTable;
  job_execution_logs: JobExecutionLogTable;
  event_handlers: EventHandlerTable;
  schedule_decisions: ScheduleDecisionTable;
}
