import * as fc from "fast-check";
import { expect, test } from "vitest";
import { clampWakeAt } from "../handlers/consumer/wake-at.ts";
import { backoffDelay } from "../execution/retry-policy.ts";
import { resolvePolicy } from "../policy.ts";
import { PolicyError } from "../errors.ts";
import { firstRunAt, nextRunAfter } from "./producer-schedule.ts";
import { parseDuration, scheduleFault } from "./schedule-syntax.ts";

const policy = resolvePolicy();
const interval = { type: "interval", value: "5m", timezone: "UTC" } as const;
const cron = (value: string, timezone: string) => ({ type: "cron", value, timezone }) as const;
const iso = (time: number) => new Date(time).toISOString();

test("intervals are fixed-rate: they do not drift, and missed firings collapse into one", () => {
  expect(nextRunAfter(interval, 0, 1)).toBe(300_000);
  expect(nextRunAfter(interval, 0, 300_000)).toBe(600_000);
  expect(nextRunAfter(interval, 0, 3_000_001)).toBe(3_300_000);
});

test("the next time of a schedule is always later than now", () => {
  const time = fc.integer({ min: 0, max: 4e12 });
  const schedules = fc.constantFrom(
    interval,
    cron("30 2 * * *", "Europe/Berlin"),
    cron("*/7 * * * *", "America/New_York"),
    cron("0 9 * * 1-5", "Asia/Tokyo"),
  );
  fc.assert(
    fc.property(schedules, time, time, (schedule, anchor, now) => nextRunAfter(schedule, anchor, now) > now),
    { numRuns: 300 },
  );
});

test("a time that the clocks skip fires at the end of the gap, and one that comes twice fires once", () => {
  const half2 = cron("30 2 * * *", "Europe/Berlin");
  const spring = nextRunAfter(half2, 0, Date.parse("2026-03-28T12:00:00Z"));
  expect(iso(spring)).toBe("2026-03-29T01:00:00.000Z");
  expect(iso(nextRunAfter(half2, 0, spring))).toBe("2026-03-30T00:30:00.000Z");
  const autumn = nextRunAfter(half2, 0, Date.parse("2026-10-24T12:00:00Z"));
  expect(iso(autumn)).toBe("2026-10-25T00:30:00.000Z");
  expect(iso(nextRunAfter(half2, 0, autumn))).toBe("2026-10-26T01:30:00.000Z");
});

test("nine o'clock on weekdays in Berlin is nine o'clock there, summer and winter", () => {
  const nine = cron("0 9 * * 1-5", "Europe/Berlin");
  expect(iso(nextRunAfter(nine, 0, Date.parse("2026-07-03T10:00:00Z")))).toBe("2026-07-06T07:00:00.000Z");
  expect(iso(nextRunAfter(nine, 0, Date.parse("2026-12-04T10:00:00Z")))).toBe("2026-12-07T08:00:00.000Z");
});

test("a new interval is due at once, a new cron expression at its next time", () => {
  expect(firstRunAt(interval, 1_000)).toBe(1_000);
  expect(iso(firstRunAt(cron("0 9 * * *", "UTC"), Date.parse("2026-01-01T12:00:00Z")))).toBe(
    "2026-01-02T09:00:00.000Z",
  );
});

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["1h30m", 5_400_000],
  ["2d", 172_800_000],
  ["1w", 604_800_000],
  ["", null],
  ["5", null],
  ["5 m", null],
  ["-5m", null],
  ["m", null],
])("the duration %s is %s ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each([
  [{ interval: "10ms" }, "at least one second"],
  [{ interval: "soon" }, "not a duration"],
  [{ cron: "* * *" }, ".cron"],
  [{ cron: "0 0 31 2 *" }, "never fires"],
  [{ cron: "0 9 * * *", timezone: "Mars/Base" }, "not an IANA time zone"],
  [{ every: "5m" }, "must be"],
  ["5m", "must be"],
])("the schedule %j is refused", (schedule, fault) => {
  expect(scheduleFault(schedule)).toContain(fault);
});

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

test("a policy with an unknown or impossible value is refused, by name", () => {
  expect(() => resolvePolicy({ retry: { maxTransientFailures: 0 } })).toThrow(PolicyError);
  expect(() => resolvePolicy({ retries: {} } as object)).toThrow("retries");
});
