/** The decision log: each due tick of a job or a producer, what became of it, and why. */
import type { JobExecutionId, JobId, RunId, Stores, TickDecision, WorkflowId } from "@millrace/db";
import type { Step } from "./transition-applier.ts";

interface Decision {
  decision: TickDecision;
  /** The nominal time of the tick; of the first where it speaks of several. */
  scheduledAt: number;
  count: number;
  reason: string | null;
}

export async function decideJobTick(
  { scheduleDecisions }: Stores,
  { tx, now }: Step,
  jobId: JobId,
  decision: Decision & { executionId: JobExecutionId | null },
): Promise<void> {
  const owner = { jobId, workflowId: null, producerName: null, runId: null };
  await scheduleDecisions.append({ ...owner, ...decision, decidedAt: now }, tx);
}

export async function decideProducerTick(
  { scheduleDecisions }: Stores,
  { tx, now }: Step,
  producer: { workflowId: WorkflowId; producerName: string },
  decision: Decision & { runId: RunId },
): Promise<void> {
  await scheduleDecisions.append({ jobId: null, executionId: null, ...producer, ...decision, decidedAt: now }, tx);
}

/** Why ticks did not run. @param more whether there were others, which were not counted */
export function collapseReason(count: number, more: boolean): string {
  const ticks =
    count === 1 && !more ? "1 missed tick collapses" : `${more ? "at least " : ""}${count} missed ticks collapse`;
  return `${ticks} into one run`;
}
