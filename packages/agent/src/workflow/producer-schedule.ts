/** When a producer is due (pure). Intervals are fixed-rate; croner decides what a cron expression means. */
import { InternalError } from "../errors.ts";
import type { ScheduleConfig } from "./handler-config.ts";
import { createCron, parseDuration } from "./schedule-syntax.ts";

/**
 * The first time after `now` at which the schedule is due. Firings that were missed collapse: none of them is given.
 * @param anchor a time at which an interval was due, from which its fixed rate is counted; in Unix milliseconds
 * @throws InternalError when the schedule is not valid, which `defineWorkflow` has made sure of
 */
export function nextRunAfter(schedule: ScheduleConfig, anchor: number, now: number): number {
  if (schedule.type === "interval") {
    const interval = parseDuration(schedule.value);
    if (interval === null || interval === 0) throw new InternalError(`"${schedule.value}" is not an interval.`);
    const missed = Math.max(0, Math.floor((now - anchor) / interval));
    return anchor + (missed + 1) * interval;
  }
  const next = createCron(schedule.value, schedule.timezone).nextRun(new Date(now));
  if (next === null) throw new InternalError(`The cron expression "${schedule.value}" never fires again.`);
  return next.getTime();
}

/**
 * When a schedule that is new, or was changed, is due first: an interval at once, a cron expression at its next time
 * (a report for nine o'clock is not sent because something was deployed at noon).
 */
export function firstRunAt(schedule: ScheduleConfig, now: number): number {
  return schedule.type === "interval" ? now : nextRunAfter(schedule, now, now);
}
