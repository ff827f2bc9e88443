/** The preview of a schedule: its next runs, and what changes of the clocks do to them. */
import { parseCron } from "./cron-expression.ts";
import { nextCronTick, type CronTick } from "./cron-ticks.ts";
import { nextTick, type CronSchedule, type Schedule } from "./schedule.ts";
import { formatLocal, offsetAt } from "./time-zone.ts";

const MOST = 1_000;

/**
 * - `shifted`: the time does not exist on that day; it runs at the end of the gap.
 * - `repeated-first`, `repeated-last`: the time occurs twice on that day; this is the first or the last.
 * - `after-skipped`: just before it a time was dropped that does not exist on that day.
 * - `offset-change`: since the run before it the clocks have changed.
 */
export type RunChange = "shifted" | "repeated-first" | "repeated-last" | "after-skipped" | "offset-change";

export interface NextRun {
  /** Unix milliseconds. */
  at: number;
  /** In the time zone of the schedule, with the offset; without a time zone in UTC. */
  local: string;
  change: RunChange | null;
}

/**
 * The next runs strictly after an instant; fewer when the schedule ends.
 * @param count 1 to 1000
 * @param from Unix milliseconds
 * @throws RangeError for another count
 */
export function nextRuns(schedule: Schedule, count: number, from: number): NextRun[] {
  if (!Number.isInteger(count) || count < 1 || count > MOST) {
    throw new RangeError(`${count} runs cannot be previewed: ask for 1 to ${MOST}.`);
  }
  const runs: NextRun[] = [];
  let before = from;
  while (runs.length < count) {
    const run = schedule.kind === "cron" ? nextCronRun(schedule, before) : nextPlainRun(schedule, before);
    if (!run) break;
    runs.push(run);
    before = run.at;
  }
  return runs;
}

function nextPlainRun(schedule: Schedule, after: number): NextRun | null {
  const at = nextTick(schedule, after);
  return at === null ? null : { at, local: formatLocal("UTC", at), change: null };
}

function nextCronRun(schedule: CronSchedule, after: number): NextRun | null {
  const tick = nextCronTick({ ...schedule, cron: parseCron(schedule.expression) }, after);
  if (!tick) return null;
  return { at: tick.at, local: formatLocal(schedule.timezone, tick.at), change: changeOf(tick, schedule, after) };
}

function changeOf(tick: CronTick, { timezone }: CronSchedule, before: number): RunChange | null {
  if (tick.change) return tick.change;
  if (tick.afterSkipped) return "after-skipped";
  return offsetAt(timezone, before) === offsetAt(timezone, tick.at) ? null : "offset-change";
}
