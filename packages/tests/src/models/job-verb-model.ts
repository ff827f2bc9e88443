/** The model of the jobs' execution: claims, attempts, retries, pauses and cancellations, through the verbs of the engine. */
import { deepStrictEqual } from "node:assert/strict";
import type { JobExecution, JobExecutionId, JobId } from "@millrace/db";
import * as fc from "fast-check";
import { newJob } from "../support/job-rows.ts";
import { gives, learns, stepsOf, throws, type BoundStep, type Real } from "./batches.ts";
import { openExecutionGround } from "./execution-ground.ts";
import { AUTO_PAUSE_AFTER, endAttempt, hold, LEASE, RETRY_DELAY, type JobVerbState } from "./job-verb-state.ts";
import type { DrawnOutcome, ModelAttempt, ModelJob } from "./job-verb-state.ts";
import type { BreakStores } from "./ground.ts";
import type { ModelSpecification } from "./model-specification.ts";
import { sortedBy } from "./order.ts";
import { nothing, nowOf, verbsOf } from "./run-verb-steps.ts";

const steps = stepsOf<JobVerbState>();
const nth = fc.nat({ max: 7 });

/** Two jobs that wait for events, so that nothing becomes due by itself: one of them has one attempt at everything. */
export async function openJobGround(breakStores?: BreakStores): Promise<{ real: Real; base: ModelJob[] }> {
  const { real } = await openExecutionGround(breakStores);
  const base: ModelJob[] = [];
  for (const delivery of ["at_least_once", "at_most_once"] as const) {
    const terms = { maxRetries: 2, retryDelayMs: RETRY_DELAY, autoPauseAfter: AUTO_PAUSE_AFTER, delivery };
    const event = { type: "event", eventName: "e", cronExpression: null, overlapPolicy: "allow" } as const;
    const { id, status } = await real.stores.jobs.create(newJob({ ...event, ...terms }), 0);
    base.push({
      id,
      status,
      successes: 0,
      failures: 0,
      inARow: 0,
      maxRetries: 2,
      atMostOnce: delivery === "at_most_once",
    });
  }
  await verbsOf(real).engine.registerJobHandler({ name: "sendReport", handler: async () => undefined });
  return { real, base };
}

const pick = <Row>(rows: ReadonlyMap<string, Row>, index: number): Row | undefined =>
  [...rows.values()].at(-1 - (index % Math.max(1, rows.size)));

/** What the engine keeps to itself. */
const inner = (real: Real) => verbsOf(real).engine["jobHost"]["dispatcher"]["dependencies"];

const runNow = steps("runJobNow", "reads", nth, (index, { state }): BoundStep => {
  const job = pick(state.jobs, index);
  if (!job) return nothing;
  let now = 0;
  return {
    perform: async (real) => {
      now = nowOf(real);
      return (await verbsOf(real).engine.jobs.runJobNow(job.id)).id;
    },
    settle: () => {
      if (job.status === "paused" || job.status === "cancelled") return throws("JobStateError");
      return learns((id: JobExecutionId) => {
        const fresh = { status: "pending", waitsFor: null, dueAt: now, attempt: 0, retryCount: 0 } as const;
        const unclaimed = { leaseToken: 0, leaseExpiresAt: null, cancelRequested: false };
        state.executions.set(id, { ...fresh, ...unclaimed, id, job: job.id });
        return id;
      });
    },
  };
});

const look = steps("look", "reads", fc.integer({ min: 1, max: 3 }), (slots, { state }): BoundStep => {
  let now = 0;
  return {
    perform: async (real) => {
      now = nowOf(real);
      const request = { fire: true, freed: new Map(), slots: () => slots, workerId: "one", admit: () => null };
      const { claims } = await inner(real).intake.look(request);
      return claims?.claimed.map(({ execution }) => execution.id);
    },
    settle: () => {
      const pending = [...state.executions.values()].filter(({ status }) => status === "pending");
      for (const one of pending) if (one.waitsFor === "time" && one.dueAt <= now) one.waitsFor = null;
      const ready = sortedBy(
        pending.filter(({ waitsFor }) => waitsFor === null),
        ({ dueAt }) => dueAt,
        ({ id }) => id,
      ).slice(0, slots);
      for (const one of ready) {
        const claim = { attempt: one.attempt + 1, leaseToken: one.leaseToken + 1, leaseExpiresAt: now + LEASE };
        Object.assign(one, { status: "running", ...claim });
      }
      return gives(ready.map(({ id }) => id));
    },
  };
});

const FAILURE = { message: "it's 😀", type: "Error", stack: null };

function asOutcome(kind: DrawnOutcome, forMs: number) {
  switch (kind) {
    case "success":
      return { kind, result: { ok: true } } as const;
    case "failed":
      return { kind, failure: FAILURE, retry: "backoff" } as const;
    case "never again":
      return { kind: "failed", failure: FAILURE, retry: "never" } as const;
    case "timeout":
    case "lost":
      return { kind, failure: FAILURE } as const;
    case "snoozed":
      return { kind, forMs, reason: "later" } as const;
    case "cancelled":
    case "released":
      return { kind, reason: "asked" } as const;
  }
}

const recordOutcome = steps(
  "recordOutcome",
  "reads",
  fc.record({
    execution: nth,
    token: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 2 }) }),
    outcome: fc.constantFrom<DrawnOutcome[]>(
      ...(["success", "failed", "failed", "failed", "never again", "timeout", "lost", "cancelled"] as const),
      ...(["snoozed", "released"] as const),
    ),
    snoozeMs: fc.constantFrom(0, 5_000),
  }),
  ({ execution: index, token, outcome, snoozeMs }, { state }): BoundStep => {
    const execution = pick(state.executions, index);
    if (!execution) return nothing;
    const leaseToken = token ?? execution.leaseToken;
    let now = 0;
    return {
      perform: async (real) => {
        now = nowOf(real);
        const { stores } = real;
        const row = await stores.jobExecutions.get(execution.id);
        const claimed = { execution: { ...row, leaseToken }, job: await stores.jobs.get(execution.job) };
        const recorded = await inner(real).jobModel.recordOutcome({
          claimed,
          outcome: asOutcome(outcome, snoozeMs),
          logs: [],
        });
        return recorded === "claim lost" ? recorded : recorded.execution.status;
      },
      settle: () => {
        // Who has lost the claim changes nothing.
        if (execution.status !== "running" || execution.leaseToken !== leaseToken) return gives("claim lost");
        endAttempt(state, execution, outcome, snoozeMs, now, state.executions.values());
        return gives(execution.status);
      },
    };
  },
);

const pause = steps("pauseJob", "reads", nth, (index, { state }): BoundStep => {
  const job = pick(state.jobs, index);
  if (!job) return nothing;
  return {
    perform: async (real) => (await verbsOf(real).engine.jobs.pauseJob(job.id)).status,
    settle: () => {
      if (job.status === "cancelled") return throws("JobStateError");
      if (job.status !== "paused") hold(job, state.executions.values());
      job.status = "paused";
      return gives("paused");
    },
  };
});

const resume = steps("resumeJob", "reads", nth, (index, { state }): BoundStep => {
  const job = pick(state.jobs, index);
  if (!job) return nothing;
  let now = 0;
  return {
    perform: async (real) => {
      now = nowOf(real);
      return (await verbsOf(real).engine.jobs.resumeJob(job.id)).status;
    },
    settle: () => {
      if (job.status !== "paused") return throws("JobStateError");
      Object.assign(job, { status: "active", inARow: 0 });
      for (const one of ofJob(state, job.id))
        if (one.status === "pending") one.waitsFor = one.dueAt > now ? "time" : null;
      return gives("active");
    },
  };
});

const ofJob = ({ executions }: JobVerbState, id: JobId) => [...executions.values()].filter(({ job }) => job === id);

function stop(execution: ModelAttempt): void {
  if (execution.status === "running") execution.cancelRequested = true;
  if (execution.status === "pending") Object.assign(execution, { status: "cancelled", waitsFor: null });
}

const cancelExecution = steps("cancelExecution", "reads", nth, (index, { state }): BoundStep => {
  const execution = pick(state.executions, index);
  if (!execution) return nothing;
  return {
    perform: async (real) => (await verbsOf(real).engine.jobs.cancelExecution(execution.id)).status,
    settle: () => {
      if (execution.status !== "running" && execution.status !== "pending") return throws("JobStateError");
      stop(execution);
      return gives(execution.status);
    },
  };
});

const cancelJob = steps("cancelJob", "reads", nth, (index, { state }): BoundStep => {
  const job = pick(state.jobs, index);
  if (!job) return nothing;
  return {
    perform: async (real) => (await verbsOf(real).engine.jobs.cancelJob(job.id)).status,
    settle: () => {
      if (job.status !== "cancelled") for (const one of ofJob(state, job.id)) stop(one);
      job.status = "cancelled";
      return gives("cancelled");
    },
  };
});

const recover = steps("recoverLost", "reads", fc.boolean(), (all, { state }): BoundStep => {
  let now = 0;
  return {
    perform: (real) => {
      now = nowOf(real);
      return inner(real).recovery.recoverLost(all, [], () => false);
    },
    settle: () => {
      const running = [...state.executions.values()].filter(({ status }) => status === "running");
      const lost = running.filter(({ leaseExpiresAt }) => all || (leaseExpiresAt !== null && leaseExpiresAt <= now));
      for (const one of sortedBy(lost, ({ leaseExpiresAt }) => leaseExpiresAt ?? 0))
        endAttempt(state, one, "lost", 0, now, state.executions.values());
      return gives(lost.length);
    },
  };
});

const timePasses = steps("time passes", "reads", fc.constantFrom(1, 5_000, 31_000, 130_000), (span): BoundStep => ({
  perform: async (real) => verbsOf(real).clock.jumpTo(nowOf(real) + span),
  settle: () => gives(undefined),
}));

export const jobVerbModel: ModelSpecification<JobVerbState, ModelJob[]> = {
  name: "the execution of jobs",
  steps: fc.oneof(
    ...[runNow, look, recordOutcome, timePasses].map((arbitrary) => ({ weight: 5, arbitrary })),
    ...[pause, resume, resume, cancelExecution, recover].map((arbitrary) => ({ weight: 2, arbitrary })),
    { weight: 1, arbitrary: cancelJob },
  ),
  modes: ["alone"],
  comparesAlways: true,
  begin: (jobs) => ({ jobs: new Map(jobs.map((job) => [job.id, { ...job }])), executions: new Map() }),
  async compare({ stores }, { jobs, executions }) {
    for (const { id, status, successes, failures, inARow } of jobs.values()) {
      const row = await stores.jobs.get(id);
      const counts = [row.successCount, row.failureCount, row.consecutiveFailures];
      deepStrictEqual([row.status, ...counts], [status, successes, failures, inARow]);
      const found = await stores.jobHistory.list(id, { limit: 10_000 });
      const own = [...executions.values()].filter(({ job }) => job === id);
      deepStrictEqual(
        sortedBy(found, (one) => one.id).map(describeRow),
        sortedBy(own, (one) => one.id),
      );
    }
  },
};

const describeRow = (row: JobExecution): ModelAttempt => ({
  id: row.id,
  job: row.jobId,
  status: row.status,
  waitsFor: row.waitsFor,
  dueAt: row.dueAt,
  attempt: row.attempt,
  retryCount: row.retryCount,
  leaseToken: row.leaseToken,
  leaseExpiresAt: row.leaseExpiresAt,
  cancelRequested: row.cancelRequestedAt !== null,
});
