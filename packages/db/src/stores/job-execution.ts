/** What an execution of a job is, as it is stored. */
import type { JobExecutionId, JobId, PlatformId } from "../ids.ts";
import type { JobExecutionTable } from "../job-schema.ts";
import type { ExecutionOrigin, ExecutionStatus } from "../job-statuses.ts";
import type { JsonValue } from "../json.ts";
import { boolean, json, mapRows, plain } from "../row-mapping.ts";

/** One execution: a tick, an event, or what a person asked for, with all its attempts. */
export interface JobExecution {
  id: JobExecutionId;
  jobId: JobId;
  platformId: PlatformId;
  /** The version of the job that it was made for. */
  jobVersion: number;
  handlerName: string;
  origin: ExecutionOrigin;
  /** The nominal time, in Unix milliseconds. */
  scheduledAt: number;
  /** Empty for a tick, of which there is one record; an identity of its own for any other. */
  occurrence: string;
  /** When the next attempt is due: the nominal time with jitter, or the time of a retry. */
  dueAt: number;
  /** What is ready is taken in the order of this: the due time, less what the priority is worth. */
  rank: number;
  status: ExecutionStatus;
  /** Why a pending one can't be taken: `time`, `resume`, `handler <name>`, `limit <name>`; null when it is ready. */
  waitsFor: string | null;
  /** In place of the job's payload; null where that is meant. */
  payload: JsonValue;
  /** The same for every attempt, and for a retry of what failed. */
  idempotencyKey: string;
  /** The publisher's identity of the event that made it. */
  eventId: string | null;
  concurrencyKey: string | null;
  /** How many attempts have begun. */
  attempt: number;
  /** How many attempts have failed, timed out or been lost. */
  retryCount: number;
  nextRetryAt: number | null;
  workerId: string | null;
  /** The fencing token: goes up by one with each claim, and every write of an executor names it. */
  leaseToken: number;
  leaseExpiresAt: number | null;
  /** Its handler was still running when its engine stopped: it may be taken again only when the lease has expired. */
  unsettled: boolean;
  /** When the last attempt began. */
  startedAt: number | null;
  completedAt: number | null;
  durationMs: number | null;
  result: JsonValue;
  error: string | null;
  errorType: string | null;
  errorStack: string | null;
  /** Why it was skipped or cancelled, or waits. */
  reason: string | null;
  /** How many missed ticks this one stands for. */
  missedCount: number;
  cancelRequestedAt: number | null;
  traceId: string | null;
  spanId: string | null;
  parentSpanId: string | null;
  /** The execution that this one repeats. */
  retryOf: JobExecutionId | null;
  /** The execution that repeats this one. */
  redrivenBy: JobExecutionId | null;
  createdBy: string | null;
  createdAt: number;
  updatedAt: number;
}

export const executionMapping = mapRows<JobExecution, JobExecutionTable>("job_executions", {
  id: plain("id"),
  jobId: plain("job_id"),
  platformId: plain("platform_id"),
  jobVersion: plain("job_version"),
  handlerName: plain("handler_name"),
  origin: plain("origin"),
  scheduledAt: plain("scheduled_at"),
  occurrence: plain("occurrence"),
  dueAt: plain("due_at"),
  rank: plain("rank"),
  status: plain("status"),
  waitsFor: plain("waits_for"),
  payload: json("payload"),
  idempotencyKey: plain("idempotency_key"),
  eventId: plain("event_id"),
  concurrencyKey: plain("concurrency_key"),
  attempt: plain("attempt"),
  retryCount: plain("retry_count"),
  nextRetryAt: plain("next_retry_at"),
  workerId: plain("worker_id"),
  leaseToken: plain("lease_token"),
  leaseExpiresAt: plain("lease_expires_at"),
  unsettled: boolean("unsettled"),
  startedAt: plain("started_at"),
  completedAt: plain("completed_at"),
  durationMs: plain("duration_ms"),
  result: json("result"),
  error: plain("error"),
  errorType: plain("error_type"),
  errorStack: plain("error_stack"),
  reason: plain("reason"),
  missedCount: plain("missed_count"),
  cancelRequestedAt: plain("cancel_requested_at"),
  traceId: plain("trace_id"),
  spanId: plain("span_id"),
  parentSpanId: plain("parent_span_id"),
  retryOf: plain("retry_of"),
  redrivenBy: plain("redriven_by"),
  createdBy: plain("created_by"),
  createdAt: plain("created_at"),
  updatedAt: plain("updated_at"),
});
