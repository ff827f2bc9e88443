/** Jobs, executions and their like for tests: a plain one of each, and what differs. */
import {
  DEFAULT_PLATFORM_ID,
  type ExecutionStatus,
  type Job,
  type JobExecution,
  type NewJob,
  type NewJobExecution,
  type NewJobExecutionLog,
  type Stores,
  type Transaction,
} from "@millrace/db";

/** What the rows are made with. */
export interface RowWorld {
  stores: Stores;
  tx?: Transaction | undefined;
}

/** A cron job that nobody has run. */
export function newJob(patch: Partial<NewJob> = {}): NewJob {
  return {
    platformId: DEFAULT_PLATFORM_ID,
    key: null,
    name: "report",
    description: null,
    type: "cron",
    status: "active",
    digest: "d",
    scheduleDigest: "s",
    cronExpression: "0 8 * * *",
    timezone: "UTC",
    dstGap: "shift",
    dstOverlap: "first",
    intervalMs: null,
    intervalMode: "fixed_rate",
    anchorAt: null,
    runAt: null,
    eventName: null,
    endsAt: null,
    maxRuns: null,
    jitterMs: 0,
    handlerType: "function",
    handlerName: "sendReport",
    handlerTarget: null,
    payload: null,
    maxRetries: 3,
    retryDelayMs: 60_000,
    timeoutMs: 300_000,
    priority: 0,
    delivery: "at_least_once",
    overlapPolicy: "skip",
    misfirePolicy: "latest",
    misfireGraceMs: 0,
    misfireWindowMs: 0,
    misfireLimit: 10,
    catchUp: false,
    maxConcurrency: null,
    concurrencyKey: null,
    concurrencyKeyLimit: null,
    uniqueKey: null,
    autoPauseAfter: null,
    keepLast: 10,
    tags: [],
    metadata: null,
    nextRun: null,
    createdBy: null,
    traceparent: null,
    finishedAt: null,
    ...patch,
  };
}

export const createJob = ({ stores, tx }: RowWorld, patch: Partial<NewJob> = {}, now = 5): Promise<Job> =>
  stores.jobs.create(newJob(patch), now, tx);

/** A ready tick of a job. */
export function newExecution(job: Job, patch: Partial<NewJobExecution> = {}): NewJobExecution {
  return {
    jobId: job.id,
    platformId: job.platformId,
    jobVersion: job.version,
    handlerName: job.handlerName,
    origin: "schedule",
    scheduledAt: 100,
    occurrence: "",
    dueAt: patch.scheduledAt ?? 100,
    rank: patch.scheduledAt ?? 100,
    status: "pending",
    waitsFor: null,
    payload: null,
    idempotencyKey: "k",
    eventId: null,
    concurrencyKey: null,
    completedAt: null,
    reason: null,
    missedCount: 0,
    traceId: null,
    parentSpanId: null,
    retryOf: null,
    createdBy: null,
    ...patch,
  };
}

/** Creates an execution that has no record yet. */
export async function createExecution(
  { stores, tx }: RowWorld,
  job: Job,
  patch: Partial<NewJobExecution> = {},
  now = 5,
): Promise<JobExecution> {
  const execution = await stores.jobExecutions.create(newExecution(job, patch), now, tx);
  if (!execution) throw new Error("The tick has a record already.");
  return execution;
}

/** Claims an execution that is ready. */
export async function claim({ stores, tx }: RowWorld, { id }: Pick<JobExecution, "id">, leaseExpiresAt = 1_000) {
  const claimed = await stores.jobExecutions.claim({ id, workerId: "one", leaseExpiresAt, now: 10 }, tx);
  if (!claimed) throw new Error("The execution is not ready.");
  return claimed;
}

/** What a change to a status brings with it, so that the row is one that the schema allows. */
export function patchTo(status: ExecutionStatus): Partial<JobExecution> {
  if (status === "pending") return { status, leaseExpiresAt: null, completedAt: null };
  if (status === "running") return { status, leaseExpiresAt: 1_000, completedAt: null };
  return { status, leaseExpiresAt: null, completedAt: 50 };
}

/** Creates a tick and brings it to a status. */
export async function createExecutionIn(world: RowWorld, job: Job, status: ExecutionStatus, scheduledAt: number) {
  if (status === "running") return claim(world, await createExecution(world, job, { scheduledAt }));
  const completedAt = status === "pending" ? null : 50;
  return createExecution(world, job, { scheduledAt, status, completedAt });
}

export const logLine = (patch: Partial<NewJobExecutionLog> = {}): NewJobExecutionLog => ({
  attempt: 1,
  timestamp: 10,
  level: "info",
  message: "began",
  data: null,
  ...patch,
});
