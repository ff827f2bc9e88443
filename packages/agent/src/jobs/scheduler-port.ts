/**
 * The port of the jobs: what a program may ask of them. The implementation behind it (job-scheduler.ts) can be replaced.
 * Times are Unix milliseconds; every call sees the jobs of one platform (tenant) only.
 */
import type {
  EventHandler,
  ExecutionStatus,
  Job as StoredJob,
  JobExecution as StoredExecution,
  JobExecutionLog,
  JobStatus,
  JobType,
  JobVersion,
  LogLevel,
  ScheduleDecision,
} from "@millrace/db";
import type { BackfillResult } from "../execution/job-triggers.ts";
import type { NextRun } from "../schedule/next-runs.ts";
import type { EventHandlerFunction, JobHandler } from "./handler-registry.ts";
import type { OneTimeJobInput, RecurringJobInput, ScheduledJobInput } from "./job-input-schema.ts";
import type { JobStats } from "./job-statistics.ts";

/** A job as its users see it. */
export interface Job extends Omit<StoredJob, "digest" | "totalDurationMs"> {
  /** Of all finished executions, in milliseconds; null where there is none. */
  averageDurationMs: number | null;
  /** Its schedule in words. */
  schedule: string;
}

/** An execution as its users see it. */
export type JobExecution = Omit<StoredExecution, "rank" | "occurrence" | "unsettled">;

/** A part of a list. */
export interface Page<Item> {
  items: Item[];
  /** Give it back as `cursor` for the next part; null at the end. */
  nextCursor: string | null;
}

export interface PageOptions {
  cursor?: string | undefined;
  /** From 1 to 1,000. Default 100. */
  limit?: number | undefined;
}

export interface JobFilter extends PageOptions {
  statuses?: readonly JobStatus[] | undefined;
  types?: readonly JobType[] | undefined;
  handler?: string | undefined;
  /** Jobs that have all of these tags. */
  tags?: readonly string[] | undefined;
  /** A piece of the name. */
  text?: string | undefined;
  /** A piece of the name, the id or the payload. */
  search?: string | undefined;
  /** A piece of the payload, as JSON has it. */
  payloadText?: string | undefined;
  /** Only those whose id ends so: hexadecimal digits and dashes. */
  idEnding?: string | undefined;
  nextRunBefore?: number | undefined;
  createdFrom?: number | undefined;
  createdBefore?: number | undefined;
}

export interface HistoryOptions extends PageOptions {
  statuses?: readonly ExecutionStatus[] | undefined;
  /** Nominal times from here … */
  from?: number | undefined;
  /** … and before this. */
  until?: number | undefined;
}

/** An execution with its log. */
export interface ExecutionDetails {
  execution: JobExecution;
  logs: JobExecutionLog[];
}

export interface LogOptions {
  levels?: readonly LogLevel[] | undefined;
  afterSeq?: number | undefined;
  limit?: number | undefined;
}

export interface SchedulerMetrics {
  jobs: Record<JobStatus, number>;
  /** Executions that are not over. */
  open: { pending: number; running: number };
  /** Executions that ended within the last hour. */
  lastHour: Record<Exclude<ExecutionStatus, "pending" | "running">, number>;
  /** Of those that ran in the last hour, in milliseconds; null where none did. */
  averageDurationMs: number | null;
  /** For how long the oldest ready execution has waited, in milliseconds; null where none waits. */
  oldestReadyMs: number | null;
  nextRun: number | null;
}

export interface HealthStatus {
  status: "ok" | "degraded" | "stopped";
  checks: { name: string; ok: boolean; detail: string }[];
}

/** Who does something, and why. */
export interface ActionOptions {
  by?: string | undefined;
}

export interface EventHandlerOptions<Input = unknown, Payload = Input> {
  /** What the handler is known by after a restart. Default: the event's name. */
  name?: string | undefined;
  description?: string | undefined;
  maxRetries?: number | undefined;
  retryDelay?: number | string | undefined;
  timeout?: number | string | undefined;
  priority?: number | undefined;
  maxConcurrency?: number | undefined;
  tags?: string[] | undefined;
  /** What its payload must be like; checked when it runs. */
  payload?: JobHandler<Input, Payload>["payload"];
}

export interface TriggerOptions extends ActionOptions {
  /** The publisher's identity of the event: as long as its execution is kept, triggering it again makes none. */
  eventId?: string | undefined;
}

/** What may be changed of a job: any part of its input but its type's. */
export type JobChanges = Partial<Record<keyof ScheduledJobInput, unknown>> & Record<string, unknown>;

export interface Scheduler {
  /** Schedules a job of any type; by `id` or `key`, edits it. @throws InvalidJobError, UnknownHandlerError, SchemaError, JobConflictError */
  schedule(input: ScheduledJobInput): Promise<Job>;
  /** Schedules a job that runs once. @throws as `schedule` */
  scheduleOnce(input: OneTimeJobInput): Promise<Job>;
  /** Schedules a job that runs again and again. @throws as `schedule` */
  scheduleRecurring(input: RecurringJobInput): Promise<Job>;
  /** Changes parts of a job: a new version, whose schedule counts from now. @throws as `schedule`; UnknownNameError */
  reschedule(jobId: string, changes: JobChanges): Promise<Job>;
  /** Deletes a job with its history; what runs is told to stop. @throws UnknownNameError */
  unschedule(jobId: string): Promise<void>;
  /** Lets a function handle an event, under a name by which it is known after a restart. @throws DuplicateHandlerError */
  onEvent<Input = unknown, Payload = Input>(
    eventName: string,
    handler: EventHandlerFunction<Payload>,
    options?: EventHandlerOptions<Input, Payload>,
  ): Promise<Job>;
  /** Makes an execution for each handler of an event; resolves when they are on disk. */
  triggerEvent(eventName: string, payload?: unknown, options?: TriggerOptions): Promise<JobExecution[]>;
  /** The handlers of events. */
  listEventHandlers(): Promise<EventHandler[]>;
  /** Lets an event handler make no executions, or make them again. @throws UnknownNameError */
  setEventHandlerEnabled(jobId: string, enabled: boolean): Promise<void>;
  /** @throws UnknownNameError */
  getJob(jobId: string): Promise<Job>;
  /** Jobs, newest first. @throws InvalidJobError */
  listJobs(filter?: JobFilter): Promise<Page<Job>>;
  /** A job's versions, newest first. @throws UnknownNameError */
  listVersions(jobId: string): Promise<JobVersion[]>;
  /** Lets a job start nothing; what runs goes on. @throws UnknownNameError, JobStateError */
  pauseJob(jobId: string, options?: { note?: string | undefined }): Promise<Job>;
  /** Lets a paused job go on, from now. @throws UnknownNameError, JobStateError */
  resumeJob(jobId: string, options?: { catchUp?: boolean | undefined }): Promise<Job>;
  /** Ends a job, with what it has under way; its history stays. @throws UnknownNameError, JobStateError */
  cancelJob(jobId: string, options?: { reason?: string | undefined }): Promise<Job>;
  /** Runs a job once more, beside its schedule. @throws UnknownNameError, JobStateError, SchemaError */
  runJobNow(jobId: string, options?: ActionOptions & { payload?: unknown }): Promise<JobExecution>;
  /** Leaves out the next tick. @throws UnknownNameError, JobStateError */
  skipNextRun(jobId: string, options?: { reason?: string | undefined }): Promise<Job>;
  /** Makes up for the ticks of a past range that have no record. @throws UnknownNameError, JobStateError */
  backfill(
    jobId: string,
    range: { from: number | string | Date; until: number | string | Date },
    options?: ActionOptions & { dryRun?: boolean | undefined },
  ): Promise<BackfillResult>;
  /** A job's executions, the latest nominal time first. @throws UnknownNameError, InvalidJobError */
  getJobHistory(jobId: string, options?: HistoryOptions): Promise<Page<JobExecution>>;
  /** @throws UnknownNameError */
  getExecution(executionId: string): Promise<ExecutionDetails>;
  /** Log lines of an execution, in order. @throws UnknownNameError */
  getExecutionLogs(executionId: string, options?: LogOptions): Promise<JobExecutionLog[]>;
  /** Ends an execution: at once where it waits; where it runs, its signal aborts. @throws UnknownNameError, JobStateError */
  cancelExecution(executionId: string, options?: { reason?: string | undefined }): Promise<JobExecution>;
  /** Repeats an execution that is over; the new one names the old one. @throws UnknownNameError, JobStateError */
  retryExecution(executionId: string, options?: ActionOptions): Promise<JobExecution>;
  /** Executions that failed for good and were not repeated, the latest first. @throws InvalidJobError */
  listDeadLetters(options?: PageOptions & { jobId?: string | undefined }): Promise<Page<JobExecution>>;
  /** Repeats dead letters; gives the new executions. @throws as `retryExecution` */
  redrive(executionIds: readonly string[], options?: ActionOptions): Promise<JobExecution[]>;
  /** What was decided about a job's ticks, the latest first. @throws UnknownNameError */
  listDecisions(jobId: string, options?: { limit?: number | undefined }): Promise<ScheduleDecision[]>;
  /** When an input would run next, and what changes of the clocks do to it. @throws InvalidJobError */
  preview(input: unknown, count?: number): PreviewedSchedule;
  getMetrics(): Promise<SchedulerMetrics>;
  healthCheck(): Promise<HealthStatus>;
  /** @throws UnknownNameError */
  getJobStats(jobId: string): Promise<JobStats>;
}

/** A schedule in words, and its next runs. */
export interface PreviewedSchedule {
  description: string;
  runs: NextRun[];
}
