/** What follows for a job when one of its executions is over, or none is to come. */
import type { Job, Stores } from "@millrace/db";
import { runAfterDelay } from "./job-ticks.ts";
import { endOfJob } from "./job-transitions.ts";
import type { Step } from "./transition-applier.ts";

/** After an execution that is over: a fixed delay has its next tick, and a job with nothing more to do is over. */
export async function goOn(stores: Stores, step: Step, job: Job, lastSucceeded: boolean | null): Promise<Job> {
  const nextRun = job.nextRun === null && isOpen(job) && hasRunsLeft(job) ? runAfterDelay(job, step.now) : null;
  if (nextRun === null || (await stores.jobExecutions.hasOpen(job.id, step.tx)))
    return endIfDone(stores, step, job, lastSucceeded);
  await stores.jobs.change(job, { nextRun }, step.now, step.tx);
  return { ...job, nextRun };
}

/** A job with nothing more to do is over. */
export async function endIfDone(stores: Stores, step: Step, job: Job, lastSucceeded: boolean | null): Promise<Job> {
  const status = isOpen(job) ? endOfJob(job, lastSucceeded) : null;
  if (status === null || (await stores.jobExecutions.hasOpen(job.id, step.tx))) return job;
  const patch = { status, finishedAt: step.now };
  await stores.jobs.change(job, patch, step.now, step.tx);
  const ended = { ...job, ...patch };
  step.announce({ name: "job:changed", args: [ended] });
  return ended;
}

export function isOpen({ status }: Pick<Job, "status">): boolean {
  return status === "pending" || status === "active";
}

function hasRunsLeft({ maxRuns, runCount }: Pick<Job, "maxRuns" | "runCount">): boolean {
  return maxRuns === null || runCount < maxRuns;
}
