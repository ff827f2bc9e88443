/** What a new execution of a job is like (pure). */
import type { Job, JobExecutionId, JsonValue, NewJobExecution } from "@millrace/db";
import type { Policy } from "../policy.ts";
import { waitUntil } from "./job-transitions.ts";

/** What differs from one execution of a job to the next. */
export interface ExecutionSeed {
  origin: NewJobExecution["origin"];
  scheduledAt: number;
  dueAt: number;
  /** Given for all but ticks, which are identified by their time. */
  id?: JobExecutionId;
  payload?: JsonValue;
  missedCount?: number;
  eventId?: string | null;
  idempotencyKey?: string;
  retryOf?: JobExecutionId | null;
  createdBy?: string | null;
  trace?: TraceParent | null;
}

/** The caller's span, whose child the execution is. */
export interface TraceParent {
  traceId: string;
  spanId: string;
}

export function newExecution(job: Job, seed: ExecutionSeed, now: number, policy: Policy["jobs"]): NewJobExecution {
  const { origin, scheduledAt, dueAt, id, payload = null } = seed;
  const parent = seed.trace ?? parseTraceparent(job.traceparent);
  const waiting = waitUntil(dueAt, job, { now, policy });
  return {
    ...(id && { id }),
    jobId: job.id,
    platformId: job.platformId,
    jobVersion: job.version,
    handlerName: job.handlerName,
    origin,
    scheduledAt,
    occurrence: id ?? "",
    ...waiting,
    waitsFor: job.status === "paused" ? "resume" : waiting.waitsFor,
    status: "pending",
    payload,
    idempotencyKey: seed.idempotencyKey ?? `${job.id}:${id ?? scheduledAt}`,
    eventId: seed.eventId ?? null,
    concurrencyKey: resolveKey(job.concurrencyKey, payload ?? job.payload),
    completedAt: null,
    reason: null,
    missedCount: seed.missedCount ?? 0,
    parentSpanId: parent?.spanId ?? null,
    traceId: parent?.traceId ?? null,
    retryOf: seed.retryOf ?? null,
    createdBy: seed.createdBy ?? null,
  };
}

/** The same, for a tick that does not run: its record says why. */
export function skippedExecution(execution: NewJobExecution, reason: string, now: number): NewJobExecution {
  return { ...execution, status: "skipped", waitsFor: null, completedAt: now, reason };
}

/** `{path.in.payload}` in a concurrency key stands for that value; one that is missing stands for nothing. */
function resolveKey(template: string | null, payload: JsonValue): string | null {
  if (template === null) return null;
  return template.replace(/\{([^{}]+)\}/g, (_whole, path: string) => {
    let value: JsonValue | undefined = payload;
    for (const part of path.split(".")) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return "";
      // The line above has made sure that there is such a key; lists have theirs as texts.
      value = (value as Readonly<Record<string, JsonValue>>)[part];
    }
    return typeof value === "string" ? value : JSON.stringify(value ?? null);
  });
}

/** Reads a W3C `traceparent`; null where there is none. */
export function parseTraceparent(text: string | null): TraceParent | null {
  const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(text ?? "") ?? [];
  return traceId !== undefined && spanId !== undefined ? { traceId, spanId } : null;
}
