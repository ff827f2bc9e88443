/** Topics; events in lists, and one with its payload, its origin and who handled it. */
import type { Event, EventId, EventStatus, JsonValue, TopicId } from "@millrace/db";
import { UnknownNameError } from "../errors.ts";
import type { Inspected } from "./inspected.ts";
import { ownRow, ownWorkflow, ownerFilter } from "./ownership.ts";
import { given, searchFilter, viewOf, type SearchRequest, type SearchView } from "./pages.ts";
import {
  nameWorkflows,
  summariseEvent,
  summariseInput,
  summariseRun,
  type EventSummary,
  type InputSummary,
  type RunSummary,
} from "./summaries.ts";

/** Text is looked for in the message id and in the payload. */
export interface EventRequest extends SearchRequest {
  /** A workflow's name. */
  workflow?: string | undefined;
  /** The name of one of its topics. */
  topic?: string | undefined;
  status?: EventStatus | undefined;
}

export interface EventDetails {
  event: EventSummary & { payload: JsonValue };
  /** The inputs that caused it, oldest first. */
  inputs: InputSummary[];
  publishedBy: RunSummary | null;
  /** The runs that have ever reserved it, newest first. */
  reservedBy: RunSummary[];
}

export interface TopicView {
  name: string;
  /** How many events are pending. */
  pending: number;
  /** The handlers that publish to it and those that subscribe to it, by name. */
  publishers: string[];
  subscribers: string[];
}

/** Of the inputs and of the runs of an event, the most that are shown. */
const MOST = 200;

/** @throws UnknownNameError where the platform has no workflow of this name */
export async function listTopics(inspected: Inspected, workflowName: string): Promise<TopicView[]> {
  const workflow = await ownWorkflow(inspected, workflowName);
  const { topics, producers, consumers } = inspected.configs.get(workflow);
  const pending = await inspected.stores.events.countPendingByTopic(workflow.id, topics);
  const publishing = Object.entries({ ...producers, ...consumers });
  return topics.map((name) => ({
    name,
    pending: pending.get(name) ?? 0,
    publishers: publishing.filter(([, { publishes }]) => publishes.includes(name)).map(([handler]) => handler),
    subscribers: Object.entries(consumers)
      .filter(([, { subscribe }]) => subscribe.includes(name))
      .map(([handler]) => handler),
  }));
}

/** @throws UnknownNameError, ForeignCursorError */
export async function listEvents(inspected: Inspected, request: EventRequest): Promise<SearchView<EventSummary>> {
  const { workflow, topic, status } = request;
  const owner = await ownerFilter(inspected, workflow);
  const topicId = topic === undefined ? undefined : await findTopic(inspected, owner, topic);
  const page = await inspected.stores.events.page({
    ...searchFilter<EventId>(request),
    ...owner,
    ...given({ topicId, status }),
  });
  const [nameOf, topics] = await Promise.all([
    nameWorkflows(inspected, page.rows),
    inspected.stores.names.topics(page.rows.map((event) => event.topicId)),
  ]);
  return viewOf(page, request, (event) => summariseEvent(event, topics.get(event.topicId) ?? event.topicId, nameOf));
}

/** @throws UnknownNameError */
export async function showEvent(inspected: Inspected, id: string): Promise<EventDetails> {
  const { stores, redaction } = inspected;
  // Any text may be asked for; what is no id of an event is not found.
  const event = await ownRow<Event>(inspected, "event", id, stores.events.find(id as EventId));
  const [inputs, publisher, reservedBy, topics, nameOf] = await Promise.all([
    stores.inputs.listOfEvent(event.id),
    event.createdByRunId === null ? null : stores.handlerRuns.findListed(event.createdByRunId),
    stores.details.runsOfEvent(event.id, MOST),
    stores.names.topics([event.topicId]),
    nameWorkflows(inspected, [event]),
  ]);
  const { payload } = await redaction.event(event);
  const summary = summariseEvent(event, topics.get(event.topicId) ?? event.topicId, nameOf);
  return {
    event: { ...summary, payload },
    inputs: inputs.slice(0, MOST).map((input) => summariseInput(input, nameOf)),
    publishedBy: publisher && summariseRun(await redaction.run(publisher), nameOf),
    reservedBy: (await redaction.runs(reservedBy)).map((run) => summariseRun(run, nameOf)),
  };
}

async function findTopic(
  { stores }: Inspected,
  owner: Awaited<ReturnType<typeof ownerFilter>>,
  name: string,
): Promise<TopicId> {
  const topics = "workflowId" in owner ? await stores.topics.list(owner.workflowId) : [];
  const topic = topics.find((one) => one.name === name);
  if (topic) return topic.id;
  throw new UnknownNameError(
    "topic",
    name,
    topics.map((one) => one.name),
  );
}
