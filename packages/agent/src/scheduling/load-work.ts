/** Finds in the database all that the scheduler keeps in memory: schedules, wake times, retries, open questions, events. */
import { CorruptRowError, type Stores, type Workflow } from "@millrace/db";
import { parseHandlerConfig, type HandlerConfig } from "../workflow/handler-config.ts";
import type { WorkflowRegistry } from "../workflow/workflow-registry.ts";
import { subscribedTopics } from "./find-work.ts";
import type { WorkflowScheduler } from "./workflow-scheduler.ts";

export async function loadWork(
  stores: Stores,
  registry: WorkflowRegistry,
  scheduler: WorkflowScheduler,
): Promise<void> {
  for (const { workflowId, producerName, nextRunAt } of await stores.producerSchedules.list()) {
    scheduler.noteSchedule(workflowId, producerName, nextRunAt);
  }
  for (const { workflowId, handlerName, wakeAt } of await stores.handlerStates.listWaking()) {
    scheduler.noteWake(workflowId, handlerName, wakeAt);
  }
  for (const workflow of await stores.workflows.list()) {
    const { id, retryAt } = workflow;
    if (retryAt !== null) scheduler.noteRetry(id, retryAt);
    if (!registry.find(id) && (await hasWork(stores, workflow))) scheduler.markReady(id);
  }
  for (const mutation of await stores.mutations.listReconciling()) scheduler.noteMutation(mutation);
  for (const workflow of registry.list()) {
    for (const name of Object.keys(workflow.config.consumers)) {
      if (await stores.events.hasPendingEvents(workflow.id, subscribedTopics(workflow, name)))
        scheduler.state.setConsumerDirty(workflow.id, name, "event");
    }
    scheduler.markReady(workflow.id);
  }
}

/** Whether a workflow, whose code is not here, has events that one of its consumers would look at. */
async function hasWork(stores: Stores, workflow: Workflow): Promise<boolean> {
  const { id } = workflow;
  const config = readConfig(workflow);
  // What its consumers would look at can't be told: a look at it says so.
  if (!config) return true;
  const subscribed = new Set(Object.values(config.consumers).flatMap(({ subscribe }) => subscribe));
  const topics = (await stores.topics.list(id)).filter((topic) => subscribed.has(topic.name));
  return stores.events.hasPendingEvents(
    id,
    topics.map((topic) => topic.id),
  );
}

function readConfig(workflow: Workflow): HandlerConfig | null {
  try {
    return parseHandlerConfig(workflow);
  } catch (error) {
    if (error instanceof CorruptRowError) return null;
    throw error;
  }
}
