/**
 * The life of executions that were claimed, one verb a transition, each one database transaction that leaves all rows
 * consistent. How they come to be claimed is in job-intake.ts; what becomes of them in a crash in job-recovery.ts.
 *
 * Invariant: every write on behalf of an attempt carries its fencing token; one that comes too late changes nothing.
 */
import type { Claim, Job, JobExecution, JobExecutionId, NewJobExecutionLog } from "@millrace/db";
import { JobStateError } from "../job-errors.ts";
import { askToStop, cancelPending } from "./job-cancellation.ts";
import { goOn, isOpen } from "./job-endings.ts";
import { afterAttempt, endOfJob, type AttemptOutcome } from "./job-transitions.ts";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";

/** An execution that is held, with the job as it was when it was taken. */
export interface ClaimedExecution {
  execution: JobExecution;
  job: Job;
}

/** How an attempt ended. */
export interface EndedAttempt {
  claimed: ClaimedExecution;
  outcome: AttemptOutcome;
  logs: readonly NewJobExecutionLog[];
  trace?: Pick<JobExecution, "traceId" | "spanId"> | null;
}

/** An outcome was recorded, or it came too late: the claim was lost. */
export type Recorded = { execution: JobExecution; job: Job | null } | "claim lost";

export class JobModel {
  private readonly dependencies: ExecutionDependencies;
  private readonly applier: TransitionApplier;

  constructor(dependencies: ExecutionDependencies, applier: TransitionApplier) {
    this.dependencies = dependencies;
    this.applier = applier;
  }

  /** Records how an attempt ended, and what follows for the execution and its job. */
  recordOutcome(ended: EndedAttempt): Promise<Recorded> {
    return this.applier.inOneTransaction("execution.recordOutcome", (step) => this.recordIn(step, ended));
  }

  /** The same for several, in one transaction: all of them are recorded, or none. @param take names them once it has begun */
  recordOutcomes(take: () => readonly EndedAttempt[]): Promise<Recorded[]> {
    return this.applier.inOneTransaction("execution.recordOutcome", async (step) => {
      const recorded: Recorded[] = [];
      for (const ended of take()) recorded.push(await this.recordIn(step, ended));
      return recorded;
    });
  }

  /** Keeps log lines of an attempt that is under way. */
  async appendLogs(id: JobExecutionId, logs: readonly NewJobExecutionLog[]): Promise<void> {
    await this.applier.inOneTransaction("execution.appendLogs", ({ tx }) =>
      this.dependencies.stores.jobHistory.appendLogs(id, logs, tx),
    );
  }

  /** Prolongs claims; names those that still hold, and whether their cancellation was asked for. */
  renew(claims: readonly Claim[]): Promise<Map<JobExecutionId, { cancelRequested: boolean }>> {
    const { stores, policy } = this.dependencies;
    return this.applier.inOneTransaction("execution.renewLeases", ({ tx, now }) =>
      stores.jobExecutions.renewLeases(claims, now + policy.jobs.leaseMs, tx),
    );
  }

  /** The engine stops while the handler still runs: nobody may take the execution before the lease has expired. */
  leaveUnsettled(execution: JobExecution): Promise<boolean> {
    return this.applier.inOneTransaction("execution.leaveUnsettled", ({ tx, now }) =>
      this.dependencies.stores.jobExecutions.changeClaimed(execution, { unsettled: true }, now, tx),
    );
  }

  /** Cancels a pending execution at once; gives `running` for one that must be told. @throws JobStateError when it is over */
  requestCancel(id: JobExecutionId, reason: string): Promise<"cancelled" | "running"> {
    return this.applier.inOneTransaction("execution.requestCancel", async (step) => {
      const { stores } = this.dependencies;
      const execution = await stores.jobExecutions.get(id, step.tx);
      if (execution.status === "running") {
        await askToStop(stores, step, execution, reason);
        return "running" as const;
      }
      if (execution.status !== "pending")
        throw new JobStateError(`Execution ${id} is over (${execution.status}); it can't be cancelled.`);
      await cancelPending(stores, step, execution, reason);
      await goOn(stores, step, await stores.jobs.get(execution.jobId, step.tx), null);
      return "cancelled" as const;
    });
  }

  private async recordIn(step: Step, { claimed, outcome, logs, trace = null }: EndedAttempt): Promise<Recorded> {
    const { stores, policy, random } = this.dependencies;
    const { tx, now } = step;
    const { execution, job } = outcome.kind === "success" ? claimed : await this.seenNow(step, claimed);
    const { patch, over } = afterAttempt(execution, job, outcome, { now, policy: policy.jobs, random: random() });
    const changed = await stores.jobExecutions.changeClaimed(execution, { ...patch, ...trace }, now, tx);
    if (!changed) return "claim lost";
    if (logs.length > 0) await stores.jobHistory.appendLogs(execution.id, logs, tx);
    const after = { ...execution, ...patch, ...trace };
    step.announce({ name: "execution:changed", args: [after] });
    return { execution: after, job: over && (await this.settleJob(step, job, after, over)) };
  }

  /** What somebody may have said about an execution and its job since it was taken. */
  private async seenNow({ tx }: Step, { execution, job }: ClaimedExecution): Promise<ClaimedExecution> {
    const { stores } = this.dependencies;
    const { cancelRequestedAt, reason } = (await stores.jobExecutions.find(execution.id, tx)) ?? execution;
    const { status } = (await stores.jobs.find(job.id, tx)) ?? job;
    return { execution: { ...execution, cancelRequestedAt, reason }, job: { ...job, status } };
  }

  /** Counts an execution that is over, and does what follows for its job. */
  private async settleJob(
    step: Step,
    seen: Job,
    execution: JobExecution,
    over: { succeeded: boolean | null; durationMs: number },
  ): Promise<Job> {
    const { stores } = this.dependencies;
    const { tx, now } = step;
    const startedAt = execution.startedAt ?? now;
    const isItsOnlyTick = seen.type === "one_time" && execution.origin === "schedule";
    const endsJobAs = isItsOnlyTick ? endOfJob({ ...seen, nextRun: null, status: "active" }, over.succeeded) : null;
    const outcome = { ...over, startedAt, endsJobAs, version: seen.version };
    const progress = await stores.jobs.recordOutcome(seen.id, outcome, now, tx);
    // All the rest of a job changes with its version only.
    let job = progress.version === seen.version ? { ...seen, ...progress } : await stores.jobs.get(seen.id, tx);
    if (over.succeeded === false) job = await this.pauseAfterFailures(step, job);
    job = await goOn(stores, step, job, over.succeeded);
    step.announce({ name: "job:changed", args: [job] });
    return job;
  }

  private async pauseAfterFailures(step: Step, job: Job): Promise<Job> {
    const { stores } = this.dependencies;
    const { tx, now } = step;
    const { autoPauseAfter, consecutiveFailures, id, name } = job;
    if (autoPauseAfter === null || consecutiveFailures < autoPauseAfter || !isOpen(job)) return job;
    const pauseNote = `Paused by Millrace after ${consecutiveFailures} failures in a row.`;
    const patch = { status: "paused", nextRun: null, pauseNote, pausedAt: now } as const;
    await stores.jobs.change(job, patch, now, tx);
    await stores.jobExecutions.holdJob(id, "resume", now, tx);
    const message = `Job "${name}" was paused after ${consecutiveFailures} failures in a row. Mend what made it fail, then resume it.`;
    const notice = { jobId: id, runId: null, mutationId: null, kind: "job_paused", message } as const;
    step.announce({ name: "notification:created", args: [await stores.notifications.create(notice, now, tx)] });
    return { ...job, ...patch };
  }
}
