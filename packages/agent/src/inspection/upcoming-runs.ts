/** What runs next on a platform: due producers, consumers that asked to be woken, retries and jobs, each once. */
import type { PlatformId, Stores, UpcomingBounds, UpcomingHandler } from "@millrace/db";
import { describeJob } from "../jobs/job-views.ts";
import { describeProducerSchedule } from "../workflow/producer-schedule.ts";

/** A run to come. */
export interface UpcomingRun {
  kind: "producer" | "consumer" | "retry" | "job";
  /** The workflow's name; null for a job. */
  workflow: string | null;
  /** Null for what is no job. */
  jobId: string | null;
  /** The producer's, consumer's or job's name. */
  name: string;
  /** Unix milliseconds; in the past where it is due and has not begun. */
  at: number;
  /** The schedule in words; null for what has none. */
  schedule: string | null;
}

/** Up to `limit` runs that are due before `until` (Unix milliseconds), soonest first. What is paused or stopped is left out. */
export async function listUpcomingRuns(
  { upcoming }: Pick<Stores, "upcoming">,
  platformId: PlatformId,
  bounds: UpcomingBounds,
): Promise<UpcomingRun[]> {
  const [producers, wakes, retries, jobs] = await Promise.all([
    upcoming.listProducers(platformId, bounds),
    upcoming.listWakes(platformId, bounds),
    upcoming.listRetries(platformId, bounds),
    upcoming.listJobs(platformId, bounds),
  ]);
  const retryOf = new Map(retries.map((retry) => [retry.workflowId, retry]));
  /** Nothing else of a workflow runs before its retry. */
  const afterRetry = <Handler extends UpcomingHandler>(handlers: readonly Handler[]): Handler[] =>
    handlers.flatMap((handler) => {
      const retry = retryOf.get(handler.workflowId);
      if (!retry || retry.at < handler.at) return handler;
      return retry.handler === handler.handler ? [] : { ...handler, at: retry.at };
    });
  const runs: UpcomingRun[] = [
    ...afterRetry(producers).map(
      ({ workflow, handler, at, scheduleType, scheduleValue, timezone, dstGap, dstOverlap }) => ({
        kind: "producer" as const,
        workflow,
        jobId: null,
        name: handler,
        at,
        schedule: describeProducerSchedule({
          type: scheduleType,
          value: scheduleValue,
          timezone,
          dst: { gap: dstGap, overlap: dstOverlap },
        }),
      }),
    ),
    ...afterRetry(wakes).map((wake) => unscheduled("consumer", wake)),
    ...retries.map((retry) => unscheduled("retry", retry)),
    ...jobs.flatMap((job) =>
      job.nextRun === null
        ? []
        : {
            kind: "job" as const,
            workflow: null,
            jobId: job.id,
            name: job.name,
            at: job.nextRun,
            schedule: describeJob(job),
          },
    ),
  ];
  return runs.toSorted((one, other) => one.at - other.at).slice(0, bounds.limit);
}

function unscheduled(
  kind: "consumer" | "retry",
  { workflow, handler, at }: { workflow: string; handler: string; at: number },
): UpcomingRun {
  return { kind, workflow, jobId: null, name: handler, at, schedule: null };
}
