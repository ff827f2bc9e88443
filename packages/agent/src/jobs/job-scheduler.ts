/**
 * The scheduler behind the port: reads what it is given, asks the execution layer for one transition, and tells the
 * dispatcher what follows. It sees the jobs of one platform; those of others do not exist for it.
 */
import {
  DEFAULT_PLATFORM_ID,
  encodeJson,
  type Job as StoredJob,
  type JobExecution as StoredExecution,
  type JsonValue,
  type PlatformId,
} from "@millrace/db";
import { z } from "zod";
import { InternalError } from "../errors.ts";
import type { JobModel } from "../execution/job-model.ts";
import type { JobRegistration } from "../execution/job-registration.ts";
import type { BackfillResult, JobTriggers, TriggerContext } from "../execution/job-triggers.ts";
import type { ExecutionDependencies } from "../execution/transition-applier.ts";
import { InvalidJobError, JobCancelledError, JobStateError, UnknownHandlerError } from "../job-errors.ts";
import type { EventHandlerFunction, HandlerRegistry } from "./handler-registry.ts";
import {
  assertFunction,
  readActionOptions,
  readBackfillOptions,
  readChanges,
  readEnabled,
  readIds,
  readPauseOptions,
  readReason,
  readResumeOptions,
  readRunOptions,
  readTriggerOptions,
} from "./call-options.ts";
import type { JobSignals } from "./job-dispatcher.ts";
import { parseJob, readInput, type ParsedJob } from "./job-input.ts";
import { instant, type OneTimeJobInput, type RecurringJobInput, type ScheduledJobInput } from "./job-input-schema.ts";
import { JobInspector, type InspectorDependencies } from "./job-inspector.ts";
import { activeTrace, activeTraceparent } from "./job-tracing.ts";
import { changedInput, keepsSchedule, withoutTimes } from "./job-changes.ts";
import { toExecution, toJob } from "./job-views.ts";
import type {
  ActionOptions,
  EventHandlerOptions,
  Job,
  JobChanges,
  JobExecution,
  Scheduler,
  TriggerOptions,
} from "./scheduler-port.ts";

/** What scheduling needs of the code that jobs run. */
export type JobHandlers = Pick<HandlerRegistry, "register" | "unregister" | "check" | "assertKnown">;

export interface JobSchedulerDependencies extends ExecutionDependencies, InspectorDependencies {
  registration: JobRegistration;
  triggers: JobTriggers;
  jobModel: JobModel;
  handlers: JobHandlers;
  signals: JobSignals & { onHandlersChanged(): Promise<void> };
}

export class JobScheduler extends JobInspector implements Scheduler {
  private readonly dependencies: JobSchedulerDependencies;

  constructor(dependencies: JobSchedulerDependencies, platformId: PlatformId) {
    super(dependencies, platformId);
    this.dependencies = dependencies;
  }

  async schedule(input: ScheduledJobInput): Promise<Job> {
    const { clock, policy } = this.dependencies;
    const parsed = parseJob(input, clock.now(), policy.jobs);
    return this.save(parsed, parsed.id === null ? null : await this.storedJob(parsed.id));
  }

  async scheduleOnce(input: OneTimeJobInput): Promise<Job> {
    return this.schedule({ ...input, type: "one_time" });
  }

  async scheduleRecurring(input: RecurringJobInput): Promise<Job> {
    return this.schedule({ ...input, type: "recurring" });
  }

  async reschedule(jobId: string, changes: JobChanges): Promise<Job> {
    const stored = await this.storedJob(jobId);
    const { clock, policy } = this.dependencies;
    const asked = readChanges(changes);
    const keeps = keepsSchedule(asked);
    const input = changedInput(stored, asked);
    if (input["type"] !== stored.type)
      throw new InvalidJobError(`The change of job "${stored.name}"`, ["type: a job keeps its type"]);
    // Times that nobody speaks of may have passed. `parseJob` takes nothing on trust.
    const parsed = parseJob((keeps ? withoutTimes(input) : input) as ScheduledJobInput, clock.now(), policy.jobs);
    return this.save({ ...parsed, ...(keeps && { scheduleDigest: stored.scheduleDigest }) }, stored);
  }

  async unschedule(jobId: string): Promise<void> {
    const job = await this.storedJob(jobId);
    const { running } = await this.dependencies.registration.remove(job);
    // What `onEvent` has registered is this job's alone, and may be registered anew.
    if (job.key !== null && job.handlerName.startsWith(job.key) && job.key.startsWith("event:"))
      this.dependencies.handlers.unregister(job.handlerName);
    this.dependencies.signals.stopExecutions(running, new JobCancelledError("Its job was deleted."));
  }

  async onEvent<Input = unknown, Payload = Input>(
    eventName: string,
    handler: EventHandlerFunction<Payload>,
    options: EventHandlerOptions<Input, Payload> = {},
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

  async setEventHandlerEnabled(jobId: string, enabled: boolean): Promise<void> {
    const { stores, clock } = this.dependencies;
    const job = await this.storedJob(jobId);
    if (job.type !== "event") throw new JobStateError(`Job "${job.name}" waits for no event.`);
    await stores.eventHandlers.setEnabled(job.id, readEnabled(enabled), clock.now());
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

  async redrive(executionIds: readonly string[], options: ActionOptions = {}): Promise<JobExecution[]> {
    const { by } = readActionOptions(options);
    const stored: StoredExecution[] = [];
    for (const id of readIds(executionIds)) stored.push(await this.storedExecution(id));
    return this.repeat(stored, by);
  }

  private async save({ id: _id, ...parsed }: ParsedJob, stored: StoredJob | null): Promise<Job> {
    const { clock, handlers, registration, signals } = this.dependencies;
    if (stored && parsed.key !== null && parsed.key !== stored.key)
      throw new InvalidJobError(`The change of job "${stored.name}"`, ["key: a job keeps its key"]);
    const { definition } = parsed;
    // Workflows are the default platform's: to the jobs of others they do not exist.
    if (definition.handlerType === "workflow" && this.platformId !== DEFAULT_PLATFORM_ID)
      throw new UnknownHandlerError("workflow", definition.handlerName);
    // The payload of an event comes with the event.
    if (definition.type === "event") handlers.assertKnown(definition);
    else await handlers.check(definition, definition.payload);
    const { job, isReady = false } = await registration.save({
      ...parsed,
      id: stored?.id ?? null,
      platformId: this.platformId,
      traceparent: activeTraceparent(),
    });
    if (isReady) signals.onReady();
    else signals.onWork(job.nextRun ?? clock.now());
    return toJob(job);
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
