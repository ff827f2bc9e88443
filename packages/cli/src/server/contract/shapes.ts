/** The shapes of what several resources show. Times are Unix milliseconds UTC. */
import {
  EVENT_STATUSES,
  HANDLER_TYPES,
  INPUT_STATUSES,
  LOG_LEVELS,
  MUTATION_OUTCOMES,
  MUTATION_STATUSES,
  NOTIFICATION_KINDS,
  RESOLUTIONS,
  RUN_PHASES,
  RUN_STATUSES,
  TICK_DECISIONS,
  WORKFLOW_STATUSES,
} from "@millrace/db";
import { z } from "zod";
import { id, json, time } from "./values.ts";

/** A workflow as others name it. */
const workflowReference = z.object({ id, name: z.string() }).meta({ id: "WorkflowReference" });

export const inputSummary = z
  .object({
    id,
    workflow: workflowReference,
    source: z.string(),
    type: z.string(),
    externalId: z.string(),
    title: z.string(),
    status: z.enum(INPUT_STATUSES),
    createdAt: time,
  })
  .meta({ id: "InputSummary" });

export const outputSummary = z
  .object({
    id,
    workflow: workflowReference,
    runId: id,
    connector: z.string(),
    operation: z.string(),
    title: z.string(),
    status: z.enum(MUTATION_STATUSES),
    /** What a person or `reconcile` decided; null while nobody had to. */
    resolution: z.enum(RESOLUTIONS).nullable(),
    error: z.string().nullable(),
    sentAt: time.nullable(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "OutputSummary" });

/** Everything of one row of the mutation ledger, its parameters as the host observed them. */
export const output = outputSummary
  .extend({
    params: json,
    idempotencyKey: z.string(),
    result: json.nullable(),
    approvedBy: z.string().nullable(),
    approvedAt: time.nullable(),
    approvalEvidence: z.string().nullable(),
    reconcileAttempts: z.int(),
    notAppliedCount: z.int(),
    uncertainSince: time.nullable(),
    lastReconcileAt: time.nullable(),
    nextReconcileAt: time.nullable(),
    resolvedBy: z.string().nullable(),
    resolvedAt: time.nullable(),
    evidence: z.string().nullable(),
    lateOutcome: json.nullable(),
  })
  .meta({ id: "Output" });

export const runSummary = z
  .object({
    id,
    workflow: workflowReference,
    handlerType: z.enum(HANDLER_TYPES),
    handlerName: z.string(),
    trigger: z.string(),
    phase: z.enum(RUN_PHASES),
    status: z.enum(RUN_STATUSES),
    retryOf: id.nullable(),
    attempt: z.int(),
    mutationId: id.nullable(),
    mutationOutcome: z.enum(MUTATION_OUTCOMES).nullable(),
    error: z.string().nullable(),
    errorType: z.string().nullable(),
    startedAt: time,
    endedAt: time.nullable(),
  })
  .meta({ id: "RunSummary" });

export const eventSummary = z
  .object({
    id,
    workflow: workflowReference,
    topic: z.string(),
    messageId: z.string(),
    status: z.enum(EVENT_STATUSES),
    reservedByRunId: id.nullable(),
    createdByRunId: id.nullable(),
    attemptNumber: z.int(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "EventSummary" });

export const logLine = z
  .object({ seq: z.int(), at: time, level: z.enum(LOG_LEVELS), message: z.string(), data: json.nullable() })
  .meta({ id: "LogLine" });

export const notification = z
  .object({
    id,
    kind: z.enum(NOTIFICATION_KINDS),
    message: z.string(),
    workflow: workflowReference.nullable(),
    job: z.object({ id, name: z.string() }).nullable(),
    runId: id.nullable(),
    mutation: output.nullable(),
    createdAt: time,
    resolvedAt: time.nullable(),
  })
  .meta({ id: "Notification" });

/** What was decided about a due tick of a producer or a job. */
export const scheduleDecision = z
  .object({
    id,
    scheduledAt: time,
    decidedAt: time,
    decision: z.enum(TICK_DECISIONS),
    reason: z.string().nullable(),
    /** How many ticks it is about. */
    count: z.int(),
    executionId: id.nullable(),
    runId: id.nullable(),
  })
  .meta({ id: "ScheduleDecision" });

/** A run to come. */
export const upcomingRun = z
  .object({
    kind: z.enum(["producer", "consumer", "retry", "job"]),
    /** The workflow and the job as they are named in addresses: a workflow's name, a job's id. */
    workflow: z.string().nullable(),
    jobId: id.nullable(),
    /** The producer's, consumer's or job's name. */
    name: z.string(),
    at: time,
    /** The schedule in words; null for what has none. */
    schedule: z.string().nullable(),
  })
  .meta({ id: "UpcomingRun" });

export const workflowStatus = z.enum(WORKFLOW_STATUSES);
