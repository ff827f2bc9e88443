/** A job whose rows cannot be read hinders no other: it is set aside, and a person is told. */
import {
  CorruptRowError,
  type Job,
  type JobExecution,
  type JobExecutionId,
  type JobId,
  type Stores,
} from "@millrace/db";
import type { Step } from "./transition-applier.ts";

/** A job that cannot be read, or one of its executions. */
export interface BrokenJob {
  jobId: JobId;
  error: unknown;
}

/** A job, or null where its row cannot be read: then it is set aside. */
export async function readJob(stores: Stores, step: Step, jobId: JobId, broken: BrokenJob[]): Promise<Job | null> {
  try {
    return await stores.jobs.get(jobId, step.tx);
  } catch (error) {
    if (!(error instanceof CorruptRowError)) throw error;
    broken.push(await setAside(stores, step, jobId, error));
    return null;
  }
}

/** Pauses a job that cannot be read, and holds what it has under way. */
export async function setAside(
  { jobs, jobExecutions }: Stores,
  { tx, now }: Step,
  jobId: JobId,
  error: unknown,
): Promise<BrokenJob> {
  await jobs.setAside(jobId, "This job cannot be read.", now, tx);
  await jobExecutions.holdJob(jobId, "resume", now, tx);
  return { jobId, error };
}

/** Takes an execution; one whose row cannot be read has failed, which its job's `broken` entry says. */
export async function claimReadable(
  stores: Stores,
  step: Step,
  claim: { id: JobExecutionId; workerId: string; leaseExpiresAt: number; now: number },
  jobId: JobId,
  broken: BrokenJob[],
): Promise<JobExecution | null> {
  try {
    return await stores.jobExecutions.claim(claim, step.tx);
  } catch (error) {
    if (!(error instanceof CorruptRowError)) throw error;
    await failUnreadable(stores, step, claim.id, error.message);
    broken.push({ jobId, error });
    return null;
  }
}

/** Ends a running execution that cannot be gone on with; gives its job. */
export async function failUnreadable(
  { jobExecutions }: Stores,
  { tx, now }: Step,
  id: JobExecutionId,
  error: string,
): Promise<JobId> {
  const over = { status: "failed", leaseExpiresAt: null, unsettled: false, completedAt: now, error } as const;
  await jobExecutions.change({ id, status: "running" }, over, now, tx);
  return jobExecutions.jobOf(id, tx);
}
