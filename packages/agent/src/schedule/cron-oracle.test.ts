/**
 * Schedules against an oracle that knows nothing of croner: it asks Intl for the wall clock of every UTC minute in a
 * window, matches it with a cron of its own, and states the rules for gaps and overlaps over that list.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { GAP_RULES, OVERLAP_RULES, type DstPolicy } from "./dst-policy.ts";
import { countTicks, latestTick, nextTick, ticksBetween, type CronSchedule, type Schedule } from "./schedule.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

// The oracle.

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** The values that a field names. */
function valuesOf(field: string, min: number, max: number, names: readonly string[] = []): Set<number> {
  const read = (text: string) => (names.includes(text) ? names.indexOf(text) + min : Number(text));
  const values = new Set<number>();
  for (const item of field.split(",")) {
    const [range = "", step = "1"] = item.split("/");
    const [from = "", to = from] = range === "*" ? [String(min), String(max)] : range.split("-");
    for (let value = read(from); value <= read(to); value += Number(step)) values.add(value);
  }
  return values;
}

function matcherOf(expression: string): (wall: number) => boolean {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = expression.split(" ");
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const days = valuesOf(day, 1, 31);
  const months = valuesOf(month, 1, 12, MONTHS);
  const weekdays = new Set([...valuesOf(weekday, 0, 7, WEEKDAYS)].map((value) => value % 7));
  return (wall) => {
    const date = new Date(wall);
    const inDays = days.has(date.getUTCDate());
    const inWeekdays = weekdays.has(date.getUTCDay());
    const either = day !== "*" && weekday !== "*";
    return (
      minutes.has(date.getUTCMinutes()) &&
      hours.has(date.getUTCHours()) &&
      months.has(date.getUTCMonth() + 1) &&
      (either ? inDays || inWeekdays : inDays && inWeekdays)
    );
  };
}

interface Moment {
  instant: number;
  wall: number;
}

/** The wall clock of each minute. */
function momentsOf(zone: string, from: number, until: number): Moment[] {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    dateStyle: "short",
    timeStyle: "short",
  });
  const moments: Moment[] = [];
  for (let instant = from; instant <= until; instant += MINUTE) {
    moments.push({ instant, wall: Date.parse(`${format.format(instant).replace(", ", "T")}Z`) });
  }
  return moments;
}

function expectedTicks(moments: readonly Moment[], expression: string, dst: DstPolicy): number[] {
  const matches = matcherOf(expression);
  const [minute = "", hour = ""] = expression.split(" ");
  const isRhythm = /[*/]/.test(minute + hour);
  if (isRhythm) return moments.filter(({ wall }) => matches(wall)).map(({ instant }) => instant);
  const ticks = new Set<number>();
  const occurrences = new Map<number, number[]>();
  for (const { instant, wall } of moments) {
    if (matches(wall)) occurrences.set(wall, [...(occurrences.get(wall) ?? []), instant]);
  }
  for (const all of occurrences.values()) {
    if (dst.overlap !== "last") ticks.add(all[0]!);
    if (dst.overlap !== "first") ticks.add(all.at(-1)!);
  }
  for (const [index, { instant, wall }] of moments.entries()) {
    const before = moments[index - 1];
    if (!before || dst.gap === "skip") continue;
    for (let missing = before.wall + MINUTE; missing < wall; missing += MINUTE) {
      if (matches(missing)) ticks.add(instant);
    }
  }
  return [...ticks].toSorted((a, b) => a - b);
}

// What is compared.

const ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"] as const;
/** Days around which a window lies: changes of the clocks, and the end of February in years with and without a 29th. */
const CENTERS: Record<(typeof ZONES)[number], readonly string[]> = {
  "Europe/Berlin": ["2026-03-29", "2026-10-25", "2028-02-29", "2027-02-28", "2100-02-28"],
  "America/New_York": ["2026-03-08", "2026-11-01", "2028-02-29", "2027-02-28", "2100-02-28"],
  "Australia/Lord_Howe": ["2026-04-05", "2026-10-04", "2028-02-29", "2027-02-28", "2100-02-28"],
};
const windows = ZONES.flatMap((timezone) =>
  CENTERS[timezone].map((center) => {
    const from = Date.parse(center) - 1.5 * DAY;
    const until = from + 3.5 * DAY;
    return { timezone, from, until, moments: momentsOf(timezone, from, until) };
  }),
);

const dsts = fc.record({ gap: fc.constantFrom(...GAP_RULES), overlap: fc.constantFrom(...OVERLAP_RULES) });

const range = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
const list = (item: fc.Arbitrary<string>) =>
  fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => items.join(","));
const fixed = (min: number, max: number) =>
  list(
    fc.oneof({ weight: 4, arbitrary: fc.integer({ min, max }).map(String) }, { weight: 1, arbitrary: range(min, max) }),
  );
const stepped = (min: number, max: number) =>
  fc
    .tuple(fc.oneof(fc.constant("*"), range(min, max)), fc.integer({ min: 1, max: Math.min(20, max) }))
    .map(([items, step]) => `${items}/${step}`);
const wild = (min: number, max: number) =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant("*") },
    { weight: 2, arbitrary: fixed(min, max) },
    { weight: 2, arbitrary: list(stepped(min, max)) },
  );
const named = (names: readonly string[]) =>
  fc
    .tuple(fc.nat(names.length - 1), fc.nat(names.length - 1), fc.boolean())
    .map(([a, b, isRange]) => (isRange && a < b ? `${names[a]}-${names[b]}` : `${names[a]}`));
const mostlyAny = (...others: fc.Arbitrary<string>[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant("*") }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })));

const dayOfMonth = mostlyAny(fixed(1, 31), stepped(1, 31), fc.constantFrom("29", "28,29", "1", "25-31"));
const month = mostlyAny(fixed(1, 12), named(MONTHS), fc.constantFrom("2", "3,10", "*/2"));
const dayOfWeek = mostlyAny(fixed(0, 7), named(WEEKDAYS), fc.constantFrom("0", "7", "5-7"));

/** Times of the day in the hours in which clocks change. */
const fixedTimes = fc.tuple(fixed(0, 59), fc.oneof(fixed(0, 4), fixed(1, 3), fixed(0, 23)));
const rhythms = fc.tuple(wild(0, 59), wild(0, 23));
const expressions = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: fixedTimes }, { weight: 2, arbitrary: rhythms }),
    dayOfMonth,
    month,
    dayOfWeek,
  )
  .map(([time, ...date]) => [...time, ...date].join(" "));

test(
  "cron expressions fire at the minutes that an independent matcher finds, under every policy",
  { timeout: 60_000 },
  () => {
    fc.assert(
      fc.property(expressions, fc.constantFrom(...ZONES), dsts, (expression, zone, dst) => {
        for (const { timezone, from, until, moments } of windows) {
          if (timezone !== zone) continue;
          const schedule: Schedule = { kind: "cron", expression, timezone, dst };
          const expected = expectedTicks(moments, expression, dst);
          expect(ticksBetween(schedule, from, until, 10_000)).toEqual({ ticks: expected, more: false });
          expect(latestTick(schedule, from, until)).toBe(expected.at(-1) ?? null);
        }
      }),
      { numRuns: 500 },
    );
  },
);

// Properties of all schedules.

const instants = fc.integer({ min: Date.parse("2026-01-01"), max: Date.parse("2027-01-01") });
const crons: fc.Arbitrary<CronSchedule> = fc.record({
  kind: fc.constant("cron"),
  expression: expressions,
  timezone: fc.constantFrom(...ZONES),
  dst: dsts,
});
const intervals = fc.record({
  kind: fc.constant("interval"),
  everyMs: fc.integer({ min: 1_000, max: DAY }),
  anchor: instants,
});
const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  crons,
  intervals,
  fc.record({ kind: fc.constant("once"), at: instants }),
);

test("the next tick is after the instant, and none lies in between", () => {
  fc.assert(
    fc.property(schedules, instants, fc.double({ min: 0, max: 1, noNaN: true }), (schedule, after, share) => {
      const next = nextTick(schedule, after);
      if (next === null) return;
      expect(next).toBeGreaterThan(after);
      const between = after + Math.floor((next - 1 - after) * share);
      expect(nextTick(schedule, between)).toBe(next);
    }),
    { numRuns: 300 },
  );
});

test("the latest tick and the count agree with the list of ticks", () => {
  fc.assert(
    fc.property(schedules, instants, fc.integer({ min: -1, max: 12 * 60 * MINUTE }), (schedule, from, length) => {
      const { ticks, more } = ticksBetween(schedule, from, from + length, 100_000);
      expect(more).toBe(false);
      expect(latestTick(schedule, from, from + length)).toBe(ticks.at(-1) ?? null);
      expect(countTicks(schedule, from, from + length, 100_000)).toEqual({ count: ticks.length, more: false });
      expect(countTicks(schedule, from, from + length, 3)).toEqual({
        count: Math.min(3, ticks.length),
        more: ticks.length > 3,
      });
    }),
    { numRuns: 200 },
  );
});

test("what is said of intervals in closed form is what counting says", () => {
  const small = fc.integer({ min: -50, max: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), small, small, small, (everyMs, anchor, from, until) => {
      const schedule: Schedule = { kind: "interval", everyMs, anchor };
      const all = Array.from({ length: 400 }, (_, index) => anchor + index * everyMs);
      const inside = all.filter((tick) => tick >= from && tick <= until);
      expect(nextTick(schedule, from)).toBe(all.find((tick) => tick > from));
      expect(latestTick(schedule, from, until)).toBe(inside.at(-1) ?? null);
      expect(ticksBetween(schedule, from, until, 1_000).ticks).toEqual(inside);
      expect(countTicks(schedule, from, until, 1_000)).toEqual({ count: inside.length, more: false });
    }),
    { numRuns: 1_000 },
  );
});
