/** Workflows: how each is, what it is made of, its versions, and what a person may do with it. */
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { runSummary, scheduleDecision, workflowStatus } from "./shapes.ts";
import { done, evidence, id, name, page, pageQuery, time } from "./values.ts";

const tag = "workflows";
const params = z.strictObject({ workflow: name.meta({ description: "The workflow's name" }) });

const schedule = z.object({
  producer: z.string(),
  /** In words, for example "every 5 minutes". */
  description: z.string(),
  nextRunAt: time,
  lastRunAt: time.nullable(),
});

const workflowSummary = z
  .object({
    id,
    name: z.string(),
    status: workflowStatus,
    /** Why it needs attention; null if all is well. */
    error: z.string().nullable(),
    /** The version that runs, for example `1.2`; null before the first deploy. */
    version: z.string().nullable(),
    /** Whether this process runs its code. */
    deployed: z.boolean(),
    pendingEvents: z.int(),
    schedules: z.array(schedule),
    /** When its next producer is due; null while it is not active. */
    nextRunAt: time.nullable(),
    retryAt: time.nullable(),
    openNotifications: z.int(),
    lastRun: runSummary.nullable(),
  })
  .meta({ id: "WorkflowSummary" });

/** How many inputs of a kind led to how many outputs of a kind, among the newest inputs. */
const flow = z.object({
  /** How many of the newest inputs were looked at, and since when they came; null where there are none. */
  inputs: z.int(),
  since: time.nullable(),
  sources: z.array(z.object({ source: z.string(), type: z.string(), count: z.int() })),
  connectors: z.array(
    z.object({
      connector: z.string(),
      operation: z.string(),
      applied: z.int(),
      unknown: z.int(),
      failed: z.int(),
      waiting: z.int(),
    }),
  ),
  links: z.array(
    z.object({
      source: z.string(),
      type: z.string(),
      connector: z.string(),
      operation: z.string(),
      count: z.int(),
    }),
  ),
});

const workflow = workflowSummary
  .extend({
    createdAt: time,
    updatedAt: time,
    configVersion: z.int(),
    topics: z.array(z.object({ name: z.string(), pending: z.int() })),
    producers: z.array(
      z.object({
        name: z.string(),
        publishes: z.array(z.string()),
        schedule: z
          .object({
            description: z.string(),
            timezone: z.string(),
            nextRunAt: time.nullable(),
            lastRunAt: time.nullable(),
            /** The next runs, soonest first. */
            next: z.array(time),
          })
          .nullable(),
      }),
    ),
    consumers: z.array(
      z.object({
        name: z.string(),
        subscribes: z.array(z.string()),
        publishes: z.array(z.string()),
        mutates: z.boolean(),
        approval: z.boolean(),
        wakeAt: time.nullable(),
        /** The connectors that its newest outputs went through. */
        connectors: z.array(z.string()),
      }),
    ),
    flow,
  })
  .meta({ id: "Workflow" });

const version = z
  .object({
    /** For example `1.2`. */
    version: z.string(),
    active: z.boolean(),
    digest: z.string(),
    origin: z.string(),
    createdAt: time,
  })
  .meta({ id: "WorkflowVersion" });

export const listWorkflows = defineOperation({
  id: "listWorkflows",
  method: "get",
  path: "/api/workflows",
  tag,
  summary: "Workflows by name",
  access: "viewer",
  query: z.strictObject({ ...pageQuery, text: z.string().min(1).max(200).optional() }),
  response: page(workflowSummary),
});

export const showWorkflow = defineOperation({
  id: "showWorkflow",
  method: "get",
  path: "/api/workflows/{workflow}",
  tag,
  summary: "A workflow, what it is made of, and what came in and went out lately",
  access: "viewer",
  params,
  response: workflow,
});

export const pauseWorkflow = defineOperation({
  id: "pauseWorkflow",
  method: "post",
  path: "/api/workflows/{workflow}/pause",
  tag,
  summary: "Let a workflow start no more runs",
  access: "operator",
  audit: "workflow.pause",
  params,
  response: done,
});

export const resumeWorkflow = defineOperation({
  id: "resumeWorkflow",
  method: "post",
  path: "/api/workflows/{workflow}/resume",
  tag,
  summary: "Let a paused workflow go on",
  access: "operator",
  audit: "workflow.resume",
  params,
  response: done,
});

export const runWorkflow = defineOperation({
  id: "runWorkflow",
  method: "post",
  path: "/api/workflows/{workflow}/run",
  tag,
  summary: "Run all producers now, or those named",
  access: "operator",
  audit: "workflow.run",
  params,
  body: z.strictObject({ producers: z.array(name).min(1).max(100).optional() }),
  response: done,
});

export const retryWorkflow = defineOperation({
  id: "retryWorkflow",
  method: "post",
  path: "/api/workflows/{workflow}/retry",
  tag,
  summary: "Try the failed run again now",
  access: "operator",
  audit: "workflow.retry",
  params,
  body: z.strictObject({ evidence: evidence.optional() }),
  response: runSummary,
});

export const listWorkflowVersions = defineOperation({
  id: "listWorkflowVersions",
  method: "get",
  path: "/api/workflows/{workflow}/versions",
  tag,
  summary: "The versions of a workflow, newest first",
  access: "viewer",
  params,
  response: z.object({ items: z.array(version) }),
});

export const showWorkflowVersion = defineOperation({
  id: "showWorkflowVersion",
  method: "get",
  path: "/api/workflows/{workflow}/versions/{version}",
  tag,
  summary: "A version with its source",
  access: "viewer",
  params: params.extend({ version: z.string().regex(/^\d{1,9}\.\d{1,9}$/) }),
  response: version.extend({ source: z.string() }).meta({ id: "WorkflowVersionSource" }),
});

export const listProducerDecisions = defineOperation({
  id: "listProducerDecisions",
  method: "get",
  path: "/api/workflows/{workflow}/producers/{producer}/decisions",
  tag,
  summary: "What was decided about the ticks of a producer, the latest first",
  access: "viewer",
  params: params.extend({ producer: name }),
  response: z.object({ items: z.array(scheduleDecision) }),
});

export const WORKFLOW_OPERATIONS = [
  listWorkflows,
  showWorkflow,
  pauseWorkflow,
  resumeWorkflow,
  runWorkflow,
  retryWorkflow,
  listWorkflowVersions,
  showWorkflowVersion,
  listProducerDecisions,
] as const;
