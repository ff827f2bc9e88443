/** Turns a stored job back into the input that makes it, so that an edit is an input with parts of it changed. */
import type { Job } from "@millrace/db";
import { InternalError } from "../errors.ts";
import type { ScheduledJobInput } from "./job-input-schema.ts";

/** What `schedule` would be given to make this job. @throws InternalError when the row contradicts itself */
export function inputOf(job: Job): ScheduledJobInput {
  const common = { ...identityOf(job), ...behaviourOf(job), ...policiesOf(job) };
  switch (job.type) {
    case "cron":
      return { ...common, type: "cron", cron: existing(job.cronExpression, job), ...zonedOf(job) };
    case "one_time":
      return { ...common, type: "one_time", at: existing(job.runAt, job) };
    case "event":
      return { ...common, type: "event", event: existing(job.eventName, job) };
    case "recurring": {
      const bounds = {
        ...(job.anchorAt !== null && { startsAt: job.anchorAt }),
        ...(job.endsAt !== null && { endsAt: job.endsAt }),
        ...(job.maxRuns !== null && { maxRuns: job.maxRuns }),
      };
      return job.intervalMs === null
        ? { ...common, ...bounds, type: "recurring", cron: existing(job.cronExpression, job), ...zonedOf(job) }
        : { ...common, ...bounds, type: "recurring", interval: job.intervalMs, mode: job.intervalMode };
    }
  }
}

/** A change that says when a job runs stands for what said so before. */
const REPLACED: Readonly<Record<string, readonly string[]>> = {
  in: ["at"],
  cron: ["interval", "mode"],
  interval: ["cron", "timezone", "dst"],
};

const SCHEDULE_INPUTS = new Set([
  "type",
  "cron",
  "timezone",
  "dst",
  "interval",
  "mode",
  "startsAt",
  "endsAt",
  "maxRuns",
  "at",
  "in",
  "event",
  "jitter",
]);

/** Whether a change leaves alone when the job runs. */
export function keepsSchedule(changes: Readonly<Record<string, unknown>>): boolean {
  return !Object.entries(changes).some(([field, value]) => value !== undefined && SCHEDULE_INPUTS.has(field));
}

/** The same input without the times that may have passed. */
export function withoutTimes({
  at: _at,
  startsAt: _startsAt,
  endsAt: _endsAt,
  ...input
}: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return input;
}

/** Where null is a value of its own. Elsewhere it takes away what was there. */
const NULLABLE = new Set(["payload", "autoPauseAfter"]);

/** The input of a job with parts of it changed; not checked yet. */
export function changedInput(job: Job, changes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const replaced = new Set(given.flatMap(([field]) => (Object.hasOwn(REPLACED, field) ? (REPLACED[field] ?? []) : [])));
  const kept = Object.entries(inputOf(job)).filter(([field]) => !replaced.has(field));
  const merged = { ...Object.fromEntries(kept), ...changes, id: job.id };
  return Object.fromEntries(Object.entries(merged).filter(([field, value]) => value !== null || NULLABLE.has(field)));
}

function identityOf(job: Job) {
  return {
    id: job.id,
    name: job.name,
    ...(job.key !== null && { key: job.key }),
    ...(job.description !== null && { description: job.description }),
    ...(job.createdBy !== null && { createdBy: job.createdBy }),
    tags: job.tags,
    // Metadata was an object when it was given.
    ...(job.metadata !== null && { metadata: job.metadata as Record<string, never> }),
  };
}

function behaviourOf(job: Job) {
  return {
    handler: handlerOf(job),
    payload: job.payload as never,
    maxRetries: job.maxRetries,
    retryDelay: job.retryDelayMs,
    timeout: job.timeoutMs,
    priority: job.priority,
    delivery: job.delivery,
    jitter: job.jitterMs,
  };
}

function policiesOf(job: Job) {
  const { concurrencyKey: key, concurrencyKeyLimit } = job;
  return {
    overlap: job.overlapPolicy,
    misfire: {
      policy: job.misfirePolicy,
      grace: job.misfireGraceMs,
      window: job.misfireWindowMs,
      limit: job.misfireLimit,
    },
    catchUp: job.catchUp,
    ...(job.maxConcurrency !== null && { maxConcurrency: job.maxConcurrency }),
    ...(key !== null && { concurrency: { key, limit: concurrencyKeyLimit ?? 1 } }),
    // What happens on a conflict is of no account in an edit, for it meets its own job only.
    ...(job.uniqueKey !== null && { unique: { key: job.uniqueKey } }),
    autoPauseAfter: job.autoPauseAfter,
    keepLast: job.keepLast,
  };
}

function zonedOf({ timezone, dstGap: gap, dstOverlap: overlap }: Job) {
  return { timezone, dst: { gap, overlap } };
}

function handlerOf({ handlerType, handlerName, handlerTarget }: Job): ScheduledJobInput["handler"] {
  switch (handlerType) {
    case "function":
      return handlerName;
    case "agent":
      return { agent: handlerName };
    case "workflow":
      // The target of a workflow is `{ producer }` or `{ topic }`: `parseJob` has made it so, and reads it again.
      return { workflow: handlerName, ...(handlerTarget as { producer: string }) };
  }
}

function existing<Value>(value: Value | null, { id, type }: Job): Value {
  if (value === null) throw new InternalError(`The ${type} job ${id} lacks what such a job must have.`);
  return value;
}
