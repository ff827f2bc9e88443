/**
 * What becomes of a job's due ticks (pure): which run, which collapse into another, which are missed, and when the next
 * one comes. The rules are those of specs/done/jobs.md.
 */
import type { Job, JobDefinition, OverlapPolicy } from "@millrace/db";
import { countTicks, latestTick, nextTick, ticksBetween, type Schedule } from "../schedule/schedule.ts";
import { collapseReason } from "./tick-decisions.ts";

/** A tick that gets an execution. */
export interface PlannedTick {
  scheduledAt: number;
  /** How many missed ticks it stands for. */
  missedCount: number;
}

/** Ticks that get none. */
export interface PassedTicks {
  decision: "coalesced" | "missed";
  /** The first of them. */
  scheduledAt: number;
  count: number;
  reason: string;
}

export interface TickPlan {
  ticks: PlannedTick[];
  passed: PassedTicks[];
  /** Null where none is to come. */
  nextRun: number | null;
}

type ScheduledPart = Pick<
  JobDefinition,
  | "type"
  | "cronExpression"
  | "timezone"
  | "dstGap"
  | "dstOverlap"
  | "intervalMs"
  | "intervalMode"
  | "anchorAt"
  | "runAt"
  | "endsAt"
>;

/** The schedule of a job; null for one that waits for events. */
export function scheduleOf(job: ScheduledPart): Schedule | null {
  if (job.type === "event") return null;
  if (job.runAt !== null) return { kind: "once", at: job.runAt };
  if (job.cronExpression !== null) {
    const { cronExpression: expression, timezone, dstGap: gap, dstOverlap: overlap } = job;
    return { kind: "cron", expression, timezone, dst: { gap, overlap } };
  }
  if (job.intervalMs === null) return null;
  return { kind: "interval", everyMs: job.intervalMs, anchor: job.anchorAt ?? 0 };
}

/** An interval without a start counts from now. */
export function withStart<Definition extends Pick<JobDefinition, "intervalMs" | "anchorAt">>(
  definition: Definition,
  now: number,
): Definition {
  const counts = definition.intervalMs !== null && definition.anchorAt === null;
  return counts ? { ...definition, anchorAt: now } : definition;
}

/** When a job that is new, changed or resumed is due first, at `now` or later; null if never. */
export function firstRunOf(job: ScheduledPart, now: number): number | null {
  const schedule = scheduleOf(job);
  if (schedule === null) return null;
  // One that is to be once is due even when its time has passed meanwhile.
  if (schedule.kind === "once") return schedule.at;
  return within(job, nextTick(schedule, Math.max(now, job.anchorAt ?? now) - 1));
}

/** When a job is due first that was asked for at a time: a start that has just passed is not missed. */
export function firstAskedRun(
  job: ScheduledPart & Pick<JobDefinition, "misfireGraceMs">,
  askedAt: number,
): number | null {
  const { anchorAt, misfireGraceMs } = job;
  const justPassed = anchorAt !== null && anchorAt <= askedAt && askedAt - anchorAt <= misfireGraceMs;
  return firstRunOf(job, justPassed ? anchorAt : askedAt);
}

/** The tick after one that has come. With a fixed delay it is known only once the execution is over. */
export function runAfter(job: ScheduledPart, now: number): number | null {
  const schedule = scheduleOf(job);
  if (schedule === null || (schedule.kind === "interval" && job.intervalMode === "fixed_delay")) return null;
  return within(job, nextTick(schedule, now));
}

/** When a job with a fixed delay is due after an execution that is over. */
export function runAfterDelay(job: ScheduledPart, overAt: number): number | null {
  return job.intervalMode === "fixed_delay" && job.intervalMs !== null ? within(job, overAt + job.intervalMs) : null;
}

/**
 * Plans what becomes of the ticks from `job.nextRun` to `now`.
 * @param limit how many ticks are counted or run one by one in one go
 */
export function planTicks(job: Job & { nextRun: number }, now: number, limit: number): TickPlan {
  const until = Math.min(now, job.endsAt ?? now);
  const schedule = effectiveSchedule(job);
  if (schedule === null || until < job.nextRun) return { ticks: [], passed: [], nextRun: runAfter(job, now) };
  const punctualFrom = Math.max(job.nextRun, now - job.misfireGraceMs);
  const punctual = ticksBetween(schedule, punctualFrom, until, limit);
  const plan = planLate(job, schedule, Math.min(punctualFrom - 1, until), punctual.ticks, now, limit);
  // What is over the limit comes in the next look: it is due already.
  const last = punctual.more ? punctual.ticks.at(-1) : undefined;
  if (last !== undefined) return { ...plan, nextRun: nextTick(schedule, last) };
  // A fixed delay counts from the end of an execution, or from now where there is none.
  return {
    ...plan,
    nextRun: plan.ticks.length === 0 ? (runAfterDelay(job, now) ?? runAfter(job, now)) : runAfter(job, now),
  };
}

/** A fixed delay has no grid: the one tick that was noted is the only one. */
function effectiveSchedule(job: Job & { nextRun: number }): Schedule | null {
  return job.intervalMode === "fixed_delay" && job.intervalMs !== null
    ? { kind: "once", at: job.nextRun }
    : scheduleOf(job);
}

function planLate(
  job: Job & { nextRun: number },
  schedule: Schedule,
  lateUntil: number,
  punctualTicks: readonly number[],
  now: number,
  limit: number,
): Omit<TickPlan, "nextRun"> {
  const passed: PassedTicks[] = [];
  const punctual = punctualTicks.map((scheduledAt) => ({ scheduledAt, missedCount: 0 }));
  if (lateUntil < job.nextRun) return { ticks: punctual, passed };
  const late = countTicks(schedule, job.nextRun, lateUntil, limit);
  if (late.count === 0) return { ticks: punctual, passed };
  const atLeast = late.more ? "at least " : "";
  const note = (decision: PassedTicks["decision"], count: number, reason: string) => {
    if (count > 0) passed.push({ decision, scheduledAt: job.nextRun, count, reason });
  };
  switch (job.misfirePolicy) {
    case "skip":
      note("missed", late.count, `${atLeast}${late.count} came too late to run; the policy is to skip them`);
      return { ticks: punctual, passed };
    case "latest": {
      const [first, ...rest] = punctual;
      const latest = first ? null : latestTick(schedule, job.nextRun, lateUntil);
      const collapsed = late.count - (first ? 0 : 1);
      note("coalesced", collapsed, collapseReason(collapsed, late.more));
      if (first) return { ticks: [{ ...first, missedCount: collapsed }, ...rest], passed };
      return { ticks: latest === null ? [] : [{ scheduledAt: latest, missedCount: collapsed }], passed };
    }
    case "all": {
      const from = Math.max(job.nextRun, now - job.misfireWindowMs);
      const kept = lastTicks(schedule, from, lateUntil, Math.min(job.misfireLimit, limit), limit);
      const dropped = late.count - kept.length;
      note("missed", dropped, `${atLeast}${dropped} lie beyond the window or the number that is made up for`);
      return { ticks: [...kept.map((scheduledAt) => ({ scheduledAt, missedCount: 0 })), ...punctual], passed };
    }
  }
}

/** The last ticks in [from, until], oldest first, at most `count`. */
function lastTicks(schedule: Schedule, from: number, until: number, count: number, limit: number): number[] {
  const { ticks, more } = ticksBetween(schedule, from, until, limit);
  if (!more) return ticks.slice(-count);
  const last: number[] = [];
  for (let end = until; last.length < count;) {
    const tick = latestTick(schedule, from, end);
    if (tick === null) break;
    last.unshift(tick);
    end = tick - 1;
  }
  return last;
}

function within({ endsAt }: Pick<JobDefinition, "endsAt">, tick: number | null): number | null {
  return tick !== null && endsAt !== null && tick > endsAt ? null : tick;
}

/** What a tick does that comes while these executions of its job are not over. */
export type OverlapVerdict = { kind: "run"; cancel: boolean } | { kind: "skip"; reason: string };

export function judgeOverlap(policy: OverlapPolicy, open: { pending: number; running: number }): OverlapVerdict {
  const busy = open.pending + open.running > 0;
  switch (policy) {
    case "allow":
    case "buffer_all":
      return { kind: "run", cancel: false };
    case "cancel_other":
      return { kind: "run", cancel: busy };
    case "skip":
      return busy
        ? { kind: "skip", reason: "an earlier execution is not over (overlap policy skip)" }
        : { kind: "run", cancel: false };
    case "buffer_one":
      return open.pending > 0
        ? { kind: "skip", reason: "another one waits already (overlap policy buffer_one)" }
        : { kind: "run", cancel: false };
  }
}

/** A number in [0, 1) that is the same whenever it is asked for: FNV-1a over the job and the tick. */
function seededFraction(jobId: string, tick: number): number {
  let hash = 0x811c9dc5;
  const text = `${jobId}:${tick}`;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  // FNV leaves the high bits of short texts alike; one more round of mixing spreads them.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

/** When a tick is due: its nominal time, and the job's jitter, which is the same for a tick whenever it is computed. */
export function dueAtOf({ id, jitterMs }: Pick<Job, "id" | "jitterMs">, scheduledAt: number): number {
  return jitterMs === 0 ? scheduledAt : scheduledAt + Math.floor(seededFraction(id, scheduledAt) * (jitterMs + 1));
}

/**
 * The order in which ready executions are taken, lowest first. A higher priority counts as having waited longer, so two
 * that wait keep their order and whatever waits long enough goes first: nothing starves.
 */
export function rankOf(dueAt: number, priority: number, priorityStepMs: number): number {
  return dueAt - priority * priorityStepMs;
}
