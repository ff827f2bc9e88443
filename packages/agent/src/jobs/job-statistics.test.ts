import { EXECUTION_STATUSES } from "@millrace/db";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { computeStats } from "./job-statistics.ts";

const success = (durationMs: number) => ({ status: "success", durationMs }) as const;
const execution = fc.record({
  status: fc.constantFrom(...EXECUTION_STATUSES),
  durationMs: fc.integer({ min: 0, max: 1_000 }),
});

test("where nothing ran there are no numbers", () => {
  expect(computeStats([])).toEqual({ executions: 0, successRate: null, duration: null, byStatus: {} });
});

test("a single execution is every percentile", () => {
  expect(computeStats([success(7)])).toEqual({
    executions: 1,
    successRate: 1,
    duration: { p50: 7, p95: 7, p99: 7, average: 7, longest: 7 },
    byStatus: { success: 1 },
  });
});

test("of the numbers from 1 to 100 the percentiles are what they say", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => success(100 - index));
  expect(computeStats(hundred).duration).toEqual({ p50: 50, p95: 95, p99: 99, average: 50.5, longest: 100 });
});

test("numbers are ordered as numbers", () => {
  expect(computeStats([success(9), success(10), success(100)]).duration).toMatchObject({ p50: 10, longest: 100 });
});

test("a percentile is the smallest duration that so many do not exceed", () => {
  fc.assert(
    fc.property(fc.array(execution, { minLength: 1, maxLength: 60 }), (executions) => {
      const { duration } = computeStats(executions);
      const durations = executions.map(({ durationMs }) => durationMs);
      // In whole numbers, for 0.95 has no exact binary form.
      const bruteForce = (percent: number) =>
        Math.min(
          ...durations.filter(
            (candidate) => durations.filter((other) => other <= candidate).length * 100 >= percent * durations.length,
          ),
        );
      expect(duration).toMatchObject({
        p50: bruteForce(50),
        p95: bruteForce(95),
        p99: bruteForce(99),
        longest: Math.max(...durations),
      });
    }),
  );
});

test("the success rate is that of those that succeeded, failed or timed out", () => {
  fc.assert(
    fc.property(fc.array(execution, { maxLength: 60 }), (executions) => {
      const { successRate, byStatus, executions: count } = computeStats(executions);
      const of = (...statuses: string[]) => executions.filter(({ status }) => statuses.includes(status)).length;
      const ended = of("success", "failed", "timeout");
      expect(successRate).toBe(ended === 0 ? null : of("success") / ended);
      expect(count).toBe(executions.length);
      for (const status of EXECUTION_STATUSES) expect(byStatus[status] ?? 0).toBe(of(status));
    }),
  );
});

test("the input stays as it is", () => {
  const executions = [success(3), success(1), success(2)];
  computeStats(executions);
  expect(executions.map(({ durationMs }) => durationMs)).toEqual([3, 1, 2]);
});
