/** All at a glance. Nothing is counted but what is open or in the span; see the agent's `inspection/activity.ts`. */
import { showOverview } from "../contract/overview.ts";
import { implement } from "../implementation.ts";
import { inspect } from "./inspect.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const NEWEST = 5;
const MOST_UPCOMING = 50;

export const OVERVIEW_IMPLEMENTATIONS = [
  implement(showOverview, async ({ query }, context) => {
    const { stores, engine, principal } = context;
    const { platformId } = principal;
    const [total, newest, byStatus, activity, mutations, upcoming] = await Promise.all([
      stores.counts.openNotifications(platformId),
      inspect(context).attention({ state: "open", limit: NEWEST }),
      stores.counts.workflows(platformId),
      engine.activityOverTime(platformId, query.span ?? "day"),
      stores.mutations.countsByStatus(platformId),
      engine.upcomingRuns(platformId, { withinMs: DAY_MS, limit: MOST_UPCOMING }),
    ]);
    const sum = (counts: readonly number[]) => counts.reduce((one, other) => one + other, 0);
    return {
      attention: { total, newest: newest.items },
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
