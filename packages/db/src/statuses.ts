/**
 * The status words of every table and which changes between them are legal.
 * One home: the types and the guards of the stores are derived from here, and a test holds the CHECK constraints of
 * the migrations (which, once released, never change) against it.
 */

export const WORKFLOW_STATUSES = ["draft", "ready", "active", "paused", "archived"] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];

export const INPUT_STATUSES = ["active", "skipped"] as const;
export type InputStatus = (typeof INPUT_STATUSES)[number];

export const EVENT_STATUSES = ["pending", "reserved", "consumed", "skipped"] as const;
export type EventStatus = (typeof EVENT_STATUSES)[number];

export const HANDLER_TYPES = ["producer", "consumer"] as const;
export type HandlerType = (typeof HANDLER_TYPES)[number];

/** The phases of a producer's and of a consumer's run, in order; a run only ever moves forward. */
export const PRODUCER_PHASES = ["executing", "committed"] as const;
export const CONSUMER_PHASES = ["preparing", "prepared", "mutating", "mutated", "emitting", "committed"] as const;
export type ProducerPhase = (typeof PRODUCER_PHASES)[number];
export type ConsumerPhase = (typeof CONSUMER_PHASES)[number];
export type RunPhase = ProducerPhase | ConsumerPhase;
export const RUN_PHASES = [
  "executing",
  "preparing",
  "prepared",
  "mutating",
  "mutated",
  "emitting",
  "committed",
] as const satisfies readonly RunPhase[];

export const RUN_STATUSES = [
  "active",
  "paused:transient",
  "paused:approval",
  "paused:reconciliation",
  "failed:logic",
  "failed:internal",
  "aborted",
  "committed",
  "crashed",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** What became of the run's mutation: applied, none (no call was made) or skipped by a person. Null while open. */
export const MUTATION_OUTCOMES = ["applied", "none", "skipped"] as const;
export type MutationOutcome = (typeof MUTATION_OUTCOMES)[number];

export const MUTATION_STATUSES = [
  "pending",
  "in_flight",
  "applied",
  "failed",
  "needs_reconcile",
  "indeterminate",
] as const;
export type MutationStatus = (typeof MUTATION_STATUSES)[number];

/** What a person decided about a mutation whose outcome was unknown. */
export const RESOLUTIONS = ["happened", "did_not_happen", "skip", "try_again"] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** From which phase a past run can be replayed: a consumer's `prepare` or `next`, or a producer. */
export const REPLAY_PHASES = ["preparing", "emitting", "executing"] as const satisfies readonly RunPhase[];
export type ReplayPhase = (typeof REPLAY_PHASES)[number];

export const SCHEDULE_TYPES = ["interval", "cron"] as const;
export type ScheduleType = (typeof SCHEDULE_TYPES)[number];

export const NOTIFICATION_KINDS = [
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
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Through what a person (or a program in somebody's name) acted. */
export const AUDIT_CHANNELS = ["dashboard", "api", "command_line", "program"] as const;
export type AuditChannel = (typeof AUDIT_CHANNELS)[number];

/** What came of an action: it was done, it was not allowed or not possible, or it failed on the way. Null while open. */
export const AUDIT_OUTCOMES = ["done", "refused", "failed"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** What an access token is good for: to look, to look and act, or only to publish events. */
export const ACCESS_ROLES = ["viewer", "operator", "publisher"] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

/** From which statuses an event may come to a status. One that was consumed is open again only for a replay. */
export const EVENT_TRANSITIONS = {
  pending: ["reserved", "consumed"],
  reserved: ["pending", "consumed"],
  consumed: ["reserved"],
  skipped: ["pending", "reserved"],
} as const satisfies Record<EventStatus, readonly EventStatus[]>;

/** From which statuses a mutation may come to a status. */
export const MUTATION_TRANSITIONS = {
  pending: [],
  in_flight: ["pending"],
  applied: ["in_flight", "needs_reconcile", "indeterminate"],
  failed: ["pending", "in_flight", "needs_reconcile", "indeterminate"],
  needs_reconcile: ["in_flight", "needs_reconcile", "indeterminate"],
  indeterminate: ["in_flight", "needs_reconcile"],
} as const satisfies Record<MutationStatus, readonly MutationStatus[]>;

/** Where a run is: its phase and its status, which are two things. */
export interface RunPosition {
  phase: RunPhase;
  status: RunStatus;
}

const PHASE_ORDER: Record<HandlerType, readonly RunPhase[]> = { producer: PRODUCER_PHASES, consumer: CONSUMER_PHASES };

/**
 * Whether a run of this type may go from one position to another: the phase never goes back, a finished run never
 * changes, and only a run that waits (for approval or for reconciliation) may become active again.
 */
export function isLegalRunTransition(handlerType: HandlerType, from: RunPosition, to: RunPosition): boolean {
  const order = PHASE_ORDER[handlerType];
  const [fromIndex, toIndex] = [order.indexOf(from.phase), order.indexOf(to.phase)];
  if (fromIndex < 0 || toIndex < fromIndex) return false;
  if ((to.phase === "committed") !== (to.status === "committed")) return false;
  switch (from.status) {
    case "active":
      return true;
    case "paused:approval":
      return to.status !== "committed" && to.status !== "crashed";
    case "paused:reconciliation":
      return to.status !== "committed" && to.status !== "active" && to.status !== "crashed";
    case "paused:transient":
    case "failed:logic":
    case "failed:internal":
    case "aborted":
    case "committed":
    case "crashed":
      return false;
  }
}
