/**
 * The words of the job tables, and which changes of status are legal. As in statuses.ts, types and guards are derived
 * from here, and a test holds the CHECK constraints of the migrations against it.
 */

export const JOB_TYPES = ["cron", "one_time", "recurring", "event"] as const;
export type JobType = (typeof JOB_TYPES)[number];

/** `pending`: its first tick has not come. `failed`: a one-time job whose execution failed for good. */
export const JOB_STATUSES = ["pending", "active", "paused", "completed", "failed", "cancelled"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** What a job runs: registered code, a workflow, or an agent. */
export const JOB_HANDLER_TYPES = ["function", "workflow", "agent"] as const;
export type JobHandlerType = (typeof JOB_HANDLER_TYPES)[number];

export const EXECUTION_STATUSES = [
  "pending",
  "running",
  "success",
  "failed",
  "timeout",
  "cancelled",
  "skipped",
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** What made an execution: a tick of the schedule, an asked-for range of past ticks, an event, a person, a redrive. */
export const EXECUTION_ORIGINS = ["schedule", "backfill", "event", "manual", "retry"] as const;
export type ExecutionOrigin = (typeof EXECUTION_ORIGINS)[number];

/** What a tick does that comes while an earlier execution of the job is not over. */
export const OVERLAP_POLICIES = ["skip", "buffer_one", "buffer_all", "cancel_other", "allow"] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** What becomes of ticks that came while nobody could run them. */
export const MISFIRE_POLICIES = ["latest", "all", "skip"] as const;
export type MisfirePolicy = (typeof MISFIRE_POLICIES)[number];

export const DELIVERIES = ["at_least_once", "at_most_once"] as const;
export type Delivery = (typeof DELIVERIES)[number];

export const INTERVAL_MODES = ["fixed_rate", "fixed_delay"] as const;
export type IntervalMode = (typeof INTERVAL_MODES)[number];

/** What becomes of a local time that a change of the clocks leaves out. */
export const DST_GAPS = ["shift", "skip"] as const;
export type DstGap = (typeof DST_GAPS)[number];

/** Which of the two counts where a change of the clocks repeats a local time. */
export const DST_OVERLAPS = ["first", "last", "both"] as const;
export type DstOverlap = (typeof DST_OVERLAPS)[number];

/** What was decided about a due tick. */
export const TICK_DECISIONS = ["fired", "skipped", "coalesced", "missed"] as const;
export type TickDecision = (typeof TICK_DECISIONS)[number];

/** From which statuses a job may come to a status. Scheduling it anew (an edit) opens any job again. */
export const JOB_TRANSITIONS = {
  pending: ["active", "paused", "completed", "failed", "cancelled"],
  active: ["pending", "paused", "completed", "failed", "cancelled"],
  paused: ["pending", "active"],
  completed: ["pending", "active", "paused"],
  failed: ["pending", "active", "paused"],
  cancelled: ["pending", "active", "paused"],
} as const satisfies Record<JobStatus, readonly JobStatus[]>;

/** From which statuses an execution may come to a status. One that is over never changes. */
export const EXECUTION_TRANSITIONS = {
  pending: ["running"],
  running: ["pending"],
  success: ["running"],
  failed: ["running", "pending"],
  timeout: ["running"],
  cancelled: ["pending", "running"],
  skipped: ["pending"],
} as const satisfies Record<ExecutionStatus, readonly ExecutionStatus[]>;
