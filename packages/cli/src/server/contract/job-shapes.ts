/** The shapes of jobs and their executions. Times are Unix milliseconds UTC, durations milliseconds. */
import {
  DELIVERIES,
  DST_GAPS,
  DST_OVERLAPS,
  EXECUTION_ORIGINS,
  EXECUTION_STATUSES,
  INTERVAL_MODES,
  JOB_HANDLER_TYPES,
  JOB_STATUSES,
  JOB_TYPES,
  LOG_LEVELS,
  MISFIRE_POLICIES,
  OVERLAP_POLICIES,
} from "@millrace/db";
import { z } from "zod";
import { id, json, time } from "./values.ts";

const duration = z.int().min(0);

export const jobSummary = z
  .object({
    id,
    key: z.string().nullable(),
    name: z.string(),
    description: z.string().nullable(),
    type: z.enum(JOB_TYPES),
    status: z.enum(JOB_STATUSES),
    /** Its schedule in words. */
    schedule: z.string(),
    handlerType: z.enum(JOB_HANDLER_TYPES),
    handlerName: z.string(),
    tags: z.array(z.string()),
    nextRun: time.nullable(),
    lastRun: time.nullable(),
    executionCount: z.int(),
    successCount: z.int(),
    failureCount: z.int(),
    consecutiveFailures: z.int(),
    averageDurationMs: z.number().nullable(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "JobSummary" });

export const job = jobSummary
  .extend({
    version: z.int(),
    cronExpression: z.string().nullable(),
    timezone: z.string(),
    dstGap: z.enum(DST_GAPS),
    dstOverlap: z.enum(DST_OVERLAPS),
    intervalMs: duration.nullable(),
    intervalMode: z.enum(INTERVAL_MODES),
    anchorAt: time.nullable(),
    runAt: time.nullable(),
    eventName: z.string().nullable(),
    endsAt: time.nullable(),
    maxRuns: z.int().nullable(),
    jitterMs: duration,
    handlerTarget: json.nullable(),
    payload: json.nullable(),
    maxRetries: z.int(),
    retryDelayMs: duration,
    timeoutMs: duration,
    priority: z.int(),
    delivery: z.enum(DELIVERIES),
    overlapPolicy: z.enum(OVERLAP_POLICIES),
    misfirePolicy: z.enum(MISFIRE_POLICIES),
    misfireGraceMs: duration,
    misfireWindowMs: duration,
    misfireLimit: z.int(),
    catchUp: z.boolean(),
    maxConcurrency: z.int().nullable(),
    concurrencyKey: z.string().nullable(),
    concurrencyKeyLimit: z.int().nullable(),
    uniqueKey: z.string().nullable(),
    autoPauseAfter: z.int().nullable(),
    keepLast: z.int(),
    metadata: json.nullable(),
    pauseNote: z.string().nullable(),
    pausedAt: time.nullable(),
    runCount: z.int(),
    createdBy: z.string().nullable(),
    finishedAt: time.nullable(),
  })
  .meta({ id: "Job" });

export const execution = z
  .object({
    id,
    jobId: id,
    jobVersion: z.int(),
    handlerName: z.string(),
    origin: z.enum(EXECUTION_ORIGINS),
    status: z.enum(EXECUTION_STATUSES),
    scheduledAt: time,
    dueAt: time,
    startedAt: time.nullable(),
    completedAt: time.nullable(),
    durationMs: duration.nullable(),
    attempt: z.int(),
    retryCount: z.int(),
    nextRetryAt: time.nullable(),
    /** Why a pending one waits; null when it is ready. */
    waitsFor: z.string().nullable(),
    payload: json.nullable(),
    eventId: z.string().nullable(),
    workerId: z.string().nullable(),
    result: json.nullable(),
    error: z.string().nullable(),
    errorType: z.string().nullable(),
    errorStack: z.string().nullable(),
    reason: z.string().nullable(),
    missedCount: z.int(),
    traceId: z.string().nullable(),
    spanId: z.string().nullable(),
    parentSpanId: z.string().nullable(),
    retryOf: id.nullable(),
    redrivenBy: id.nullable(),
    createdBy: z.string().nullable(),
    createdAt: time,
  })
  .meta({ id: "Execution" });

export const executionLogLine = z
  .object({
    seq: z.int(),
    attempt: z.int(),
    timestamp: time,
    level: z.enum(LOG_LEVELS),
    message: z.string(),
    data: json.nullable(),
  })
  .meta({ id: "ExecutionLogLine" });

export const schedulePreview = z
  .object({
    /** The schedule in words. */
    description: z.string(),
    runs: z.array(
      z.object({
        at: time,
        /** In the time zone of the schedule, with the offset. */
        local: z.string(),
        /** What a change of the clocks does to it; null for nothing. */
        change: z.enum(["shifted", "repeated-first", "repeated-last", "after-skipped", "offset-change"]).nullable(),
      }),
    ),
  })
  .meta({ id: "SchedulePreview" });
