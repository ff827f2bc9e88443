/**
 * What follows from an attempt (pure): the execution's next status, and what it means for its job.
 *
 * Invariants:
 * 1. An at-most-once execution is never attempted again, whatever became of its attempt.
 * 2. Every attempt that failed, timed out or was lost counts; past the job's limit the execution is over.
 * 3. What somebody has asked to stop is not attempted again, and what belongs to a paused job waits for it.
 */
import type { Job, JobExecution, JobExecutionPatch, JsonValue } from "@millrace/db";
import type { Policy } from "../policy.ts";
import { rankOf } from "./job-ticks.ts";
import { backoffDelay } from "./retry-policy.ts";

/** What went wrong, ready to be stored. */
export interface JobFailure {
  message: string;
  type: string;
  stack: string | null;
}

/** How an attempt ended. */
export type AttemptOutcome =
  | { kind: "success"; result: JsonValue }
  /** `retry`: by the job's backoff, never, or no sooner than so many milliseconds from now. */
  | { kind: "failed"; failure: JobFailure; retry: "backoff" | "never" | { afterMs: number } }
  | { kind: "timeout"; failure: JobFailure }
  /** Its worker is gone: nobody knows how far it came. */
  | { kind: "lost"; failure: JobFailure }
  | { kind: "cancelled"; reason: string }
  /** The handler says that it is not time yet. */
  | { kind: "snoozed"; forMs: number; reason: string }
  /** The engine stops, and the handler has settled without an end. */
  | { kind: "released"; reason: string };

export interface AttemptContext {
  now: number;
  policy: Policy["jobs"];
  /** A number in [0, 1). */
  random: number;
}

export interface AttemptDecision {
  patch: JobExecutionPatch & { status: JobExecution["status"] };
  /** Null where another attempt follows. `succeeded` is null for a cancelled one, which counts as neither. */
  over: { succeeded: boolean | null; durationMs: number } | null;
}

type RetryTerms = Pick<Job, "status" | "maxRetries" | "retryDelayMs" | "delivery" | "priority">;

/** Decides what follows from an attempt's outcome. */
export function afterAttempt(
  execution: Pick<JobExecution, "startedAt" | "retryCount" | "cancelRequestedAt" | "reason">,
  job: RetryTerms,
  outcome: AttemptOutcome,
  context: AttemptContext,
): AttemptDecision {
  const { now } = context;
  const over = (status: "success" | "failed" | "timeout" | "cancelled", patch: JobExecutionPatch): AttemptDecision => {
    const durationMs = Math.max(0, now - (execution.startedAt ?? now));
    const succeeded = status === "cancelled" ? null : status === "success";
    return {
      patch: { ...NOT_HELD, ...patch, nextRetryAt: null, status, completedAt: now, durationMs },
      over: { succeeded, durationMs },
    };
  };
  const again = (delayMs: number, { reason, ...patch }: JobExecutionPatch): AttemptDecision => {
    // The reason that is stored is that of the cancellation.
    if (execution.cancelRequestedAt !== null) return over("cancelled", patch);
    const waiting = waitUntil(now + delayMs, job, context);
    const waitsFor = job.status === "paused" ? "resume" : waiting.waitsFor;
    const why = reason === undefined ? {} : { reason };
    return { patch: { ...NOT_HELD, ...patch, ...why, ...waiting, waitsFor, status: "pending" }, over: null };
  };
  switch (outcome.kind) {
    case "success":
      return over("success", { result: outcome.result, ...NO_ERROR });
    case "cancelled":
      // Who asked for it said why.
      return over("cancelled", {
        reason: (execution.cancelRequestedAt === null ? null : execution.reason) ?? outcome.reason,
      });
    case "failed":
    case "timeout":
    case "lost": {
      const retryCount = execution.retryCount + 1;
      const failed = { ...errorColumns(outcome.failure), retryCount };
      const delay = retryDelay(retryCount, job, outcome, context);
      if (delay === null) return over(outcome.kind === "timeout" ? "timeout" : "failed", failed);
      return again(delay, { ...failed, nextRetryAt: now + delay });
    }
    case "snoozed": {
      const { reason, forMs } = outcome;
      if (job.delivery === "at_most_once")
        return over("failed", errorColumns({ message: reason, type: "Snoozed", stack: null }));
      return again(forMs, { reason, nextRetryAt: now + forMs });
    }
    case "released":
      if (job.delivery === "at_least_once") return again(0, { reason: outcome.reason });
      return over("failed", errorColumns({ message: outcome.reason, type: "Interrupted", stack: null }));
  }
}

const NOT_HELD = { workerId: null, leaseExpiresAt: null, unsettled: false } as const;
const NO_ERROR = { error: null, errorType: null, errorStack: null, reason: null } as const;

function errorColumns({ message, type, stack }: JobFailure): JobExecutionPatch {
  return { error: message, errorType: type, errorStack: stack };
}

/** How long until the next attempt, in milliseconds; null for none. */
function retryDelay(
  failures: number,
  job: RetryTerms,
  outcome: Extract<AttemptOutcome, { kind: "failed" | "timeout" | "lost" }>,
  { policy, random }: AttemptContext,
): number | null {
  if (job.delivery === "at_most_once" || failures > job.maxRetries) return null;
  if (outcome.kind === "failed" && outcome.retry === "never") return null;
  // A process that ends takes whatever runs with it: the first time nobody is to blame, and nothing is gained by waiting.
  if (outcome.kind === "lost" && failures === 1) return 0;
  const { factor, maxMs, jitter } = policy.retry;
  const backoff = { initialMs: job.retryDelayMs, factor, maxMs, jitter };
  const delay = Math.min(backoffDelay(backoff, failures, random), maxMs);
  if (outcome.kind !== "failed" || typeof outcome.retry === "string") return delay;
  return outcome.retry.afterMs;
}

/** The columns of an execution that is pending until a time. */
export function waitUntil(
  dueAt: number,
  { priority }: Pick<Job, "priority">,
  { now, policy }: Pick<AttemptContext, "now" | "policy">,
): Pick<JobExecution, "dueAt" | "rank" | "waitsFor"> {
  return {
    dueAt,
    rank: rankOf(dueAt, priority, policy.priorityStepMs),
    waitsFor: dueAt > now ? "time" : null,
  };
}

/** What a job becomes when it has nothing more to do; null for one that goes on, or waits for events. */
export function endOfJob(
  job: Pick<Job, "type" | "nextRun" | "maxRuns" | "runCount" | "status">,
  lastSucceeded: boolean | null,
) {
  if (job.type === "event" || job.nextRun !== null || job.status === "paused") return null;
  if (job.type === "one_time") return lastSucceeded === false ? ("failed" as const) : ("completed" as const);
  return "completed" as const;
}
