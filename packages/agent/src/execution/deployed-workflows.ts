/**
 * What is deployed, and whether code is what is deployed. An engine that starts goes through all of it, a stretch at a
 * time, and compares in memory, so that a workflow which has not changed costs no transaction, and no query of its own.
 */
import type {
  DeployedVersion,
  ProducerSchedule,
  ScriptId,
  Stores,
  TopicId,
  Workflow,
  WorkflowId,
  WorkflowStretch,
} from "@millrace/db";
import { BoundedCache } from "../schedule/bounded-cache.ts";
import {
  deriveHandlerConfig,
  digestOf,
  sourceOf,
  type HandlerConfig,
  type ScheduleConfig,
} from "../workflow/handler-config.ts";
import { TopicIds } from "../workflow/topic-ids.ts";
import type { WorkflowDefinition } from "../workflow/workflow-definition.ts";
import { stretchesOf } from "./workflow-stretches.ts";

export interface DeploymentResult {
  workflow: Pick<Workflow, "id" | "name">;
  config: HandlerConfig;
  scriptId: ScriptId;
  topicIds: TopicIds;
  schedules: ProducerSchedule[];
  /** The producers whose schedule is gone. */
  removedSchedules: string[];
  /** Whether this is a version that had not been the active one. */
  isNewVersion: boolean;
}

/** What a start needs of a workflow that is deployed as it is. */
export type Unchanged = Pick<DeploymentResult, "workflow" | "config" | "scriptId" | "topicIds">;

/** A workflow as it is stored. */
interface DeployedWorkflow {
  version: DeployedVersion;
  topicIds: Map<string, TopicId>;
  schedules: ProducerSchedule[];
}

/**
 * Goes through the deployed workflows and hands on those whose code is what is deployed, so that a deploy of it is sure to
 * change nothing.
 * @param definitions of two of one name, the second is left out: what was read may have been changed by the first
 * @param take is called for each of them
 */
export async function takeUnchanged(
  stores: Stores,
  definitions: Iterable<WorkflowDefinition>,
  take: (definition: WorkflowDefinition, unchanged: Unchanged) => void,
): Promise<void> {
  const byName = new Map<string, WorkflowDefinition>();
  for (const definition of definitions) if (!byName.has(definition.name)) byName.set(definition.name, definition);
  const withoutCode = await toldOfMissingCode(stores);
  const comparison = new Comparison();
  const versions = stretchesOf(
    (next) => stores.scripts.listDeployed(next),
    ({ workflowId }) => workflowId,
  );
  for await (const { rows, stretch } of versions) {
    for (const deployed of await readStretch(stores, rows, stretch)) {
      const definition = byName.get(deployed.version.workflowName);
      // Somebody was told that the code is missing: a deploy says that it has come.
      if (!definition || withoutCode.has(deployed.version.workflowId)) continue;
      const unchanged = comparison.compare(definition, deployed);
      if (unchanged) take(definition, unchanged);
    }
  }
}

async function toldOfMissingCode({ notifications }: Stores): Promise<ReadonlySet<WorkflowId | null>> {
  const open = await notifications.listOpen();
  return new Set(open.filter(({ kind }) => kind === "missing_code").map(({ workflowId }) => workflowId));
}

async function readStretch(
  stores: Stores,
  versions: readonly DeployedVersion[],
  stretch: WorkflowStretch,
): Promise<Iterable<DeployedWorkflow>> {
  const deployed = new Map<WorkflowId, DeployedWorkflow>();
  for (const version of versions) {
    deployed.set(version.workflowId, { version, topicIds: new Map(), schedules: [] });
  }
  for (const { workflowId, name, id } of await stores.topics.listOfStretch(stretch)) {
    deployed.get(workflowId)?.topicIds.set(name, id);
  }
  for (const schedule of await stores.producerSchedules.listOfStretch(stretch)) {
    deployed.get(schedule.workflowId)?.schedules.push(schedule);
  }
  return deployed.values();
}

/** So many different configurations and sources are remembered. */
const REMEMBERED = 256;

/** Compares many workflows: those that one function has made have one configuration and one source, which are kept once. */
class Comparison {
  private readonly configs = new BoundedCache<HandlerConfig>(REMEMBERED);
  private readonly digests = new BoundedCache<string>(REMEMBERED);

  /** What a deploy of this code would come to, where it is sure to change nothing; null where it may. */
  compare(definition: WorkflowDefinition, { version, topicIds, schedules }: DeployedWorkflow): Unchanged | null {
    const derived = deriveHandlerConfig(definition);
    const text = JSON.stringify(derived);
    if (text !== version.handlerConfigText) return null;
    const config = this.configs.get(text, () => derived);
    const source = sourceOf(definition, config);
    if (version.digest !== this.digests.get(`${definition.major} ${source}`, () => digestOf(definition, source)))
      return null;
    const ids = config.topics.map((topic) => topicIds.get(topic)).filter((id) => id !== undefined);
    if (ids.length !== config.topics.length || !areSameSchedules(schedules, config)) return null;
    const workflow = { id: version.workflowId, name: definition.name };
    return { workflow, config, scriptId: version.id, topicIds: new TopicIds(config.topics, ids) };
  }
}

/** Whether a producer's stored schedule is the one that its code declares. */
export function isSameSchedule(row: ProducerSchedule, { type, value, timezone, dst }: ScheduleConfig): boolean {
  return (
    row.scheduleType === type &&
    row.scheduleValue === value &&
    row.timezone === timezone &&
    row.dstGap === dst.gap &&
    row.dstOverlap === dst.overlap
  );
}

function areSameSchedules(rows: readonly ProducerSchedule[], { producers }: HandlerConfig): boolean {
  const declared = Object.values(producers).filter(({ schedule }) => schedule !== null).length;
  const isDeclared = (row: ProducerSchedule) => {
    const schedule = producers[row.producerName]?.schedule;
    return schedule ? isSameSchedule(row, schedule) : false;
  };
  return rows.length === declared && rows.every(isDeclared);
}
