import * as fc from "fast-check";
import { expect, test } from "vitest";
import { firstRunAt, nextRunAfter } from "./producer-schedule.ts";
import { parseDuration, scheduleFault } from "./schedule-syntax.ts";

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
