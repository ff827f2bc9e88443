/**
 * What is deployed, and whether code is what is deployed. An engine that starts reads all of it at once and compares in
 * memory, so that a workflow which has not changed costs no transaction, and no query of its own.
 */
import type { DeployedVersion, ProducerSchedule, ScriptId, Stores, TopicId, Workflow, WorkflowId } from "@millrace/db";
import {
  deriveHandlerConfig,
  describeScript,
  type HandlerConfig,
  type ScheduleConfig,
} from "../workflow/handler-config.ts";
import type { WorkflowDefinition } from "../workflow/workflow-definition.ts";

export interface DeploymentResult {
  workflow: Pick<Workflow, "id" | "name">;
  config: HandlerConfig;
  scriptId: ScriptId;
  topicIds: ReadonlyMap<string, TopicId>;
  schedules: ProducerSchedule[];
  /** The producers whose schedule is gone. */
  removedSchedules: string[];
  /** Whether this is a version that had not been the active one. */
  isNewVersion: boolean;
}

/** A workflow as it is stored. */
interface DeployedWorkflow {
  version: DeployedVersion;
  topicIds: Map<string, TopicId>;
  schedules: ProducerSchedule[];
}

/** The deployed workflows of which nothing is wrong; the others are to be deployed one by one. */
export class DeployedWorkflows {
  private readonly byName: Map<string, DeployedWorkflow>;

  private constructor(deployed: Iterable<DeployedWorkflow>) {
    this.byName = new Map([...deployed].map((one) => [one.version.workflowName, one]));
  }

  static async read(stores: Stores): Promise<DeployedWorkflows> {
    const deployed = new Map<WorkflowId, DeployedWorkflow>();
    for (const version of await stores.scripts.listDeployed()) {
      deployed.set(version.workflowId, { version, topicIds: new Map(), schedules: [] });
    }
    // Somebody was told that the code is missing: a deploy says that it has come.
    for (const { kind, workflowId } of await stores.notifications.listOpen()) {
      if (kind === "missing_code" && workflowId !== null) deployed.delete(workflowId);
    }
    for (const { workflowId, name, id } of await stores.topics.listAll()) {
      deployed.get(workflowId)?.topicIds.set(name, id);
    }
    for (const schedule of await stores.producerSchedules.list()) {
      deployed.get(schedule.workflowId)?.schedules.push(schedule);
    }
    return new DeployedWorkflows(deployed.values());
  }

  /**
   * What a deploy of this code would come to, where it is sure to change nothing; null where it may. A name is given once:
   * the first workflow of that name may change what was read.
   */
  takeUnchanged(definition: WorkflowDefinition): DeploymentResult | null {
    const { name } = definition;
    const stored = this.byName.get(name);
    this.byName.delete(name);
    if (!stored) return null;
    const { version, schedules } = stored;
    const config = deriveHandlerConfig(definition);
    const topicIds = new Map<string, TopicId>();
    for (const topic of config.topics) {
      const id = stored.topicIds.get(topic);
      if (id !== undefined) topicIds.set(topic, id);
    }
    const isUnchanged =
      version.handlerConfigText === JSON.stringify(config) &&
      version.digest === describeScript(definition, config).digest &&
      topicIds.size === config.topics.length &&
      areSameSchedules(schedules, config);
    if (!isUnchanged) return null;
    const workflow = { id: version.workflowId, name };
    return { workflow, config, scriptId: version.id, topicIds, schedules, removedSchedules: [], isNewVersion: false };
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
