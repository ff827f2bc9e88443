/** All at a glance: what needs a person, how much was done, what comes next; how the host is; the audit. */
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { notification, upcomingRun, workflowStatus } from "./shapes.ts";
import { id, json, page, pageQuery, spanQuery, text, time } from "./values.ts";

export const showOverview = defineOperation({
  id: "showOverview",
  method: "get",
  path: "/api/overview",
  tag: "overview",
  summary: "What needs you, how much was done, and what comes next",
  access: "viewer",
  query: z.strictObject({ span: z.enum(["hour", "day", "week"]).optional() }),
  response: z
    .object({
      attention: z.object({ total: z.int(), newest: z.array(notification) }),
      workflows: z.object({
        total: z.int(),
        byStatus: z.array(z.object({ status: workflowStatus, count: z.int() })),
        withError: z.int(),
      }),
      /** Runs by the time they began, executions by the time they ended, in buckets of `bucketMs`, the oldest first; none is left out. */
      activity: z.object({
        bucketMs: z.int(),
        buckets: z.array(z.object({ at: time, committed: z.int(), failed: z.int(), waiting: z.int(), jobs: z.int() })),
      }),
      outputs: z.object({ unknown: z.int(), awaitingApproval: z.int(), failed: z.int() }),
      upcoming: z.array(upcomingRun),
    })
    .meta({ id: "Overview" }),
});

export const showHealth = defineOperation({
  id: "showHealth",
  method: "get",
  path: "/api/health",
  tag: "health",
  summary: "The database, the queues, the latencies and the versions",
  access: "viewer",
  response: z
    .object({
      status: z.enum(["ok", "degraded"]),
      checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
      database: z.object({
        sizeBytes: z.int(),
        freeBytes: z.int(),
        walBytes: z.int(),
        schemaVersion: z.string(),
        location: z.string(),
      }),
      queues: z.object({
        pendingEvents: z.int(),
        openExecutions: z.int(),
        runningExecutions: z.int(),
        reconciling: z.int(),
        nextDueAt: time.nullable(),
      }),
      /** Of the requests to this host since it started, in milliseconds; null where there was none. */
      latencies: z.array(
        z.object({
          operation: z.string(),
          count: z.int(),
          p50: z.number(),
          p95: z.number(),
          max: z.number(),
        }),
      ),
      versions: z.object({ millrace: z.string(), node: z.string(), sqlite: z.string() }),
      startedAt: time,
    })
    .meta({ id: "HostHealth" }),
});

const auditEntry = z
  .object({
    id,
    at: time,
    actor: z.string(),
    channel: z.enum(["dashboard", "api", "command_line", "program"]),
    action: z.string(),
    subjectType: z.string().nullable(),
    subjectId: z.string().nullable(),
    details: json.nullable(),
    /** Null: the process ended before it was known. */
    outcome: z.enum(["done", "refused", "failed"]).nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: "AuditEntry" });

export const listAudit = defineOperation({
  id: "listAudit",
  method: "get",
  path: "/api/audit",
  tag: "audit",
  summary: "Every action by a person, the latest first",
  access: "viewer",
  query: z.strictObject({
    ...pageQuery,
    ...spanQuery,
    actor: text.optional(),
    action: text.optional(),
    subjectId: text.optional(),
    text: text.optional(),
  }),
  response: page(auditEntry),
});

export const OVERVIEW_OPERATIONS = [showOverview, showHealth, listAudit] as const;
