/** All that there is to see of one workflow without its code. */
import type { Script, Stores, Topic, Workflow } from "@millrace/db";
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

export interface ConsumerDetails {
  name: string;
  subscribes: string[];
  publishes: string[];
  /** Whether it acts on the outside world. */
  mutates: boolean;
  /** Whether a person approves each of its actions. */
  approval: boolean;
  /** When it asked to be woken, in Unix milliseconds; null if it did not. */
  wakeAt: number | null;
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

export async function readWorkflowDetails(
  stores: Stores,
  workflow: Workflow,
  config: HandlerConfig,
): Promise<WorkflowDetails> {
  const { id } = workflow;
  const [scripts, topics, pending, schedules, states] = await Promise.all([
    stores.scripts.list(id),
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
  const consumers = Object.entries(config.consumers).map(([name, { subscribe, publishes, mutates, approval }]) => {
    const wakeAt = states.find(({ handlerName }) => handlerName === name)?.wakeAt ?? 0;
    return { name, subscribes: subscribe, publishes, mutates, approval, wakeAt: wakeAt === 0 ? null : wakeAt };
  });
  return {
    workflow,
    versions: scripts
      .map(({ major, minor, digest, createdAt }) => ({ major, minor, digest, createdAt }))
      .toSorted((one, other) => other.major - one.major || other.minor - one.minor),
    producers,
    consumers,
    topics: topics.map(({ id: topicId, name }) => ({ id: topicId, name, pending: pending.get(name) ?? 0 })),
  };
}
