import { expect, test } from "vitest";
import { PolicyError } from "./errors.ts";
import { resolvePolicy } from "./policy.ts";

test("a policy has a default for everything, and keeps what is given", () => {
  const policy = resolvePolicy({ retry: { backoff: { initialMs: 7 } } });
  expect(policy.retry).toEqual({
    maxTransientFailures: 5,
    maxCrashes: 10,
    backoff: { initialMs: 7, factor: 2, maxMs: 600_000, jitter: 0.2 },
  });
  expect(policy.wake).toEqual({ minMs: 30_000, maxMs: 86_400_000 });
});

test("a policy with an unknown or impossible value is refused, by name", () => {
  expect(() => resolvePolicy({ retry: { maxTransientFailures: 0 } })).toThrow(PolicyError);
  expect(() => resolvePolicy({ retries: {} } as object)).toThrow("retries");
});
