import { DEFAULT_PLATFORM_ID, type Stores } from "@millrace/db";
import { expect, test } from "vitest";
import { explain } from "../support/query-plans.ts";

const platformId = DEFAULT_PLATFORM_ID;
const bounds = { until: 5, limit: 10 };

const CALLS: [what: string, call: (stores: Stores) => Promise<unknown>, index: string][] = [
  ["due producers", ({ upcoming }) => upcoming.listProducers(platformId, bounds), "producer_schedules_due_index"],
  ["consumers to wake", ({ upcoming }) => upcoming.listWakes(platformId, bounds), "handler_state_wake_index"],
  ["retries", ({ upcoming }) => upcoming.listRetries(platformId, bounds), "workflows_retry_index"],
  ["due jobs", ({ upcoming }) => upcoming.listJobs(platformId, bounds), "scheduled_jobs_next_run_index"],
  ["open notifications", ({ counts }) => counts.openNotifications(platformId), "notifications_open"],
  ["pending events", ({ counts }) => counts.pendingEvents(platformId), "events_pending_index"],
  [
    "executions that ended",
    ({ counts }) => counts.endedExecutions(platformId, 1, 5),
    "job_executions_finished_index (completed_at>? AND completed_at<?)",
  ],
];

test.each(CALLS)("%s are found in their index", async (_what, call, index) => {
  const plan = await explain(call);
  expect(plan.join("\n")).toContain(index);
  // The parts of a list come in the order of their index.
  expect(plan.filter((step) => step.includes("TEMP B-TREE"))).toEqual([]);
});
