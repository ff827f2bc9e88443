/** Commands that write executions. */
import {
  EXECUTION_STATUSES,
  type ExecutionStatus,
  type JobExecution,
  type JobExecutionId,
  type JobExecutionPatch,
  type JobId,
} from "@millrace/db";
import * as fc from "fast-check";
import { newExecution } from "../support/job-rows.ts";
import { gives, learns, stepsOf, throws, type BoundStep } from "./batches.ts";
import { asStored, choice, drawnJson, LIMITS, name, time } from "./drawn-values.ts";
import {
  byRank,
  forgetExecution,
  isConsistent,
  isOver,
  mayBecome,
  pendingIn,
  type ExecutionState,
} from "./job-execution-state.ts";

const steps = stepsOf<ExecutionState>();
const json = drawnJson(LIMITS.payloadBytes);
const waitsFor = fc.constantFrom("time", "resume", "limit it's", "handler 😀");
const stranger = throws("ConstraintViolationError", { kind: "foreign key" });
const broken = throws("ConstraintViolationError", { kind: "check" });
const missing = (id: JobExecutionId) => throws("NotFoundError", { table: "job_executions", key: id });

const create = steps(
  "create execution",
  "write",
  fc.record({
    job: choice,
    scheduledAt: time,
    rank: time,
    occurrence: fc.constantFrom("", "", "x", "y"),
    eventId: fc.option(name, { freq: 2 }),
    waitsFor: fc.option(waitsFor, { freq: 2 }),
    status: fc.constantFrom("pending", "pending", "pending", "skipped", "running"),
    payload: json,
    now: time,
  }),
  ({ job, payload, now, ...drawn }, model): BoundStep => {
    const jobId = model.known.pick<JobId>("job", job);
    const owner = model.state.jobs.get(jobId) ?? [...model.state.jobs.values()][0];
    if (!owner) return nothing;
    const completedAt = isOver(drawn.status) ? now : null;
    // What no JSON value is must be refused.
    const given = newExecution(owner, {
      ...drawn,
      jobId,
      completedAt,
      payload: payload.value as JobExecution["payload"],
    });
    return {
      perform: ({ stores }, tx) => stores.jobExecutions.create(given, now, tx),
      settle: () => {
        if (payload.value !== undefined && payload.refusedAs !== null) return throws(payload.refusedAs);
        const { executions, logs, jobs } = model.state;
        const isRecorded = [...executions.values()].some(
          (row) =>
            row.jobId === jobId &&
            ((row.scheduledAt === drawn.scheduledAt && row.occurrence === drawn.occurrence) ||
              (drawn.eventId !== null && row.eventId === drawn.eventId)),
        );
        const fresh = { ...UNCLAIMED, ...given, createdAt: now, updatedAt: now };
        // A running one has a lease, which only a claim gives.
        if (!isConsistent({ ...fresh, id: "" as JobExecutionId })) return broken;
        if (isRecorded) return gives(null);
        if (!jobs.has(jobId)) return stranger;
        return learns(({ id }: JobExecution) => {
          model.known.learn("execution", id);
          const stored = asStored(payload.value ?? null) as JobExecution["payload"];
          executions.set(id, { ...fresh, id, payload: stored });
          logs.set(id, []);
          return { ...fresh, id };
        });
      },
    };
  },
);

/** Where there is no job left to make one of. */
const nothing: BoundStep = { perform: async () => undefined, settle: () => gives(undefined) };

const UNCLAIMED = {
  attempt: 0,
  retryCount: 0,
  nextRetryAt: null,
  workerId: null,
  leaseToken: 0,
  leaseExpiresAt: null,
  unsettled: false,
  startedAt: null,
  durationMs: null,
  result: null,
  error: null,
  errorType: null,
  errorStack: null,
  cancelRequestedAt: null,
  spanId: null,
  redrivenBy: null,
} as const;

const claim = steps(
  "claim",
  "write",
  fc.record({ execution: choice, workerId: fc.constantFrom("one", "two"), leaseExpiresAt: time, now: time }),
  ({ execution, ...given }, model): BoundStep => {
    const id = model.known.pick<JobExecutionId>("execution", execution);
    return {
      perform: ({ stores }, tx) => stores.jobExecutions.claim({ id, ...given }, tx),
      settle: () => {
        const row = model.state.executions.get(id);
        if (row?.status !== "pending" || row.waitsFor !== null) return gives(null);
        const { workerId, leaseExpiresAt, now } = given;
        Object.assign(row, {
          status: "running",
          workerId,
          leaseToken: row.leaseToken + 1,
          leaseExpiresAt,
          unsettled: false,
          attempt: row.attempt + 1,
          startedAt: now,
          nextRetryAt: null,
          updatedAt: now,
        });
        return gives(structuredClone(row));
      },
    };
  },
);

/** What is written beside a status, so that the row is whole; now and then something is left out. */
function patchTo(status: ExecutionStatus, now: number, whole: boolean): JobExecutionPatch {
  if (status === "running") return { status };
  return { status, workerId: null, ...(whole && { leaseExpiresAt: null }), completedAt: isOver(status) ? now : null };
}

const status = fc.constantFrom<ExecutionStatus[]>(...EXECUTION_STATUSES);
const mostly = fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });

const changeClaimed = steps(
  "changeClaimed",
  "write",
  fc.record({
    execution: choice,
    token: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 2 }) }),
    to: fc.option(fc.oneof(status, fc.constant<ExecutionStatus>("pending"))),
    whole: mostly,
    result: json,
    now: time,
  }),
  ({ execution, token, to, whole, result, now }, model): BoundStep => {
    const id = model.known.pick<JobExecutionId>("execution", execution);
    const leaseToken = token ?? model.state.executions.get(id)?.leaseToken ?? 1;
    const plain = to === null ? { unsettled: true } : patchTo(to, now, whole);
    // As above.
    const patch = { ...plain, result: result.value as JobExecution["result"] };
    return {
      perform: ({ stores }, tx) => stores.jobExecutions.changeClaimed({ id, leaseToken }, patch, now, tx),
      settle: () => {
        if (to !== null && !mayBecome("running", to)) return throws("IllegalTransitionError", { from: "running", to });
        if (result.value !== undefined && result.refusedAs !== null) return throws(result.refusedAs);
        const row = model.state.executions.get(id);
        // Whoever has lost the claim changes nothing.
        if (row?.status !== "running" || row.leaseToken !== leaseToken) return gives(false);
        const stored = result.value === undefined ? {} : { result: asStored(result.value) as JobExecution["result"] };
        const after = { ...row, ...plain, ...stored, updatedAt: now };
        if (!isConsistent(after)) return broken;
        Object.assign(row, after);
        return gives(true);
      },
    };
  },
);

const change = steps(
  "change execution",
  "write",
  fc.record({
    execution: choice,
    seenAs: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: status }),
    to: fc.option(status),
    whole: mostly,
    now: time,
  }),
  ({ execution, seenAs, to, whole, now }, model): BoundStep => {
    const id = model.known.pick<JobExecutionId>("execution", execution);
    const seen = { id, status: seenAs ?? model.state.executions.get(id)?.status ?? "pending" };
    const ended = to === null ? { cancelRequestedAt: now, reason: "asked" } : patchTo(to, now, whole);
    const patch = { ...ended, ...(to !== null && whole && { waitsFor: null }) };
    return {
      perform: ({ stores }, tx) => stores.jobExecutions.change(seen, patch, now, tx),
      settle: () => {
        const stays = to === null || (to === seen.status && !isOver(to));
        if (stays ? isOver(seen.status) : !mayBecome(seen.status, to)) return throws("IllegalTransitionError");
        const row = model.state.executions.get(id);
        if (!row) return missing(id);
        if (row.status !== seen.status)
          return throws("TransitionConflictError", { expected: seen.status, actual: row.status });
        const after = { ...row, ...patch, updatedAt: now };
        if (!isConsistent(after)) return broken;
        Object.assign(row, after);
        return gives(undefined);
      },
    };
  },
);

const renew = steps(
  "renewLeases",
  "write",
  fc.record({
    claims: fc.uniqueArray(fc.record({ execution: choice, stale: fc.boolean() }), {
      maxLength: 3,
      selector: ({ execution }) => execution,
    }),
    until: time,
  }),
  ({ claims, until }, model): BoundStep => {
    const given = claims.map(({ execution, stale }) => {
      const id = model.known.pick<JobExecutionId>("execution", execution);
      return { id, leaseToken: (model.state.executions.get(id)?.leaseToken ?? 0) - Number(stale) };
    });
    return {
      perform: ({ stores }, tx) => stores.jobExecutions.renewLeases(given, until, tx),
      settle: () => {
        const held = given.flatMap(({ id, leaseToken }) => {
          const row = model.state.executions.get(id);
          if (row?.status !== "running" || row.leaseToken !== leaseToken) return [];
          row.leaseExpiresAt = until;
          return [[id, { cancelRequested: row.cancelRequestedAt !== null }] as const];
        });
        return gives(new Map(held));
      },
    };
  },
);

const park = steps(
  "park",
  "write",
  fc.record({ execution: choice, waitsFor, now: time }),
  (drawn, model): BoundStep => {
    const id = model.known.pick<JobExecutionId>("execution", drawn.execution);
    return {
      perform: ({ stores }, tx) => stores.jobExecutions.park(id, drawn.waitsFor, drawn.now, tx),
      settle: () => {
        const row = model.state.executions.get(id);
        if (row?.status !== "pending") return gives(0);
        Object.assign(row, { waitsFor: drawn.waitsFor, updatedAt: drawn.now });
        return gives(1);
      },
    };
  },
);

const unpark = steps(
  "unpark",
  "write",
  fc.record({ waitsFor, limit: fc.nat({ max: 2 }) }),
  ({ waitsFor: reason, limit }, model): BoundStep => ({
    perform: ({ stores }, tx) => stores.jobExecutions.unpark(reason, limit, tx),
    settle: () => {
      const waiting = byRank(pendingIn(model.state).filter((row) => row.waitsFor === reason)).slice(0, limit);
      for (const row of waiting) row.waitsFor = null;
      return gives(waiting.length);
    },
  }),
);

const holdJob = steps(
  "holdJob",
  "write",
  fc.record({ job: choice, waitsFor: fc.option(waitsFor, { freq: 2 }), now: time }),
  ({ job, waitsFor: reason, now }, model): BoundStep => {
    const jobId = model.known.pick<JobId>("job", job);
    return {
      perform: ({ stores }, tx) => stores.jobExecutions.holdJob(jobId, reason, now, tx),
      settle: () => {
        const own = pendingIn(model.state).filter((row) => row.jobId === jobId);
        for (const row of own)
          Object.assign(row, { waitsFor: reason ?? (row.dueAt > now ? "time" : null), updatedAt: now });
        return gives(own.length);
      },
    };
  },
);

const releaseDue = steps("releaseDue", "write", time, (now, model): BoundStep => ({
  perform: ({ stores }, tx) => stores.jobExecutions.releaseDue(now, tx),
  settle: () => {
    const due = pendingIn(model.state).filter((row) => row.waitsFor === "time" && row.dueAt <= now);
    for (const row of due) row.waitsFor = null;
    return gives(due.length);
  },
}));

const redrive = steps(
  "markRedriven",
  "write",
  fc.record({ execution: choice, by: choice, now: time }),
  ({ execution, by, now }, model): BoundStep => {
    const [id, other] = [execution, by].map((one) => model.known.pick<JobExecutionId>("execution", one));
    if (id === undefined || other === undefined) return nothing;
    return {
      perform: ({ stores }, tx) => stores.jobExecutions.markRedriven(id, other, now, tx),
      settle: () => {
        const row = model.state.executions.get(id);
        if (!row) return missing(id);
        Object.assign(row, { redrivenBy: other, updatedAt: now });
        return gives(undefined);
      },
    };
  },
);

const deleteTicks = steps("deletePendingTicks", "write", choice, (job, model): BoundStep => {
  const jobId = model.known.pick<JobId>("job", job);
  return {
    perform: ({ stores }, tx) => stores.jobExecutions.deletePendingTicks(jobId, tx),
    settle: () => {
      const own = pendingIn(model.state).filter(
        (row) => row.jobId === jobId && row.origin === "schedule" && row.attempt === 0,
      );
      for (const { id } of own) forgetExecution(model.state, id);
      return gives(own.length);
    },
  };
});

const appendLogs = steps(
  "append lines",
  "write",
  fc.record({
    execution: choice,
    lines: fc.array(
      fc.record({ attempt: fc.constant(1), timestamp: time, level: fc.constantFrom("info", "error"), message: name }),
      {
        maxLength: 3,
      },
    ),
  }),
  ({ execution, lines }, model): BoundStep => {
    const id = model.known.pick<JobExecutionId>("execution", execution);
    const given = lines.map((line) => ({ ...line, data: { said: line.message } }));
    return {
      perform: ({ stores }, tx) => stores.jobHistory.appendLogs(id, given, tx),
      settle: () => {
        const own = model.state.logs.get(id);
        if (!own && lines.length > 0) return stranger;
        for (const line of given) own?.push({ ...line, seq: own.length + 1 });
        return gives(undefined);
      },
    };
  },
);

export const executionWrites = [
  create,
  create,
  create,
  claim,
  claim,
  claim,
  claim,
  claim,
  changeClaimed,
  changeClaimed,
  changeClaimed,
  change,
  changeClaimed,
  renew,
  renew,
  park,
  unpark,
  holdJob,
  releaseDue,
  redrive,
  deleteTicks,
  appendLogs,
] as const;
