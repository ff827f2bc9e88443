import * as fc from "fast-check";
import { expect, test } from "vitest";
import { backoffDelay } from "./retry-policy.ts";

test("backoff grows, is capped, and jitters within its bounds", () => {
  const backoff = { initialMs: 1_000, factor: 2, maxMs: 60_000, jitter: 0.2 };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const nominal = Math.min(1_000 * 2 ** (attempt - 1), 60_000);
        const delay = backoffDelay(backoff, attempt, random);
        expect(delay).toBeGreaterThanOrEqual(Math.round(nominal * 0.8));
        expect(delay).toBeLessThanOrEqual(Math.round(nominal * 1.2));
      },
    ),
  );
});

test("without jitter the delays double from the first one to the cap", () => {
  const backoff = { initialMs: 2_000, factor: 2, maxMs: 10_000, jitter: 0 };
  expect([1, 2, 3, 4, 500].map((attempt) => backoffDelay(backoff, attempt, 0.9))).toEqual([
    2_000, 4_000, 8_000, 10_000, 10_000,
  ]);
});
