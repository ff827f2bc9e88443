/** The model of executions: ticks, claims with their fencing tokens, leases, and what waits. */
import { deepStrictEqual } from "node:assert/strict";
import type { JobExecution, JobExecutionId, JobId } from "@millrace/db";
import * as fc from "fast-check";
import { gives, oftenAndRarely, stepsOf, type BoundStep } from "./batches.ts";
import { choice, time } from "./drawn-values.ts";
import { byRank, forgetExecution, pendingIn, runningIn, type ExecutionState } from "./job-execution-state.ts";
import { executionWrites } from "./job-execution-steps.ts";
import type { ModelSpecification } from "./model-specification.ts";
import { sortedBy } from "./order.ts";

const steps = stepsOf<ExecutionState>();
const least = (times: number[]) => (times.length > 0 ? Math.min(...times) : null);
const byId = <Row extends { id: string }>(rows: readonly Row[]) => sortedBy(rows, ({ id }) => id);

const readReady = steps("what is ready and what waits", "reads", fc.nat({ max: 4 }), (limit, model): BoundStep => ({
  perform: async ({ stores: { jobExecutions } }, tx) => ({
    ready: await jobExecutions.listReady(limit, tx),
    waits: (await jobExecutions.listWaits(tx)).toSorted(),
    earliest: await jobExecutions.earliestDue(tx),
  }),
  settle: () => {
    const pending = pendingIn(model.state);
    const ready = byRank(pending.filter(({ waitsFor }) => waitsFor === null)).slice(0, limit);
    return gives({
      ready: ready.map(({ id, jobId, concurrencyKey }) => ({ id, jobId, concurrencyKey })),
      waits: [...new Set(pending.flatMap(({ waitsFor }) => waitsFor ?? []))].toSorted(),
      earliest: least(pending.flatMap(({ waitsFor, dueAt }) => (waitsFor === "time" ? [dueAt] : []))),
    });
  },
}));

const readLeases = steps(
  "who is lost",
  "reads",
  fc.record({ by: time, settledOnly: fc.boolean() }),
  ({ by, settledOnly }, model): BoundStep => ({
    perform: async ({ stores: { jobExecutions } }, tx) => ({
      lost: byId(await jobExecutions.listLost(by, settledOnly, 100, tx)),
      foreign: await jobExecutions.earliestForeignLease("one", tx),
    }),
    settle: () => {
      const running = runningIn(model.state);
      const leaseOf = ({ leaseExpiresAt }: JobExecution) => leaseExpiresAt ?? Number.POSITIVE_INFINITY;
      const lost = running.filter((row) => leaseOf(row) <= by && !(settledOnly && row.unsettled));
      const foreign = running.filter(({ workerId }) => workerId !== null && workerId !== "one");
      return gives({ lost: byId(lost), foreign: least(foreign.map(leaseOf)) });
    },
  }),
);

const readJob = steps(
  "executions of a job",
  "reads",
  fc.record({ job: choice, at: time }),
  ({ job, at }, model): BoundStep => {
    const jobId = model.known.pick<JobId>("job", job);
    return {
      perform: async ({ stores: { jobExecutions, jobHistory } }, tx) => ({
        open: byId(await jobExecutions.listOpen(jobId, tx)),
        hasOpen: await jobExecutions.hasOpen(jobId, tx),
        hasTick: await jobExecutions.hasTick(jobId, at, tx),
        ticks: await jobHistory.recordedTicks(jobId, 0, at, tx),
      }),
      settle: () => {
        const own = [...model.state.executions.values()].filter((row) => row.jobId === jobId);
        const open = own.filter(({ status }) => status === "pending" || status === "running");
        const ticks = own.flatMap(({ occurrence, scheduledAt }) => (occurrence === "" ? [scheduledAt] : []));
        return gives({
          open: byId(open.map(({ id, status }) => ({ id, status }))),
          hasOpen: open.length > 0,
          hasTick: ticks.includes(at),
          ticks: new Set(ticks.filter((tick) => tick <= at).toSorted((one, other) => one - other)),
        });
      },
    };
  },
);

const readOne = steps("get execution", "read", choice, (execution, model): BoundStep => {
  const id = model.known.pick<JobExecutionId>("execution", execution);
  return {
    perform: ({ stores }, tx) => stores.jobExecutions.find(id, tx),
    settle: () => gives(structuredClone(model.state.executions.get(id) ?? null)),
  };
});

/** Executions and their lines go with their job. */
const deleteJob = steps("delete job", "write", choice, (job, model): BoundStep => {
  const jobId = model.known.pick<JobId>("job", job);
  return {
    perform: ({ stores }, tx) => stores.jobs.delete([jobId], tx),
    settle: () => {
      for (const row of model.state.executions.values()) if (row.jobId === jobId) forgetExecution(model.state, row.id);
      return gives(Number(model.state.jobs.delete(jobId)));
    },
  };
});

export const jobExecutionModel: ModelSpecification<ExecutionState> = {
  name: "executions of jobs",
  steps: oftenAndRarely([...executionWrites, readReady, readLeases, readJob, readOne], [deleteJob]),
  begin({ jobs }, known) {
    for (const { id } of jobs) known.learn("job", id);
    return {
      executions: new Map(),
      logs: new Map(),
      jobs: new Map(jobs.map((job) => [job.id, structuredClone(job)])),
    };
  },
  async compare({ stores: { jobHistory } }, { executions, logs, jobs }) {
    for (const jobId of jobs.keys()) {
      const own = sortedBy(
        [...executions.values()].filter((row) => row.jobId === jobId),
        ({ scheduledAt }) => scheduledAt,
        ({ id }) => id,
      );
      deepStrictEqual((await jobHistory.list(jobId, { limit: 10_000 })).toReversed(), own);
    }
    for (const [id, lines] of logs) deepStrictEqual(await jobHistory.listLogs(id), lines);
  },
};
