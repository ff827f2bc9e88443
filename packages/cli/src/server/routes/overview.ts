/** All at a glance. Nothing is counted but what is open or in the span; see the agent's `inspection/activity.ts`. */
import { createStores, type Notification, type PlatformId, type Stores } from "@millrace/db";
import { showOverview } from "../contract/overview.ts";
import { implement } from "../implementation.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const NEWEST = 5;
const MOST_UPCOMING = 50;

export const OVERVIEW_IMPLEMENTATIONS = [
  implement(showOverview, async ({ query }, { database, engine, principal }) => {
    const { platformId } = principal;
    const stores = createStores(database);
    const [total, newest, byStatus, activity, mutations, upcoming] = await Promise.all([
      stores.counts.openNotifications(platformId),
      newestNotifications(stores, platformId),
      stores.counts.workflows(platformId),
      engine.activityOverTime(platformId, query.span ?? "day"),
      stores.mutations.countsByStatus(platformId),
      engine.upcomingRuns(platformId, { withinMs: DAY_MS, limit: MOST_UPCOMING }),
    ]);
    const sum = (counts: readonly number[]) => counts.reduce((one, other) => one + other, 0);
    return {
      attention: { total, newest },
      workflows: {
        total: sum(byStatus.map(({ count }) => count)),
        byStatus,
        withError: sum(byStatus.map(({ withError }) => withError)),
      },
      activity,
      outputs: {
        unknown: mutations.needs_reconcile + mutations.indeterminate,
        awaitingApproval: mutations.pending,
        failed: mutations.failed,
      },
      upcoming,
    };
  }),
];

async function newestNotifications(stores: Stores, platformId: PlatformId) {
  const notifications = await stores.notifications.list({ platformId, open: true, limit: NEWEST });
  return Promise.all(notifications.map((notification) => withSubject(stores, notification)));
}

/** A notification with what it is about. */
async function withSubject(stores: Stores, notification: Notification) {
  const { workflowId, jobId, mutationId } = notification;
  const [workflow, job, mutation] = await Promise.all([
    workflowId === null ? null : stores.workflows.find(workflowId),
    jobId === null ? null : stores.jobs.find(jobId),
    mutationId === null ? null : stores.mutations.find(mutationId),
  ]);
  const named = workflow && { id: workflow.id, name: workflow.name };
  return {
    ...notification,
    workflow: named,
    job: job && { id: job.id, name: job.name },
    mutation: mutation && named && { ...mutation, workflow: named, runId: mutation.handlerRunId },
  };
}
