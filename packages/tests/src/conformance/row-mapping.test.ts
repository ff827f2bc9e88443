import {
  DELIVERIES,
  DST_GAPS,
  DST_OVERLAPS,
  EXECUTION_ORIGINS,
  INTERVAL_MODES,
  JOB_HANDLER_TYPES,
  MISFIRE_POLICIES,
  OVERLAP_POLICIES,
  type JobExecutionId,
  type NewJob,
  type NewJobExecution,
} from "@millrace/db";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { claim, createExecution, createJob } from "../support/job-rows.ts";
import { createWorld, withDatabase } from "../support/store-behaviours.ts";

const text = fc.string({ unit: "binary" });
const number = fc.maxSafeInteger();
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
// JSON has one zero.
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as NewJob["payload"]);

const jobFields = fc.record({
  key: optional(text),
  name: text,
  description: optional(text),
  digest: text,
  cronExpression: text,
  timezone: text,
  dstGap: fc.constantFrom(...DST_GAPS),
  dstOverlap: fc.constantFrom(...DST_OVERLAPS),
  intervalMs: optional(number),
  intervalMode: fc.constantFrom(...INTERVAL_MODES),
  anchorAt: optional(number),
  runAt: optional(number),
  eventName: optional(text),
  endsAt: optional(number),
  maxRuns: optional(number),
  jitterMs: number,
  handlerType: fc.constantFrom(...JOB_HANDLER_TYPES),
  handlerName: text,
  handlerTarget: json,
  payload: json,
  maxRetries: number,
  retryDelayMs: number,
  timeoutMs: number,
  priority: number,
  delivery: fc.constantFrom(...DELIVERIES),
  overlapPolicy: fc.constantFrom(...OVERLAP_POLICIES),
  misfirePolicy: fc.constantFrom(...MISFIRE_POLICIES),
  misfireGraceMs: number,
  misfireWindowMs: number,
  misfireLimit: number,
  catchUp: fc.boolean(),
  maxConcurrency: optional(number),
  concurrencyKey: optional(text),
  concurrencyKeyLimit: optional(number),
  uniqueKey: optional(text),
  autoPauseAfter: optional(number),
  keepLast: number,
  tags: fc.array(text),
  metadata: json,
  nextRun: optional(number),
  createdBy: optional(text),
  traceparent: optional(text),
  finishedAt: optional(number),
}) satisfies fc.Arbitrary<Partial<NewJob>>;

const executionFields = fc.record({
  jobVersion: number,
  handlerName: text,
  origin: fc.constantFrom(...EXECUTION_ORIGINS),
  scheduledAt: number,
  occurrence: text,
  dueAt: number,
  rank: number,
  payload: json,
  idempotencyKey: text,
  eventId: optional(text),
  concurrencyKey: optional(text),
  reason: optional(text),
  missedCount: number,
  traceId: optional(text),
  parentSpanId: optional(text),
  retryOf: optional(text.map((id) => id as JobExecutionId)),
  createdBy: optional(text),
}) satisfies fc.Arbitrary<Partial<NewJobExecution>>;

const outcomeFields = fc.record({
  retryCount: number,
  nextRetryAt: optional(number),
  unsettled: fc.boolean(),
  durationMs: optional(number),
  result: json,
  error: optional(text),
  errorType: optional(text),
  errorStack: optional(text),
  cancelRequestedAt: optional(number),
  spanId: optional(text),
});

test("a job is read as it was written and as it was edited, whatever its fields hold", async () => {
  await withDatabase("memory", async (database) => {
    const { stores } = await createWorld(database);
    await fc.assert(
      fc.asyncProperty(jobFields, jobFields, async (fields, edited) => {
        const job = await createJob({ stores }, fields);
        expect(job).toMatchObject(fields);
        expect(await stores.jobs.get(job.id)).toEqual(job);
        const patch = { ...edited, version: 2, pausedAt: 7 };
        await stores.jobs.change(job, patch, 9);
        expect(await stores.jobs.get(job.id)).toEqual({ ...job, ...patch, updatedAt: 9 });
        await stores.jobs.delete([job.id]);
      }),
      { numRuns: 200 },
    );
  });
});

test("an execution is read as it was written and as it ended, whatever its fields hold", async () => {
  await withDatabase("memory", async (database) => {
    const { stores } = await createWorld(database);
    await fc.assert(
      fc.asyncProperty(executionFields, outcomeFields, async (fields, outcome) => {
        const job = await createJob({ stores });
        const execution = await createExecution({ stores }, job, fields);
        expect(execution).toMatchObject(fields);
        expect(await stores.jobExecutions.get(execution.id)).toEqual(execution);
        const held = await claim({ stores }, execution);
        const patch = { ...outcome, status: "failed", leaseExpiresAt: null, completedAt: 50 } as const;
        expect(await stores.jobExecutions.changeClaimed(held, patch, 50)).toBe(true);
        expect(await stores.jobExecutions.get(execution.id)).toEqual({ ...held, ...patch, updatedAt: 50 });
        await stores.jobs.delete([job.id]);
      }),
      { numRuns: 200 },
    );
  });
});
