/** Ending what a job has under way: what has not begun is cancelled at once, what runs is asked to stop. */
import type { JobExecution, JobExecutionId, JobId, Stores } from "@millrace/db";
import type { Step } from "./transition-applier.ts";

/** Cancels all of a job's executions that are not over. Gives those that run, which must be told. */
export async function cancelOpen(stores: Stores, step: Step, jobId: JobId, reason: string): Promise<JobExecutionId[]> {
  const running: JobExecutionId[] = [];
  for (const execution of await stores.jobExecutions.listOpen(jobId, step.tx)) {
    if (execution.status === "running") {
      await askToStop(stores, step, execution, reason);
      running.push(execution.id);
    } else {
      await cancelPending(stores, step, execution, reason);
    }
  }
  return running;
}

/** Cancels an execution that has not begun, or waits for its next attempt. */
export async function cancelPending(
  { jobExecutions }: Stores,
  step: Step,
  execution: Pick<JobExecution, "id" | "status">,
  reason: string,
): Promise<void> {
  const patch = { status: "cancelled", waitsFor: null, nextRetryAt: null, completedAt: step.now, reason } as const;
  await jobExecutions.change(execution, patch, step.now, step.tx);
  step.announce({ name: "execution:changed", args: [await jobExecutions.get(execution.id, step.tx)] });
}

/** Notes that a running execution is to stop: its executor hears of it now, or at its next heartbeat. */
export async function askToStop(
  { jobExecutions }: Stores,
  { tx, now }: Step,
  execution: Pick<JobExecution, "id" | "status">,
  reason: string,
): Promise<void> {
  await jobExecutions.change(execution, { cancelRequestedAt: now, reason }, now, tx);
}
