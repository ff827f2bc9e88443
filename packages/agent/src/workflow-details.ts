/** All that there is to see of one workflow without its code. */
import type { Script, Stores, Topic, Workflow } from "@millrace/db";
import { consumersOf, type ConsumerDetails } from "./inspection/consumer-view.ts";
import type { NextRun } from "./schedule/next-runs.ts";
import type { HandlerConfig } from "./workflow/handler-config.ts";
import { describeProducerSchedule, upcomingFirings } from "./workflow/producer-schedule.ts";

/** A producer; times are Unix milliseconds. */
export interface ProducerDetails {
  name: string;
  publishes: string[];
  /** Its schedule in words; null where it runs on demand only. */
  schedule: string | null;
  /** Its next firings. */
  nextRuns: NextRun[];
  lastRunAt: number | null;
}

export interface WorkflowDetails {
  workflow: Workflow;
  /** Its versions, newest first. */
  versions: Pick<Script, "major" | "minor" | "digest" | "createdAt">[];
  producers: ProducerDetails[];
  consumers: ConsumerDetails[];
  /** Its topics, and how many events wait in each. */
  topics: (Pick<Topic, "id" | "name"> & { pending: number })[];
}

const FIRINGS = 3;
const ALL = Number.MAX_SAFE_INTEGER;

export async function readWorkflowDetails(
  stores: Stores,
  workflow: Workflow,
  config: HandlerConfig,
): Promise<WorkflowDetails> {
  const { id } = workflow;
  const [versions, topics, pending, schedules, states] = await Promise.all([
    stores.details.versionsOf(id, ALL),
    stores.topics.list(id),
    stores.events.countPendingByTopic(id, config.topics),
    stores.producerSchedules.getForWorkflow(id),
    stores.handlerStates.getForWorkflow(id),
  ]);
  const producers = Object.entries(config.producers).map(([name, { publishes, schedule }]) => {
    const due = schedules.find(({ producerName }) => producerName === name);
    return {
      name,
      publishes,
      schedule: schedule && describeProducerSchedule(schedule),
      nextRuns: schedule && due ? upcomingFirings(schedule, due.nextRunAt, FIRINGS) : [],
      lastRunAt: due?.lastRunAt ?? null,
    };
  });
  return {
    workflow,
    versions: versions.map(({ major, minor, digest, created_at }) => ({ major, minor, digest, createdAt: created_at })),
    producers,
    consumers: consumersOf(config, states),
    topics: topics.map(({ id: topicId, name }) => ({ id: topicId, name, pending: pending.get(name) ?? 0 })),
  };
}
