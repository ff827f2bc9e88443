/** Workflows in lists, and one with what it is made of. */
import type { ProducerSchedule, Workflow, WorkflowId, WorkflowStatus } from "@millrace/db";
import type { HandlerConfig } from "../workflow/handler-config.ts";
import { describeProducerSchedule, upcomingFirings } from "../workflow/producer-schedule.ts";
import { consumersOf, type ConsumerDetails } from "./consumer-view.ts";
import type { Inspected } from "./inspected.ts";
import { ownWorkflow } from "./ownership.ts";
import { ForeignCursorError, limitOf, type PageRequest, type View } from "./pages.ts";
import { summariseRun, type RunSummary } from "./summaries.ts";
import { flowOf, type Flow } from "./workflow-flow.ts";

export interface WorkflowRequest extends PageRequest {
  /** A piece of the name, in capitals or not. */
  text?: string | undefined;
}

/** A workflow at a glance. Times are Unix milliseconds. */
export interface WorkflowOverview {
  id: WorkflowId;
  name: string;
  /** The user's intent. */
  status: WorkflowStatus;
  /** Why it needs attention; null if all is well. */
  error: string | null;
  /** The version that runs, for example `1.2`; null before the first deploy. */
  version: string | null;
  /** Whether this process runs its code. */
  deployed: boolean;
  pendingEvents: number;
  schedules: { producer: string; description: string; nextRunAt: number; lastRunAt: number | null }[];
  /** When its next producer is due; null where none is, and while it is not active. */
  nextRunAt: number | null;
  retryAt: number | null;
  openNotifications: number;
  lastRun: RunSummary | null;
}

export interface WorkflowDetails extends WorkflowOverview {
  createdAt: number;
  updatedAt: number;
  configVersion: number;
  topics: { name: string; pending: number }[];
  producers: { name: string; publishes: string[]; schedule: ProducerScheduleView | null }[];
  consumers: ConsumerView[];
  flow: Flow;
}

export interface ProducerScheduleView {
  description: string;
  timezone: string;
  nextRunAt: number | null;
  lastRunAt: number | null;
  /** The next runs, soonest first. */
  next: number[];
}

export interface ConsumerView extends ConsumerDetails {
  /** The connectors that its newest outputs went through. */
  connectors: string[];
}

/** How many of the newest inputs and outputs are looked at. */
const NEWEST = 500;
const NEXT_RUNS = 5;

/** Workflows by name. @throws ForeignCursorError */
export async function listWorkflows(inspected: Inspected, request: WorkflowRequest): Promise<View<WorkflowOverview>> {
  const { cursor, text } = request;
  const limit = limitOf(request);
  const rows = await inspected.stores.workflows.list({
    platformId: inspected.platformId,
    limit: limit + 1,
    ...(cursor !== undefined && { afterName: await nameBefore(inspected, cursor) }),
    ...(text !== undefined && { text }),
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: await overviewsOf(inspected, page),
    nextCursor: last && rows.length > limit ? last.id : null,
  };
}

/** @throws UnknownNameError where the platform has no workflow of this name */
export async function showWorkflow(inspected: Inspected, name: string): Promise<WorkflowDetails> {
  const { stores, configs } = inspected;
  const workflow = await ownWorkflow(inspected, name);
  const { id, createdAt, updatedAt, configVersion } = workflow;
  const config = configs.get(workflow);
  const [glance, pending, states, newest, glances, outputs, connectors] = await Promise.all([
    glanceAt(inspected, [workflow]),
    stores.events.countPendingByTopic(id, config.topics),
    stores.handlerStates.getForWorkflow(id),
    stores.glances.newestInputs(id, NEWEST),
    stores.inputs.glance(id, NEWEST),
    stores.glances.outputsOfNewestInputs(id, NEWEST),
    stores.glances.connectorsOfHandlers(id, NEWEST),
  ]);
  return {
    ...overview(workflow, glance),
    createdAt,
    updatedAt,
    configVersion,
    topics: config.topics.map((topic) => ({ name: topic, pending: pending.get(topic) ?? 0 })),
    producers: Object.entries(config.producers).map(([producer, { publishes, schedule }]) => ({
      name: producer,
      publishes,
      schedule: schedule && viewSchedule(schedule, glance, producer),
    })),
    consumers: consumersOf(config, states).map((consumer) => ({
      ...consumer,
      connectors: connectors
        .filter(({ handlerName }) => handlerName === consumer.name)
        .map(({ connector }) => connector),
    })),
    flow: flowOf(newest, glances, outputs),
  };
}

async function overviewsOf(inspected: Inspected, workflows: readonly Workflow[]): Promise<WorkflowOverview[]> {
  const glance = await glanceAt(inspected, workflows);
  return workflows.map((workflow) => overview(workflow, glance));
}

/** What is known of several workflows in other tables. */
type Glance = Awaited<ReturnType<typeof glanceAt>>;

async function glanceAt({ stores, code }: Inspected, workflows: readonly Workflow[]) {
  const ids = workflows.map(({ id }) => id);
  const versionIds = workflows.flatMap(({ activeScriptId }) => (activeScriptId === null ? [] : [activeScriptId]));
  const [pending, notifications, lastRuns, schedules, versions] = await Promise.all([
    stores.glances.pendingEvents(ids),
    stores.glances.openNotifications(ids),
    stores.glances.lastRuns(ids),
    stores.producerSchedules.listForWorkflows(ids),
    stores.names.versions(versionIds),
  ]);
  return { pending, notifications, lastRuns, schedules, versions, code };
}

function overview({ id, name, status, error, retryAt, activeScriptId }: Workflow, glance: Glance): WorkflowOverview {
  const schedules = glance.schedules.filter(({ workflowId }) => workflowId === id);
  const dueTimes = schedules.map(({ nextRunAt }) => nextRunAt);
  const lastRun = glance.lastRuns.get(id);
  return {
    id,
    name,
    status,
    error,
    version: activeScriptId === null ? null : (glance.versions.get(activeScriptId) ?? null),
    deployed: glance.code.find(id) !== null,
    pendingEvents: glance.pending.get(id) ?? 0,
    schedules: schedules.map((row) => ({
      producer: row.producerName,
      description: describeProducerSchedule(configOf(row)),
      nextRunAt: row.nextRunAt,
      lastRunAt: row.lastRunAt,
    })),
    nextRunAt: status === "active" && dueTimes.length > 0 ? Math.min(...dueTimes) : null,
    retryAt,
    openNotifications: glance.notifications.get(id) ?? 0,
    lastRun: lastRun ? summariseRun(lastRun, () => ({ id, name })) : null,
  };
}

type ScheduleConfig = NonNullable<HandlerConfig["producers"][string]["schedule"]>;

function configOf({ scheduleType, scheduleValue, timezone, dstGap, dstOverlap }: ProducerSchedule): ScheduleConfig {
  return { type: scheduleType, value: scheduleValue, timezone, dst: { gap: dstGap, overlap: dstOverlap } };
}

function viewSchedule(schedule: ScheduleConfig, { schedules }: Glance, producer: string): ProducerScheduleView {
  const row = schedules.find(({ producerName }) => producerName === producer);
  const nextRunAt = row?.nextRunAt ?? null;
  return {
    description: describeProducerSchedule(schedule),
    timezone: schedule.timezone,
    nextRunAt,
    lastRunAt: row?.lastRunAt ?? null,
    next: nextRunAt === null ? [] : upcomingFirings(schedule, nextRunAt, NEXT_RUNS).map(({ at }) => at),
  };
}

/** The cursor is the id of the last workflow of the page before. */
async function nameBefore({ stores, platformId }: Inspected, cursor: string): Promise<string> {
  // Any text may be given; what is no id of a workflow is not found.
  const id = cursor as WorkflowId;
  const last = (await stores.names.workflows([id])).get(id);
  if (last?.platformId !== platformId) throw new ForeignCursorError();
  return last.name;
}
