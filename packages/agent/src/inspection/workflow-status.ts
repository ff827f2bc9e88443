/** The status of a workflow as `Operations.status` gives it: one of all workflows, for a summary of a whole process. */
import { CorruptRowError, type Workflow, type WorkflowStatus } from "@millrace/db";
import type { Inspected } from "./inspected.ts";

/** A workflow at a glance. */
export interface WorkflowSummary {
  id: Workflow["id"];
  name: string;
  /** The user's intent. */
  status: WorkflowStatus;
  /** Why it needs attention; null if all is well. */
  error: string | null;
  /** The version that runs, for example `1.2`; null before the first deploy. */
  version: string | null;
  /** Pending events by topic. */
  pending: Record<string, number>;
  /** When each scheduled producer is due next, in Unix milliseconds. */
  schedules: { producer: string; nextRunAt: number; lastRunAt: number | null }[];
  /** When each consumer that asked for it is woken, in Unix milliseconds. */
  wakes: { consumer: string; wakeAt: number }[];
  /** When a failed run is tried again, in Unix milliseconds; null if none is. */
  retryAt: number | null;
  openNotifications: number;
}

export async function summariseWorkflow(
  { stores, configs }: Pick<Inspected, "stores" | "configs">,
  workflow: Workflow,
): Promise<WorkflowSummary> {
  const { id, name, status, retryAt } = workflow;
  const { topics, error } = await readTopics({ stores, configs }, workflow);
  const [counts, schedules, states, notifications, script] = await Promise.all([
    stores.events.countPendingByTopic(id, topics),
    stores.producerSchedules.getForWorkflow(id),
    stores.handlerStates.getForWorkflow(id),
    stores.notifications.listOpen(id),
    workflow.activeScriptId === null ? null : stores.scripts.get(workflow.activeScriptId),
  ]);
  return {
    id,
    name,
    status,
    error,
    retryAt,
    version: script && `${script.major}.${script.minor}`,
    pending: Object.fromEntries(counts),
    schedules: schedules.map(({ producerName, nextRunAt, lastRunAt }) => ({
      producer: producerName,
      nextRunAt,
      lastRunAt,
    })),
    wakes: states
      .filter(({ wakeAt }) => wakeAt > 0)
      .map(({ handlerName, wakeAt }) => ({ consumer: handlerName, wakeAt })),
    openNotifications: notifications.length,
  };
}

/** Those of its configuration; where that can't be read, those that it has ever had, and why it can't. */
async function readTopics(
  { stores, configs }: Pick<Inspected, "stores" | "configs">,
  workflow: Workflow,
): Promise<{ topics: string[]; error: string | null }> {
  try {
    return { topics: configs.get(workflow).topics, error: workflow.error };
  } catch (error) {
    if (!(error instanceof CorruptRowError)) throw error;
    const topics = await stores.topics.list(workflow.id);
    return { topics: topics.map(({ name }) => name), error: workflow.error ?? error.message };
  }
}
