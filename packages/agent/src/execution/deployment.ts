/** Deploying a workflow: its row, its version, its topics and its schedules, in one transaction. */
import type { Script, TopicId, Workflow, WorkflowId } from "@millrace/db";
import type { WorkflowDefinition } from "../workflow/workflow-definition.ts";
import {
  deriveHandlerConfig,
  describeScript,
  hasHandlerOf,
  keepFormerSecrets,
  type HandlerConfig,
} from "../workflow/handler-config.ts";
import { firstRunAt } from "../workflow/producer-schedule.ts";
import { TopicIds } from "../workflow/topic-ids.ts";
import { isSameSchedule, type DeploymentResult } from "./deployed-workflows.ts";
import { giveUpRun } from "./giving-up.ts";
import type { ExecutionDependencies, Step, TransitionApplier } from "./transition-applier.ts";

/** Deploys; the same code again changes nothing. Pending events carry on under the new version. */
export function deploy(
  dependencies: ExecutionDependencies,
  applier: TransitionApplier,
  definition: WorkflowDefinition,
): Promise<DeploymentResult> {
  return applier.inOneTransaction("workflow.deploy", async (step) => {
    const { stores } = dependencies;
    const { tx, now } = step;
    const existing = await stores.workflows.findByName(definition.name, undefined, tx);
    const derived = deriveHandlerConfig(definition);
    const config = existing ? keepFormerSecrets(derived, existing, definition) : derived;
    const workflow = await saveWorkflow(dependencies, step, definition.name, { existing, config });
    const { script, isNewVersion } = await saveScript(dependencies, step, workflow, definition);
    const topicIds: TopicId[] = [];
    for (const topic of config.topics) {
      topicIds.push((await stores.topics.getOrCreate(workflow.id, topic, now, tx)).id);
    }
    const removedSchedules = await saveSchedules(dependencies, step, workflow.id, config);
    if (isNewVersion) await continueFailedRun(dependencies, applier, step, workflow, config);
    await stores.notifications.resolveMatching({ workflowId: workflow.id, kinds: ["missing_code"] }, now, tx);
    step.announce({ name: "workflow:changed", args: [workflow] });
    const schedules = await stores.producerSchedules.getForWorkflow(workflow.id, tx);
    const deployed = { workflow, config, scriptId: script.id, topicIds: new TopicIds(config.topics, topicIds) };
    return { ...deployed, schedules, removedSchedules, isNewVersion };
  });
}

async function saveWorkflow(
  { stores }: ExecutionDependencies,
  { tx, now }: Step,
  name: string,
  { existing, config }: { existing: Workflow | null; config: HandlerConfig },
): Promise<Workflow> {
  if (!existing) return stores.workflows.create({ name, status: "active", handlerConfig: config }, now, tx);
  if (JSON.stringify(existing.handlerConfig) === JSON.stringify(config)) return existing;
  await stores.workflows.saveConfig(existing.id, config, now, tx);
  return stores.workflows.get(existing.id, tx);
}

async function saveScript(
  { stores }: ExecutionDependencies,
  { tx, now }: Step,
  workflow: Workflow,
  definition: WorkflowDefinition,
): Promise<{ script: Script; isNewVersion: boolean }> {
  const { source, digest } = describeScript(definition);
  const latest = await stores.scripts.findLatest(workflow.id, tx);
  if (latest?.digest === digest && workflow.activeScriptId === latest.id)
    return { script: latest, isNewVersion: false };
  // Versions only go up, even when a major version is taken back.
  const major = Math.max(definition.major, latest?.major ?? 0);
  const minor = latest?.major === major ? latest.minor + 1 : 0;
  const script = await stores.scripts.create(
    { workflowId: workflow.id, major, minor, source, digest, origin: "deploy" },
    now,
    tx,
  );
  await stores.workflows.update(workflow.id, { activeScriptId: script.id }, now, tx);
  return { script, isNewVersion: true };
}

/** Removed producers lose their schedule, changed ones are computed anew, unchanged ones stay. */
async function saveSchedules(
  { stores }: ExecutionDependencies,
  { tx, now }: Step,
  workflowId: WorkflowId,
  config: HandlerConfig,
): Promise<string[]> {
  const existing = await stores.producerSchedules.getForWorkflow(workflowId, tx);
  const removed = existing.map(({ producerName }) => producerName).filter((name) => !config.producers[name]?.schedule);
  await stores.producerSchedules.delete(workflowId, removed, tx);
  for (const [producerName, { schedule }] of Object.entries(config.producers)) {
    if (!schedule) continue;
    if (existing.some((row) => row.producerName === producerName && isSameSchedule(row, schedule))) continue;
    const { type: scheduleType, value: scheduleValue, timezone } = schedule;
    const { gap: dstGap, overlap: dstOverlap } = schedule.dst;
    const nextRunAt = firstRunAt(schedule, now);
    await stores.producerSchedules.save(
      { workflowId, producerName, scheduleType, scheduleValue, timezone, dstGap, dstOverlap, nextRunAt },
      tx,
    );
  }
  return removed;
}

/** A run that failed because of the code is tried again with the new one, unless its handler is gone and nothing is owed. */
async function continueFailedRun(
  { stores }: ExecutionDependencies,
  applier: TransitionApplier,
  step: Step,
  workflow: Workflow,
  config: HandlerConfig,
): Promise<void> {
  if (workflow.pendingRetryRunId === null) return;
  // Whether it can be read is found out when it is tried again.
  const run = await stores.handlerRuns.findListed(workflow.pendingRetryRunId, step.tx);
  if (run === null) return;
  if (!hasHandlerOf(config, run)) await giveUpRun(stores, applier, step, run);
  else if (run.status === "failed:logic" || run.status === "crashed")
    await applier.apply(step, run, { type: "retry_requested" });
}

/** Sets what the user wants of a workflow. */
export async function setWorkflowStatus(
  { stores }: ExecutionDependencies,
  applier: TransitionApplier,
  workflow: Workflow,
  status: Workflow["status"],
): Promise<void> {
  await applier.inOneTransaction("workflow.setStatus", async (step) => {
    const { tx, now } = step;
    await stores.workflows.update(workflow.id, { status }, now, tx);
    // A workflow that is not to run needs no code.
    if (status !== "active") {
      await stores.notifications.resolveMatching({ workflowId: workflow.id, kinds: ["missing_code"] }, now, tx);
    }
    step.announce({ name: "workflow:changed", args: [workflow] });
  });
}
