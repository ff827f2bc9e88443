/** A workflow and its details, for programs. */
import type { WorkflowDetails } from "@millrace/agent";
import type { Workflow } from "@millrace/db";
import { nextRunJson } from "./jobs.ts";
import { iso } from "./json.ts";

/** Without the configuration, which is the engine's own. */
export const workflowRowJson = ({ handlerConfig: _handlerConfig, ...workflow }: Workflow) => ({
  ...workflow,
  retryAt: iso(workflow.retryAt),
  createdAt: iso(workflow.createdAt),
  updatedAt: iso(workflow.updatedAt),
});

export const workflowDetailsJson = (details: WorkflowDetails) => ({
  ...workflowRowJson(details.workflow),
  versions: details.versions.map((version) => ({ ...version, createdAt: iso(version.createdAt) })),
  producers: details.producers.map((producer) => ({
    ...producer,
    nextRuns: producer.nextRuns.map(nextRunJson),
    lastRunAt: iso(producer.lastRunAt),
  })),
  consumers: details.consumers.map((consumer) => ({ ...consumer, wakeAt: iso(consumer.wakeAt) })),
  topics: details.topics,
});
