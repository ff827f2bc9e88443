/** The hot queries of events, each compiled once. */
import type { ExpressionBuilder } from "kysely";
import { prepareQuery } from "../compiled-query.ts";
import type { EventId, InputId, RunId, TopicId, WorkflowId } from "../ids.ts";
import type { Schema } from "../schema.ts";

/** Whether an event has inputs and all of them are skipped. */
export function hasOnlySkippedInputs(expression: ExpressionBuilder<Schema, "events">) {
  const inputs = expression
    .selectFrom("event_inputs")
    .innerJoin("inputs", "inputs.id", "event_inputs.input_id")
    .whereRef("event_inputs.event_id", "=", "events.id")
    .select("inputs.id");
  return expression.and([
    expression.exists(inputs),
    expression.not(expression.exists(inputs.where("inputs.status", "=", "active"))),
  ]);
}

/** An event that is to be saved as pending. */
export interface NewEventRow {
  id: EventId;
  workflowId: WorkflowId;
  topicId: TopicId;
  messageId: string;
  payload: string;
  createdByRunId: RunId | null;
  now: number;
}

export const upsert = prepareQuery<NewEventRow>()((queries, argument) =>
  queries
    .insertInto("events")
    .values({
      id: argument("id"),
      topic_id: argument("topicId"),
      workflow_id: argument("workflowId"),
      message_id: argument("messageId"),
      payload: argument("payload"),
      status: "pending",
      reserved_by_run_id: null,
      created_by_run_id: argument("createdByRunId"),
      attempt_number: 0,
      created_at: argument("now"),
      updated_at: argument("now"),
    })
    .onConflict((conflict) =>
      conflict
        .columns(["topic_id", "message_id"])
        .doUpdateSet((expression) => ({
          payload: argument("payload"),
          // Always later than before, so that who has seen the event can tell that it was replaced.
          updated_at: expression
            .case()
            .when("events.updated_at", "<", argument("now"))
            .then(argument("now"))
            .else(expression("events.updated_at", "+", 1))
            .end(),
        }))
        .where("events.status", "=", "pending"),
    )
    .returning("id"),
);

export const findByMessage = prepareQuery<{ topicId: TopicId; messageId: string }>()((queries, argument) =>
  queries
    .selectFrom("events")
    .selectAll()
    .where("topic_id", "=", argument("topicId"))
    .where("message_id", "=", argument("messageId")),
);

export const linkInput = prepareQuery<{ eventId: EventId; inputId: InputId }>()((queries, argument) =>
  queries
    .insertInto("event_inputs")
    .values({ event_id: argument("eventId"), input_id: argument("inputId") })
    .onConflict((conflict) => conflict.doNothing()),
);

/** Skips this event if it is pending and all of its inputs are skipped. */
export const skipIfInputsSkipped = prepareQuery<{ id: EventId; now: number }>()((queries, argument) =>
  queries
    .updateTable("events")
    .set({ status: "skipped", updated_at: argument("now") })
    .where("id", "=", argument("id"))
    .where("status", "=", "pending")
    .where(hasOnlySkippedInputs),
);

export const pending = prepareQuery<{ workflowId: WorkflowId; topicId: TopicId; limit: number }>()(
  (queries, argument) =>
    queries
      .selectFrom("events")
      .selectAll()
      .where("workflow_id", "=", argument("workflowId"))
      .where("topic_id", "=", argument("topicId"))
      .where("status", "=", "pending")
      .orderBy("created_at")
      .orderBy("id")
      .limit(argument("limit")),
);

export const byRun = prepareQuery<{ runId: RunId }>()((queries, argument) =>
  queries
    .selectFrom("events")
    .selectAll()
    .where("reserved_by_run_id", "=", argument("runId"))
    .orderBy("created_at")
    .orderBy("id"),
);

export const reserveOne = prepareQuery<{ id: EventId; runId: RunId; attempt: number; now: number }>()(
  (queries, argument) =>
    queries
      .updateTable("events")
      .set({
        status: "reserved",
        reserved_by_run_id: argument("runId"),
        attempt_number: argument("attempt"),
        updated_at: argument("now"),
      })
      .where("id", "=", argument("id"))
      .where("status", "=", "pending")
      .returningAll(),
);

/** Like {@link reserveOne}, if the event is as it was seen. */
export const reserveAsSeen = prepareQuery<{
  id: EventId;
  runId: RunId;
  attempt: number;
  now: number;
  seenAt: number;
}>()((queries, argument) =>
  queries
    .updateTable("events")
    .set({
      status: "reserved",
      reserved_by_run_id: argument("runId"),
      attempt_number: argument("attempt"),
      updated_at: argument("now"),
    })
    .where("id", "=", argument("id"))
    .where("status", "=", "pending")
    .where("updated_at", "=", argument("seenAt"))
    .returningAll(),
);

export const recordReservation = prepareQuery<{ runId: RunId; eventId: EventId; attempt: number }>()(
  (queries, argument) =>
    queries
      .insertInto("run_events")
      .values({ run_id: argument("runId"), event_id: argument("eventId"), attempt_number: argument("attempt") })
      .onConflict((conflict) => conflict.doNothing()),
);

export const consumeReserved = prepareQuery<{ runId: RunId; now: number }>()((queries, argument) =>
  queries
    .updateTable("events")
    .set({ status: "consumed", updated_at: argument("now") })
    .where("reserved_by_run_id", "=", argument("runId"))
    .where("status", "=", "reserved"),
);

export const inputsOfReserved = prepareQuery<{ runId: RunId }>()((queries, argument) =>
  queries
    .selectFrom("events")
    .innerJoin("event_inputs", "event_inputs.event_id", "events.id")
    .where("events.reserved_by_run_id", "=", argument("runId"))
    .select("event_inputs.input_id")
    .distinct()
    .orderBy("event_inputs.input_id"),
);

export const oldestPending = prepareQuery<{ workflowId: WorkflowId; topicId: TopicId }>()((queries, argument) =>
  queries
    .selectFrom("events")
    .select("created_at")
    .where("workflow_id", "=", argument("workflowId"))
    .where("topic_id", "=", argument("topicId"))
    .where("status", "=", "pending")
    .orderBy("created_at")
    .orderBy("id")
    .limit(1),
);
