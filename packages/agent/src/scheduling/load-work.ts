/** Finds in the database all that the scheduler keeps in memory: schedules, wake times, retries, open questions, events. */
import type { Stores } from "@millrace/db";
import type { WorkflowRegistry } from "../workflow/workflow-registry.ts";
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
  for (const { id, retryAt } of await stores.workflows.list()) {
    if (retryAt !== null) scheduler.noteRetry(id, retryAt);
    if (registry.find(id)) continue;
    const topicIds = (await stores.topics.list(id)).map((topic) => topic.id);
    if (await stores.events.hasPendingEvents(id, topicIds)) scheduler.markReady(id);
  }
  for (const mutation of await stores.mutations.listReconciling()) scheduler.noteMutation(mutation);
  for (const workflow of registry.list()) {
    for (const [name, { subscribe }] of Object.entries(workflow.config.consumers)) {
      const topicIds = subscribe.flatMap((topic) => workflow.topicIds.get(topic) ?? []);
      if (await stores.events.hasPendingEvents(workflow.id, topicIds))
        scheduler.state.setConsumerDirty(workflow.id, name, "event");
    }
    scheduler.markReady(workflow.id);
  }
}
