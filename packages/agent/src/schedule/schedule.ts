/**
 * When a schedule is due (pure). Instants are Unix milliseconds. Cron expressions and time zones must be valid, which
 * `cronFault` says; with others these functions throw what croner and Intl throw.
 */
import { parseCron } from "./cron-expression.ts";
import { nextCronTick } from "./cron-ticks.ts";
import type { DstPolicy } from "./dst-policy.ts";

export interface CronSchedule {
  kind: "cron";
  expression: string;
  /** An IANA name. */
  timezone: string;
  dst: DstPolicy;
}

/** Fixed-rate: due at `anchor + k * everyMs` for k = 0, 1, 2 … */
export interface IntervalSchedule {
  kind: "interval";
  everyMs: number;
  anchor: number;
}

export interface OnceSchedule {
  kind: "once";
  at: number;
}

/** The earliest time that a date can have. */
const EARLIEST = -8.64e15;

export type Schedule = CronSchedule | IntervalSchedule | OnceSchedule;

/** The first tick strictly after an instant; null if there is none. @throws RangeError for an interval of no length */
export function nextTick(schedule: Schedule, after: number): number | null {
  switch (schedule.kind) {
    case "once":
      return schedule.at > after ? schedule.at : null;
    case "interval":
      return tickOf(schedule, Math.max(0, lastIndex(schedule, after) + 1));
    case "cron":
      return nextCronTick({ ...schedule, cron: parseCron(schedule.expression) }, after)?.at ?? null;
  }
}

/** The latest tick in [from, until]; null if there is none. Costs about the same however many ticks lie in between. */
export function latestTick(schedule: Schedule, from: number, until: number): number | null {
  switch (schedule.kind) {
    case "once":
      return schedule.at >= from && schedule.at <= until ? schedule.at : null;
    case "interval": {
      const index = lastIndex(schedule, until);
      return index >= firstIndex(schedule, from) ? tickOf(schedule, index) : null;
    }
    case "cron":
      return latestByBisection(schedule, from, until);
  }
}

/** The ticks in [from, until], oldest first, at most `limit`; `more`: there are others after them. */
export function ticksBetween(
  schedule: Schedule,
  from: number,
  until: number,
  limit: number,
): { ticks: number[]; more: boolean } {
  const ticks: number[] = [];
  let tick = firstTick(schedule, from);
  while (tick !== null && tick <= until) {
    if (ticks.length >= limit) return { ticks, more: true };
    ticks.push(tick);
    tick = nextTick(schedule, tick);
  }
  return { ticks, more: false };
}

/** How many ticks lie in [from, until], counted up to `limit`; `more`: there are others. */
export function countTicks(
  schedule: Schedule,
  from: number,
  until: number,
  limit: number,
): { count: number; more: boolean } {
  if (schedule.kind === "interval") {
    const count = Math.max(0, lastIndex(schedule, until) - firstIndex(schedule, from) + 1);
    return { count: Math.min(count, limit), more: count > limit };
  }
  const { ticks, more } = ticksBetween(schedule, from, until, limit);
  return { count: ticks.length, more };
}

/** The first tick at or after an instant. Ticks of cron are on whole seconds, so one millisecond before is before it. */
function firstTick(schedule: Schedule, from: number): number | null {
  switch (schedule.kind) {
    case "once":
      return schedule.at >= from ? schedule.at : null;
    case "interval":
      return tickOf(schedule, firstIndex(schedule, from));
    case "cron":
      return nextTick(schedule, Math.ceil(from) - 1);
  }
}

/** Asks only for next ticks, so that it cannot disagree with `nextTick`: back in growing steps, then halving. */
function latestByBisection(schedule: CronSchedule, from: number, until: number): number | null {
  const nextUntil = (after: number) => {
    const tick = nextTick(schedule, after);
    return tick !== null && tick <= until ? tick : null;
  };
  const beforeAll = Math.max(Math.ceil(from), EARLIEST) - 1;
  let latest: number | null = null;
  /** After this instant there is no tick up to `until`. */
  let none = until;
  for (let step = 1_000; latest === null; step *= 4) {
    const start = Math.max(beforeAll, until - step);
    latest = nextUntil(start);
    if (latest === null) none = start;
    if (latest === null && start === beforeAll) return null;
  }
  while (none - latest > 1_000) {
    const middle = latest + Math.floor((none - latest) / 2);
    const later = nextUntil(middle);
    if (later === null) none = middle;
    else latest = later;
  }
  return nextUntil(latest) ?? latest;
}

function tickOf({ everyMs, anchor }: IntervalSchedule, index: number): number {
  return anchor + index * everyMs;
}

/** The index of the last tick at or before an instant; negative before the anchor. */
function lastIndex({ everyMs, anchor }: IntervalSchedule, instant: number): number {
  if (!(everyMs > 0)) throw new RangeError(`An interval of ${everyMs} ms has no length.`);
  return Math.floor((instant - anchor) / everyMs);
}

/** The index of the first tick at or after an instant. */
function firstIndex(schedule: IntervalSchedule, instant: number): number {
  return Math.max(0, lastIndex(schedule, instant - 1) + 1);
}
