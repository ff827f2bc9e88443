/** Decides what a workflow does next (pure). */
import type { RunId, WorkflowReadiness } from "@millrace/db";
import type { ConsumerTrigger, ProducerTrigger } from "./scheduler-state.ts";

export type Work =
  | { kind: "retry"; runId: RunId }
  | { kind: "consumer"; name: string; trigger: ConsumerTrigger }
  | { kind: "producer"; name: string; trigger: ProducerTrigger };

/** A consumer that has been marked. */
export interface DirtyConsumer {
  name: string;
  trigger: ConsumerTrigger;
  /** When its oldest pending event was created; null when it has none. */
  oldestPendingAt: number | null;
}

export type Choice =
  { kind: "run"; work: Work } | { kind: "wait"; until: number } | { kind: "blocked" } | { kind: "idle" };

/** Whether the workflow may run at all, and whether it must continue a run before anything else. */
export function selectContinuation(workflow: WorkflowReadiness, now: number): Choice | null {
  if (workflow.status !== "active" || workflow.maintenance || workflow.error !== null) return { kind: "blocked" };
  const { pendingRetryRunId, retryAt } = workflow;
  if (pendingRetryRunId === null) return null;
  if (retryAt === null) return { kind: "blocked" };
  if (retryAt > now) return { kind: "wait", until: retryAt };
  return { kind: "run", work: { kind: "retry", runId: pendingRetryRunId } };
}

/** Consumers before producers; among consumers, the one with the oldest pending event. */
export function selectWork(
  consumers: readonly DirtyConsumer[],
  producers: readonly { name: string; trigger: ProducerTrigger }[],
): Work | null {
  // A consumer that was marked for an event which is gone by now has nothing to run for.
  const runnable = consumers.filter(({ trigger, oldestPendingAt }) => trigger !== "event" || oldestPendingAt !== null);
  const [consumer] = runnable.toSorted((a, b) => age(a) - age(b));
  if (consumer) return { kind: "consumer", name: consumer.name, trigger: consumer.trigger };
  const [producer] = producers;
  return producer ? { kind: "producer", ...producer } : null;
}

function age({ oldestPendingAt }: DirtyConsumer): number {
  return oldestPendingAt ?? Number.MAX_SAFE_INTEGER;
}
