/** What is not as it should be in a database of workflows and jobs, and is nobody's question yet. */
import type { Stores } from "@millrace/db";
import type { Policy } from "./policy.ts";

/** Rows of one kind that are not as they should be, up to a thousand of them. */
export interface Diagnosis {
  /** Actions on the outside world whose outcome nobody knows. */
  unresolvedMutations: string[];
  /** Workflows that have stopped, with the reason. */
  stoppedWorkflows: { name: string; error: string }[];
  /** Jobs that are enabled but do not tick. */
  deadJobs: { id: string; name: string }[];
  /** Producers whose time has long passed, as `<workflow>.<producer>`. */
  deadProducers: string[];
  /** Executions that nobody who still lives holds. */
  stuckExecutions: string[];
  /** Runs that are active though no engine runs them. */
  stuckRuns: string[];
  openNotifications: number;
}

const MOST = 1_000;

/** @param engineRuns whether an engine runs the database now: what waits for one to start is not stuck then */
export async function diagnose(
  stores: Stores,
  { now, policy, engineRuns }: { now: number; policy: Policy["jobs"]; engineRuns: boolean },
): Promise<Diagnosis> {
  const longAgo = now - policy.watchdog.overdueMs;
  const [mutations, workflows, deadJobs, producers, notifications] = await Promise.all([
    stores.mutations.list({ statuses: ["indeterminate"], limit: MOST }),
    stores.workflows.list(),
    // Where no engine runs nothing is taken: that is said once, not of each schedule.
    stores.jobs.listDead(engineRuns ? longAgo : 0, MOST),
    engineRuns ? stores.producerSchedules.listOverdue(longAgo, MOST) : [],
    stores.notifications.listOpen(),
  ]);
  const active = workflows.filter(({ status }) => status === "active");
  const nameOf = new Map(active.map(({ id, name }) => [id, name]));
  const executions = await stores.jobExecutions.listLost(engineRuns ? now - policy.leaseMs : now, false, MOST);
  const runs = engineRuns ? [] : await stores.handlerRuns.list({ status: "active", limit: MOST });
  return {
    // One that a person has left open on purpose asks for nothing.
    unresolvedMutations: mutations.filter(({ resolution }) => resolution === null).map(({ id }) => id),
    stoppedWorkflows: active.flatMap(({ name, error }) => (error === null ? [] : [{ name, error }])),
    deadJobs: deadJobs.map(({ id, name }) => ({ id, name })),
    deadProducers: producers.flatMap(({ workflowId, producerName }) => {
      const workflow = nameOf.get(workflowId);
      return workflow === undefined ? [] : [`${workflow}.${producerName}`];
    }),
    stuckExecutions: executions.map(({ id }) => id),
    stuckRuns: runs.map(({ id }) => id),
    openNotifications: notifications.length,
  };
}
