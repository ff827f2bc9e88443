/**
 * What people and programs say about jobs: scheduled, edited, paused, resumed, cancelled, deleted. Each verb is one
 * transaction.
 *
 * Invariants:
 * 1. Scheduling the same definition again changes nothing; another one is a new version, and ticks of the old schedule
 *    that have not begun go in the same transaction.
 * 2. A job that is paused keeps what it has to do; nothing of it runs before it is resumed.
 */
import {
  NotFoundError,
  type Job,
  type JobDefinition,
  type JobExecutionId,
  type JobId,
  type JsonValue,
  type PlatformId,
} from "@millrace/db";
import { JobConflictError, JobStateError } from "../job-errors.ts";
import { cancelOpen } from "./job-cancellation.ts";
import { newExecution } from "./job-executions.ts";
import { endIfDone } from "./job-endings.ts";
import { dueAtOf, firstAskedRun, firstRunOf, runAfter, runAfterDelay, withStart } from "./job-ticks.ts";
import { decideJobTick } from "./tick-decisions.ts";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";

/** What happens when a job with the same uniqueness key is not over, or was made within the window. */
export interface Uniqueness {
  key: string;
  onConflict: "reject" | "replace" | "throttle" | "debounce";
  /** For throttle and debounce, in milliseconds. */
  windowMs: number;
}

export interface Registration {
  platformId: PlatformId;
  /** An edit of this very job. */
  id: JobId | null;
  /** The owner's name for it: scheduled again under the same key, it is edited. */
  key: string | null;
  definition: JobDefinition;
  digest: string;
  /** Two schedules of one digest were asked for in the same words, whenever that was. */
  scheduleDigest: string;
  /** When it was asked for: what starts "now" starts then, whenever it comes to be written. */
  askedAt: number;
  unique: Uniqueness | null;
  createdBy: string | null;
  traceparent: string | null;
}

export interface Registered {
  job: Job;
  outcome: "created" | "edited" | "unchanged";
  /** Its first execution is there already, and waits for nothing but room. */
  isReady?: boolean;
}

/** The fields that say where the ticks of a job are, but for its start. */
const TICK_FIELDS = [
  "type",
  "cronExpression",
  "timezone",
  "dstGap",
  "dstOverlap",
  "intervalMs",
  "intervalMode",
  "runAt",
  "eventName",
] as const satisfies readonly (keyof JobDefinition)[];

/** The fields that say when a job runs. */
const SCHEDULE_FIELDS = [
  ...TICK_FIELDS,
  "anchorAt",
  "endsAt",
  "maxRuns",
  "jitterMs",
] as const satisfies readonly (keyof JobDefinition)[];

export class JobRegistration {
  private readonly dependencies: ExecutionDependencies;
  private readonly applier: TransitionApplier;

  constructor(dependencies: ExecutionDependencies, applier: TransitionApplier) {
    this.dependencies = dependencies;
    this.applier = applier;
  }

  /** Creates a job, or edits the one that is meant. @throws JobConflictError, NotFoundError */
  save(registration: Registration): Promise<Registered> {
    return this.applier.inOneTransaction("job.save", async (step) => {
      const existing = await this.findMeant(step, registration);
      if (existing) return this.edit(step, existing, registration);
      const { unique } = registration;
      const rival = unique && (await this.findRival(step, registration.platformId, unique));
      if (!unique || !rival) return this.create(step, registration);
      return this.meetRival(step, registration, unique, rival);
    });
  }

  /** Lets a job fire no more ticks and start nothing; what runs goes on. @throws JobStateError */
  pause(seen: Job, note: string | null): Promise<Job> {
    return this.applier.inOneTransaction("job.pause", async (step) => {
      const { stores } = this.dependencies;
      const job = await stores.jobs.get(seen.id, step.tx);
      if (job.status === "paused") return job;
      if (job.status !== "pending" && job.status !== "active") throw notPossible(job, "paused");
      await stores.jobExecutions.holdJob(job.id, "resume", step.now, step.tx);
      return this.change(step, job, { status: "paused", nextRun: null, pauseNote: note, pausedAt: step.now });
    });
  }

  /**
   * Lets a paused job go on: its next tick is computed from now, so that there is no burst.
   * @param catchUp treats the ticks of the pause as late ones, by the job's misfire policy
   * @throws JobStateError when it is not paused
   */
  resume(seen: Job, catchUp?: boolean): Promise<Job> {
    return this.applier.inOneTransaction("job.resume", async (step) => {
      const { stores } = this.dependencies;
      const job = await stores.jobs.get(seen.id, step.tx);
      if (job.status !== "paused") throw notPossible(job, "resumed");
      await stores.jobExecutions.holdJob(job.id, null, step.now, step.tx);
      await stores.notifications.resolveMatching({ jobId: job.id, kinds: ["job_paused"] }, step.now, step.tx);
      const since = (catchUp ?? job.catchUp) && job.pausedAt !== null ? job.pausedAt : step.now;
      const done = job.maxRuns !== null && job.runCount >= job.maxRuns;
      const nextRun = done ? null : await this.resumeAt(step, job, since);
      const status = job.runCount > 0 || job.type === "event" ? ("active" as const) : ("pending" as const);
      const resumed = await this.change(step, job, {
        status,
        nextRun,
        pauseNote: null,
        pausedAt: null,
        consecutiveFailures: 0,
      });
      return endIfDone(stores, step, resumed, null);
    });
  }

  /** Ends a job: nothing of it starts any more. Gives the executions that must be told to stop. @throws JobStateError */
  cancel(seen: Job, reason: string): Promise<{ job: Job; running: JobExecutionId[] }> {
    return this.applier.inOneTransaction("job.cancel", async (step) => {
      const { stores } = this.dependencies;
      const job = await stores.jobs.get(seen.id, step.tx);
      if (job.status === "cancelled") return { job, running: [] };
      if (job.status === "completed" || job.status === "failed") throw notPossible(job, "cancelled");
      const running = await cancelOpen(stores, step, job.id, reason);
      const patch = { status: "cancelled", nextRun: null, finishedAt: step.now } as const;
      return { job: await this.change(step, job, patch), running };
    });
  }

  /** Deletes a job with its history. Gives the executions that must be told to stop. */
  remove(job: Job): Promise<{ running: JobExecutionId[] }> {
    return this.applier.inOneTransaction("job.remove", async (step) => {
      const { stores } = this.dependencies;
      const open = await stores.jobExecutions.listOpen(job.id, step.tx);
      if ((await stores.jobs.delete([job.id], step.tx)) === 0) throw new NotFoundError("scheduled_jobs", job.id);
      step.announce({ name: "job:deleted", args: [job.id, job.platformId] });
      return { running: open.filter(({ status }) => status === "running").map(({ id }) => id) };
    });
  }

  /** Leaves out the next tick. Gives the job as it is then. @throws JobStateError when it has none */
  skipNext(seen: Job, reason: string): Promise<Job> {
    return this.applier.inOneTransaction("job.skipNext", async (step) => {
      const { stores } = this.dependencies;
      const job = await stores.jobs.get(seen.id, step.tx);
      if (job.nextRun === null || job.type === "one_time") throw notPossible(job, "asked to skip a tick");
      const scheduledAt = job.nextRun;
      const decision = { decision: "skipped", scheduledAt, count: 1, reason, executionId: null } as const;
      await decideJobTick(stores, step, job.id, decision);
      const nextRun = runAfterDelay(job, scheduledAt) ?? runAfter(job, scheduledAt);
      return endIfDone(stores, step, await this.change(step, job, { nextRun }), null);
    });
  }

  private async findMeant({ tx }: Step, { platformId, id, key }: Registration): Promise<Job | null> {
    const { jobs } = this.dependencies.stores;
    if (id === null) return key === null ? null : jobs.findByKey(platformId, key, tx);
    const job = await jobs.get(id, tx);
    if (job.platformId !== platformId) throw new NotFoundError("scheduled_jobs", id);
    return job;
  }

  /** The job that stands in the way of a new one of the same uniqueness key. */
  private async findRival({ tx, now }: Step, platformId: PlatformId, unique: Uniqueness): Promise<Job | null> {
    const latest = await this.dependencies.stores.jobs.findLatestByUniqueKey(platformId, unique.key, tx);
    if (!latest) return null;
    const open = latest.status === "pending" || latest.status === "active" || latest.status === "paused";
    const recent = unique.onConflict === "throttle" && now < latest.createdAt + unique.windowMs;
    return open || recent ? latest : null;
  }

  private async meetRival(step: Step, registration: Registration, unique: Uniqueness, rival: Job): Promise<Registered> {
    switch (unique.onConflict) {
      case "reject":
        throw new JobConflictError(unique.key, rival.id);
      case "throttle":
        return { job: rival, outcome: "unchanged" };
      case "replace":
        // One-time work that has begun is not undone: what is asked for now comes after it.
        return this.edit(step, rival, registration, registration.definition.type === "one_time");
      case "debounce":
        // The same input again is another call, which puts the work off.
        return this.edit(step, rival, registration, true);
    }
  }

  private async create(step: Step, registration: Registration): Promise<Registered> {
    const { stores } = this.dependencies;
    const { tx, now } = step;
    const { platformId, key, digest, scheduleDigest, createdBy, traceparent } = registration;
    const definition = withStart(registration.definition, registration.askedAt);
    const nextRun = firstAskedRun(definition, registration.askedAt);
    // What is due at once needs no tick: its execution is there as soon as the job is.
    const atOnce = definition.type === "one_time" && nextRun !== null && nextRun <= now;
    const created = await stores.jobs.create(
      {
        ...definition,
        platformId,
        key,
        digest,
        scheduleDigest,
        createdBy,
        traceparent,
        nextRun: atOnce ? null : nextRun,
        status: atOnce || definition.type === "event" ? "active" : "pending",
        finishedAt: null,
      },
      now,
      tx,
    );
    const isReady = atOnce && (await this.runAtOnce(step, created, nextRun));
    await this.saveParts(step, created, createdBy);
    step.announce({ name: "job:changed", args: [created] });
    return { job: created, outcome: "created", isReady };
  }

  /** Makes the only execution of a job; gives whether it is ready. */
  private async runAtOnce(step: Step, job: Job, scheduledAt: number): Promise<boolean> {
    const { stores, policy } = this.dependencies;
    const seed = { origin: "schedule", scheduledAt, dueAt: dueAtOf(job, scheduledAt) } as const;
    const execution = newExecution(job, seed, step.now, policy.jobs);
    const created = await stores.jobExecutions.create(execution, step.now, step.tx);
    if (!created) return false;
    step.announce({ name: "execution:changed", args: [created] });
    return created.waitsFor === null;
  }

  private async edit(step: Step, job: Job, registration: Registration, putsOff = false): Promise<Registered> {
    const { digest, scheduleDigest, createdBy } = registration;
    const revived = job.status === "cancelled";
    if (job.digest === digest && !revived && !putsOff) return { job, outcome: "unchanged" };
    const rescheduled = scheduleDigest !== job.scheduleDigest || revived || putsOff;
    const identity = { digest, scheduleDigest, version: job.version + 1 };
    const edited = rescheduled
      ? await this.changeSchedule(step, job, registration, identity, putsOff)
      : await this.change(step, job, { ...registration.definition, ...scheduleFieldsOf(job), ...identity });
    await this.saveParts(step, edited, createdBy, job.eventName);
    return { job: edited, outcome: "edited" };
  }

  /** Ticks of the old schedule that have not begun go; the next one counts from now. */
  private async changeSchedule(
    step: Step,
    job: Job,
    { definition: asked, askedAt }: Registration,
    identity: Pick<Job, "digest" | "scheduleDigest" | "version">,
    putsOff: boolean,
  ): Promise<Job> {
    const { stores } = this.dependencies;
    const undone = await stores.jobExecutions.deletePendingTicks(job.id, step.tx);
    // Other bounds of the same ticks go on counting, on the same grid.
    const goesOn = job.status !== "cancelled" && hasSameTicks(job, asked);
    const isAsked = putsOff || asked.runAt !== job.runAt;
    const runAt = isAsked ? await this.freeTime(step, job, asked.runAt) : asked.runAt;
    const definition = { ...(goesOn ? { ...asked, anchorAt: job.anchorAt } : withStart(asked, askedAt)), runAt };
    const runCount = goesOn ? Math.max(0, job.runCount - undone) : 0;
    const hasRunsLeft = definition.maxRuns === null || runCount < definition.maxRuns;
    const firstOf = goesOn ? firstRunOf : firstAskedRun;
    const over = job.status === "completed" || job.status === "failed" || job.status === "cancelled";
    const changed = await this.change(step, job, {
      ...definition,
      ...identity,
      runCount,
      ...(job.status !== "paused" && { nextRun: hasRunsLeft ? firstOf(definition, askedAt) : null }),
      ...(over && { status: "active" as const, finishedAt: null, consecutiveFailures: 0 }),
    });
    return endIfDone(stores, step, changed, null);
  }

  /** One-time work that is put off within the millisecond of its tick comes a moment after it. */
  private async freeTime({ tx }: Step, { id }: Job, runAt: number | null): Promise<number | null> {
    const { jobExecutions } = this.dependencies.stores;
    let free = runAt;
    while (free !== null && (await jobExecutions.hasTick(id, free, tx))) free += 1;
    return free;
  }

  private async saveParts(
    { tx, now }: Step,
    job: Job,
    createdBy: string | null,
    eventBefore: string | null = null,
  ): Promise<void> {
    const { jobs, eventHandlers } = this.dependencies.stores;
    const { id: jobId, platformId, version, eventName } = job;
    // One-time work comes in numbers, and is not edited as a rule: its only version is the job itself.
    if (job.type !== "one_time" || version > 1) {
      await jobs.saveVersion(jobId, { version, definition: describeDefinition(job), createdBy, createdAt: now }, tx);
    }
    // One that waits for the same event as before stays as enabled as it was.
    if (eventName === eventBefore) return;
    if (eventName !== null) await eventHandlers.save({ platformId, eventName, jobId, enabled: true }, now, tx);
    else await eventHandlers.delete(jobId, tx);
  }

  /** The first tick from a time on that has no record yet. */
  private async resumeAt({ tx }: Step, job: Job, since: number): Promise<number | null> {
    const first = firstRunOf(job, since);
    if (first === null) return null;
    const recorded = await this.dependencies.stores.jobHistory.recordedTicks(job.id, first, first, tx);
    if (!recorded.has(first)) return first;
    return job.runAt === null ? firstRunOf(job, first + 1) : null;
  }

  private async change(step: Step, job: Job, patch: Partial<Job>): Promise<Job> {
    const { id: _id, platformId: _platformId, createdAt: _createdAt, updatedAt: _updatedAt, ...columns } = patch;
    await this.dependencies.stores.jobs.change(job, columns, step.now, step.tx);
    const changed = { ...job, ...patch };
    step.announce({ name: "job:changed", args: [changed] });
    return changed;
  }
}

type ScheduleField = (typeof SCHEDULE_FIELDS)[number];

function scheduleFieldsOf(job: Job): Pick<JobDefinition, ScheduleField> {
  // Each field is that of the job.
  return Object.fromEntries(SCHEDULE_FIELDS.map((field) => [field, job[field]])) as Pick<JobDefinition, ScheduleField>;
}

/** Whether another schedule has the ticks of this job: it differs in its bounds at most. */
function hasSameTicks(job: Job, asked: JobDefinition): boolean {
  const start = asked.anchorAt === null || asked.anchorAt === job.anchorAt;
  return start && job.runAt === null && TICK_FIELDS.every((field) => job[field] === asked[field]);
}

function notPossible({ name, status }: Job, what: string): JobStateError {
  return new JobStateError(`Job "${name}" is ${status}; it can't be ${what}.`);
}

/** What a version keeps. */
function describeDefinition(job: Job): JsonValue {
  const fields: (keyof JobDefinition)[] = [
    ...SCHEDULE_FIELDS,
    "name",
    "description",
    "handlerType",
    "handlerName",
    "handlerTarget",
    "payload",
    "maxRetries",
    "retryDelayMs",
    "timeoutMs",
    "priority",
    "delivery",
    "overlapPolicy",
    "misfirePolicy",
    "misfireGraceMs",
    "misfireWindowMs",
    "misfireLimit",
    "catchUp",
    "maxConcurrency",
    "concurrencyKey",
    "concurrencyKeyLimit",
    "uniqueKey",
    "autoPauseAfter",
    "keepLast",
    "tags",
    "metadata",
  ];
  return Object.fromEntries(fields.map((field) => [field, job[field]]));
}
