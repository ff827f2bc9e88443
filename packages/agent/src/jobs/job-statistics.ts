/** What a job's past executions say of it (pure). */
import type { ExecutionStatus } from "@millrace/db";

export interface JobStats {
  /** How many of the last executions it is computed from. */
  executions: number;
  /** In [0, 1], of those that succeeded, failed or timed out; null where there is none. */
  successRate: number | null;
  /** In milliseconds; null where nothing ran. */
  duration: { p50: number; p95: number; p99: number; average: number; longest: number } | null;
  byStatus: Partial<Record<ExecutionStatus, number>>;
}

/** @param last the durations and ends of the last executions, in any order */
export function computeStats(last: readonly { status: ExecutionStatus; durationMs: number }[]): JobStats {
  const byStatus: Partial<Record<ExecutionStatus, number>> = {};
  for (const { status } of last) byStatus[status] = (byStatus[status] ?? 0) + 1;
  const good = byStatus.success ?? 0;
  const ended = good + (byStatus.failed ?? 0) + (byStatus.timeout ?? 0);
  const durations = last.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
  const longest = durations.at(-1);
  return {
    executions: last.length,
    successRate: ended === 0 ? null : good / ended,
    duration:
      longest === undefined
        ? null
        : {
            p50: percentile(durations, 0.5),
            p95: percentile(durations, 0.95),
            p99: percentile(durations, 0.99),
            average: durations.reduce((sum, duration) => sum + duration, 0) / durations.length,
            longest,
          },
    byStatus,
  };
}

/** The smallest value that at least this share of the sorted values does not exceed (nearest rank). */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
