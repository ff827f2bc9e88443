import type { Delivery } from "@millrace/db";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolvePolicy } from "../policy.ts";
import { afterAttempt, endOfJob, waitUntil, type AttemptOutcome } from "./job-transitions.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 1_000_000_000;
const policy = resolvePolicy().jobs;
const context = { now: NOW, policy, random: 0.5 };
const failure = { message: "boom", type: "Error", stack: "at x" };
const terms = { status: "active", maxRetries: 3, retryDelayMs: MINUTE, priority: 0 } as const;
const first = { startedAt: NOW, retryCount: 0, cancelRequestedAt: null, reason: null };

const OUTCOMES = {
  success: { kind: "success", result: 7 },
  failed: { kind: "failed", failure, retry: "backoff" },
  "failed for good": { kind: "failed", failure, retry: "never" },
  "failed, later": { kind: "failed", failure, retry: { afterMs: 5_000 } },
  timeout: { kind: "timeout", failure },
  lost: { kind: "lost", failure },
  cancelled: { kind: "cancelled", reason: "no more" },
  snoozed: { kind: "snoozed", forMs: 9_000, reason: "too early" },
  released: { kind: "released", reason: "stopping" },
} as const satisfies Record<string, AttemptOutcome>;
type Named = keyof typeof OUTCOMES;

const decide = (named: Named, delivery: Delivery, retryCount: number) =>
  afterAttempt({ ...first, startedAt: NOW - 500, retryCount }, { ...terms, delivery }, OUTCOMES[named], context);

describe("what follows from an attempt", () => {
  /** With retries left, and without: the status and, where another attempt follows, in how many milliseconds. */
  const expected: Record<Delivery, Record<Named, [string, string]>> = {
    at_least_once: {
      success: ["success", "success"],
      failed: ["pending in 60000", "failed"],
      "failed for good": ["failed", "failed"],
      "failed, later": ["pending in 5000", "failed"],
      timeout: ["pending in 60000", "timeout"],
      lost: ["pending in 0", "failed"],
      cancelled: ["cancelled", "cancelled"],
      snoozed: ["pending in 9000", "pending in 9000"],
      released: ["pending in 0", "pending in 0"],
    },
    at_most_once: {
      success: ["success", "success"],
      failed: ["failed", "failed"],
      "failed for good": ["failed", "failed"],
      "failed, later": ["failed", "failed"],
      timeout: ["timeout", "timeout"],
      lost: ["failed", "failed"],
      cancelled: ["cancelled", "cancelled"],
      snoozed: ["failed", "failed"],
      released: ["failed", "failed"],
    },
  };
  const cases = (["at_least_once", "at_most_once"] as const).flatMap((delivery) =>
    // The keys are those of OUTCOMES.
    (Object.keys(OUTCOMES) as Named[]).map((named) => [named, delivery] as const),
  );

  test.each(cases)("%s, delivery %s", (named, delivery) => {
    const found = [0, 3].map((retryCount) => {
      const { patch, over } = decide(named, delivery, retryCount);
      expect(over === null).toBe(patch.status === "pending");
      return patch.status === "pending" ? `pending in ${patch.dueAt! - NOW}` : patch.status;
    });
    expect(found).toEqual(expected[delivery][named]);
  });

  test("an execution that is over says when, for how long, and whether it counts as a success", () => {
    expect(decide("success", "at_least_once", 2)).toEqual({
      patch: {
        status: "success",
        result: 7,
        completedAt: NOW,
        durationMs: 500,
        nextRetryAt: null,
        error: null,
        errorType: null,
        errorStack: null,
        reason: null,
        workerId: null,
        leaseExpiresAt: null,
        unsettled: false,
      },
      over: { succeeded: true, durationMs: 500 },
    });
    expect(decide("timeout", "at_least_once", 3).over).toEqual({ succeeded: false, durationMs: 500 });
    expect(decide("cancelled", "at_least_once", 0).over).toEqual({ succeeded: null, durationMs: 500 });
  });

  test("a failure is kept with its kind and counted; a snooze and a release are not counted", () => {
    const failed = decide("failed", "at_least_once", 1).patch;
    expect(failed).toMatchObject({ error: "boom", errorType: "Error", errorStack: "at x", retryCount: 2 });
    expect(failed).toMatchObject({ waitsFor: "time", nextRetryAt: NOW + 2 * MINUTE });
    expect(decide("snoozed", "at_least_once", 1).patch.retryCount).toBeUndefined();
    expect(decide("released", "at_least_once", 1).patch).toMatchObject({ waitsFor: null, reason: "stopping" });
    expect(decide("released", "at_least_once", 1).patch.retryCount).toBeUndefined();
  });

  test("only the first loss is tried again at once", () => {
    expect(decide("lost", "at_least_once", 1).patch.dueAt).toBe(NOW + 2 * MINUTE);
  });

  test("the delays double from the job's own, and end at an hour", () => {
    const delays = [0, 1, 2, 5, 6, 50].map((retryCount) => {
      const job = { ...terms, maxRetries: 100, delivery: "at_least_once" } as const;
      return afterAttempt({ ...first, retryCount }, job, OUTCOMES.failed, context).patch.dueAt! - NOW;
    });
    expect(delays).toEqual([MINUTE, 2 * MINUTE, 4 * MINUTE, 32 * MINUTE, HOUR, HOUR]);
  });
});

describe("where somebody has said otherwise meanwhile", () => {
  const again = ["failed", "failed, later", "timeout", "lost", "snoozed", "released"] as const;

  test.each(again)("%s: a cancelled execution is over, and keeps the reason of its cancellation", (named) => {
    const execution = { ...first, cancelRequestedAt: NOW - 1 };
    const { patch, over } = afterAttempt(execution, { ...terms, delivery: "at_least_once" }, OUTCOMES[named], context);
    expect([patch.status, patch.completedAt, over?.succeeded]).toEqual(["cancelled", NOW, null]);
    expect(patch).not.toHaveProperty("reason");
  });

  test.each(again)("%s: an execution of a paused job waits until the job is resumed", (named) => {
    const job = { ...terms, status: "paused", delivery: "at_least_once" } as const;
    expect(afterAttempt(first, job, OUTCOMES[named], context).patch).toMatchObject({
      status: "pending",
      waitsFor: "resume",
    });
  });
});

describe("whatever the outcome", () => {
  const outcomes = fc.constantFrom(...Object.values(OUTCOMES));
  const jobs = fc.record({
    maxRetries: fc.integer({ min: 0, max: 1_000 }),
    status: fc.constantFrom("active" as const, "paused" as const),
    retryDelayMs: fc.integer({ min: 0, max: 100 * HOUR }),
    priority: fc.integer({ min: -100, max: 100 }),
    delivery: fc.constantFrom("at_least_once" as const, "at_most_once" as const),
  });
  const executions = fc.record({
    retryCount: fc.integer({ min: 0, max: 1_001 }),
    startedAt: fc.option(fc.integer({ min: NOW - HOUR, max: NOW + HOUR })),
    cancelRequestedAt: fc.constant(null),
    reason: fc.constant(null),
  });
  const randoms = fc.double({ min: 0, max: 0.999_999, noNaN: true });

  test("the claim is given up, nothing is uncounted, and at-most-once is over", () => {
    fc.assert(
      fc.property(outcomes, jobs, executions, randoms, (outcome, job, execution, random) => {
        const { patch, over } = afterAttempt(execution, job, outcome, { ...context, random });
        expect(patch).toMatchObject({ workerId: null, leaseExpiresAt: null, unsettled: false });
        expect(patch.retryCount ?? execution.retryCount).toBeGreaterThanOrEqual(execution.retryCount);
        if (job.delivery === "at_most_once") expect(patch.status).not.toBe("pending");
        if (over) expect(over.durationMs).toBeGreaterThanOrEqual(0);
        if (patch.status === "pending") expect(Number.isSafeInteger(patch.dueAt)).toBe(true);
      }),
    );
  });

  test("a backoff lies between nothing and an hour, and a job ends after its retries", () => {
    fc.assert(
      fc.property(jobs, executions, randoms, (job, execution, random) => {
        const { patch } = afterAttempt(execution, job, OUTCOMES.failed, { ...context, random });
        const again = job.delivery === "at_least_once" && execution.retryCount < job.maxRetries;
        expect(patch.status).toBe(again ? "pending" : "failed");
        if (!again) return;
        expect(patch.dueAt! - NOW).toBeGreaterThanOrEqual(0);
        expect(patch.dueAt! - NOW).toBeLessThanOrEqual(HOUR);
      }),
    );
  });
});

test("a pending execution is ready when its time has come, and ranks by its priority", () => {
  expect(waitUntil(NOW, { priority: 0 }, context)).toEqual({ dueAt: NOW, rank: NOW, waitsFor: null });
  expect(waitUntil(NOW + 1, { priority: 2 }, context)).toEqual({
    dueAt: NOW + 1,
    rank: NOW + 1 - 2 * MINUTE,
    waitsFor: "time",
  });
});

describe("a job with nothing more to do", () => {
  const job = { type: "recurring", nextRun: null, maxRuns: 3, runCount: 3, status: "active" } as const;

  test("is completed; a one-time job fails with its execution", () => {
    expect(endOfJob(job, false)).toBe("completed");
    expect(endOfJob({ ...job, type: "one_time" }, true)).toBe("completed");
    expect(endOfJob({ ...job, type: "one_time" }, null)).toBe("completed");
    expect(endOfJob({ ...job, type: "one_time" }, false)).toBe("failed");
  });

  test("goes on while it has a next tick, is paused, or waits for events", () => {
    expect(endOfJob({ ...job, nextRun: 5 }, true)).toBeNull();
    expect(endOfJob({ ...job, status: "paused" }, true)).toBeNull();
    expect(endOfJob({ ...job, type: "event" }, true)).toBeNull();
  });
});
