/** What a command may look at. Types alone: whoever has only these can change nothing. */
import type { BackfillResult, BulkResult, BulkSelector, MutationVerdict, Operations, Scheduler } from "@millrace/agent";
import type { PlatformId } from "@millrace/db";

/** The jobs of a platform, as far as one may look at them. */
export interface JobReadings extends Pick<
  Scheduler,
  | "getExecution"
  | "getExecutionLogs"
  | "getJob"
  | "getJobHistory"
  | "getMetrics"
  | "healthCheck"
  | "listDeadLetters"
  | "listDecisions"
  | "listJobs"
  | "listVersions"
> {
  /** Only says what would be made. */
  backfill(jobId: string, range: { from: number; until: number }, options: { dryRun: true }): Promise<BackfillResult>;
}

/** A database, as far as one may look at it. */
export interface Readings extends Pick<
  Operations,
  | "audit"
  | "events"
  | "findExecution"
  | "findInput"
  | "findJob"
  | "findMutation"
  | "findOpenNotification"
  | "findRun"
  | "inputs"
  | "needsAttention"
  | "outputs"
  | "platformByName"
  | "runLogPosition"
  | "runLogs"
  | "runs"
  | "status"
  | "topics"
  | "workflowByName"
  | "workflowDetails"
  | "workflows"
> {
  /** Only says which would be resolved. */
  resolveMutations(selector: BulkSelector, verdict: MutationVerdict, options: { dryRun: true }): Promise<BulkResult>;
  schedulerOf(platformId: PlatformId): JobReadings;
}
