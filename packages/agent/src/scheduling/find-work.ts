/**
 * Finds what a workflow does next: what the scheduler remembers, held against what the database has.
 *
 * Invariant: a mark is taken away only if nothing came since the look that found nothing.
 */
import type { Stores, TopicId, WorkflowReadiness } from "@millrace/db";
import type { Clock } from "../clock.ts";
import type { RegisteredWorkflow } from "../workflow/workflow-registry.ts";
import type { SchedulerStateManager } from "./scheduler-state.ts";
import { selectContinuation, selectWork, type Choice } from "./select-work.ts";

export interface FindWorkDependencies {
  stores: Stores;
  clock: Clock;
  state: SchedulerStateManager;
}

/** @param row the workflow as it is in the database now */
export async function findWork(
  dependencies: FindWorkDependencies,
  row: WorkflowReadiness,
  workflow: RegisteredWorkflow,
): Promise<Choice> {
  const { state, clock } = dependencies;
  const continuation = selectContinuation(row, clock.now());
  if (continuation) return continuation;
  forgetRemovedHandlers(state, workflow);
  const consumers = await Promise.all(
    state.getDirtyConsumers(workflow.id).map(async (consumer) => ({
      ...consumer,
      oldestPendingAt: await oldestPendingAt(dependencies, workflow, consumer.name),
    })),
  );
  for (const { name, trigger, oldestPendingAt: oldest, triggers } of consumers) {
    if (trigger === "event" && oldest === null) state.clearConsumer(workflow.id, name, triggers);
  }
  const work = selectWork(consumers, state.getQueuedProducers(workflow.id));
  return work ? { kind: "run", work } : { kind: "idle" };
}

/** A wake time, or a run by hand, can outlive the handler that it is for. */
function forgetRemovedHandlers(state: SchedulerStateManager, { id, config }: RegisteredWorkflow): void {
  for (const { name } of state.getDirtyConsumers(id)) {
    if (!Object.hasOwn(config.consumers, name)) state.forgetConsumer(id, name);
  }
  for (const { name } of state.getQueuedProducers(id)) {
    if (!Object.hasOwn(config.producers, name)) state.onProducerCommit(id, name);
  }
}

/** The topics that a consumer subscribes to; none where the workflow does not have it. */
function subscribedTopics({ config, topicIds }: RegisteredWorkflow, consumer: string): TopicId[] {
  return (config.consumers[consumer]?.subscribe ?? []).flatMap((topic) => topicIds.get(topic) ?? []);
}

async function oldestPendingAt(
  { stores }: FindWorkDependencies,
  workflow: RegisteredWorkflow,
  consumer: string,
): Promise<number | null> {
  const topicIds = subscribedTopics(workflow, consumer);
  const times = await Promise.all(topicIds.map((topicId) => stores.events.oldestPendingAt(workflow.id, topicId)));
  const found = times.filter((time) => time !== null);
  return found.length > 0 ? Math.min(...found) : null;
}
