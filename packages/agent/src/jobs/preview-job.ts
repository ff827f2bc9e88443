/** When a job would run next, from its input alone: no job and no database is needed. */
import { z } from "zod";
import { scheduleOf, withStart } from "../execution/job-ticks.ts";
import type { Policy } from "../policy.ts";
import { nextRuns, type NextRun } from "../schedule/next-runs.ts";
import { parseJob, readInput } from "./job-input.ts";
import type { ScheduledJobInput } from "./job-input-schema.ts";
import { describeJob } from "./job-views.ts";
import type { Job, PreviewedSchedule } from "./scheduler-port.ts";

/**
 * A schedule in words, and its next runs.
 * @param count from 1 to 1,000
 * @param now Unix milliseconds
 * @throws InvalidJobError
 */
export function previewJob(input: unknown, count: number, now: number, policy: Policy["jobs"]): PreviewedSchedule {
  const runs = readInput(z.int().min(1).max(1_000), count, "The number of runs");
  // `parseJob` takes nothing on trust.
  const { definition } = parseJob(input as ScheduledJobInput, now, policy);
  const schedule = scheduleOf(withStart(definition, now));
  const bound = definition.endsAt ?? Number.POSITIVE_INFINITY;
  const from = Math.max(now, definition.anchorAt ?? now) - 1;
  const next = schedule === null ? [] : nextRuns(schedule, Math.min(runs, definition.maxRuns ?? runs), from);
  return { description: describeJob(definition), runs: next.filter(({ at }) => at <= bound) };
}

/** The next ticks of a job that is there, from its next one on. @param count from 1 to 1,000 */
export function upcomingRuns(job: Job, count: number): NextRun[] {
  const { nextRun, maxRuns, runCount, intervalMode, endsAt } = job;
  if (nextRun === null) return [];
  // With a fixed delay there is no grid: the next but one follows from how long the next one takes.
  const isDelayed = job.intervalMs !== null && intervalMode === "fixed_delay";
  const schedule = isDelayed ? ({ kind: "once", at: nextRun } as const) : scheduleOf(job);
  const left = Math.min(count, maxRuns === null ? count : maxRuns - runCount);
  if (schedule === null || left < 1) return [];
  const bound = endsAt ?? Number.POSITIVE_INFINITY;
  return nextRuns(schedule, left, nextRun - 1).filter(({ at }) => at <= bound);
}
