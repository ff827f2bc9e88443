/** Finds in the database all that the scheduler keeps in memory: schedules, wake times, retries, open questions, events. */
import { CorruptRowError, type Stores, type Topic, type Workflow, type WorkflowId } from "@millrace/db";
import { stretchesOf } from "../execution/workflow-stretches.ts";
import { parseHandlerConfig, subscribersOf, type HandlerConfig } from "../workflow/handler-config.ts";
import type { WorkflowRegistry } from "../workflow/workflow-registry.ts";
import type { WorkflowScheduler } from "./workflow-scheduler.ts";

const NO_TOPICS: ReadonlySet<string> = new Set();

export async function loadWork(
  stores: Stores,
  registry: WorkflowRegistry,
  scheduler: WorkflowScheduler,
): Promise<void> {
  const pending = topicsByWorkflow(await stores.topics.listPending());
  const workflows = stretchesOf(
    (next) => stores.workflows.listStanding(next),
    ({ id }) => id,
  );
  for await (const { rows, stretch } of workflows) {
    for (const { workflowId, producerName, nextRunAt } of await stores.producerSchedules.listDueTimes(stretch)) {
      scheduler.noteSchedule(workflowId, producerName, nextRunAt);
    }
    for (const { id, retryAt, pendingRetryRunId } of rows) {
      if (retryAt !== null) scheduler.noteRetry(id, retryAt);
      const topics = pending.get(id) ?? NO_TOPICS;
      const registered = registry.find(id);
      if (!registered) {
        if (await hasWork(stores, id, topics)) scheduler.markReady(id);
        continue;
      }
      for (const name of subscribersOf(registered.config, topics)) scheduler.state.setConsumerDirty(id, name, "event");
      if (pendingRetryRunId !== null || scheduler.state.hasMarks(id)) scheduler.markReady(id);
    }
  }
  await stores.handlerStates.eachWakeTime(({ workflowId, handlerName, wakeAt }) => {
    scheduler.noteWake(workflowId, handlerName, wakeAt);
  });
  for (const mutation of await stores.mutations.listReconciling()) scheduler.noteMutation(mutation);
}

function topicsByWorkflow(topics: readonly Topic[]): Map<WorkflowId, Set<string>> {
  const names = new Map<WorkflowId, Set<string>>();
  for (const { workflowId, name } of topics) {
    const known = names.get(workflowId);
    if (known) known.add(name);
    else names.set(workflowId, new Set([name]));
  }
  return names;
}

/** Whether a workflow, whose code is not here, has events in these topics that one of its consumers would look at. */
async function hasWork({ workflows }: Stores, id: WorkflowId, topics: ReadonlySet<string>): Promise<boolean> {
  const workflow = await workflows.findListed(id);
  if (!workflow) return false;
  const config = readConfig(workflow);
  // What its consumers would look at can't be told: a look at it says so.
  return config === null || subscribersOf(config, topics).length > 0;
}

function readConfig(workflow: Workflow): HandlerConfig | null {
  try {
    return parseHandlerConfig(workflow);
  } catch (error) {
    if (error instanceof CorruptRowError) return null;
    throw error;
  }
}
