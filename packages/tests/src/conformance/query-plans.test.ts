import { DEFAULT_PLATFORM_ID, type JobExecutionId, type JobId, type Stores, type WorkflowId } from "@millrace/db";
import { describe, expect, test } from "vitest";
import { explain, isFullScan, isSort } from "../support/query-plans.ts";

const platformId = DEFAULT_PLATFORM_ID;
const job = "j" as JobId;
const id = "e" as JobExecutionId;
const workflowId = "w" as WorkflowId;
const after = { at: 5, id };

const PRIMARY_KEY = "sqlite_autoindex_job_executions_1";
const TICKS = "sqlite_autoindex_job_executions_2";

/** What is asked, the call, and the indexes that it goes by. */
type Row = [what: string, call: (stores: Stores) => Promise<unknown>, ...indexes: string[]];

/** Calls that read rows in the order in which the index has them. */
const IN_ORDER: Row[] = [
  ["due jobs", ({ jobs }) => jobs.listDue(5, 10), "scheduled_jobs_due_index"],
  ["the earliest next run", ({ jobs }) => jobs.earliestNextRun(), "scheduled_jobs_due_index"],
  [
    "the earliest next run of a platform",
    ({ jobs }) => jobs.earliestNextRunOf(platformId),
    "scheduled_jobs_next_run_index",
  ],
  ["dead jobs", ({ jobs }) => jobs.listDead(5, 10), "scheduled_jobs_due_index", "scheduled_jobs_unscheduled_index"],
  ["a job by its key", ({ jobs }) => jobs.findByKey(platformId, "k"), "scheduled_jobs_key_unique"],
  [
    "the newest job of a unique key",
    ({ jobs }) => jobs.findLatestByUniqueKey(platformId, "k"),
    "scheduled_jobs_unique_key_index",
  ],
  ["jobs by status counted", ({ jobs }) => jobs.countByStatus(platformId), "scheduled_jobs_status_index"],
  [
    "jobs that ended",
    ({ jobs }) => jobs.deleteFinishedBefore(["completed", "failed"], 5, 10),
    "scheduled_jobs_finished_index",
  ],
  ["a platform's jobs", ({ jobs }) => jobs.list({ platformId }), "scheduled_jobs_platform_index"],
  ["a later page of jobs", ({ jobs }) => jobs.list({ platformId, before: job }), "scheduled_jobs_platform_index"],
  ["jobs by a piece of a name", ({ jobs }) => jobs.list({ platformId, text: "x" }), "scheduled_jobs_platform_index"],
  ["jobs by status", ({ jobs }) => jobs.list({ platformId, statuses: ["active"] }), "scheduled_jobs_status_index"],
  [
    "jobs by several statuses",
    ({ jobs }) => jobs.list({ platformId, statuses: ["active", "pending"] }),
    "scheduled_jobs_platform_index",
  ],
  ["jobs by type", ({ jobs }) => jobs.list({ platformId, types: ["cron"] }), "scheduled_jobs_type_index"],
  ["jobs by handler", ({ jobs }) => jobs.list({ platformId, handlerName: "h" }), "scheduled_jobs_handler_index"],
  ["jobs by tag", ({ jobs }) => jobs.list({ platformId, tags: ["a"] }), "job_tags_tag_index"],
  ["jobs by tags", ({ jobs }) => jobs.list({ platformId, tags: ["a", "b"] }), "job_tags_tag_index"],
  ["jobs by tag in all platforms", ({ jobs }) => jobs.list({ tags: ["a"] }), "job_tags_tag_index"],
  ["versions of a job", ({ jobs }) => jobs.listVersions(job), "sqlite_autoindex_job_versions_1"],
  ["ready executions", ({ jobExecutions }) => jobExecutions.listReady(5), "job_executions_ready_index"],
  ["what is waited for", ({ jobExecutions }) => jobExecutions.listWaits(), "job_executions_waiting_index"],
  ["those who wait", ({ jobExecutions }) => jobExecutions.unpark("x", 5), "job_executions_waiting_index", PRIMARY_KEY],
  ["the due of those who wait", ({ jobExecutions }) => jobExecutions.releaseDue(5), "job_executions_due_index"],
  ["the earliest due", ({ jobExecutions }) => jobExecutions.earliestDue(), "job_executions_due_index"],
  ["lost executions", ({ jobExecutions }) => jobExecutions.listLost(5, false, 10), "job_executions_lease_index"],
  ["lost and settled ones", ({ jobExecutions }) => jobExecutions.listLost(5, true, 10), "job_executions_lease_index"],
  ["the earliest lease", ({ jobExecutions }) => jobExecutions.earliestForeignLease("w"), "job_executions_lease_index"],
  ["the record of a tick", ({ jobExecutions }) => jobExecutions.hasTick(job, 5), TICKS],
  ["open executions of a job", ({ jobExecutions }) => jobExecutions.listOpen(job), "job_executions_unsuccessful_index"],
  [
    "one open execution of a job",
    ({ jobExecutions }) => jobExecutions.hasOpen(job),
    "job_executions_unsuccessful_index",
  ],
  [
    "a job's pending executions",
    ({ jobExecutions }) => jobExecutions.holdJob(job, "x", 1),
    "job_executions_unsuccessful_index",
  ],
  [
    "a job's pending ticks",
    ({ jobExecutions }) => jobExecutions.deletePendingTicks(job),
    "job_executions_unsuccessful_index",
  ],
  ["a lease", ({ jobExecutions }) => jobExecutions.renewLeases([{ id, leaseToken: 1 }], 5), PRIMARY_KEY],
  ["jobs by their ids", ({ jobs }) => jobs.findEach([job]), "scheduled_jobs_1"],
  [
    "an execution to claim",
    ({ jobExecutions }) => jobExecutions.claim({ id, workerId: "w", leaseExpiresAt: 5, now: 1 }),
    PRIMARY_KEY,
  ],
  [
    "a claimed execution",
    ({ jobExecutions }) => jobExecutions.changeClaimed({ id, leaseToken: 1 }, { error: "x" }, 1),
    PRIMARY_KEY,
  ],
  [
    "a job's history by status",
    ({ jobHistory }) => jobHistory.list(job, { statuses: ["failed"], after }),
    "job_executions_unsuccessful_index",
  ],
  ["recorded ticks", ({ jobHistory }) => jobHistory.recordedTicks(job, 1, 9), TICKS],
  ["the last durations", ({ jobHistory }) => jobHistory.listDurations(job, 5), TICKS],
  ["dead letters", ({ jobHistory }) => jobHistory.listDeadLetters(platformId), "job_executions_dead_letter_index"],
  [
    "a later page of dead letters",
    ({ jobHistory }) => jobHistory.listDeadLetters(platformId, { after }),
    "job_executions_dead_letter_index",
  ],
  ["executions of a trace", ({ jobHistory }) => jobHistory.listByTrace(platformId, "t"), "job_executions_trace_index"],
  [
    "open executions counted",
    ({ jobHistory }) => jobHistory.countOpen(platformId),
    "job_executions_ready_index",
    "job_executions_waiting_index",
    "job_executions_lease_index",
  ],
  [
    "old executions",
    ({ jobHistory }) => jobHistory.listExpired({ statuses: ["success"], completedBefore: 9, after, limit: 5 }),
    "job_executions_finished_index",
  ],
  ["log lines", ({ jobHistory }) => jobHistory.listLogs(id), "sqlite_autoindex_job_execution_logs_1"],
  [
    "log lines by level",
    ({ jobHistory }) => jobHistory.listLogs(id, { levels: ["warn"], afterSeq: 3 }),
    "sqlite_autoindex_job_execution_logs_1",
  ],
  [
    "enabled handlers of an event",
    ({ eventHandlers }) => eventHandlers.listEnabled(platformId, "e"),
    "event_handlers_event_index",
  ],
  [
    "decisions about a job",
    ({ scheduleDecisions }) => scheduleDecisions.list({ jobId: job }),
    "schedule_decisions_job_index",
  ],
  [
    "decisions about a workflow",
    ({ scheduleDecisions }) => scheduleDecisions.list({ workflowId }),
    "schedule_decisions_workflow_index",
  ],
  [
    "old decisions",
    ({ scheduleDecisions }) => scheduleDecisions.deleteBefore(5, 5),
    "schedule_decisions_decided_index",
  ],
  ["open notifications of a job", ({ notifications }) => notifications.listOpenOfJob(job), "notifications_job_index"],
  ["overdue producers", ({ producerSchedules }) => producerSchedules.listOverdue(5, 5), "producer_schedules_due_index"],
];

/** Calls whose order or grouping no index has: one column for the range and one for the order. */
const SORTED: Row[] = [
  ["the last but some", ({ jobHistory }) => jobHistory.findLastBut(job, 5), TICKS],
  [
    "jobs by the time of their making",
    ({ jobs }) => jobs.list({ platformId, createdFrom: 4, createdBefore: 8 }),
    "scheduled_jobs_created_index",
  ],
  ["jobs by next run", ({ jobs }) => jobs.list({ platformId, nextRunBefore: 5 }), "scheduled_jobs_next_run_index"],
  ["a job's history", ({ jobHistory }) => jobHistory.list(job), TICKS],
  ["a later page of history", ({ jobHistory }) => jobHistory.list(job, { after, from: 1, until: 9 }), TICKS],
  [
    "a job's history by several statuses",
    ({ jobHistory }) => jobHistory.list(job, { statuses: ["failed", "timeout"] }),
    TICKS,
  ],
  [
    "finished executions counted",
    ({ jobHistory }) => jobHistory.countFinished(platformId, 5),
    "job_executions_finished_index",
  ],
  ["handlers of a platform", ({ eventHandlers }) => eventHandlers.list(platformId), "event_handlers_event_index"],
];

/** Deletes: what hangs on the row is found by an index too. */
const DELETES: Row[] = [
  ["executions to delete", ({ jobHistory }) => jobHistory.delete([id]), PRIMARY_KEY, "job_execution_logs"],
  ["jobs to delete", ({ jobs }) => jobs.delete([job]), "scheduled_jobs_1", "notifications_job_index", "job_tags"],
  ["event handlers to delete", ({ eventHandlers }) => eventHandlers.delete(job), "sqlite_autoindex_event_handlers_2"],
];

async function expectIndexes(call: Row[1], indexes: readonly string[]): Promise<string[]> {
  const plan = await explain(call);
  expect(plan.length).toBeGreaterThan(0);
  expect(plan.filter(isFullScan)).toEqual([]);
  for (const index of indexes) expect(plan.join("\n")).toContain(index);
  return plan;
}

describe("how SQLite finds the rows of jobs", () => {
  test.each(IN_ORDER)("%s are found by an index, in its order", async (_what, call, ...indexes) => {
    const plan = await expectIndexes(call, indexes);
    expect(plan.filter(isSort)).toEqual([]);
  });

  test.each(SORTED)("%s are found by an index and sorted", async (_what, call, ...indexes) => {
    await expectIndexes(call, indexes);
  });

  test.each(DELETES)("%s are found by an index, with all that hangs on them", async (_what, call, ...indexes) => {
    await expectIndexes(call, indexes);
  });

  test("the history of a job is sorted only among executions of one time", async () => {
    expect(await explain(({ jobHistory }) => jobHistory.list(job, { after }))).toEqual([
      expect.stringContaining(`USING INDEX ${TICKS} (job_id=? AND scheduled_at<?)`),
      "USE TEMP B-TREE FOR LAST TERM OF ORDER BY",
    ]);
  });
});
