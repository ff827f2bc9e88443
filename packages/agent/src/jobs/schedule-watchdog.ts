/** Looks for schedules that are enabled and do not tick: of jobs and of producers. A person is told, once. */
import type { Stores } from "@millrace/db";
import type { Clock } from "../clock.ts";
import { reportDeadSchedule, type NoticeDependencies } from "../execution/notices.ts";
import type { Policy } from "../policy.ts";

export interface WatchdogDependencies extends NoticeDependencies {
  stores: Stores;
  clock: Clock;
  policy: Policy;
}

/** How many of each kind are reported in one look. */
const MOST_REPORTS = 100;

/** When the earliest tick of any schedule should long have been taken; null where there is no schedule. */
export async function nextWatch({ stores, policy }: WatchdogDependencies): Promise<number | null> {
  const ticks = await Promise.all([stores.jobs.earliestNextRun(), stores.producerSchedules.earliestNextRun()]);
  const earliest = ticks.filter((tick) => tick !== null);
  return earliest.length === 0 ? null : Math.min(...earliest) + policy.jobs.watchdog.overdueMs;
}

/** What looked dead, and at which tick. */
export type Suspects = ReadonlyMap<string, number | null>;

/**
 * Looks once. After a long sleep much is due at once, and not all of it is taken in a moment: so only what looked dead
 * before, at the same tick, is reported.
 * @param suspects what the look before has given
 */
export async function watchSchedules(dependencies: WatchdogDependencies, suspects: Suspects): Promise<Suspects> {
  const { stores, clock, policy } = dependencies;
  const before = clock.now() - policy.jobs.watchdog.overdueMs;
  const found = new Map<string, number | null>();
  const isConfirmed = (key: string, tick: number | null) => {
    found.set(key, tick);
    return suspects.has(key) && suspects.get(key) === tick;
  };
  for (const { id, name, nextRun } of await stores.jobs.listDead(before, MOST_REPORTS)) {
    if (!isConfirmed(id, nextRun)) continue;
    const what = nextRun === null ? "has no next tick" : `was due at ${iso(nextRun)} and did not run`;
    await reportDeadSchedule(dependencies, { jobId: id }, `The schedule of job "${name}" is enabled but ${what}.`);
  }
  for (const { workflowId, producerName, nextRunAt } of await stores.producerSchedules.listOverdue(
    before,
    MOST_REPORTS,
  )) {
    const { status, error, pendingRetryRunId } = await stores.workflows.get(workflowId);
    // One that is not to run, or waits for a retry or a person, is not forgotten.
    if (status !== "active" || error !== null || pendingRetryRunId !== null) continue;
    if (!isConfirmed(`${workflowId} ${producerName}`, nextRunAt)) continue;
    const message = `Producer "${producerName}" was due at ${iso(nextRunAt)} and did not run.`;
    await reportDeadSchedule(dependencies, { workflowId }, message);
  }
  return found;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
