/** The tables as Kysely sees them. Times are Unix milliseconds UTC; JSON columns hold JSON text (see codecs.ts). */
import type {
  EventId,
  HandlerStateId,
  InputId,
  JobId,
  MutationId,
  NotificationId,
  PlatformId,
  ProducerScheduleId,
  ReplayId,
  RunId,
  ScriptId,
  SessionId,
  TopicId,
  WorkflowId,
} from "./ids.ts";
import type { HostSchema } from "./host-schema.ts";
import type { JobSchema } from "./job-schema.ts";
import type { DstGap, DstOverlap } from "./job-statuses.ts";
import type {
  EventStatus,
  HandlerType,
  InputStatus,
  LogLevel,
  MutationOutcome,
  MutationStatus,
  NotificationKind,
  ReplayPhase,
  Resolution,
  RunPhase,
  RunStatus,
  ScheduleType,
  WorkflowStatus,
} from "./statuses.ts";

export interface PlatformTable {
  id: PlatformId;
  name: string;
  created_at: number;
}

export interface WorkflowTable {
  id: WorkflowId;
  platform_id: PlatformId;
  name: string;
  status: WorkflowStatus;
  error: string | null;
  maintenance: number;
  handler_config: string;
  config_version: number;
  active_script_id: ScriptId | null;
  pending_retry_run_id: RunId | null;
  retry_at: number | null;
  created_at: number;
  updated_at: number;
}

export interface ScriptTable {
  id: ScriptId;
  workflow_id: WorkflowId;
  major: number;
  minor: number;
  source: string;
  digest: string;
  origin: string;
  created_at: number;
}

export interface SessionTable {
  id: SessionId;
  workflow_id: WorkflowId;
  trigger: string;
  handler_run_count: number;
  result: string | null;
  error: string | null;
  started_at: number;
  ended_at: number | null;
}

export interface TopicTable {
  id: TopicId;
  workflow_id: WorkflowId;
  name: string;
  created_at: number;
}

export interface InputTable {
  id: InputId;
  workflow_id: WorkflowId;
  source: string;
  type: string;
  external_id: string;
  title: string;
  status: InputStatus;
  created_by_run_id: RunId | null;
  created_at: number;
  updated_at: number;
}

export interface EventTable {
  id: EventId;
  topic_id: TopicId;
  workflow_id: WorkflowId;
  message_id: string;
  payload: string;
  status: EventStatus;
  reserved_by_run_id: RunId | null;
  created_by_run_id: RunId | null;
  attempt_number: number;
  created_at: number;
  updated_at: number;
}

export interface EventInputTable {
  event_id: EventId;
  input_id: InputId;
}

export interface HandlerRunTable {
  id: RunId;
  session_id: SessionId;
  workflow_id: WorkflowId;
  script_id: ScriptId;
  handler_type: HandlerType;
  handler_name: string;
  trigger: string;
  phase: RunPhase;
  status: RunStatus;
  retry_of: RunId | null;
  attempt: number;
  transient_failures: number;
  mutation_id: MutationId | null;
  mutation_outcome: MutationOutcome | null;
  prepare_result: string | null;
  input_state: string | null;
  output_state: string | null;
  error: string | null;
  error_type: string | null;
  started_at: number;
  prepared_at: number | null;
  mutating_at: number | null;
  mutated_at: number | null;
  emitting_at: number | null;
  ended_at: number | null;
}

export interface RunEventTable {
  run_id: RunId;
  event_id: EventId;
  attempt_number: number;
}

export interface RunLogTable {
  run_id: RunId;
  seq: number;
  at: number;
  level: LogLevel;
  message: string;
  data: string | null;
}

export interface MutationTable {
  id: MutationId;
  handler_run_id: RunId;
  workflow_id: WorkflowId;
  connector: string;
  operation: string;
  params: string;
  idempotency_key: string;
  title: string;
  status: MutationStatus;
  result: string | null;
  error: string | null;
  sent_at: number | null;
  approved_by: string | null;
  approved_at: number | null;
  approval_evidence: string | null;
  reconcile_attempts: number;
  not_applied_count: number;
  uncertain_since: number | null;
  last_reconcile_at: number | null;
  next_reconcile_at: number | null;
  resolution: Resolution | null;
  resolved_by: string | null;
  resolved_at: number | null;
  evidence: string | null;
  late_outcome: string | null;
  created_at: number;
  updated_at: number;
}

export interface HandlerStateTable {
  id: HandlerStateId;
  workflow_id: WorkflowId;
  handler_name: string;
  state: string;
  wake_at: number;
  updated_by_run_id: RunId | null;
  updated_at: number;
}

export interface ProducerScheduleTable {
  id: ProducerScheduleId;
  workflow_id: WorkflowId;
  producer_name: string;
  schedule_type: ScheduleType;
  schedule_value: string;
  timezone: string;
  dst_gap: DstGap;
  dst_overlap: DstOverlap;
  next_run_at: number;
  last_run_at: number | null;
}

export interface ReplayTable {
  id: ReplayId;
  workflow_id: WorkflowId;
  run_id: RunId;
  from_phase: ReplayPhase;
  asked_by: string;
  evidence: string | null;
  crossed: string;
  asked_at: number;
  /** Of the two, at most one is set; a replay with neither has yet to begin. */
  started_run_id: RunId | null;
  withdrawn_at: number | null;
}

export interface NotificationTable {
  id: NotificationId;
  /** Of the two, one is set. */
  workflow_id: WorkflowId | null;
  job_id: JobId | null;
  run_id: RunId | null;
  mutation_id: MutationId | null;
  kind: NotificationKind;
  message: string;
  created_at: number;
  resolved_at: number | null;
}

/** Every table of a Millrace database. */
export interface Schema extends JobSchema, HostSchema {
  platforms: PlatformTable;
  workflows: WorkflowTable;
  scripts: ScriptTable;
  sessions: SessionTable;
  topics: TopicTable;
  inputs: InputTable;
  events: EventTable;
  event_inputs: EventInputTable;
  handler_runs: HandlerRunTable;
  run_events: RunEventTable;
  run_logs: RunLogTable;
  mutations: MutationTable;
  handler_state: HandlerStateTable;
  producer_schedules: ProducerScheduleTable;
  notifications: NotificationTable;
  replays: ReplayTable;
}
