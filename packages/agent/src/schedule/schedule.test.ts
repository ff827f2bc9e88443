import { expect, test } from "vitest";
import { DEFAULT_DST_POLICY, type DstPolicy } from "./dst-policy.ts";
import { countTicks, latestTick, nextTick, ticksBetween, type CronSchedule, type Schedule } from "./schedule.ts";

const HOUR = 3_600_000;

function cron(expression: string, timezone: string, dst: Partial<DstPolicy> = {}): CronSchedule {
  return { kind: "cron", expression, timezone, dst: { ...DEFAULT_DST_POLICY, ...dst } };
}

/** The ticks of 24 hours, without the milliseconds. */
function dayFrom(start: string, schedule: Schedule): string[] {
  const from = Date.parse(start);
  return ticksBetween(schedule, from, from + 24 * HOUR - 1, 100).ticks.map((tick) =>
    new Date(tick).toISOString().slice(0, 19),
  );
}

test.each([
  // expression, zone, the beginning of the day on which the clocks go forward, the end of the gap
  ["30 2 * * *", "Europe/Berlin", "2026-03-28T23:00Z", "2026-03-29T01:00:00"],
  ["30 2 * * *", "America/New_York", "2026-03-08T05:00Z", "2026-03-08T07:00:00"],
  ["15 2 * * *", "Australia/Lord_Howe", "2026-10-03T13:30Z", "2026-10-03T15:30:00"],
  ["30 2 * * *", "Antarctica/Troll", "2026-03-29T00:00Z", "2026-03-29T01:00:00"],
  ["0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00Z", "2018-11-04T03:00:00"],
  ["30 0 * * *", "Africa/Cairo", "2026-04-23T10:00Z", "2026-04-23T22:00:00"],
  ["30 23 * * *", "America/Nuuk", "2026-03-28T12:00Z", "2026-03-29T01:00:00"],
  ["0 9 * * *", "Pacific/Apia", "2011-12-30T00:00Z", "2011-12-30T10:00:00"],
])("%s in %s: a time in the gap runs at its end, or is skipped", (expression, zone, start, end) => {
  expect(dayFrom(start, cron(expression, zone))[0]).toBe(end);
  expect(dayFrom(start, cron(expression, zone, { gap: "skip" }))).not.toContain(end);
});

test.each([
  // expression, zone, the beginning of the day on which the clocks go back, the first and the last occurrence
  ["30 2 * * *", "Europe/Berlin", "2026-10-24T22:00Z", "2026-10-25T00:30:00", "2026-10-25T01:30:00"],
  ["30 1 * * *", "America/New_York", "2026-11-01T04:00Z", "2026-11-01T05:30:00", "2026-11-01T06:30:00"],
  ["45 1 * * *", "Australia/Lord_Howe", "2026-04-04T13:00Z", "2026-04-04T14:45:00", "2026-04-04T15:15:00"],
  ["30 1 * * *", "Antarctica/Troll", "2026-10-24T22:00Z", "2026-10-24T23:30:00", "2026-10-25T01:30:00"],
  ["30 23 * * *", "America/Sao_Paulo", "2018-02-17T12:00Z", "2018-02-18T01:30:00", "2018-02-18T02:30:00"],
])("%s in %s: a time that occurs twice runs at the first, the last or both", (expression, zone, start, first, last) => {
  expect(dayFrom(start, cron(expression, zone))).toEqual([first]);
  expect(dayFrom(start, cron(expression, zone, { overlap: "last" }))).toEqual([last]);
  expect(dayFrom(start, cron(expression, zone, { overlap: "both" }))).toEqual([first, last]);
});

test("a list of hours loses nothing to a gap", () => {
  const schedule = cron("30 2,14 * * *", "America/New_York");
  expect(dayFrom("2026-03-08T05:00Z", schedule)).toEqual(["2026-03-08T07:00:00", "2026-03-08T18:30:00"]);
});

test("a list of hours runs once in an overlap", () => {
  const schedule = cron("30 1,13 * * *", "America/New_York");
  expect(dayFrom("2026-11-01T04:00Z", schedule)).toEqual(["2026-11-01T05:30:00", "2026-11-01T18:30:00"]);
});

test("times that a gap moves to the same instant run once, also with a time that is there by itself", () => {
  const start = "2026-03-28T23:00Z";
  expect(dayFrom(start, cron("0,15,30 2,3 * * *", "Europe/Berlin"))).toEqual([
    "2026-03-29T01:00:00",
    "2026-03-29T01:15:00",
    "2026-03-29T01:30:00",
  ]);
  expect(dayFrom(start, cron("0 2,3 * * *", "Europe/Berlin", { gap: "skip" }))).toEqual(["2026-03-29T01:00:00"]);
});

test("with both, the passes of an overlap follow each other in the order of time", () => {
  const schedule = cron("0,30 2 * * *", "Europe/Berlin", { overlap: "both" });
  expect(dayFrom("2026-10-24T22:00Z", schedule)).toEqual([
    "2026-10-25T00:00:00",
    "2026-10-25T00:30:00",
    "2026-10-25T01:00:00",
    "2026-10-25T01:30:00",
  ]);
});

test.each(["first", "last", "both"] as const)(
  "a rhythm goes on by elapsed time, whatever the policy (%s)",
  (overlap) => {
    const schedule = cron("30 * * * *", "Europe/Berlin", { overlap, gap: "shift" });
    for (const start of ["2026-03-29T00:00Z", "2026-10-25T00:00Z"]) {
      const hours = dayFrom(start, schedule);
      expect(hours).toHaveLength(24);
      expect(hours.every((tick) => tick.endsWith(":30:00"))).toBe(true);
    }
  },
);

test("seconds count, also at the edges of a gap and of an overlap", () => {
  const gap = cron("59 59 1 * * *", "Europe/Berlin");
  expect(dayFrom("2026-03-28T23:00Z", gap)).toEqual(["2026-03-29T00:59:59"]);
  const moved = cron("0,59 0,59 2 * * *", "Europe/Berlin");
  expect(dayFrom("2026-03-28T23:00Z", moved)).toEqual(["2026-03-29T01:00:00"]);
  const everySecond = cron("* * * * * *", "Europe/Berlin");
  const before = Date.parse("2026-03-29T00:59:59Z");
  expect(nextTick(everySecond, before)).toBe(before + 1_000);
  expect(nextTick(everySecond, before - 1)).toBe(before);
  const back = Date.parse("2026-10-25T01:00:00Z");
  expect(ticksBetween(everySecond, back - 1_500, back + 1_500, 10).ticks).toEqual([back - 1_000, back, back + 1_000]);
  const lastSecond = cron("59 59 2 * * *", "Europe/Berlin", { overlap: "both" });
  expect(dayFrom("2026-10-24T22:00Z", lastSecond)).toEqual(["2026-10-25T00:59:59", "2026-10-25T01:59:59"]);
});

test("every second of an overlap and of a gap can be listed in the order of time", () => {
  const schedule = cron("0-59 0-59 1-3 * * *", "Europe/Berlin", { overlap: "last" });
  const start = Date.parse("2026-10-24T22:00Z");
  const { ticks } = ticksBetween(schedule, start, start + 24 * HOUR, 20_000);
  expect(ticks).toHaveLength(3 * 3_600);
  expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
});

test.each([
  ["59 59 23 31 12 *", "UTC", "2026-12-31T23:59:58.999Z", "2026-12-31T23:59:59.000Z"],
  ["0 0 1 1 *", "Asia/Tokyo", "2026-12-31T14:59:59Z", "2026-12-31T15:00:00.000Z"],
  ["0 0 29 2 *", "UTC", "2026-01-01T00:00Z", "2028-02-29T00:00:00.000Z"],
  ["0 0 29 2 *", "UTC", "2096-03-01T00:00Z", "2104-02-29T00:00:00.000Z"],
  ["0 0 L 2 *", "UTC", "2100-02-01T00:00Z", "2100-02-28T00:00:00.000Z"],
  ["0 9 1 * 1", "UTC", "2026-11-24T00:00Z", "2026-11-30T09:00:00.000Z"],
])("%s in %s is due after %s at %s", (expression, zone, after, expected) => {
  expect(new Date(nextTick(cron(expression, zone), Date.parse(after)) ?? 0).toISOString()).toBe(expected);
});

test("the latest of a billion ticks is found at once", () => {
  const from = Date.parse("1990-01-01T00:00:00Z");
  const until = Date.parse("2026-11-24T12:00:00.500Z");
  expect(latestTick(cron("* * * * * *", "Europe/Berlin"), from, until)).toBe(until - 500);
  expect(latestTick({ kind: "interval", everyMs: 1, anchor: 0 }, from, until)).toBe(until);
  expect(countTicks({ kind: "interval", everyMs: 1, anchor: from }, from, from + 1e9, 2e9)).toEqual({
    count: 1e9 + 1,
    more: false,
  });
});

test("the latest tick of a rare expression is found, and where there is none, none", () => {
  const leap = cron("0 0 29 2 *", "UTC");
  const day = Date.parse("2024-02-29T00:00Z");
  expect(latestTick(leap, 0, Date.parse("2026-11-24T00:00Z"))).toBe(day);
  expect(latestTick(leap, day, day)).toBe(day);
  expect(latestTick(leap, day + 1, Date.parse("2026-11-24T00:00Z"))).toBeNull();
  expect(latestTick(leap, day, day - 1)).toBeNull();
  expect(latestTick(leap, -Infinity, Date.parse("1880-01-01T00:00Z"))).toBeNull();
});

test("a schedule for one time is due once", () => {
  const once: Schedule = { kind: "once", at: 1_000 };
  expect(nextTick(once, 999)).toBe(1_000);
  expect(nextTick(once, 1_000)).toBeNull();
  expect(latestTick(once, 0, 2_000)).toBe(1_000);
  expect(ticksBetween(once, 1_000, 1_000, 5)).toEqual({ ticks: [1_000], more: false });
  expect(countTicks(once, 1_001, 2_000, 5)).toEqual({ count: 0, more: false });
});

test("lists and counts stop at their limit and say that there is more", () => {
  const everyMinute = cron("* * * * *", "UTC");
  expect(ticksBetween(everyMinute, 0, HOUR, 2)).toEqual({ ticks: [0, 60_000], more: true });
  expect(countTicks(everyMinute, 0, HOUR, 61)).toEqual({ count: 61, more: false });
  expect(countTicks(everyMinute, 0, HOUR, 60)).toEqual({ count: 60, more: true });
});

test("an interval that has no length is refused", () => {
  expect(() => nextTick({ kind: "interval", everyMs: 0, anchor: 0 }, 0)).toThrow(RangeError);
  expect(() => nextTick({ kind: "interval", everyMs: Number.NaN, anchor: 0 }, 0)).toThrow(RangeError);
});

test("an expression ends with the year 9999", () => {
  expect(nextTick(cron("0 0 1 1 *", "Europe/Berlin"), Date.parse("9999-12-31T12:00Z"))).toBeNull();
});
