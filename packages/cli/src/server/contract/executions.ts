/** Executions of jobs, their logs, dead letters, events for jobs, and how the scheduler is doing. */
import { EXECUTION_STATUSES, JOB_STATUSES } from "@millrace/db";
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { execution, executionLogLine, jobSummary } from "./job-shapes.ts";
import { done, id, json, logQuery, name, page, pageQuery, spanQuery, time, wordList } from "./values.ts";

const tag = "executions";
const params = z.strictObject({ execution: id });

export const listExecutions = defineOperation({
  id: "listExecutions",
  method: "get",
  path: "/api/jobs/{job}/executions",
  tag,
  summary: "A job's executions, the latest nominal time first",
  access: "viewer",
  params: z.strictObject({ job: id }),
  query: z.strictObject({ ...pageQuery, ...spanQuery, status: wordList(EXECUTION_STATUSES).optional() }),
  response: page(execution),
});

export const showExecution = defineOperation({
  id: "showExecution",
  method: "get",
  path: "/api/executions/{execution}",
  tag,
  summary: "An execution with its job and its log",
  access: "viewer",
  params,
  response: z.object({ execution, job: jobSummary, logs: z.array(executionLogLine) }).meta({ id: "ExecutionDetails" }),
});

export const listExecutionLogs = defineOperation({
  id: "listExecutionLogs",
  method: "get",
  path: "/api/executions/{execution}/logs",
  tag,
  summary: "Log lines of an execution, in order",
  access: "viewer",
  params,
  query: logQuery,
  response: z.object({ items: z.array(executionLogLine) }),
});

export const cancelExecution = defineOperation({
  id: "cancelExecution",
  method: "post",
  path: "/api/executions/{execution}/cancel",
  tag,
  summary: "End an execution: at once where it waits; where it runs, its signal aborts",
  access: "operator",
  audit: "execution.cancel",
  params,
  body: z.strictObject({ reason: z.string().min(1).max(1_000).optional() }),
  response: execution,
});

export const retryExecution = defineOperation({
  id: "retryExecution",
  method: "post",
  path: "/api/executions/{execution}/retry",
  tag,
  summary: "Repeat an execution that is over",
  access: "operator",
  audit: "execution.retry",
  params,
  response: execution,
});

export const listDeadLetters = defineOperation({
  id: "listDeadLetters",
  method: "get",
  path: "/api/dead-letters",
  tag,
  summary: "Executions that failed for good and were not repeated, the latest first",
  access: "viewer",
  query: z.strictObject({ ...pageQuery, job: id.optional() }),
  response: page(execution.extend({ jobName: z.string() }).meta({ id: "DeadLetter" })),
});

export const redrive = defineOperation({
  id: "redrive",
  method: "post",
  path: "/api/dead-letters/redrive",
  tag,
  summary: "Repeat dead letters",
  access: "operator",
  audit: "dead_letter.redrive",
  body: z.strictObject({ executions: z.array(id).min(1).max(1_000) }),
  response: z.object({ items: z.array(execution) }),
});

export const triggerEvent = defineOperation({
  id: "triggerEvent",
  method: "post",
  path: "/api/job-events/{event}",
  tag,
  summary: "Make an execution for each job that waits for an event",
  access: "operator",
  audit: "job_event.trigger",
  params: z.strictObject({ event: name }),
  body: z.strictObject({ payload: json.optional(), eventId: z.string().min(1).max(200).optional() }),
  status: 201,
  response: z.object({ items: z.array(execution) }),
});

export const listEventHandlers = defineOperation({
  id: "listEventHandlers",
  method: "get",
  path: "/api/event-handlers",
  tag,
  summary: "The jobs that wait for events",
  access: "viewer",
  response: z.object({
    items: z.array(z.object({ id, eventName: z.string(), jobId: id, enabled: z.boolean(), createdAt: time })),
  }),
});

export const setEventHandler = defineOperation({
  id: "setEventHandler",
  method: "patch",
  path: "/api/event-handlers/{job}",
  tag,
  summary: "Let an event handler make no executions, or make them again",
  access: "operator",
  audit: "event_handler.set",
  params: z.strictObject({ job: id }),
  body: z.strictObject({ enabled: z.boolean() }),
  response: done,
});

const count = z.int();

export const showJobMetrics = defineOperation({
  id: "showJobMetrics",
  method: "get",
  path: "/api/job-metrics",
  tag,
  summary: "How many jobs and executions there are, and how the scheduler is doing",
  access: "viewer",
  response: z
    .object({
      jobs: z.record(z.enum(JOB_STATUSES), count),
      open: z.object({ pending: count, running: count }),
      lastHour: z.object({ success: count, failed: count, timeout: count, cancelled: count, skipped: count }),
      averageDurationMs: z.number().nullable(),
      oldestReadyMs: z.number().nullable(),
      nextRun: time.nullable(),
      health: z.object({
        status: z.enum(["ok", "degraded", "stopped"]),
        checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
      }),
    })
    .meta({ id: "JobMetrics" }),
});

export const EXECUTION_OPERATIONS = [
  listExecutions,
  showExecution,
  listExecutionLogs,
  cancelExecution,
  retryExecution,
  listDeadLetters,
  redrive,
  triggerEvent,
  listEventHandlers,
  setEventHandler,
  showJobMetrics,
] as const;
