/** What the model of the jobs' execution knows, and what follows from an attempt: specs/done/jobs.md, "Executions". */
import type { ExecutionStatus, JobExecutionId, JobId, JobStatus } from "@millrace/db";

export interface ModelAttempt {
  id: JobExecutionId;
  job: JobId;
  status: ExecutionStatus;
  waitsFor: string | null;
  dueAt: number;
  attempt: number;
  retryCount: number;
  leaseToken: number;
  leaseExpiresAt: number | null;
  cancelRequested: boolean;
}

export interface ModelJob {
  id: JobId;
  status: JobStatus;
  successes: number;
  failures: number;
  inARow: number;
  maxRetries: number;
  atMostOnce: boolean;
}

export interface JobVerbState {
  jobs: Map<JobId, ModelJob>;
  executions: Map<JobExecutionId, ModelAttempt>;
}

/** What the jobs of the ground say of themselves. */
export const RETRY_DELAY = 60_000;
const LONGEST_DELAY = 3_600_000;
export const AUTO_PAUSE_AFTER = 3;
export const LEASE = 30_000;

export type DrawnOutcome =
  "success" | "failed" | "never again" | "timeout" | "lost" | "cancelled" | "snoozed" | "released";

const delayAfter = (failures: number) => Math.min(RETRY_DELAY * 2 ** (failures - 1), LONGEST_DELAY);

/** What becomes of an execution after its attempt; the job is counted on when it is over. */
export function endAttempt(
  { jobs }: JobVerbState,
  execution: ModelAttempt,
  outcome: DrawnOutcome,
  snoozeMs: number,
  now: number,
  all: Iterable<ModelAttempt>,
): void {
  const job = jobs.get(execution.job);
  if (!job) return;
  execution.leaseExpiresAt = null;
  const finish = (status: ExecutionStatus, succeeded: boolean | null) => {
    execution.status = status;
    count(job, succeeded, all);
  };
  const again = (delay: number) => {
    // What somebody has asked to stop is not attempted again.
    if (execution.cancelRequested) return finish("cancelled", null);
    const waitsFor = job.status === "paused" ? "resume" : delay > 0 ? "time" : null;
    Object.assign(execution, { status: "pending", waitsFor, dueAt: now + delay });
  };
  switch (outcome) {
    case "success":
      return finish("success", true);
    case "cancelled":
      return finish("cancelled", null);
    case "snoozed":
      return job.atMostOnce ? finish("failed", false) : again(snoozeMs);
    case "released":
      return job.atMostOnce ? finish("failed", false) : again(0);
    default: {
      execution.retryCount += 1;
      const failures = execution.retryCount;
      if (job.atMostOnce || failures > job.maxRetries || outcome === "never again")
        return finish(outcome === "timeout" ? "timeout" : "failed", false);
      // The first loss is retried at once: it is rarely the job that is to blame.
      again(outcome === "lost" && failures === 1 ? 0 : delayAfter(failures));
    }
  }
}

function count(job: ModelJob, succeeded: boolean | null, all: Iterable<ModelAttempt>): void {
  if (succeeded === true) Object.assign(job, { successes: job.successes + 1, inARow: 0 });
  if (succeeded !== false) return;
  job.failures += 1;
  job.inARow += 1;
  if (job.inARow < AUTO_PAUSE_AFTER || job.status !== "active") return;
  job.status = "paused";
  hold(job, all);
}

/** What has not begun waits until its job is resumed. */
export function hold(job: ModelJob, all: Iterable<ModelAttempt>): void {
  for (const one of all) if (one.job === job.id && one.status === "pending") one.waitsFor = "resume";
}
