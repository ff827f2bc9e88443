/** An event, and how a row becomes one. */
import type { Selectable } from "kysely";
import { decodeJson, decodeListedJson } from "../codecs.ts";
import type { EventId, InputId, RunId, TopicId, WorkflowId } from "../ids.ts";
import type { JsonValue } from "../json.ts";
import type { EventTable } from "../schema.ts";
import type { EventStatus } from "../statuses.ts";

export interface Event {
  id: EventId;
  topicId: TopicId;
  workflowId: WorkflowId;
  /** The publisher's own identity for it; unique in the topic. */
  messageId: string;
  payload: JsonValue;
  status: EventStatus;
  reservedByRunId: RunId | null;
  createdByRunId: RunId | null;
  attemptNumber: number;
  createdAt: number;
  updatedAt: number;
}

export interface NewEvent {
  workflowId: WorkflowId;
  topicId: TopicId;
  messageId: string;
  payload: unknown;
  createdByRunId: RunId | null;
  /** The inputs that caused it. */
  inputIds: readonly InputId[];
}

export interface PublishResult {
  id: EventId;
  /** `created`; `replaced` (it was still pending: the last write wins); `unchanged` (it was already selected). */
  outcome: "created" | "replaced" | "unchanged";
}

/** An event as lists have it: a payload may be large, or broken, and no list shows it. */
export type ListedEvent = Omit<Event, "payload">;

/** An event of a list with the name of its topic. */
export interface EventOfTopic extends ListedEvent {
  topicName: string;
}

/** Gives an event from its row. @throws CorruptRowError */
export function toEvent(row: Selectable<EventTable>): Event {
  return { ...toListedEvent(row), payload: decodeJson(row.payload, "events", row.id, "payload") };
}

/** Like {@link toEvent}, with `UNREADABLE` in the place of a payload that can't be read. */
export function toShownEvent(row: Selectable<EventTable>): Event {
  return { ...toListedEvent(row), payload: decodeListedJson(row.payload, "events", row.id, "payload") };
}

/** Like {@link toEvent}, without the payload, which is not looked at. */
export function toListedEvent(row: Selectable<EventTable>): ListedEvent {
  return {
    id: row.id,
    topicId: row.topic_id,
    workflowId: row.workflow_id,
    messageId: row.message_id,
    status: row.status,
    reservedByRunId: row.reserved_by_run_id,
    createdByRunId: row.created_by_run_id,
    attemptNumber: row.attempt_number,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Like {@link toListedEvent}, for a row with the topic's name. */
export function toEventOfTopic(row: Selectable<EventTable> & { topic_name: string }): EventOfTopic {
  return { ...toListedEvent(row), topicName: row.topic_name };
}
