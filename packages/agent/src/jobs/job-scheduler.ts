/**
 * The scheduler behind the port: reads what it is given, asks the execution layer for one transition, and tells the
 * dispatcher what follows. It sees the jobs of one platform; those of others do not exist for it.
 */
import {
  DEFAULT_PLATFORM_ID,
  encodeJson,
  type JobExecution as StoredExecution,
  type JobExecutionId,
  type JobId,
  type JsonValue,
  type PlatformId,
} from "@millrace/db";
import { z } from "zod";
import { InternalError, UnknownNameError } from "../errors.ts";
import type { JobModel } from "../execution/job-model.ts";
import type { JobRegistration } from "../execution/job-registration.ts";
import { scheduleOf } from "../execution/job-ticks.ts";
import type { BackfillResult, JobTriggers, TriggerContext } from "../execution/job-triggers.ts";
import type { ExecutionDependencies } from "../execution/transition-applier.ts";
import { InvalidJobError, JobCancelledError, JobStateError } from "../job-errors.ts";
import { nextRuns } from "../schedule/next-runs.ts";
import type { EventHandlerFunction, HandlerRegistry } from "./handler-registry.ts";
import {
  assertFunction,
  readActionOptions,
  readBackfillOptions,
  readChanges,
  readEnabled,
  readId,
  readIds,
  readPauseOptions,
  readReason,
  readResumeOptions,
  readRunOptions,
  readTriggerOptions,
} from "./call-options.ts";
import type { JobSignals } from "./job-dispatcher.ts";
import {
  instant,
  parseJob,
  readInput,
  type OneTimeJobInput,
  type RecurringJobInput,
  type ScheduledJobInput,
} from "./job-input.ts";
import { computeStats } from "./job-statistics.ts";
import { activeTrace, activeTraceparent } from "./job-tracing.ts";
import { changedInput } from "./job-changes.ts";
import {
  cursorOf,
  describeJob,
  pageOf,
  readHistoryOptions,
  readJobFilter,
  readLogOptions,
  readPageOptions,
  toExecution,
  toJob,
} from "./job-views.ts";
import { healthOf, metricsOf } from "./scheduler-health.ts";
import type {
  ActionOptions,
  EventHandlerOptions,
  ExecutionDetails,
  HealthStatus,
  HistoryOptions,
  Job,
  JobChanges,
  JobExecution,
  JobFilter,
  LogOptions,
  Page,
  PageOptions,
  PreviewedSchedule,
  Scheduler,
  SchedulerMetrics,
  TriggerOptions,
} from "./scheduler-port.ts";

export interface JobSchedulerDependencies extends ExecutionDependencies {
  registration: JobRegistration;
  triggers: JobTriggers;
  jobModel: JobModel;
  handlers: HandlerRegistry;
  signals: JobSignals & { onHandlersChanged(): Promise<void> };
  /** Whether the engine runs, so that what is due is also done. */
  isRunning: () => boolean;
}

export class JobScheduler implements Scheduler {
  private readonly dependencies: JobSchedulerDependencies;
  private readonly platformId: PlatformId;

  constructor(dependencies: JobSchedulerDependencies, platformId: PlatformId) {
    this.dependencies = dependencies;
    this.platformId = platformId;
  }

  async schedule(input: ScheduledJobInput): Promise<Job> {
    const { clock, policy, handlers, registration, signals } = this.dependencies;
    const { id, ...parsed } = parseJob(input, clock.now(), policy.jobs);
    const stored = id === null ? null : await this.storedJob(id);
    if (stored && parsed.key !== null && parsed.key !== stored.key)
      throw new InvalidJobError(`The change of job "${stored.name}"`, ["key: a job keeps its key"]);
    await handlers.check(parsed.definition, parsed.definition.payload);
    const { job } = await registration.save({
      ...parsed,
      id: stored?.id ?? null,
      platformId: this.platformId,
      traceparent: activeTraceparent(),
    });
    signals.onWork(job.nextRun ?? clock.now());
    return toJob(job);
  }

  async scheduleOnce(input: OneTimeJobInput): Promise<Job> {
    return this.schedule({ ...input, type: "one_time" });
  }

  async scheduleRecurring(input: RecurringJobInput): Promise<Job> {
    return this.schedule({ ...input, type: "recurring" });
  }

  async reschedule(jobId: string, changes: JobChanges): Promise<Job> {
    const stored = await this.storedJob(jobId);
    // What comes of this is not trusted: `schedule` parses it like any other input.
    const input = changedInput(stored, readChanges(changes)) as ScheduledJobInput;
    if (input.type !== stored.type)
      throw new InvalidJobError(`The change of job "${stored.name}"`, ["type: a job keeps its type"]);
    return this.schedule(input);
  }

  async unschedule(jobId: string): Promise<void> {
    const job = await this.storedJob(jobId);
    const { running } = await this.dependencies.registration.remove(job);
    this.dependencies.signals.stopExecutions(running, new JobCancelledError("Its job was deleted."));
  }

  async onEvent<Payload = unknown>(
    eventName: string,
    handler: EventHandlerFunction<Payload>,
    options: EventHandlerOptions = {},
  ): Promise<Job> {
    const { handlers, signals } = this.dependencies;
    const { name = eventName, payload, ...rest } = options;
    assertFunction(handler, eventName);
    // Quoted, so that no other event with another name gives the same; each platform has functions of its own.
    const identity = `event:${JSON.stringify(eventName)}:${name}`;
    const handlerName = this.platformId === DEFAULT_PLATFORM_ID ? identity : `${identity}@${this.platformId}`;
    handlers.register({
      name: handlerName,
      ...(payload && { payload }),
      // The caller says what the payload is like; with a schema it is checked.
      handler: (value, jobContext) => handler(value as Payload, jobContext),
    });
    // Options that are left out are not there at all.
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const input = { ...given, type: "event", event: eventName, key: identity, name, handler: handlerName } as const;
    try {
      const job = await this.schedule(input);
      // What an earlier engine has left for this function need not wait any more.
      await signals.onHandlersChanged();
      return job;
    } catch (error) {
      handlers.unregister(handlerName);
      throw error;
    }
  }

  async triggerEvent(
    eventName: string,
    payload: unknown = null,
    options: TriggerOptions = {},
  ): Promise<JobExecution[]> {
    const { triggers, clock, signals } = this.dependencies;
    const { by, eventId = null } = readTriggerOptions(options);
    const name = readInput(z.string().min(1).max(200), eventName, "The name of the event");
    const event = { name, payload: this.json(payload, `payload of event ${name}`), id: eventId };
    const executions = await triggers.triggerEvent(this.platformId, event, context(by));
    signals.onWork(clock.now());
    return executions.map(toExecution);
  }

  listEventHandlers() {
    return this.dependencies.stores.eventHandlers.list(this.platformId);
  }

  async setEventHandlerEnabled(jobId: string, enabled: boolean): Promise<void> {
    const { stores, clock } = this.dependencies;
    const job = await this.storedJob(jobId);
    if (job.type !== "event") throw new JobStateError(`Job "${job.name}" waits for no event.`);
    await stores.eventHandlers.setEnabled(job.id, readEnabled(enabled), clock.now());
  }

  async getJob(jobId: string): Promise<Job> {
    return toJob(await this.storedJob(jobId));
  }

  async listJobs(filter: JobFilter = {}): Promise<Page<Job>> {
    const read = readJobFilter(filter);
    const jobs = await this.dependencies.stores.jobs.list({ ...read, platformId: this.platformId });
    return pageOf(jobs, read.limit, toJob, ({ id }) => id);
  }

  async listVersions(jobId: string) {
    return this.dependencies.stores.jobs.listVersions((await this.storedJob(jobId)).id);
  }

  async pauseJob(jobId: string, options: { note?: string | undefined } = {}): Promise<Job> {
    const { note = null } = readPauseOptions(options);
    return toJob(await this.dependencies.registration.pause(await this.storedJob(jobId), note));
  }

  async resumeJob(jobId: string, options: { catchUp?: boolean | undefined } = {}): Promise<Job> {
    const { registration, signals, clock } = this.dependencies;
    const { catchUp } = readResumeOptions(options);
    const job = await registration.resume(await this.storedJob(jobId), catchUp);
    if (job.nextRun !== null) signals.onWork(job.nextRun);
    signals.onWork(clock.now());
    return toJob(job);
  }

  async cancelJob(jobId: string, options: { reason?: string | undefined } = {}): Promise<Job> {
    const { reason = "Its job was cancelled." } = readReason(options);
    const { job, running } = await this.dependencies.registration.cancel(await this.storedJob(jobId), reason);
    this.dependencies.signals.stopExecutions(running, new JobCancelledError(reason));
    return toJob(job);
  }

  async runJobNow(jobId: string, options: ActionOptions & { payload?: unknown } = {}): Promise<JobExecution> {
    const { triggers, handlers, signals, clock } = this.dependencies;
    const { by, payload: given } = readRunOptions(options);
    const job = await this.storedJob(jobId);
    const payload = given === undefined ? null : this.json(given, `payload of job ${job.name}`);
    await handlers.check(job, payload ?? job.payload);
    const execution = await triggers.runNow(job, payload, context(by));
    signals.onWork(clock.now());
    return toExecution(execution);
  }

  async skipNextRun(jobId: string, options: { reason?: string | undefined } = {}): Promise<Job> {
    const { registration, signals } = this.dependencies;
    const { reason = "Left out on request." } = readReason(options);
    const job = await registration.skipNext(await this.storedJob(jobId), reason);
    if (job.nextRun !== null) signals.onWork(job.nextRun);
    return toJob(job);
  }

  async backfill(
    jobId: string,
    range: { from: number | string | Date; until: number | string | Date },
    options: ActionOptions & { dryRun?: boolean | undefined } = {},
  ): Promise<BackfillResult> {
    const { triggers, signals, clock } = this.dependencies;
    const { by, dryRun = false } = readBackfillOptions(options);
    const { from, until } = readInput(z.strictObject({ from: instant, until: instant }), range, "The range");
    if (until < from || until > clock.now())
      throw new InvalidJobError("The range", ["until: must be after `from`, and not in the future"]);
    const job = await this.storedJob(jobId);
    const result = await triggers.backfill(job, { from, until }, dryRun, context(by));
    signals.onWork(clock.now());
    return result;
  }

  async getJobHistory(jobId: string, options: HistoryOptions = {}): Promise<Page<JobExecution>> {
    const filter = readHistoryOptions(options);
    const { id } = await this.storedJob(jobId);
    const executions = await this.dependencies.stores.jobHistory.list(id, filter);
    return pageOf(executions, filter.limit, toExecution, (last) => cursorOf(last.scheduledAt, last.id));
  }

  async getExecution(executionId: string): Promise<ExecutionDetails> {
    const execution = await this.storedExecution(executionId);
    return { execution: toExecution(execution), logs: await this.getExecutionLogs(executionId) };
  }

  async getExecutionLogs(executionId: string, options: LogOptions = {}) {
    const { id } = await this.storedExecution(executionId);
    return this.dependencies.stores.jobHistory.listLogs(id, readLogOptions(options));
  }

  async cancelExecution(executionId: string, options: { reason?: string | undefined } = {}): Promise<JobExecution> {
    const { jobModel, signals } = this.dependencies;
    const { id } = await this.storedExecution(executionId);
    const { reason = "Cancelled on request." } = readReason(options);
    if ((await jobModel.requestCancel(id, reason)) === "running") {
      signals.stopExecutions([id], new JobCancelledError(reason));
    }
    // A fixed delay may have its next tick now.
    signals.onWork(this.dependencies.clock.now());
    return toExecution(await this.storedExecution(executionId));
  }

  async retryExecution(executionId: string, options: ActionOptions = {}): Promise<JobExecution> {
    const { by } = readActionOptions(options);
    const [execution] = await this.repeat([await this.storedExecution(executionId)], by);
    if (!execution) throw new InternalError(`Execution ${executionId} was repeated without a trace.`);
    return execution;
  }

  async listDeadLetters(options: PageOptions & { jobId?: string | undefined } = {}): Promise<Page<JobExecution>> {
    const { jobId, ...page } = readPageOptions(options);
    const job = jobId === null ? null : await this.storedJob(jobId);
    const filter = { ...page, ...(job && { jobId: job.id }) };
    const executions = await this.dependencies.stores.jobHistory.listDeadLetters(this.platformId, filter);
    return pageOf(executions, page.limit, toExecution, (last) => cursorOf(last.completedAt, last.id));
  }

  async redrive(executionIds: readonly string[], options: ActionOptions = {}): Promise<JobExecution[]> {
    const { by } = readActionOptions(options);
    const stored: StoredExecution[] = [];
    for (const id of readIds(executionIds)) stored.push(await this.storedExecution(id));
    return this.repeat(stored, by);
  }

  async listDecisions(jobId: string, options: { limit?: number | undefined } = {}) {
    const { limit } = readPageOptions(options);
    return this.dependencies.stores.scheduleDecisions.list({ jobId: (await this.storedJob(jobId)).id, limit });
  }

  preview(input: unknown, count = 5): PreviewedSchedule {
    const { clock, policy } = this.dependencies;
    const runs = readInput(z.int().min(1).max(1_000), count, "The number of runs");
    const now = clock.now();
    // `parseJob` takes nothing on trust.
    const { definition } = parseJob(input as ScheduledJobInput, now, policy.jobs);
    const schedule = scheduleOf(definition);
    const bound = definition.endsAt ?? Number.POSITIVE_INFINITY;
    const from = Math.max(now, definition.anchorAt ?? now) - 1;
    const next = schedule === null ? [] : nextRuns(schedule, Math.min(runs, definition.maxRuns ?? runs), from);
    return { description: describeJob(definition), runs: next.filter(({ at }) => at <= bound) };
  }

  getMetrics(): Promise<SchedulerMetrics> {
    const { stores, clock } = this.dependencies;
    return metricsOf(stores, this.platformId, clock.now());
  }

  healthCheck(): Promise<HealthStatus> {
    const { stores, clock, policy, isRunning } = this.dependencies;
    return healthOf(stores, this.platformId, { now: clock.now(), policy: policy.jobs, running: isRunning() });
  }

  async getJobStats(jobId: string) {
    const { stores, policy } = this.dependencies;
    const { id } = await this.storedJob(jobId);
    return computeStats(await stores.jobHistory.listDurations(id, policy.jobs.statisticsWindow));
  }

  /** @throws UnknownNameError where this platform has none */
  private async storedJob(id: string) {
    // Any text may be asked for; what is no id of a job is not found.
    const job = await this.dependencies.stores.jobs.find(readId(id, "job") as JobId);
    if (!job || job.platformId !== this.platformId) throw new UnknownNameError("job", shortened(id));
    return job;
  }

  private async storedExecution(id: string) {
    // As above.
    const execution = await this.dependencies.stores.jobExecutions.find(readId(id, "execution") as JobExecutionId);
    if (!execution || execution.platformId !== this.platformId) throw new UnknownNameError("execution", shortened(id));
    return execution;
  }

  private async repeat(stored: readonly StoredExecution[], by: string | undefined): Promise<JobExecution[]> {
    const { triggers, signals, clock } = this.dependencies;
    const ids = stored.map(({ id }) => id);
    const executions = await triggers.redrive(ids, this.platformId, context(by));
    signals.onWork(clock.now());
    return executions.map(toExecution);
  }

  private json(value: unknown, what: string): JsonValue {
    const { database } = this.dependencies;
    // encodeJson accepts JSON values only.
    return JSON.parse(encodeJson(value, what, database.limits.payloadBytes)) as JsonValue;
  }
}

function context(by: string | undefined): TriggerContext {
  return { by: by ?? null, trace: activeTrace() };
}

/** An id may be any text, of any length. */
function shortened(id: string): string {
  return id.length > 100 ? `${id.slice(0, 100)}…` : id;
}
