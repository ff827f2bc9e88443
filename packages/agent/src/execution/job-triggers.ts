/** Executions that no tick has made: of events, by hand, for a past range, or to repeat one that is over. */
import {
  NotFoundError,
  type Job,
  type JobExecution,
  type JobExecutionId,
  type JsonValue,
  type NewJobExecution,
  type PlatformId,
} from "@millrace/db";
import { JobStateError } from "../job-errors.ts";
import { ticksBetween } from "../schedule/schedule.ts";
import { newExecution, type ExecutionSeed, type TraceParent } from "./job-executions.ts";
import { dueAtOf, scheduleOf } from "./job-ticks.ts";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";

/** Who asks, and from where. */
export interface TriggerContext {
  by: string | null;
  trace: TraceParent | null;
}

export interface BackfillResult {
  /** How many ticks lie in the range. */
  ticks: number;
  /** Those that had no record: so many executions were made, or would be. */
  executions: number;
}

const NO_TICKS = { ticks: [], more: false } as const;

export class JobTriggers {
  private readonly dependencies: ExecutionDependencies;
  private readonly applier: TransitionApplier;

  constructor(dependencies: ExecutionDependencies, applier: TransitionApplier) {
    this.dependencies = dependencies;
    this.applier = applier;
  }

  /** Makes an execution for each enabled handler of an event; an event that is known by its id makes none again. */
  triggerEvent(
    platformId: PlatformId,
    event: { name: string; payload: JsonValue; id: string | null },
    context: TriggerContext,
  ): Promise<JobExecution[]> {
    const { stores } = this.dependencies;
    return this.applier.inOneTransaction("job.triggerEvent", async (step) => {
      const executions: JobExecution[] = [];
      for (const { jobId } of await stores.eventHandlers.listEnabled(platformId, event.name, step.tx)) {
        const job = await stores.jobs.get(jobId, step.tx);
        if (job.status === "cancelled") continue;
        const idempotencyKey = event.id === null ? {} : { idempotencyKey: `${jobId}:event:${event.id}` };
        const created = await this.create(step, job, {
          ...this.asked(step, "event", context),
          ...idempotencyKey,
          payload: event.payload,
          eventId: event.id,
        });
        if (created) executions.push(created);
      }
      return executions;
    });
  }

  /** Runs a job once more, beside its schedule. @throws JobStateError when it is paused or cancelled */
  runNow(seen: Job, payload: JsonValue, context: TriggerContext): Promise<JobExecution> {
    return this.applier.inOneTransaction("job.runNow", async (step) => {
      const job = await this.dependencies.stores.jobs.get(seen.id, step.tx);
      if (job.status === "paused" || job.status === "cancelled")
        throw new JobStateError(`Job "${job.name}" is ${job.status}; resume it or schedule it anew to run it.`);
      await this.reopen(step, job);
      return this.createAnew(step, job, { ...this.asked(step, "manual", context), payload });
    });
  }

  /**
   * Makes executions for the ticks of a past range that have no record.
   * @throws JobStateError when it has no schedule, is cancelled, or the range has more ticks than the policy allows
   */
  backfill(
    seen: Job,
    range: { from: number; until: number },
    dryRun: boolean,
    context: TriggerContext,
  ): Promise<BackfillResult> {
    const { stores, policy } = this.dependencies;
    return this.applier.inOneTransaction("job.backfill", async (step) => {
      const job = await stores.jobs.get(seen.id, step.tx);
      const schedule = scheduleOf(job);
      if (schedule === null || job.status === "cancelled" || job.intervalMode === "fixed_delay")
        throw new JobStateError(`Job "${job.name}" has no ticks that could be made up for.`);
      const { maxBackfill } = policy.jobs;
      // Outside of its bounds a job has no ticks. An interval's grid has no beginning: its anchor need not be one.
      const startsAt = job.intervalMs === null ? job.anchorAt : null;
      const from = Math.max(range.from, startsAt ?? range.from);
      const until = Math.min(range.until, job.endsAt ?? range.until);
      const { ticks, more } = from > until ? NO_TICKS : ticksBetween(schedule, from, until, maxBackfill);
      if (more)
        throw new JobStateError(
          `The range has more than ${maxBackfill} ticks. Make it shorter, or raise policy.jobs.maxBackfill.`,
        );
      const recorded = await stores.jobHistory.recordedTicks(job.id, range.from, range.until, step.tx);
      const missing = ticks.filter((tick) => !recorded.has(tick));
      if (!dryRun) {
        if (missing.length > 0) await this.reopen(step, job);
        for (const scheduledAt of missing) {
          const seed = {
            origin: "backfill",
            scheduledAt,
            dueAt: dueAtOf(job, scheduledAt),
            createdBy: context.by,
          } as const;
          await this.create(step, job, seed);
        }
      }
      return { ticks: ticks.length, executions: missing.length };
    });
  }

  /**
   * Repeats executions that are over, all or none; each new one names the old one. One that failed keeps its idempotency
   * key, for it is the same work; one that succeeded gets a new one, for it is to be done again.
   * @throws JobStateError when one is not over, or was repeated already; NotFoundError
   */
  redrive(ids: readonly JobExecutionId[], platformId: PlatformId, context: TriggerContext): Promise<JobExecution[]> {
    return this.applier.inOneTransaction("job.redrive", async (step) => {
      const repeated: JobExecution[] = [];
      for (const id of ids) repeated.push(await this.repeat(step, id, platformId, context));
      return repeated;
    });
  }

  private async repeat(
    step: Step,
    id: JobExecutionId,
    platformId: PlatformId,
    context: TriggerContext,
  ): Promise<JobExecution> {
    const { stores } = this.dependencies;
    const old = await stores.jobExecutions.get(id, step.tx);
    if (old.platformId !== platformId) throw new NotFoundError("job_executions", id);
    if (old.status === "pending" || old.status === "running")
      throw new JobStateError(`Execution ${id} is not over (${old.status}).`);
    if (old.redrivenBy !== null)
      throw new JobStateError(`Execution ${id} was repeated already, by ${old.redrivenBy}. Repeat that one.`);
    const job = await stores.jobs.get(old.jobId, step.tx);
    if (job.status === "cancelled") throw new JobStateError(`Job "${job.name}" is cancelled. Schedule it anew first.`);
    await this.reopen(step, job);
    const repeated = await this.createAnew(step, job, {
      ...this.asked(step, "retry", context),
      payload: old.payload,
      retryOf: old.id,
      ...(old.status !== "success" && { idempotencyKey: old.idempotencyKey }),
    });
    await stores.jobExecutions.markRedriven(old.id, repeated.id, step.now, step.tx);
    return repeated;
  }

  private asked({ now }: Step, origin: NewJobExecution["origin"], { by, trace }: TriggerContext): ExecutionSeed {
    const id = this.dependencies.database.newId<JobExecutionId>();
    return { id, origin, scheduledAt: now, dueAt: now, createdBy: by, trace };
  }

  /** A job that was over has something to do again. */
  private async reopen({ tx, now }: Step, job: Job): Promise<void> {
    if (job.status !== "completed" && job.status !== "failed") return;
    await this.dependencies.stores.jobs.change(job, { status: "active", finishedAt: null }, now, tx);
  }

  private async create(step: Step, job: Job, seed: ExecutionSeed): Promise<JobExecution | null> {
    const { stores, policy } = this.dependencies;
    const { tx, now } = step;
    const created = await stores.jobExecutions.create(newExecution(job, seed, now, policy.jobs), now, tx);
    if (!created) return null;
    step.announce({ name: "execution:changed", args: [created] });
    return created;
  }

  /** Creates one whose identity is new. */
  private async createAnew(step: Step, job: Job, seed: ExecutionSeed): Promise<JobExecution> {
    const created = await this.create(step, job, seed);
    if (!created)
      throw new JobStateError(`An execution of job "${job.name}" could not be made: its identity was taken.`);
    return created;
  }
}
