/**
 * Deletes what is too old: executions by how they ended, jobs that are over, decisions. In batches, so that nobody waits
 * long for the database.
 *
 * Invariant: the last executions of a job that is not over are kept, however old; how many is the job's to say.
 */
import type { ExecutionStatus, HistoryCursor, JobStatus, Stores } from "@millrace/db";
import type { Clock } from "../clock.ts";
import type { Policy } from "../policy.ts";

export interface RetentionDependencies {
  stores: Stores;
  clock: Clock;
  policy: Policy;
}

export interface RetentionResult {
  executions: number;
  jobs: number;
  decisions: number;
}

const GOOD: readonly ExecutionStatus[] = ["success", "skipped", "cancelled"];
const BAD: readonly ExecutionStatus[] = ["failed", "timeout"];
const ENDED_WELL: readonly JobStatus[] = ["completed", "cancelled"];
const ENDED_BADLY: readonly JobStatus[] = ["failed"];

/** When the oldest of what is there may go, in Unix milliseconds; null where there is nothing. */
export async function nextExpiry({ stores, policy }: RetentionDependencies): Promise<number | null> {
  const { successMs, failureMs } = policy.jobs.retention;
  const [oldestFinished, oldestJob, oldestDecision] = await Promise.all([
    stores.jobHistory.oldestCompletedAt(),
    stores.jobs.oldestFinishedAt(),
    stores.scheduleDecisions.oldestDecidedAt(),
  ]);
  const times = [
    oldestFinished === null ? [] : [oldestFinished + Math.min(successMs, failureMs)],
    oldestJob === null ? [] : [oldestJob + Math.min(successMs, failureMs)],
    oldestDecision === null ? [] : [oldestDecision + failureMs],
  ].flat();
  return times.length === 0 ? null : Math.min(...times);
}

/** Deletes all that is too old at this moment. */
export async function runRetention(dependencies: RetentionDependencies): Promise<RetentionResult> {
  const { clock, policy } = dependencies;
  const { successMs, failureMs } = policy.jobs.retention;
  const now = clock.now();
  const jobs =
    (await deleteJobs(dependencies, ENDED_WELL, now - successMs)) +
    (await deleteJobs(dependencies, ENDED_BADLY, now - failureMs));
  const executions =
    (await deleteExecutions(dependencies, GOOD, now - successMs)) +
    (await deleteExecutions(dependencies, BAD, now - failureMs));
  return { jobs, executions, decisions: await deleteDecisions(dependencies, now - failureMs) };
}

async function deleteJobs(
  { stores, policy }: RetentionDependencies,
  statuses: readonly JobStatus[],
  before: number,
): Promise<number> {
  const { batch } = policy.jobs.retention;
  let deleted = 0;
  for (;;) {
    const gone = await stores.jobs.deleteFinishedBefore(statuses, before, batch);
    deleted += gone;
    if (gone < batch) return deleted;
  }
}

async function deleteExecutions(
  { stores, policy }: RetentionDependencies,
  statuses: readonly ExecutionStatus[],
  completedBefore: number,
): Promise<number> {
  const { batch: limit } = policy.jobs.retention;
  let deleted = 0;
  let after: HistoryCursor | undefined;
  for (;;) {
    const old = await stores.jobHistory.listExpired({ statuses, completedBefore, limit, ...(after && { after }) });
    const gone = [];
    const newestToGo = new Map<string, HistoryCursor | null>();
    for (const { id, jobId, keepLast, scheduledAt } of old) {
      if (!newestToGo.has(jobId)) newestToGo.set(jobId, await stores.jobHistory.findLastBut(jobId, keepLast));
      const newest = newestToGo.get(jobId) ?? null;
      if (newest && (scheduledAt < newest.at || (scheduledAt === newest.at && id <= newest.id))) gone.push(id);
    }
    deleted += await stores.jobHistory.delete(gone);
    const last = old.at(-1);
    if (!last || old.length < limit) return deleted;
    after = { at: last.completedAt, id: last.id };
  }
}

async function deleteDecisions({ stores, policy }: RetentionDependencies, before: number): Promise<number> {
  const { batch } = policy.jobs.retention;
  let deleted = 0;
  for (;;) {
    const gone = await stores.scheduleDecisions.deleteBefore(before, batch);
    deleted += gone;
    if (gone < batch) return deleted;
  }
}
