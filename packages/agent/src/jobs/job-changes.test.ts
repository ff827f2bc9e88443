import {
  DEFAULT_PLATFORM_ID,
  DST_GAPS,
  DST_OVERLAPS,
  INTERVAL_MODES,
  MISFIRE_POLICIES,
  OVERLAP_POLICIES,
  createIdSource,
  type Job,
  type JobId,
} from "@millrace/db";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InternalError } from "../errors.ts";
import { resolvePolicy } from "../policy.ts";
import { changedInput, inputOf } from "./job-changes.ts";
import { parseJob } from "./job-input.ts";
import { type ScheduledJobInput } from "./job-input-schema.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const POLICY = resolvePolicy().jobs;
const newId = createIdSource({ now: () => NOW });

/** A job as it is stored right after this input. */
function storedAs(input: ScheduledJobInput): Job {
  const { definition, key, digest, scheduleDigest, createdBy } = parseJob(input, NOW, POLICY);
  return {
    ...definition,
    id: newId<JobId>(),
    platformId: DEFAULT_PLATFORM_ID,
    key,
    digest,
    scheduleDigest,
    createdBy,
    status: "pending",
    version: 1,
    pauseNote: null,
    pausedAt: null,
    runCount: 0,
    executionCount: 0,
    successCount: 0,
    failureCount: 0,
    consecutiveFailures: 0,
    totalDurationMs: 0,
    nextRun: null,
    lastRun: null,
    traceparent: null,
    createdAt: NOW,
    updatedAt: NOW,
    finishedAt: null,
  };
}

const name = fc.string({ minLength: 1, maxLength: 40 });
const duration = fc.oneof(fc.integer({ min: 0, max: 1e9 }), fc.constantFrom("0ms", "30s", "1h30m", "2w"));
const time = fc.integer({ min: NOW, max: NOW + 1e12 });
const instant = fc.oneof(
  time,
  time.map((at) => new Date(at)),
  time.map((at) => new Date(at).toISOString()),
);
// As JSON gives it: without -0, which no JSON text keeps.
const json = fc.json().map((text) => JSON.parse(JSON.stringify(JSON.parse(text))) as never);
const optional: { requiredKeys: [] } = { requiredKeys: [] };

const named = fc.record({
  name,
  handler: fc.oneof(
    name,
    fc.record({ workflow: name, producer: name }),
    fc.record({ workflow: name, topic: name }),
    fc.record({ agent: name }),
  ),
});

const common = fc.record(
  {
    key: name,
    description: fc.string({ maxLength: 100 }),
    payload: json,
    maxRetries: fc.integer({ min: 0, max: 1_000 }),
    retryDelay: duration,
    timeout: fc.integer({ min: 1, max: 1e9 }),
    priority: fc.integer({ min: -100, max: 100 }),
    delivery: fc.constantFrom("at_least_once", "at_most_once"),
    overlap: fc.constantFrom(...OVERLAP_POLICIES),
    misfire: fc.record(
      {
        policy: fc.constantFrom(...MISFIRE_POLICIES),
        grace: duration,
        window: duration,
        limit: fc.integer({ min: 1, max: 1_000 }),
      },
      optional,
    ),
    catchUp: fc.boolean(),
    maxConcurrency: fc.integer({ min: 1, max: 100 }),
    concurrency: fc.record({ key: name, limit: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: ["key"] }),
    unique: fc.record({
      key: name,
      onConflict: fc.constantFrom("reject", "replace", "throttle", "debounce"),
      window: fc.integer({ min: 1, max: 1e9 }),
    }),
    autoPauseAfter: fc.option(fc.integer({ min: 1, max: 100 })),
    keepLast: fc.integer({ min: 0, max: 1_000 }),
    tags: fc.array(name, { maxLength: 5 }),
    metadata: fc.dictionary(name, json, { maxKeys: 4 }),
    jitter: duration,
    createdBy: fc.string({ maxLength: 50 }),
  },
  optional,
);

const zoned = fc.record(
  {
    timezone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"),
    dst: fc.record({ gap: fc.constantFrom(...DST_GAPS), overlap: fc.constantFrom(...DST_OVERLAPS) }, optional),
  },
  optional,
);
const cron = fc.constantFrom("* * * * *", "0 9 * * 1-5", "30 0 2 1 * MON", "@daily", "@Hourly", "0 0 29 2 *");
const bounds = fc
  .record(
    { startsAt: time, length: fc.integer({ min: 0, max: 1e12 }), maxRuns: fc.integer({ min: 1, max: 1e6 }) },
    optional,
  )
  .map(({ length, ...rest }) => ({
    ...rest,
    ...(length !== undefined && { endsAt: (rest.startsAt ?? NOW) + length }),
  }));

const TYPES = {
  cron: fc.tuple(fc.record({ type: fc.constant("cron" as const), cron }), zoned),
  "one-time": fc.tuple(
    fc.constant({ type: "one_time" as const }),
    fc.oneof(fc.record({ at: instant }), fc.record({ in: duration }), fc.constant({})),
  ),
  "recurring by interval": fc.tuple(
    fc.record({
      type: fc.constant("recurring" as const),
      interval: fc.integer({ min: 100, max: 1e10 }),
      mode: fc.constantFrom(...INTERVAL_MODES),
    }),
    bounds,
  ),
  "recurring by cron": fc.tuple(
    fc.record({ type: fc.constant("recurring" as const), cron }),
    fc.tuple(bounds, zoned).map(([bound, zone]) => ({ ...bound, ...zone })),
  ),
  event: fc.tuple(fc.record({ type: fc.constant("event" as const), event: name }), fc.constant({})),
};

describe.each(Object.entries(TYPES))("a %s job", (_type, parts) => {
  // The parts are those of one type of job.
  const inputs = fc
    .tuple(named, common, parts as fc.Arbitrary<[object, object]>)
    .map(
      ([who, options, [type, times]]) => ({ ...who, ...options, ...type, ...times }) as unknown as ScheduledJobInput,
    );

  test("turned back into its input gives the same definition", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const stored = storedAs(input);
        const again = parseJob(inputOf(stored), NOW, POLICY);
        expect(again.definition).toEqual(parseJob(input, NOW, POLICY).definition);
        expect(again).toMatchObject({ id: stored.id, key: stored.key, createdBy: stored.createdBy });
      }),
    );
  });

  test("changed in one part keeps the others", () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: -100, max: 100 }), (input, priority) => {
        const stored = storedAs(input);
        const changed = parseJob(changedInput(stored, { priority }) as ScheduledJobInput, NOW, POLICY);
        expect(changed.definition).toEqual({ ...parseJob(input, NOW, POLICY).definition, priority });
      }),
    );
  });
});

describe("changes", () => {
  const once = storedAs({ type: "one_time", name: "once", handler: "note", at: NOW + 5 });
  const hourly = storedAs({ type: "recurring", name: "hourly", handler: "note", interval: "1h", mode: "fixed_delay" });

  test("what says when a job runs takes the place of what said so before", () => {
    expect(changedInput(once, { in: "1h" })).not.toHaveProperty("at");
    expect(changedInput(hourly, { cron: "@daily" })).not.toHaveProperty("interval");
    expect(changedInput(hourly, { cron: "@daily" })).not.toHaveProperty("mode");
    expect(changedInput(hourly, { interval: "2h" })).toMatchObject({ interval: "2h", mode: "fixed_delay" });
  });

  test("what is undefined takes no place, and unknown keys are left to be refused", () => {
    expect(changedInput(once, { in: undefined })).toMatchObject({ at: NOW + 5 });
    expect(changedInput(once, { toString: "x" })).toMatchObject({ at: NOW + 5, toString: "x" });
  });

  test("null takes away what was there, except where it is a value of its own", () => {
    const ending = storedAs({ type: "recurring", name: "r", handler: "note", interval: "1h", maxRuns: 5, payload: 1 });
    expect(changedInput(ending, { maxRuns: null })).not.toHaveProperty("maxRuns");
    expect(changedInput(ending, { payload: null, autoPauseAfter: null })).toMatchObject({
      payload: null,
      autoPauseAfter: null,
    });
  });

  test("the id is the job's own", () => {
    expect(changedInput(once, { id: "another" })).toMatchObject({ id: once.id });
  });
});

test("a row that contradicts itself is named", () => {
  const cronJob = storedAs({ type: "cron", name: "c", handler: "note", cron: "@daily" });
  for (const broken of [
    { ...cronJob, cronExpression: null },
    { ...cronJob, type: "event" as const },
    { ...cronJob, type: "one_time" as const },
  ])
    expect(() => inputOf(broken)).toThrow(InternalError);
  expect(() => inputOf({ ...cronJob, cronExpression: null })).toThrow(cronJob.id);
});
