import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_DST_POLICY } from "../schedule/dst-policy.ts";
import { firstRunAt, missedTicks, nextRunAfter } from "./producer-schedule.ts";
import { scheduleFault } from "./schedule-syntax.ts";

const dst = { ...DEFAULT_DST_POLICY };
const interval = { type: "interval", value: "5m", timezone: "UTC", dst } as const;
const cron = (value: string, timezone: string) => ({ type: "cron", value, timezone, dst }) as const;
const iso = (time: number) => new Date(time).toISOString();

test("intervals are fixed-rate: they do not drift, and missed firings collapse into one", () => {
  expect(nextRunAfter(interval, 0, 1)).toBe(300_000);
  expect(nextRunAfter(interval, 0, 300_000)).toBe(600_000);
  expect(nextRunAfter(interval, 0, 3_000_001)).toBe(3_300_000);
});

test("an interval is due next after the time it was due at, even when the clock stands before that", () => {
  expect(nextRunAfter(interval, 600_000, 0)).toBe(900_000);
});

test("the firings between the one that is due and now are counted, up to a limit", () => {
  expect(missedTicks(interval, 300_000, 300_000, 10)).toEqual({ count: 0, more: false });
  expect(missedTicks(interval, 300_000, 900_000, 10)).toEqual({ count: 2, more: false });
  expect(missedTicks(interval, 300_000, 900_000_000, 10)).toEqual({ count: 10, more: true });
  const nine = cron("0 9 * * *", "Europe/Berlin");
  const dueAt = Date.parse("2026-11-20T08:00Z");
  expect(missedTicks(nine, dueAt, Date.parse("2026-11-24T08:00Z"), 10)).toEqual({ count: 4, more: false });
  expect(missedTicks(nine, dueAt, dueAt - 1, 10)).toEqual({ count: 0, more: false });
});

test("a producer may say what becomes of its time when the clocks change", () => {
  const half2 = { ...cron("30 2 * * *", "Europe/Berlin"), dst: { gap: "skip", overlap: "last" } } as const;
  expect(iso(nextRunAfter(half2, 0, Date.parse("2026-03-28T12:00:00Z")))).toBe("2026-03-30T00:30:00.000Z");
  expect(iso(nextRunAfter(half2, 0, Date.parse("2026-10-24T12:00:00Z")))).toBe("2026-10-25T01:30:00.000Z");
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
  [{ interval: "10ms" }, "at least one second"],
  [{ interval: "soon" }, "not a duration"],
  [{ cron: "* * *" }, ".cron"],
  [{ cron: "0 0 31 2 *" }, "never fires"],
  [{ cron: "0 9 * * *", timezone: "Mars/Base" }, "not an IANA time zone"],
  [{ cron: "0 9 * * 8" }, '.cron: the day of week "8" is not valid'],
  [{ cron: "0 9 * * 8" }, '(character 9 of "0 9 * * 8")'],
  [{ cron: "0 9 * * *", dst: { gap: "jump" } }, "must be"],
  [{ every: "5m" }, "must be"],
  ["5m", "must be"],
])("the schedule %j is refused: %s", (schedule, fault) => {
  expect(scheduleFault(schedule)).toContain(fault);
});

test.each([
  [{ interval: "5m" }],
  [{ cron: "@daily" }],
  [{ cron: "0 9 * * 1-5", timezone: "Europe/Berlin", dst: { gap: "skip" } }],
  [{ cron: "0 9 * * 1-5", dst: { overlap: "both" } }],
])("the schedule %j is valid", (schedule) => {
  expect(scheduleFault(schedule)).toBeNull();
});
