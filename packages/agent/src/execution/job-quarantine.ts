/** A job whose rows cannot be read hinders no other: it is set aside, and a person is told. */
import { CorruptRowError, type Job, type JobExecutionId, type JobId, type Stores } from "@millrace/db";
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

/** The same for many, by their ids. */
export async function readJobs(
  stores: Stores,
  step: Step,
  ids: ReadonlySet<JobId>,
  broken: BrokenJob[],
): Promise<Map<JobId, Job>> {
  const found = await stores.jobs.findEach([...ids], step.tx);
  for (const error of found.broken) {
    // It is the id of the row that was read.
    broken.push(await setAside(stores, step, error.id as JobId, error));
  }
  return new Map(found.read.map((job) => [job.id, job]));
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
