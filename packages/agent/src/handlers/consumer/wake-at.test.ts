import * as fc from "fast-check";
import { expect, test } from "vitest";
import { resolvePolicy } from "../../policy.ts";
import { clampWakeAt } from "./wake-at.ts";

const policy = resolvePolicy();

test("wake times are clamped at both ends, with a word about it", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(clampWakeAt("2026-01-01T01:00:00Z", now, policy.wake)).toEqual({ at: now + 3_600_000, warning: null });
  expect(clampWakeAt("2026-01-01T02:00:00+01:00", now, policy.wake)).toEqual({ at: now + 3_600_000, warning: null });
  expect(clampWakeAt("2026-01-01T00:00:01Z", now, policy.wake)).toMatchObject({
    at: now + 30_000,
    warning: expect.stringContaining("clamped"),
  });
  expect(clampWakeAt("2025-01-01T00:00:00Z", now, policy.wake)).toMatchObject({ at: now + 30_000 });
  expect(clampWakeAt("2027-01-01T00:00:00Z", now, policy.wake)).toMatchObject({ at: now + 86_400_000 });
  expect(clampWakeAt(undefined, now, policy.wake)).toEqual({ at: 0, warning: null });
});

test.each(["", "tomorrow", "2026-01-01", "2026-01-01T10:00", "2026-13-01T00:00:00Z", "1767225600000"])(
  "the wake time %j is left out, with a word about it",
  (asked) => {
    expect(clampWakeAt(asked, 0, policy.wake)).toMatchObject({ at: 0, warning: expect.stringContaining("left out") });
  },
);

test("whatever is asked for, a wake time is none or within the range", () => {
  const asked = fc.oneof(
    fc.string(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.integer({ min: -100_000_000, max: 100_000_000 }).map((delay) => new Date(1e12 + delay).toISOString()),
  );
  fc.assert(
    fc.property(asked, (text) => {
      const { at, warning } = clampWakeAt(text, 1e12, policy.wake);
      if (at === 0) return warning !== null;
      expect(at).toBeGreaterThanOrEqual(1e12 + policy.wake.minMs);
      expect(at).toBeLessThanOrEqual(1e12 + policy.wake.maxMs);
      return (warning === null) === (at === Date.parse(text));
    }),
  );
});
