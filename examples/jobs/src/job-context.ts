/** What a handler is told when a test calls it without an engine. */
import type { JobContext } from "@millrace/agent";

export function contextOf(scheduledAt: number, signal = new AbortController().signal): JobContext {
  const ignore = () => undefined;
  return {
    jobId: "job",
    jobName: "backup",
    executionId: "execution",
    scheduledAt,
    attempt: 1,
    idempotencyKey: String(scheduledAt),
    missedCount: 0,
    signal,
    now: () => scheduledAt,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  };
}
