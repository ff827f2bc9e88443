/** What the model of events and inputs knows, and the rules of DESIGN.md about them. */
import type { Event, EventId, Input, InputId, RunId, TopicId, WorkflowId } from "@millrace/db";
import { newestFirst, sortedBy } from "./order.ts";

export interface EventState {
  events: Map<EventId, Event>;
  inputs: Map<InputId, Input>;
  /** Which inputs are behind an event. */
  links: Map<EventId, Set<InputId>>;
  /** What each run has ever reserved. */
  reserved: Map<RunId, Set<EventId>>;
  topics: Map<TopicId, { name: string; workflowId: WorkflowId }>;
  workflows: Set<WorkflowId>;
}

export const oldestFirst = (events: Iterable<Event>): Event[] =>
  sortedBy(
    events,
    ({ createdAt }) => createdAt,
    ({ id }) => id,
  );

export const newest = <Row extends { id: string; createdAt: number }>(rows: Iterable<Row>): Row[] =>
  newestFirst(rows, ({ createdAt }) => createdAt);

export function byMessage({ events }: EventState, topicId: TopicId, messageId: string): Event | undefined {
  return [...events.values()].find((event) => event.topicId === topicId && event.messageId === messageId);
}

/** The events that a run holds. */
export function heldBy({ events }: EventState, runId: RunId, status: Event["status"] = "reserved"): Event[] {
  return [...events.values()].filter((event) => event.reservedByRunId === runId && event.status === status);
}

export function inputsOf({ links, inputs }: EventState, id: EventId): Input[] {
  return [...(links.get(id) ?? [])].flatMap((inputId) => inputs.get(inputId) ?? []);
}

export function eventsOf({ links, events }: EventState, inputId: InputId): Event[] {
  return [...events.values()].filter(({ id }) => links.get(id)?.has(inputId));
}

/** An event is skipped once every input behind it is; one active input keeps it alive. */
export function isForgone(state: EventState, id: EventId): boolean {
  const inputs = inputsOf(state, id);
  return inputs.length > 0 && inputs.every(({ status }) => status === "skipped");
}

export function pendingOf({ events }: EventState, workflowId: WorkflowId, topicId: TopicId): Event[] {
  return oldestFirst(events.values()).filter(
    (event) => event.workflowId === workflowId && event.topicId === topicId && event.status === "pending",
  );
}

/** What a deleted event leaves: nothing. */
export function forgetEvent({ events, links, reserved }: EventState, id: EventId): boolean {
  links.delete(id);
  for (const ids of reserved.values()) ids.delete(id);
  return events.delete(id);
}

export function listed({ payload: _payload, ...event }: Event) {
  return event;
}
