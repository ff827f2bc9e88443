/** What the model of jobs knows: the rules of specs/done/jobs.md that hold for a row by itself. */
import type { EventHandler, Job, JobId, JobStatus, JobVersion, PlatformId, ScheduleDecision } from "@millrace/db";
import { sortedBy } from "./order.ts";

export interface JobState {
  jobs: Map<JobId, Job>;
  versions: Map<JobId, JobVersion[]>;
  handlers: Map<JobId, EventHandler>;
  decisions: Map<JobId, Omit<ScheduleDecision, "id">[]>;
  platforms: PlatformId[];
}

/** Where a job may go; scheduling it anew opens any job again. */
const NEXT: Record<JobStatus, readonly JobStatus[]> = {
  pending: ["active", "paused", "completed", "failed", "cancelled"],
  active: ["pending", "paused", "completed", "failed", "cancelled"],
  paused: ["pending", "active", "completed", "failed", "cancelled"],
  completed: ["pending", "active"],
  failed: ["pending", "active"],
  cancelled: ["pending", "active"],
};

export const mayBecome = (from: JobStatus, to: JobStatus) => NEXT[from].includes(to);

export const isOpen = ({ status }: Pick<Job, "status">) => status === "pending" || status === "active";

/** Only a job that fires has a next tick. */
export const mayHaveNextRun = ({ status, nextRun }: Pick<Job, "status" | "nextRun">) =>
  nextRun === null || status === "pending" || status === "active";

export const newestJobs = (jobs: Iterable<Job>) => sortedBy(jobs, ({ id }) => id).toReversed();

export const soonestJobs = (jobs: Iterable<Job>) =>
  sortedBy(
    [...jobs].filter(({ nextRun }) => nextRun !== null),
    ({ nextRun }) => nextRun ?? 0,
    ({ id }) => id,
  );

export function forgetJob({ jobs, versions, handlers, decisions }: JobState, id: JobId): boolean {
  for (const part of [versions, handlers, decisions]) part.delete(id);
  return jobs.delete(id);
}
