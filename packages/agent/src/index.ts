/** @millrace/agent: the engine. Workflows, execution, the mutation ledger, scheduling and connectors. */
export { createEngine, Engine, type EngineOptions, type JobTargets, type OutsideEvent } from "./engine.ts";
export {
  Operations,
  type Attention,
  type OperationsOptions,
  type RunDetails,
  type WorkflowSummary,
} from "./operations.ts";
export type { Diagnosis } from "./diagnosis.ts";
export type { ProducerDetails, WorkflowDetails } from "./workflow-details.ts";
export type { ConsumerDetails } from "./inspection/consumer-view.ts";
export { defineWorkflow, type WorkflowSpecification } from "./workflow/define-workflow.ts";
export type { ConsumerDefinition, ProducerDefinition, WorkflowDefinition } from "./workflow/workflow-definition.ts";
export type * from "./workflow/types.ts";
export * from "./errors.ts";
export { systemClock, type Clock } from "./clock.ts";
export { resolvePolicy, type Backoff, type Policy, type PolicyOptions } from "./policy.ts";
export * from "./connectors/define-connector.ts";
export * from "./connectors/index.ts";
export type { LifecycleEvents, LifecycleEventName, LifecycleListener } from "./execution/lifecycle-events.ts";
export type { BulkResult, BulkSelector, Decider, MutationVerdict } from "./execution/resolutions.ts";
export type { EffectStatus, ReplayEffect } from "./execution/replay-effects.ts";
export type { ReplayEvent, ReplayPlan } from "./execution/replay-plan.ts";
export type { ReplayRequest } from "./execution/replay.ts";
export type { RecoveryResult } from "./execution/recovery.ts";
export type { ActivityBucket, ActivityOverTime, ActivitySpan } from "./inspection/activity.ts";
export { Inspector } from "./inspection/inspector.ts";
export {
  ForeignCursorError,
  type PageRequest,
  type SearchRequest,
  type SearchView,
  type View,
} from "./inspection/pages.ts";
export type { UpcomingRun } from "./inspection/upcoming-runs.ts";
export * from "./job-errors.ts";
export {
  defineJobHandler,
  type AgentRunner,
  type EventHandlerFunction,
  type JobContext,
  type JobHandler,
} from "./jobs/handler-registry.ts";
export {
  scheduledJob as scheduledJobSchema,
  type OneTimeJobInput,
  type RecurringJobInput,
  type ScheduledJobInput,
} from "./jobs/job-input-schema.ts";
export { previewJob, upcomingRuns } from "./jobs/preview-job.ts";
export type { JobStats } from "./jobs/job-statistics.ts";
export type * from "./jobs/scheduler-port.ts";
export type { BackfillResult } from "./execution/job-triggers.ts";
export { cronFault, type CronFault } from "./schedule/cron-expression.ts";
export { describeCron } from "./schedule/describe-schedule.ts";
export type { DstPolicy } from "./schedule/dst-policy.ts";
export { nextRuns, type NextRun, type RunChange } from "./schedule/next-runs.ts";
export { ticksBetween, type Schedule } from "./schedule/schedule.ts";
export type { SkipResult } from "./execution/input-skip.ts";
export type { ConsumerPreview, ProducerPreview } from "./handlers/preview.ts";
export type { EventLoopReport } from "./stall/stall-reports.ts";
export { SchedulerStateManager } from "./scheduling/scheduler-state.ts";
export { clampWakeAt } from "./handlers/consumer/wake-at.ts";
export { ConfigCache } from "./workflow/config-cache.ts";
export { TRANSITIONS, transition } from "./execution/transitions.ts";
export { parseDuration } from "./schedule/duration.ts";
export { AuditTrail, type AuditedAction, type AuditTrailOptions } from "./audit.ts";
export { REDACTED, redactText, redactValue } from "./redaction.ts";
