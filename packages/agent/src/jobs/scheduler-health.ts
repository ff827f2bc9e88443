/** How the jobs of a platform are doing. */
import type { ExecutionStatus, JobStatus, PlatformId, Stores } from "@millrace/db";
import type { Policy } from "../policy.ts";
import type { HealthStatus, SchedulerMetrics } from "./scheduler-port.ts";

const HOUR_MS = 60 * 60 * 1_000;
/** A ready execution that waits for longer than this means that there is more work than room. */
const LONG_WAIT_MS = 60 * 1_000;

/** More than so many of all platforms are not looked at: one is enough to say that something is wrong. */
const MOST_DEAD = 1_000;

export async function metricsOf(stores: Stores, platformId: PlatformId, now: number): Promise<SchedulerMetrics> {
  const [jobs, open, finished, nextRun] = await Promise.all([
    stores.jobs.countByStatus(platformId),
    stores.jobHistory.countOpen(platformId),
    stores.jobHistory.countFinished(platformId, now - HOUR_MS),
    stores.jobs.earliestNextRunOf(platformId),
  ]);
  const ended = (status: ExecutionStatus) => finished.find((row) => row.status === status)?.count ?? 0;
  const ran = finished.filter(({ status }) => status !== "skipped");
  const runs = ran.reduce((sum, { count }) => sum + count, 0);
  const count = (status: JobStatus) => jobs.get(status) ?? 0;
  const { pending, running, oldestReadyDueAt } = open;
  return {
    jobs: {
      pending: count("pending"),
      active: count("active"),
      paused: count("paused"),
      completed: count("completed"),
      failed: count("failed"),
      cancelled: count("cancelled"),
    },
    open: { pending, running },
    lastHour: {
      success: ended("success"),
      failed: ended("failed"),
      timeout: ended("timeout"),
      cancelled: ended("cancelled"),
      skipped: ended("skipped"),
    },
    averageDurationMs: runs === 0 ? null : ran.reduce((sum, { totalDurationMs }) => sum + totalDurationMs, 0) / runs,
    oldestReadyMs: oldestReadyDueAt === null ? null : Math.max(0, now - oldestReadyDueAt),
    nextRun,
  };
}

export async function healthOf(
  stores: Stores,
  platformId: PlatformId,
  { now, policy, running }: { now: number; policy: Policy["jobs"]; running: boolean },
): Promise<HealthStatus> {
  const { oldestReadyMs } = await metricsOf(stores, platformId, now);
  const allDead = await stores.jobs.listDead(now - policy.watchdog.overdueMs, MOST_DEAD);
  const dead = allDead.filter((job) => job.platformId === platformId);
  const checks = [
    { name: "engine", ok: running, detail: running ? "runs" : "does not run, so nothing that is due is done" },
    {
      name: "backlog",
      ok: oldestReadyMs === null || oldestReadyMs <= LONG_WAIT_MS,
      detail:
        oldestReadyMs === null
          ? "nothing that is ready waits"
          : `the oldest ready execution waits for ${oldestReadyMs} ms`,
    },
    {
      name: "schedules",
      ok: dead.length === 0,
      detail: dead.length === 0 ? "every enabled schedule ticks" : `job ${dead[0]?.id} is enabled but does not tick`,
    },
  ];
  const status = !running ? "stopped" : checks.every(({ ok }) => ok) ? "ok" : "degraded";
  return { status, checks };
}
