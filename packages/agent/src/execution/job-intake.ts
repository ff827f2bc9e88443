/**
 * How work comes to be done: due ticks become executions, and those that are ready are claimed, as far as there is room.
 *
 * Invariants:
 * 1. A tick's record is inserted in the transaction that advances the job's `next_run`: none is lost or doubled.
 * 2. A claim is on disk before anybody hears of it.
 * 3. A job whose row cannot be read hinders no other: it is set aside, and a person is told.
 */
import {
  CorruptRowError,
  DatabaseError,
  type Job,
  type JobExecutionId,
  type JobId,
  type ReadyExecution,
} from "@millrace/db";
import { cancelOpen } from "./job-cancellation.ts";
import { endIfDone, goOn } from "./job-endings.ts";
import { newExecution, skippedExecution } from "./job-executions.ts";
import type { ClaimedExecution } from "./job-model.ts";
import { failUnreadable, readJobs, setAside, type BrokenJob } from "./job-quarantine.ts";
import { dueAtOf, judgeOverlap, planTicks, runAfterDelay, type OverlapVerdict, type PlannedTick } from "./job-ticks.ts";
import { decideJobTick } from "./tick-decisions.ts";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";

const MAKES_WAY = "a later tick has come (overlap policy cancel_other)";

/** Says what an execution has to wait for; null if it may be taken. */
export type Admission = (job: Job, ready: ReadyExecution) => string | null;

interface ClaimRequest {
  /** How many may be taken: asked once the transaction has begun, for places may be given back until then. */
  slots: () => number;
  workerId: string;
  admit: Admission;
}

export interface LookRequest extends ClaimRequest {
  /** Whether something may be due. */
  fire: boolean;
  /** For how many of those who wait for something there is room. */
  freed: ReadonlyMap<string, number>;
}

export interface FiredTicks {
  /** Whether more jobs may be due. */
  more: boolean;
  /** Running executions that make way for a new one. */
  cancelling: JobExecutionId[];
  broken: BrokenJob[];
  /** When something is due next, in Unix milliseconds. */
  nextDue: number | null;
}

export interface ClaimResult {
  claimed: ClaimedExecution[];
  /** Jobs whose handler is not here. */
  deferred: Job[];
  broken: BrokenJob[];
  /** Whether more may be ready. */
  more: boolean;
}

export interface Look {
  fired: FiredTicks | null;
  /** How many of those who waited were made ready, by what they waited for. */
  released: ReadonlyMap<string, number>;
  claims: ClaimResult | null;
}

export class JobIntake {
  private readonly dependencies: ExecutionDependencies;
  private readonly applier: TransitionApplier;

  constructor(dependencies: ExecutionDependencies, applier: TransitionApplier) {
    this.dependencies = dependencies;
    this.applier = applier;
  }

  /** One look, in one transaction: its claims are on disk when it resolves. */
  look({ fire, freed, ...claims }: LookRequest): Promise<Look> {
    return this.applier.inOneTransaction("job.look", async (step) => {
      const { jobExecutions } = this.dependencies.stores;
      const fired = fire ? await this.fireDue(step) : null;
      const released = new Map<string, number>();
      for (const [waitsFor, places] of freed) {
        released.set(waitsFor, await jobExecutions.unpark(waitsFor, places, step.tx));
      }
      const slots = claims.slots();
      return { fired, released, claims: slots > 0 ? await this.claimReady(step, slots, claims) : null };
    });
  }

  /** Turns due ticks into executions, advances their jobs, and makes ready what waited for its time. */
  private async fireDue(step: Step): Promise<FiredTicks> {
    const { stores, policy } = this.dependencies;
    const { ticksPerTransaction } = policy.jobs;
    const due = await stores.jobs.listDue(step.now, ticksPerTransaction, step.tx);
    const { cancelling, broken } = await this.fireAll(step, due);
    await stores.jobExecutions.releaseDue(step.now, step.tx);
    return { more: due.length === ticksPerTransaction, cancelling, broken, nextDue: await this.nextDue(step) };
  }

  /** Fires them together, and one by one where one of them hinders the others. */
  private async fireAll(step: Step, due: readonly JobId[]): Promise<Pick<FiredTicks, "cancelling" | "broken">> {
    if (due.length === 0) return { cancelling: [], broken: [] };
    try {
      return await this.applier.inSavepoint(step, async (own) => {
        const cancelling: JobExecutionId[] = [];
        for (const jobId of due) cancelling.push(...(await this.fire(own, jobId)));
        return { cancelling, broken: [] };
      });
    } catch (error) {
      if (isOfDatabase(error)) throw error;
      return this.fireEach(step, due);
    }
  }

  private async fireEach(step: Step, due: readonly JobId[]): Promise<Pick<FiredTicks, "cancelling" | "broken">> {
    const { stores } = this.dependencies;
    const cancelling: JobExecutionId[] = [];
    const broken: BrokenJob[] = [];
    for (const jobId of due) {
      try {
        cancelling.push(...(await this.applier.inSavepoint(step, (own) => this.fire(own, jobId))));
      } catch (error) {
        if (isOfDatabase(error)) throw error;
        broken.push(await setAside(stores, step, jobId, error));
      }
    }
    return { cancelling, broken };
  }

  /** When the next tick or the next attempt is due; null when none is. */
  private async nextDue({ tx }: Step): Promise<number | null> {
    const { jobs, jobExecutions } = this.dependencies.stores;
    const times = [await jobs.earliestNextRun(tx), await jobExecutions.earliestDue(tx)].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Takes ready executions, in the order of their rank, as far as `admit` lets them. */
  private async claimReady(
    step: Step,
    slots: number,
    { workerId, admit }: Omit<ClaimRequest, "slots">,
  ): Promise<ClaimResult> {
    const { stores } = this.dependencies;
    const { tx, now } = step;
    const ready = await stores.jobExecutions.listReady(slots, tx);
    const result: ClaimResult = { claimed: [], deferred: [], broken: [], more: ready.length === slots };
    if (ready.length === 0) return result;
    const jobs = await readJobs(stores, step, new Set(ready.map(({ jobId }) => jobId)), result.broken);
    const admitted = new Map<JobExecutionId, Job>();
    for (const candidate of ready) {
      const job = jobs.get(candidate.jobId);
      if (!job) continue;
      const waitsFor = admit(job, candidate);
      if (waitsFor === null) {
        admitted.set(candidate.id, job);
        continue;
      }
      await stores.jobExecutions.park(candidate.id, waitsFor, now, tx);
      if (waitsFor.startsWith("handler ")) result.deferred.push(job);
    }
    if (admitted.size > 0) await this.claim(step, workerId, admitted, result);
    return result;
  }

  /** Takes executions with one statement; one whose row cannot be read has failed, which its job's `broken` entry says. */
  private async claim(
    step: Step,
    workerId: string,
    admitted: ReadonlyMap<JobExecutionId, Job>,
    result: ClaimResult,
  ): Promise<void> {
    const { stores, policy } = this.dependencies;
    const { now, tx } = step;
    const claim = { workerId, leaseExpiresAt: now + policy.jobs.leaseMs, now };
    const { read, broken } = await stores.jobExecutions.claimEach([...admitted.keys()], claim, tx);
    const taken = new Map(read.map((execution) => [execution.id, execution]));
    // They begin in the order in which they were admitted.
    for (const [id, job] of admitted) {
      const execution = taken.get(id);
      if (!execution) continue;
      result.claimed.push({ execution, job });
      step.announce({ name: "execution:changed", args: [execution] });
    }
    for (const error of broken) {
      // It is the id of the row that was read.
      const id = error.id as JobExecutionId;
      const jobId = await failUnreadable(stores, step, id, error.message);
      result.broken.push({ jobId, error });
      const job = admitted.get(id);
      if (job) await goOn(stores, step, job, false);
    }
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
    const full = job.maxRuns !== null && runCount >= job.maxRuns;
    // A fixed delay counts from the end of what has begun; where nothing has, from now.
    const following = full ? null : (plan.nextRun ?? (runCount > job.runCount ? null : runAfterDelay(job, step.now)));
    const patch = { nextRun: following, runCount, status: "active" as const };
    await stores.jobs.advance(due, patch, step.now, step.tx);
    const after = { ...job, ...patch };
    step.announce({ name: "job:changed", args: [after] });
    await endIfDone(stores, step, after, null);
    return cancelling;
  }

  /** Gives the running executions that make way; null where the tick does not run. */
  private async fireTick(step: Step, job: Job, tick: PlannedTick): Promise<JobExecutionId[] | null> {
    const { stores, policy } = this.dependencies;
    const { tx, now } = step;
    const { scheduledAt, missedCount } = tick;
    const seed = { origin: "schedule", scheduledAt, dueAt: dueAtOf(job, scheduledAt), missedCount } as const;
    const execution = newExecution(job, seed, now, policy.jobs);
    // The tick may have its record already: a backfill has asked for it, or the schedule was set back.
    if (await stores.jobExecutions.hasTick(job.id, scheduledAt, tx)) return null;
    const verdict = await this.judge(step, job);
    const reason = verdict.kind === "skip" ? verdict.reason : null;
    // Those that make way do so before the new one is there.
    const cancelling =
      verdict.kind === "run" && verdict.cancel ? await cancelOpen(stores, step, job.id, MAKES_WAY) : [];
    const record = reason === null ? execution : skippedExecution(execution, reason, now);
    const created = await stores.jobExecutions.create(record, now, tx);
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
}

/** Whether it is no fault of a job: what is asked of the database can't be done, whatever job it is for. */
function isOfDatabase(error: unknown): boolean {
  return error instanceof DatabaseError && !(error instanceof CorruptRowError);
}
