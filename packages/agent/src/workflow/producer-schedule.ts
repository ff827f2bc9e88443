/** When a producer is due (pure). `schedule/` decides what intervals and cron expressions mean. */
import { InternalError } from "../errors.ts";
import { describeSchedule } from "../schedule/describe-schedule.ts";
import { parseDuration } from "../schedule/duration.ts";
import { nextRuns, type NextRun } from "../schedule/next-runs.ts";
import { countTicks, nextTick, type Schedule } from "../schedule/schedule.ts";
import type { ScheduleConfig } from "./handler-config.ts";

/**
 * The first time after `now` at which the schedule is due. Firings that were missed collapse: none of them is given.
 * @param anchor a time at which an interval was due, from which its fixed rate is counted; in Unix milliseconds
 * @throws InternalError when the schedule is not valid, which `defineWorkflow` has made sure of
 */
export function nextRunAfter(schedule: ScheduleConfig, anchor: number, now: number): number {
  // The anchor of an interval is one of its ticks: where it is later than now, the one after it is meant.
  const next = nextTick(toSchedule(schedule, anchor), schedule.type === "interval" ? Math.max(anchor, now) : now);
  if (next === null) throw new InternalError(`The cron expression "${schedule.value}" never fires again.`);
  return next;
}

/**
 * When a schedule that is new, or was changed, is due first: an interval at once, a cron expression at its next time
 * (a report for nine o'clock is not sent because something was deployed at noon).
 */
export function firstRunAt(schedule: ScheduleConfig, now: number): number {
  return schedule.type === "interval" ? now : nextRunAfter(schedule, now, now);
}

/**
 * How many firings there were after the one that is due, up to now: they collapse into the run that it makes.
 * @param dueAt when it was due, in Unix milliseconds
 * @param limit counts no further; `more` says that there are others
 * @throws InternalError when the schedule is not valid, which `defineWorkflow` has made sure of
 */
export function missedTicks(
  schedule: ScheduleConfig,
  dueAt: number,
  now: number,
  limit: number,
): { count: number; more: boolean } {
  return countTicks(toSchedule(schedule, dueAt), dueAt + 1, now, limit);
}

function toSchedule({ type, value, timezone, dst }: ScheduleConfig, anchor: number): Schedule {
  if (type === "cron") return { kind: "cron", expression: value, timezone, dst };
  const everyMs = parseDuration(value);
  if (everyMs === null || everyMs === 0) throw new InternalError(`"${value}" is not an interval.`);
  return { kind: "interval", everyMs, anchor };
}

/** A schedule in words. @throws InternalError as `nextRunAfter` */
export function describeProducerSchedule(schedule: ScheduleConfig): string {
  return describeSchedule(toSchedule(schedule, 0));
}

/** The firings from the one at `nextRunAt` on, by which an interval is counted. @throws InternalError as `nextRunAfter` */
export function upcomingFirings(schedule: ScheduleConfig, nextRunAt: number, count: number): NextRun[] {
  return nextRuns(toSchedule(schedule, nextRunAt), count, nextRunAt - 1);
}
