/** The part of the port that only looks: at jobs, their executions and history, schedules to come, and how all are doing. */
import type { JobExecutionId, JobId, PlatformId, Stores } from "@millrace/db";
import type { Clock } from "../clock.ts";
import { UnknownNameError } from "../errors.ts";
import type { Policy } from "../policy.ts";
import { readId } from "./call-options.ts";
import { computeStats } from "./job-statistics.ts";
import {
  cursorOf,
  pageOf,
  readDecisionOptions,
  readHistoryOptions,
  readJobFilter,
  readLogOptions,
  readPageOptions,
  toExecution,
  toJob,
} from "./job-views.ts";
import { previewJob } from "./preview-job.ts";
import { healthOf, metricsOf } from "./scheduler-health.ts";
import type {
  ExecutionDetails,
  HealthStatus,
  HistoryOptions,
  Job,
  JobExecution,
  JobFilter,
  LogOptions,
  Page,
  PageOptions,
  PreviewedSchedule,
  SchedulerMetrics,
} from "./scheduler-port.ts";

export interface InspectorDependencies {
  stores: Stores;
  clock: Clock;
  policy: Policy;
  /** Whether the engine runs, so that what is due is also done. */
  isRunning: () => boolean;
}

export class JobInspector {
  private readonly inspected: InspectorDependencies;
  protected readonly platformId: PlatformId;

  constructor(dependencies: InspectorDependencies, platformId: PlatformId) {
    this.inspected = dependencies;
    this.platformId = platformId;
  }

  listEventHandlers() {
    return this.inspected.stores.eventHandlers.list(this.platformId);
  }

  async getJob(jobId: string): Promise<Job> {
    return toJob(await this.storedJob(jobId));
  }

  async listJobs(filter: JobFilter = {}): Promise<Page<Job>> {
    const read = readJobFilter(filter);
    const jobs = await this.inspected.stores.jobs.list({
      ...read,
      limit: read.limit + 1,
      platformId: this.platformId,
    });
    return pageOf(jobs, read.limit, toJob, ({ id }) => id);
  }

  async listVersions(jobId: string) {
    return this.inspected.stores.jobs.listVersions(await this.ownJob(jobId));
  }

  async getJobHistory(jobId: string, options: HistoryOptions = {}): Promise<Page<JobExecution>> {
    const filter = readHistoryOptions(options);
    const id = await this.ownJob(jobId);
    const executions = await this.inspected.stores.jobHistory.list(id, { ...filter, limit: filter.limit + 1 });
    return pageOf(executions, filter.limit, toExecution, (last) => cursorOf(last.scheduledAt, last.id));
  }

  async getExecution(executionId: string): Promise<ExecutionDetails> {
    const execution = await this.storedExecution(executionId);
    return { execution: toExecution(execution), logs: await this.getExecutionLogs(executionId) };
  }

  async getExecutionLogs(executionId: string, options: LogOptions = {}) {
    const { id } = await this.storedExecution(executionId);
    return this.inspected.stores.jobHistory.listLogs(id, readLogOptions(options));
  }

  async listDeadLetters(options: PageOptions & { jobId?: string | undefined } = {}): Promise<Page<JobExecution>> {
    const { jobId, ...page } = readPageOptions(options);
    const job = jobId === null ? null : await this.ownJob(jobId);
    const filter = { ...page, limit: page.limit + 1, ...(job !== null && { jobId: job }) };
    const executions = await this.inspected.stores.jobHistory.listDeadLetters(this.platformId, filter);
    return pageOf(executions, page.limit, toExecution, (last) => cursorOf(last.completedAt, last.id));
  }

  async listDecisions(jobId: string, options: { limit?: number | undefined } = {}) {
    const { limit } = readDecisionOptions(options);
    return this.inspected.stores.scheduleDecisions.list({ jobId: await this.ownJob(jobId), limit });
  }

  preview(input: unknown, count = 5): PreviewedSchedule {
    const { clock, policy } = this.inspected;
    return previewJob(input, count, clock.now(), policy.jobs);
  }

  getMetrics(): Promise<SchedulerMetrics> {
    const { stores, clock } = this.inspected;
    return metricsOf(stores, this.platformId, clock.now());
  }

  healthCheck(): Promise<HealthStatus> {
    const { stores, clock, policy, isRunning } = this.inspected;
    return healthOf(stores, this.platformId, { now: clock.now(), policy: policy.jobs, running: isRunning() });
  }

  async getJobStats(jobId: string) {
    const { stores, policy } = this.inspected;
    const id = await this.ownJob(jobId);
    return computeStats(await stores.jobHistory.listDurations(id, policy.jobs.statisticsWindow));
  }

  /** The id of a job of this platform, whether its row can be read or not. @throws UnknownNameError where there is none */
  private async ownJob(id: string): Promise<JobId> {
    // As below.
    const job = await this.inspected.stores.jobs.findListed(readId(id, "job") as JobId);
    if (!job || job.platformId !== this.platformId) throw new UnknownNameError("job", shortened(id));
    return job.id;
  }

  /** @throws UnknownNameError where this platform has none */
  protected async storedJob(id: string) {
    // Any text may be asked for; what is no id of a job is not found.
    const job = await this.inspected.stores.jobs.find(readId(id, "job") as JobId);
    if (!job || job.platformId !== this.platformId) throw new UnknownNameError("job", shortened(id));
    return job;
  }

  protected async storedExecution(id: string) {
    // As above.
    const execution = await this.inspected.stores.jobExecutions.find(readId(id, "execution") as JobExecutionId);
    if (!execution || execution.platformId !== this.platformId) throw new UnknownNameError("execution", shortened(id));
    return execution;
  }
}

/** An id may be any text, of any length. */
function shortened(id: string): string {
  return id.length > 100 ? `${id.slice(0, 100)}…` : id;
}
