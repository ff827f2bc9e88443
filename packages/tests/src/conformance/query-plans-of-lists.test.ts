import {
  DEFAULT_PLATFORM_ID,
  type AuditEntryId,
  type EventId,
  type InputId,
  type MutationId,
  type NotificationId,
  type RunId,
  type ScheduleDecisionId,
  type Stores,
  type TopicId,
  type WorkflowId,
} from "@millrace/db";
import { describe, expect, test } from "vitest";
import { explain, isFullScan, isSort } from "../support/query-plans.ts";

const platformId = DEFAULT_PLATFORM_ID;
const workflowId = "w" as WorkflowId;
const topicId = "t" as TopicId;
const runId = "r" as RunId;
const inputId = "i" as InputId;
const text = "x";
const at = 5;
const span = { from: 1, until: 9 };

type Call = (stores: Stores) => Promise<unknown>;
type Row = [what: string, call: Call, ...indexes: string[]];

/** Where a topic or a workflow has to be there for a list to be asked for: the recording has none. */
const DEFAULT_ROWS = `
  insert into workflows (id, platform_id, name, status, maintenance, handler_config, config_version, created_at, updated_at)
    values ('w', '${platformId}', 'w', 'active', 0, '{}', 1, 1, 1);
  insert into topics (id, workflow_id, name, created_at) values ('t', 'w', 'mail', 1);`;

const before = <Id extends string>(id: Id) => ({ at, id });
const run = before(runId);
const input = before(inputId);
const mutation = before("m" as MutationId);
const event = before("e" as EventId);
const notification = before("n" as NotificationId);

/** Lists that are read in the order in which the index has them, so that a page costs what is on it. */
const IN_ORDER: Row[] = [
  ["runs", ({ handlerRuns }) => handlerRuns.page({ platformId }), "handler_runs_started_index"],
  ["a later page of runs", ({ handlerRuns }) => handlerRuns.page({ before: run }), "handler_runs_started_index"],
  ["runs of a span", ({ handlerRuns }) => handlerRuns.page({ ...span, before: run }), "handler_runs_started_index"],
  ["runs by text", ({ handlerRuns }) => handlerRuns.page({ text, scanLimit: 5 }), "handler_runs_started_index"],
  ["runs of a handler", ({ handlerRuns }) => handlerRuns.page({ handlerName: "h" }), "handler_runs_started_index"],
  ["committed runs", ({ handlerRuns }) => handlerRuns.page({ status: "committed" }), "handler_runs_started_index"],
  [
    "a workflow's runs",
    ({ handlerRuns }) => handlerRuns.page({ platformId, workflowId, before: run }),
    "handler_runs_workflow_index",
  ],
  [
    "a workflow's committed runs",
    ({ handlerRuns }) => handlerRuns.page({ workflowId, statuses: ["committed", "active"] }),
    "handler_runs_workflow_index",
  ],
  [
    "runs that failed",
    ({ handlerRuns }) => handlerRuns.page({ platformId, statuses: ["failed:logic", "crashed"], before: run }),
    "handler_runs_stopped_index (status=? AND (started_at,id)<(?,?))",
  ],
  [
    "a workflow's runs that failed",
    ({ handlerRuns }) => handlerRuns.page({ workflowId, statuses: ["failed:logic"], ...span }),
    "handler_runs_stopped_index (status=? AND started_at>? AND started_at<?)",
  ],
  ["inputs", ({ inputs }) => inputs.page({ platformId, before: input }), "inputs_created_index"],
  ["inputs by type", ({ inputs }) => inputs.page({ platformId, type: "t" }), "inputs_created_index"],
  ["inputs by text", ({ inputs }) => inputs.page({ text, scanLimit: 5 }), "inputs_created_index"],
  ["a workflow's inputs", ({ inputs }) => inputs.page({ workflowId, before: input }), "inputs_workflow_index"],
  [
    "a workflow's inputs of a source and a type",
    ({ inputs }) => inputs.page({ workflowId, source: "s", type: "t", status: "active" }),
    "inputs_workflow_index",
  ],
  ["inputs by source", ({ inputs }) => inputs.page({ source: "s", type: "t", before: input }), "inputs_source_index"],
  ["skipped inputs", ({ inputs }) => inputs.page({ workflowId, status: "skipped" }), "inputs_skipped_index"],
  ["mutations", ({ mutations }) => mutations.page({ platformId, before: mutation }), "mutations_created_index"],
  ["mutations by text", ({ mutations }) => mutations.page({ text, scanLimit: 5 }), "mutations_created_index"],
  ["applied mutations", ({ mutations }) => mutations.page({ statuses: ["applied"] }), "mutations_created_index"],
  [
    "a workflow's mutations",
    ({ mutations }) => mutations.page({ workflowId, connector: "c", operation: "o", before: mutation }),
    "mutations_workflow_index",
  ],
  [
    "a connector's mutations",
    ({ mutations }) => mutations.page({ connector: "c", operation: "o", before: mutation, createdFrom: 1 }),
    "mutations_connector_index",
  ],
  [
    "mutations that are open",
    ({ mutations }) => mutations.page({ statuses: ["failed", "in_flight"], workflowId, before: mutation }),
    "mutations_open_index (status=? AND (created_at,id)<(?,?))",
  ],
  [
    "a connector's uncertain mutations",
    ({ mutations }) => mutations.list({ unresolved: true, connector: "c", createdBefore: 9 }),
    "mutations_open_index (status=? AND created_at<?)",
  ],
  ["events", ({ events }) => events.page({ platformId, before: event }), "events_workflow_index"],
  ["a workflow's events", ({ events }) => events.page({ workflowId, text, scanLimit: 5 }), "events_workflow_index"],
  [
    "a topic's events",
    ({ events }) => events.page({ workflowId, topicId, status: "consumed", before: event }),
    "events_topic_index",
  ],
  ["pending events", ({ events }) => events.page({ workflowId, status: "pending" }), "events_pending_index"],
  ["the oldest pending events", ({ events }) => events.peek(workflowId, topicId, 5), "events_pending_index"],
  ["notifications", ({ notifications }) => notifications.page({ platformId, text }), "notifications_created_index"],
  [
    "open notifications",
    ({ notifications }) => notifications.page({ platformId, open: true, connector: "c", before: notification }),
    "notifications_open_created_index",
  ],
  ["all open notifications", ({ notifications }) => notifications.listOpen(), "notifications_open_created_index"],
  [
    "a workflow's notifications",
    ({ notifications }) => notifications.page({ workflowId, open: false, before: notification }),
    "notifications_workflow_index",
  ],
  [
    "a workflow's open notifications",
    ({ notifications }) => notifications.page({ workflowId, open: true, kinds: ["logic"] }),
    "notifications_open_index",
  ],
  [
    "the audit",
    ({ audit }) => audit.list({ platformId, actor: "a", text, ...span, before: "a" as AuditEntryId }),
    "audit_entries_platform_index",
  ],
  ["tokens", ({ accessTokens }) => accessTokens.list(platformId), "access_tokens_platform_index"],
  ["a token", ({ accessTokens }) => accessTokens.findByDigest("d"), "sqlite_autoindex_access_tokens_2"],
  ["workflows", ({ workflows }) => workflows.list({ platformId, afterName: "a" }), "sqlite_autoindex_workflows_2"],
  [
    "a producer's decisions",
    ({ scheduleDecisions }) =>
      scheduleDecisions.list({ workflowId, producerName: "p", before: before("d" as ScheduleDecisionId) }),
    "schedule_decisions_workflow_index",
  ],
];

/** Reads of few rows, which are found by an index and then put in order or counted. */
const FEW: Row[] = [
  ["active runs", ({ handlerRuns }) => handlerRuns.page({ status: "active", ...span }), "handler_runs_active_index"],
  ["every active run", ({ handlerRuns }) => handlerRuns.listActive(), "handler_runs_active_index"],
  ["retries", ({ handlerRuns }) => handlerRuns.listRetriesOf(runId), "handler_runs_retry_index"],
  ["a chain of retries", ({ handlerRuns }) => handlerRuns.listChain(runId), "handler_runs_retry_index"],
  [
    "the runs of an input",
    ({ handlerRuns }) => handlerRuns.listOfInput(inputId),
    "event_inputs_input_index",
    "run_events_event_index",
    "sqlite_autoindex_handler_runs_1",
  ],
  [
    "runs counted",
    ({ handlerRuns }) => handlerRuns.countsBetween(platformId, 1, 9),
    "COVERING INDEX handler_runs_workflow_index (workflow_id=? AND started_at>? AND started_at<?)",
    "handler_runs_active_index",
    "COVERING INDEX handler_runs_stopped_index (status=? AND started_at>? AND started_at<?)",
  ],
  ["mutations counted", ({ mutations }) => mutations.countsByStatus(platformId), "COVERING INDEX mutations_open_index"],
  [
    "the mutations of an input",
    ({ mutations }) => mutations.page({ inputId, workflowId, connector: "c", statuses: ["applied"] }),
    "event_inputs_input_index",
    "mutations_2",
  ],
  [
    "the inputs of a run",
    ({ inputs }) => inputs.listOfRun(runId),
    "sqlite_autoindex_run_events_1",
    "inputs_created_by_index",
    "sqlite_autoindex_inputs_1",
  ],
  ["the inputs of a mutation", ({ inputs }) => inputs.listOfMutation("m" as MutationId), "sqlite_autoindex_inputs_1"],
  [
    "what came of the newest inputs",
    ({ inputs }) => inputs.glance(workflowId),
    "inputs_workflow_index (workflow_id=?)",
    "sqlite_autoindex_mutations_2",
  ],
  ["the events of an input", ({ events }) => events.listOfInput(inputId), "event_inputs_input_index"],
  ["the events of a run", ({ events }) => events.listOfRun(runId), "sqlite_autoindex_run_events_1"],
  ["the events that a run published", ({ events }) => events.listCreatedByRun(runId), "events_created_by_index"],
  ["the events that a run holds", ({ events }) => events.listByRun(runId), "events_reserved_by_index"],
];

/** Not tables, but what a statement itself has found so far. */
const isOfItsOwn = (step: string) => /^SCAN (earlier|later|newest)$/.test(step);

async function plan(call: Call, indexes: readonly string[]): Promise<string[]> {
  const steps = await explain(call, DEFAULT_ROWS);
  expect(steps.length).toBeGreaterThan(0);
  expect(steps.filter((step) => isFullScan(step) && !isOfItsOwn(step))).toEqual([]);
  for (const index of indexes) expect(steps.join("\n")).toContain(index);
  return steps;
}

describe("how SQLite finds the rows of a page", () => {
  test.each(IN_ORDER)("%s are found by an index, in its order", async (_what, call, ...indexes) => {
    expect((await plan(call, indexes)).filter(isSort)).toEqual([]);
  });

  test.each(FEW)("%s are found by an index", async (_what, call, ...indexes) => {
    await plan(call, indexes);
  });

  test("a workflow is deleted without a scan of a table that grows with its use", async () => {
    const steps = await explain(({ workflows }) => workflows.delete(workflowId), DEFAULT_ROWS);
    for (const table of ["handler_runs", "events", "inputs", "mutations", "notifications"]) {
      expect(steps.join("\n")).toContain(`SEARCH ${table} `);
      expect(steps.filter((step) => step.startsWith(`SCAN ${table}`))).toEqual([]);
    }
  });

  test("a page of failed runs begins and ends at the nearer of two bounds", async () => {
    const filter = { status: "crashed", from: 1, until: 3, before: run, text } as const;
    const steps = await explain(({ handlerRuns }) => handlerRuns.page(filter), DEFAULT_ROWS);
    const found = steps.filter((step) => step.includes("handler_runs"));
    expect(found.length).toBeGreaterThan(0);
    for (const step of found) expect(step).toContain("(status=? AND started_at>? AND started_at<?)");
  });
});
