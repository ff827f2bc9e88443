/** How events are found: the ways through the indexes of their table, and the events of inputs and runs. */
import { sql, type SqlBool } from "kysely";
import { prepareQuery } from "../compiled-query.ts";
import type { QueryExecutor } from "../database.ts";
import type { EventId, InputId, RunId, TopicId, WorkflowId } from "../ids.ts";
import type { EventStatus } from "../statuses.ts";
import { equals, isWord, passes, when, type Condition, type PageFilter, type Walk } from "./paging.ts";
import { contains } from "./text-search.ts";

/** Times are those of their making; `text` is looked for in the message id and in the payload. */
export interface EventFilter extends PageFilter<EventId> {
  workflowId?: WorkflowId;
  topicId?: TopicId;
  status?: EventStatus;
}

/**
 * A walk for each workflow that is asked for, or through one topic; for each topic where pending events are, which have
 * an index by topic.
 */
export async function walksOfEvents(executor: QueryExecutor, filter: EventFilter): Promise<Walk[]> {
  const { workflowId, topicId, status, text } = filter;
  const tests = [
    ...when(status === "pending" ? undefined : status, (value) => passes("status", [value])),
    ...(text ? [contains(["message_id", { json: "payload" }], text)] : []),
  ];
  const walk = (along: Condition[]): Walk => ({ table: "events", time: "created_at", along, tests });
  if (status === "pending") {
    const topics = await topicsOf(executor, filter);
    return topics.map(({ id, workflow_id }) =>
      walk([equals("workflow_id", workflow_id), equals("topic_id", id), isWord("status", "pending")]),
    );
  }
  if (topicId !== undefined) {
    const topics = await topicsOf(executor, filter);
    return topics.map(({ id }) => walk([equals("topic_id", id)]));
  }
  if (workflowId !== undefined && filter.platformId === undefined) return [walk([equals("workflow_id", workflowId)])];
  const workflows = await workflowsOf(executor, filter);
  return workflows.map(({ id }) => walk([equals("workflow_id", id)]));
}

function workflowsOf(executor: QueryExecutor, { platformId, workflowId }: EventFilter) {
  let query = executor.selectFrom("workflows").select("id");
  if (platformId) query = query.where("platform_id", "=", platformId);
  if (workflowId !== undefined) query = query.where("id", "=", workflowId);
  return query.execute();
}

function topicsOf(executor: QueryExecutor, { platformId, workflowId, topicId }: EventFilter) {
  let query = executor.selectFrom("topics").select(["id", "workflow_id"]);
  if (topicId !== undefined) query = query.where("id", "=", topicId);
  if (workflowId !== undefined) query = query.where("workflow_id", "=", workflowId);
  if (platformId) {
    query = query.where(
      sql<SqlBool>`workflow_id in (select workflows.id from workflows where platform_id = ${platformId})`,
    );
  }
  return query.execute();
}

const MOST_EVENTS = 1_000;

/** Events with the names of their topics, oldest first. */
const withTopics = (queries: QueryExecutor) =>
  queries
    .selectFrom("events")
    .innerJoin("topics", "topics.id", "events.topic_id")
    .selectAll("events")
    .select("topics.name as topic_name")
    .orderBy("events.created_at")
    .orderBy("events.id");

export const ofInput = prepareQuery<{ inputId: InputId; limit: number }>()((queries, argument) =>
  withTopics(queries)
    .innerJoin("event_inputs", "event_inputs.event_id", "events.id")
    .where("event_inputs.input_id", "=", argument("inputId"))
    .limit(argument("limit")),
);

export const ofRun = prepareQuery<{ runId: RunId }>()((queries, argument) =>
  withTopics(queries)
    .innerJoin("run_events", "run_events.event_id", "events.id")
    .where("run_events.run_id", "=", argument("runId"))
    .limit(sql.lit(MOST_EVENTS)),
);

export const createdByRun = prepareQuery<{ runId: RunId }>()((queries, argument) =>
  withTopics(queries).where("events.created_by_run_id", "=", argument("runId")).limit(sql.lit(MOST_EVENTS)),
);
