/** How jobs, their executions and the decisions about them look, for people and for programs. */
import type { Job, JobExecution, NextRun, RunChange } from "@millrace/agent";
import type { ExecutionStatus, JobExecutionLog, JobStatus, JobVersion, ScheduleDecision } from "@millrace/db";
import { duration, localTime, shortId } from "./cells.ts";
import { iso } from "./json.ts";
import { printable } from "./printable.ts";
import type { Column } from "./table.ts";

const JOB_COLORS = {
  pending: "cyan",
  active: "green",
  paused: "yellow",
  completed: "dim",
  failed: "red",
  cancelled: "dim",
} as const satisfies Record<JobStatus, string>;

const EXECUTION_COLORS = {
  pending: "cyan",
  running: "cyan",
  success: "green",
  failed: "red",
  timeout: "red",
  cancelled: "yellow",
  skipped: "dim",
} as const satisfies Record<ExecutionStatus, string>;

export const JOB_COLUMNS: readonly Column<Job>[] = [
  { title: "JOB", value: ({ id }) => shortId(id) },
  { title: "NAME", value: ({ name }) => name },
  { title: "TYPE", value: ({ type }) => type },
  { title: "STATUS", value: ({ status }) => status, color: (colors, { status }) => colors[JOB_COLORS[status]] },
  { title: "SCHEDULE", value: ({ schedule }) => schedule },
  { title: "NEXT", value: ({ nextRun }) => localTime(nextRun) },
  { title: "LAST", value: ({ lastRun }) => localTime(lastRun) },
  { title: "OK", value: ({ successCount }) => successCount, align: "right" },
  {
    title: "FAILED",
    value: ({ failureCount }) => failureCount,
    align: "right",
    color: (colors, { failureCount }) => (failureCount > 0 ? colors.red : String),
  },
];

export const EXECUTION_COLUMNS: readonly Column<JobExecution>[] = [
  { title: "EXECUTION", value: ({ id }) => shortId(id) },
  { title: "ORIGIN", value: ({ origin }) => origin },
  { title: "SCHEDULED", value: ({ scheduledAt }) => localTime(scheduledAt) },
  {
    title: "STATUS",
    value: ({ status, waitsFor }) => (waitsFor === null ? status : `${status} (waits for ${waitsFor})`),
    color: (colors, { status }) => colors[EXECUTION_COLORS[status]],
  },
  { title: "ATTEMPT", value: ({ attempt }) => attempt, align: "right" },
  { title: "TOOK", value: ({ durationMs }) => (durationMs === null ? null : duration(durationMs)) },
  { title: "WHY", value: ({ error, reason }) => error ?? reason },
];

/** Executions of several jobs. */
export const DEAD_LETTER_COLUMNS: readonly Column<JobExecution>[] = [
  ...EXECUTION_COLUMNS.slice(0, 1),
  { title: "JOB", value: ({ jobId }) => shortId(jobId) },
  ...EXECUTION_COLUMNS.slice(1),
];

export const DECISION_COLUMNS: readonly Column<ScheduleDecision>[] = [
  { title: "TICK", value: ({ scheduledAt }) => localTime(scheduledAt) },
  { title: "DECISION", value: ({ decision }) => decision },
  { title: "TICKS", value: ({ count }) => count, align: "right" },
  { title: "EXECUTION", value: ({ executionId }) => (executionId === null ? null : shortId(executionId)) },
  { title: "DECIDED", value: ({ decidedAt }) => localTime(decidedAt) },
  { title: "WHY", value: ({ reason }) => reason },
];

export const VERSION_COLUMNS: readonly Column<JobVersion>[] = [
  { title: "VERSION", value: ({ version }) => version, align: "right" },
  { title: "MADE", value: ({ createdAt }) => localTime(createdAt) },
  { title: "BY", value: ({ createdBy }) => createdBy },
];

const CHANGES: Record<RunChange, string> = {
  shifted: "the clocks skip this time: it runs when they have",
  "repeated-first": "the clocks show this time twice: this is the first",
  "repeated-last": "the clocks show this time twice: this is the last",
  "after-skipped": "before it a time is left out that the clocks skip",
  "offset-change": "the clocks have changed since the run before",
};

/** The runs to come, a line each. */
export function renderRuns(runs: readonly NextRun[]): string {
  return runs.map(({ local, change }) => `  ${local}${change === null ? "" : `  (${CHANGES[change]})`}\n`).join("");
}

/** A line of an execution's log. */
export function renderExecutionLog({ timestamp, level, message, data, attempt }: JobExecutionLog): string {
  const rest = data === null ? "" : ` ${JSON.stringify(data)}`;
  return `${localTime(timestamp)}  ${level.padEnd(5)}  attempt ${attempt}  ${printable(`${message}${rest}`)}\n`;
}

export const jobJson = (job: Job) => ({
  ...job,
  anchorAt: iso(job.anchorAt),
  runAt: iso(job.runAt),
  endsAt: iso(job.endsAt),
  pausedAt: iso(job.pausedAt),
  nextRun: iso(job.nextRun),
  lastRun: iso(job.lastRun),
  createdAt: iso(job.createdAt),
  updatedAt: iso(job.updatedAt),
  finishedAt: iso(job.finishedAt),
});

export const executionJson = (execution: JobExecution) => ({
  ...execution,
  scheduledAt: iso(execution.scheduledAt),
  dueAt: iso(execution.dueAt),
  nextRetryAt: iso(execution.nextRetryAt),
  leaseExpiresAt: iso(execution.leaseExpiresAt),
  startedAt: iso(execution.startedAt),
  completedAt: iso(execution.completedAt),
  cancelRequestedAt: iso(execution.cancelRequestedAt),
  createdAt: iso(execution.createdAt),
  updatedAt: iso(execution.updatedAt),
});

export const decisionJson = (decision: ScheduleDecision) => ({
  ...decision,
  scheduledAt: iso(decision.scheduledAt),
  decidedAt: iso(decision.decidedAt),
});

export const nextRunJson = (run: NextRun) => ({ ...run, at: iso(run.at) });
export const executionLogJson = (line: JobExecutionLog) => ({ ...line, timestamp: iso(line.timestamp) });
export const versionJson = (version: JobVersion) => ({ ...version, createdAt: iso(version.createdAt) });
