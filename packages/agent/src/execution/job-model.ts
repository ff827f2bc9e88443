/**
 * The life of executions, one verb a transition, each one database transaction that leaves all rows consistent. A crash
 * between any two of them leaves a state that `recoverLost` understands.
 *
 * Invariants:
 * 1. A tick's record is inserted in the transaction that advances the job's `next_run`: none is lost or doubled.
 * 2. Every write on behalf of an attempt carries its fencing token; one that comes too late changes nothing.
 * 3. A job whose row cannot be read hinders no other: it is set aside, and a person is told.
 */
import {
  CorruptRowError,
  DatabaseError,
  type Claim,
  type Job,
  type JobExecution,
  type JobExecutionId,
  type JobId,
  type NewJobExecutionLog,
  type ReadyExecution,
} from "@millrace/db";
import { JobStateError } from "../job-errors.ts";
import { askToStop, cancelOpen, cancelPending } from "./job-cancellation.ts";
import { newExecution, skippedExecution } from "./job-executions.ts";
import { claimReadable, failUnreadable, readJob, setAside, type BrokenJob } from "./job-quarantine.ts";
import { dueAtOf, judgeOverlap, planTicks, runAfterDelay, type OverlapVerdict, type PlannedTick } from "./job-ticks.ts";
import { afterAttempt, endOfJob, type AttemptOutcome } from "./job-transitions.ts";
import { decideJobTick } from "./tick-decisions.ts";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";

const MAKES_WAY = "a later tick has come (overlap policy cancel_other)";

/** An execution that is held, with the job as it was when it was taken. */
export interface ClaimedExecution {
  execution: JobExecution;
  job: Job;
}

/** Says what an execution has to wait for; null if it may be taken. */
export type Admission = (job: Job, ready: ReadyExecution) => string | null;

export interface FiredTicks {
  /** Whether more jobs may be due. */
  more: boolean;
  /** Running executions that make way for a new one. */
  cancelling: JobExecutionId[];
  broken: BrokenJob[];
}

export interface ClaimResult {
  claimed: ClaimedExecution[];
  /** What those wait for that could not be taken. */
  waits: Set<string>;
  /** Jobs whose handler is not here. */
  deferred: Job[];
  broken: BrokenJob[];
  /** Whether more may be ready. */
  more: boolean;
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

  /** Turns due ticks into executions, and advances their jobs. */
  fireDue(): Promise<FiredTicks> {
    const { stores, policy } = this.dependencies;
    const { ticksPerTransaction } = policy.jobs;
    return this.applier.inOneTransaction(async (step) => {
      const due = await stores.jobs.listDue(step.now, ticksPerTransaction, step.tx);
      const result: FiredTicks = { more: due.length === ticksPerTransaction, cancelling: [], broken: [] };
      for (const jobId of due) {
        try {
          const cancelling = await this.applier.inSavepoint(step, (own) => this.fire(own, jobId));
          result.cancelling.push(...cancelling);
        } catch (error) {
          if (error instanceof DatabaseError && !(error instanceof CorruptRowError)) throw error;
          result.broken.push(await setAside(stores, step, jobId, error));
        }
      }
      return result;
    });
  }

  /** Takes ready executions, in the order of their rank, as far as `admit` lets them. */
  claimReady(slots: number, workerId: string, admit: Admission): Promise<ClaimResult> {
    const { stores, policy } = this.dependencies;
    return this.applier.inOneTransaction(async (step) => {
      const { tx, now } = step;
      const ready = await stores.jobExecutions.listReady(slots, tx);
      const jobs = new Map<JobId, Job>();
      const result: ClaimResult = {
        claimed: [],
        waits: new Set(),
        deferred: [],
        broken: [],
        more: ready.length === slots,
      };
      const leaseExpiresAt = now + policy.jobs.leaseMs;
      for (const candidate of ready) {
        const job = jobs.get(candidate.jobId) ?? (await readJob(stores, step, candidate.jobId, result.broken));
        if (!job) continue;
        jobs.set(job.id, job);
        const waitsFor = admit(job, candidate);
        if (waitsFor !== null) {
          await stores.jobExecutions.park(candidate.id, waitsFor, now, tx);
          if (waitsFor.startsWith("handler ")) result.deferred.push(job);
          result.waits.add(waitsFor);
          continue;
        }
        const claim = { id: candidate.id, workerId, leaseExpiresAt, now };
        const execution = await claimReadable(stores, step, claim, job.id, result.broken);
        if (!execution) {
          await this.goOn(step, job, false);
          continue;
        }
        result.claimed.push({ execution, job });
        step.announce({ name: "execution:changed", args: [execution] });
      }
      return result;
    });
  }

  /** Makes ready what waited for its time. */
  async releaseDue(): Promise<void> {
    await this.applier.inOneTransaction(({ tx, now }) => this.dependencies.stores.jobExecutions.releaseDue(now, tx));
  }

  /** Makes ready as many of those who wait for something as there is room for; gives how many of each there were. */
  unpark(freed: ReadonlyMap<string, number>): Promise<Map<string, number>> {
    const { jobExecutions } = this.dependencies.stores;
    return this.applier.inOneTransaction(async ({ tx }) => {
      const released = new Map<string, number>();
      for (const [waitsFor, places] of freed) {
        released.set(waitsFor, await jobExecutions.unpark(waitsFor, places, tx));
      }
      return released;
    });
  }

  /** Records how an attempt ended, and what follows for the execution and its job. */
  recordOutcome(
    claimed: ClaimedExecution,
    outcome: AttemptOutcome,
    logs: readonly NewJobExecutionLog[],
    trace: Pick<JobExecution, "traceId" | "spanId"> | null = null,
  ): Promise<Recorded> {
    const { stores, policy, random } = this.dependencies;
    return this.applier.inOneTransaction(async (step) => {
      const { tx, now } = step;
      const { execution, job } = outcome.kind === "success" ? claimed : await this.seenNow(step, claimed);
      const { patch, over } = afterAttempt(execution, job, outcome, { now, policy: policy.jobs, random: random() });
      const changed = await stores.jobExecutions.changeClaimed(execution, { ...patch, ...trace }, now, tx);
      if (!changed) return "claim lost" as const;
      await stores.jobHistory.appendLogs(execution.id, logs, tx);
      const after = { ...execution, ...patch, ...trace };
      step.announce({ name: "execution:changed", args: [after] });
      return { execution: after, job: over && (await this.settleJob(step, job, after, over)) };
    });
  }

  /** Keeps log lines of an attempt that is under way. */
  async appendLogs(id: JobExecutionId, logs: readonly NewJobExecutionLog[]): Promise<void> {
    await this.applier.inOneTransaction(({ tx }) => this.dependencies.stores.jobHistory.appendLogs(id, logs, tx));
  }

  /** Prolongs claims; names those that still hold, and whether their cancellation was asked for. */
  renew(claims: readonly Claim[]): Promise<Map<JobExecutionId, { cancelRequested: boolean }>> {
    const { stores, policy } = this.dependencies;
    return this.applier.inOneTransaction(({ tx, now }) =>
      stores.jobExecutions.renewLeases(claims, now + policy.jobs.leaseMs, tx),
    );
  }

  /** The engine stops while the handler still runs: nobody may take the execution before the lease has expired. */
  leaveUnsettled(execution: JobExecution): Promise<boolean> {
    return this.applier.inOneTransaction(({ tx, now }) =>
      this.dependencies.stores.jobExecutions.changeClaimed(execution, { unsettled: true }, now, tx),
    );
  }

  /**
   * Ends attempts whose worker is gone. Gives how many.
   * @param all at start-up: whatever the lease says, for the engine that held it is gone; but for what is `unsettled`
   * @param broken gets the jobs that cannot be read
   */
  async recoverLost(all: boolean, broken: BrokenJob[]): Promise<number> {
    const { stores, clock, policy } = this.dependencies;
    const { ticksPerTransaction } = policy.jobs;
    let recovered = 0;
    for (let before = -1; recovered > before;) {
      before = recovered;
      const by = all ? Number.MAX_SAFE_INTEGER : clock.now();
      const list = () => stores.jobExecutions.listLost(by, all, ticksPerTransaction);
      const lost = await this.pastUnreadable(list, broken);
      for (const execution of lost) {
        const job = await this.applier.inOneTransaction((step) => readJob(stores, step, execution.jobId, broken));
        if (!job) {
          await this.applier.inOneTransaction((step) =>
            failUnreadable(stores, step, execution.id, "Its job cannot be read."),
          );
          recovered += 1;
          continue;
        }
        const message = all
          ? "The process ended during the attempt."
          : "The attempt's lease expired without being renewed.";
        const failure = { message, type: "WorkerLost", stack: null };
        await this.recordOutcome({ execution, job }, { kind: "lost", failure }, []);
        recovered += 1;
      }
      if (lost.length < ticksPerTransaction) break;
    }
    return recovered;
  }

  /** When the earliest claim expires, in Unix milliseconds; null where nothing runs. */
  earliestLease(broken: BrokenJob[]): Promise<number | null> {
    return this.pastUnreadable(() => this.dependencies.stores.jobExecutions.earliestLease(), broken);
  }

  /** Reads running executions; those that cannot be read have failed, and are out of the way. */
  private async pastUnreadable<T>(read: () => Promise<T>, broken: BrokenJob[]): Promise<T> {
    const { stores } = this.dependencies;
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof CorruptRowError) || error.table !== "job_executions") throw error;
        const { id, message } = error;
        // It is the id of the row that was read.
        const own = id as JobExecutionId;
        const jobId = await this.applier.inOneTransaction((step) => failUnreadable(stores, step, own, message));
        broken.push({ jobId, error });
      }
    }
  }

  /** Cancels a pending execution at once; gives `running` for one that must be told. @throws JobStateError when it is over */
  requestCancel(id: JobExecutionId, reason: string): Promise<"cancelled" | "running"> {
    return this.applier.inOneTransaction(async (step) => {
      const { stores } = this.dependencies;
      const execution = await stores.jobExecutions.get(id, step.tx);
      if (execution.status === "running") {
        await askToStop(stores, step, execution, reason);
        return "running" as const;
      }
      if (execution.status !== "pending")
        throw new JobStateError(`Execution ${id} is over (${execution.status}); it can't be cancelled.`);
      await cancelPending(stores, step, execution, reason);
      await this.goOn(step, await stores.jobs.get(execution.jobId, step.tx), null);
      return "cancelled" as const;
    });
  }

  /** What somebody may have said about an execution and its job since it was taken. */
  private async seenNow({ tx }: Step, { execution, job }: ClaimedExecution): Promise<ClaimedExecution> {
    const { stores } = this.dependencies;
    const { cancelRequestedAt, reason } = (await stores.jobExecutions.find(execution.id, tx)) ?? execution;
    const { status } = (await stores.jobs.find(job.id, tx)) ?? job;
    return { execution: { ...execution, cancelRequestedAt, reason }, job: { ...job, status } };
  }

  private async fire(step: Step, jobId: JobId): Promise<JobExecutionId[]> {
    const { stores, policy } = this.dependencies;
    const job = await stores.jobs.get(jobId, step.tx);
    const { nextRun } = job;
    if (nextRun === null || nextRun > step.now) return [];
    const due = { ...job, nextRun };
    const plan = planTicks(due, step.now, policy.jobs.maxTicksAtOnce);
    const cancelling: JobExecutionId[] = [];
    let { runCount } = job;
    for (const tick of plan.ticks) {
      if (job.maxRuns !== null && runCount >= job.maxRuns) break;
      const fired = await this.fireTick(step, job, tick);
      if (fired === null) continue;
      runCount += 1;
      cancelling.push(...fired);
    }
    for (const passed of plan.passed) await decideJobTick(stores, step, jobId, { ...passed, executionId: null });
    const ended = plan.nextRun === null || (job.maxRuns !== null && runCount >= job.maxRuns);
    const patch = { nextRun: ended ? null : plan.nextRun, runCount, status: "active" as const };
    await stores.jobs.advance(due, patch, step.now, step.tx);
    const after = { ...job, ...patch };
    step.announce({ name: "job:changed", args: [after] });
    const delayed = runCount > job.runCount && job.intervalMode === "fixed_delay";
    if (ended && !delayed) await this.endIfDone(step, after, null);
    return cancelling;
  }

  /** Gives the running executions that make way; null where the tick does not run. */
  private async fireTick(step: Step, job: Job, tick: PlannedTick): Promise<JobExecutionId[] | null> {
    const { stores, policy } = this.dependencies;
    const { tx, now } = step;
    const { scheduledAt, missedCount } = tick;
    const seed = { origin: "schedule", scheduledAt, dueAt: dueAtOf(job, scheduledAt), missedCount } as const;
    const execution = newExecution(job, seed, now, policy.jobs);
    const verdict = await this.judge(step, job);
    const reason = verdict.kind === "skip" ? verdict.reason : null;
    // Those that make way do so before the new one is there.
    const cancelling =
      verdict.kind === "run" && verdict.cancel ? await cancelOpen(stores, step, job.id, MAKES_WAY) : [];
    const record = reason === null ? execution : skippedExecution(execution, reason, now);
    const created = await stores.jobExecutions.create(record, now, tx);
    // The tick has its record already: a backfill has asked for it, or the schedule was set back.
    if (!created) return null;
    step.announce({ name: "execution:changed", args: [created] });
    const decision = reason === null ? ("fired" as const) : ("skipped" as const);
    await decideJobTick(stores, step, job.id, { decision, scheduledAt, count: 1, reason, executionId: created.id });
    return reason === null ? cancelling : null;
  }

  private async judge({ tx }: Step, { id, overlapPolicy }: Job): Promise<OverlapVerdict> {
    if (overlapPolicy === "allow" || overlapPolicy === "buffer_all") return { kind: "run", cancel: false };
    const open = await this.dependencies.stores.jobExecutions.listOpen(id, tx);
    const running = open.filter(({ status }) => status === "running").length;
    return judgeOverlap(overlapPolicy, { pending: open.length - running, running });
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
    let job = await stores.jobs.recordOutcome(seen.id, { ...over, startedAt, endsJobAs }, now, tx);
    if (job.version !== seen.version && job.status === endsJobAs) job = await this.reopen(step, job);
    if (over.succeeded === false) job = await this.pauseAfterFailures(step, job);
    job = await this.goOn(step, job, over.succeeded);
    step.announce({ name: "job:changed", args: [job] });
    return job;
  }

  /** One-time work that was put off while it ran is not over: its new tick is still to come. */
  private async reopen({ tx, now }: Step, job: Job): Promise<Job> {
    const { jobs, jobHistory } = this.dependencies.stores;
    const { id, runAt } = job;
    const hasCome = runAt === null || (await jobHistory.recordedTicks(id, runAt, runAt, tx)).has(runAt);
    const patch = { status: "active", finishedAt: null, nextRun: hasCome ? null : runAt } as const;
    await jobs.change(job, patch, now, tx);
    return { ...job, ...patch };
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

  /** After an execution that is over: a fixed delay has its next tick, and a job with nothing more to do is over. */
  private async goOn(step: Step, job: Job, lastSucceeded: boolean | null): Promise<Job> {
    const { stores } = this.dependencies;
    const nextRun = job.nextRun === null && isOpen(job) && hasRunsLeft(job) ? runAfterDelay(job, step.now) : null;
    if (nextRun === null || (await stores.jobExecutions.hasOpen(job.id, step.tx)))
      return this.endIfDone(step, job, lastSucceeded);
    await stores.jobs.change(job, { nextRun }, step.now, step.tx);
    return { ...job, nextRun };
  }

  /** A job with nothing more to do is over. */
  private async endIfDone(step: Step, job: Job, lastSucceeded: boolean | null): Promise<Job> {
    const { stores } = this.dependencies;
    const status = isOpen(job) ? endOfJob(job, lastSucceeded) : null;
    if (status === null || (await stores.jobExecutions.hasOpen(job.id, step.tx))) return job;
    const patch = { status, finishedAt: step.now };
    await stores.jobs.change(job, patch, step.now, step.tx);
    return { ...job, ...patch };
  }
}

function isOpen({ status }: Pick<Job, "status">): boolean {
  return status === "pending" || status === "active";
}

function hasRunsLeft({ maxRuns, runCount }: Pick<Job, "maxRuns" | "runCount">): boolean {
  return maxRuns === null || runCount < maxRuns;
}
