/** Commands that write jobs. */
import {
  JOB_STATUSES,
  type EventHandler,
  type Job,
  type JobId,
  type JobPatch,
  type JobVersion,
  type PlatformId,
  type ScheduleDecision,
} from "@millrace/db";
import * as fc from "fast-check";
import { newJob } from "../support/job-rows.ts";
import { gives, learns, stepsOf, throws, type BoundStep, type Expectation } from "./batches.ts";
import { asStored, choice, choices, drawnJson, LIMITS, name, time, sometimes } from "./drawn-values.ts";
import { forgetJob, isOpen, mayBecome, mayHaveNextRun, type JobState } from "./job-state.ts";

const steps = stepsOf<JobState>();
const json = drawnJson(LIMITS.payloadBytes);
const status = fc.constantFrom(...JOB_STATUSES);
const nextRun = fc.option(time);
const tags = fc.array(fc.constantFrom("a", "b", "it's"), { maxLength: 3 });
const stranger = throws("ConstraintViolationError", { kind: "foreign key" });
const missing = (id: JobId) => throws("NotFoundError", { table: "scheduled_jobs", key: id });

const create = steps(
  "create job",
  "write",
  fc.record({
    platform: choice,
    key: fc.option(name),
    status,
    nextRun,
    payload: json,
    tags,
    uniqueKey: fc.option(name),
    now: time,
  }),
  ({ platform, payload, now, ...drawn }, model): BoundStep => {
    const platformId = model.known.pick<PlatformId>("platform", platform);
    // What no JSON value is must be refused.
    const given = newJob({ ...drawn, platformId, payload: payload.value as Job["payload"] });
    return {
      perform: ({ stores }, tx) => stores.jobs.create(given, now, tx),
      settle: () => {
        if (payload.refusedAs !== null && payload.value !== undefined) return throws(payload.refusedAs);
        const { jobs, platforms, versions, decisions } = model.state;
        if (!mayHaveNextRun(given)) return throws("ConstraintViolationError", { kind: "check" });
        const rivals = [...jobs.values()].filter((job) => job.platformId === platformId && job.key === drawn.key);
        if (drawn.key !== null && rivals.length > 0) return throws("ConstraintViolationError", { kind: "unique" });
        if (!platforms.includes(platformId)) return stranger;
        return learns((job: Job) => {
          model.known.learn("job", job.id);
          const fresh = { ...given, ...UNUSED, id: job.id, createdAt: now, updatedAt: now };
          jobs.set(job.id, { ...fresh, payload: asStored(payload.value ?? null) as Job["payload"] });
          versions.set(job.id, []);
          decisions.set(job.id, []);
          return fresh;
        });
      },
    };
  },
);

const UNUSED = {
  version: 1,
  pauseNote: null,
  pausedAt: null,
  runCount: 0,
  executionCount: 0,
  successCount: 0,
  failureCount: 0,
  consecutiveFailures: 0,
  totalDurationMs: 0,
  lastRun: null,
} as const;

/** An update of a row that is there; the constraints of the schema hold for what comes of it. */
function applyPatch(job: Job, patch: JobPatch, payload: ReturnType<typeof asPayload>, now: number): Expectation {
  const after = { ...job, ...patch, ...payload, updatedAt: now };
  if (!mayHaveNextRun(after)) return throws("ConstraintViolationError", { kind: "check" });
  Object.assign(job, after);
  return gives(undefined);
}

const asPayload = (value: unknown) => (value === undefined ? {} : { payload: asStored(value) as Job["payload"] });

const change = steps(
  "change job",
  "write",
  fc.record({
    job: choice,
    seenAs: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: status }),
    patch: fc.record({ status, nextRun, tags, pauseNote: fc.option(name), finishedAt: nextRun }, { requiredKeys: [] }),
    payload: sometimes(json),
    now: time,
  }),
  ({ job, seenAs, patch, payload, now }, model): BoundStep => {
    const id = model.known.pick<JobId>("job", job);
    const seen = { id, name: "j", status: seenAs ?? model.state.jobs.get(id)?.status ?? "active" };
    // As above.
    const given: JobPatch = { ...patch, ...(payload && { payload: payload.value as Job["payload"] }) };
    return {
      perform: ({ stores }, tx) => stores.jobs.change(seen, given, now, tx),
      settle: () => {
        const { status: to } = patch;
        if (to !== undefined && to !== seen.status && !mayBecome(seen.status, to))
          return throws("IllegalTransitionError", { from: seen.status, to });
        if (payload && payload.value !== undefined && payload.refusedAs !== null) return throws(payload.refusedAs);
        const row = model.state.jobs.get(id);
        if (!row) return missing(id);
        if (row.status !== seen.status)
          return throws("TransitionConflictError", { expected: seen.status, actual: row.status });
        return applyPatch(row, patch, asPayload(payload?.value), now);
      },
    };
  },
);

const advance = steps(
  "advance job",
  "write",
  fc.record({ job: choice, seenAt: fc.option(time), nextRun, runCount: fc.nat({ max: 9 }), now: time }),
  ({ job, seenAt, nextRun: following, runCount, now }, model): BoundStep => {
    const id = model.known.pick<JobId>("job", job);
    const seen = seenAt ?? model.state.jobs.get(id)?.nextRun ?? 0;
    const patch = { nextRun: following, runCount };
    return {
      perform: ({ stores }, tx) => stores.jobs.advance({ id, name: "j", nextRun: seen }, patch, now, tx),
      settle: () => {
        const row = model.state.jobs.get(id);
        if (!row) return missing(id);
        if (row.nextRun !== seen) return throws("TransitionConflictError", { table: "scheduled_jobs", id });
        return applyPatch(row, patch, {}, now);
      },
    };
  },
);

const recordOutcome = steps(
  "recordOutcome",
  "write",
  fc.record({
    job: choice,
    succeeded: fc.option(fc.boolean()),
    durationMs: time,
    startedAt: time,
    endsJobAs: fc.option(fc.constantFrom("completed", "failed")),
    version: fc.integer({ min: 1, max: 2 }),
    now: time,
  }),
  ({ job, now, ...outcome }, model): BoundStep => {
    const id = model.known.pick<JobId>("job", job);
    return {
      perform: ({ stores }, tx) => stores.jobs.recordOutcome(id, outcome, now, tx),
      settle: () => {
        const row = model.state.jobs.get(id);
        if (!row) return missing(id);
        const { succeeded, endsJobAs } = outcome;
        row.executionCount += 1;
        row.totalDurationMs += outcome.durationMs;
        row.lastRun = Math.max(row.lastRun ?? 0, outcome.startedAt);
        row.updatedAt = now;
        if (succeeded === true) Object.assign(row, { successCount: row.successCount + 1, consecutiveFailures: 0 });
        if (succeeded === false) {
          row.failureCount += 1;
          row.consecutiveFailures += 1;
        }
        // One that was edited meanwhile goes on, and so does one that is not open.
        if (endsJobAs !== null && row.version === outcome.version && isOpen(row))
          Object.assign(row, { status: endsJobAs, nextRun: null, finishedAt: now });
        return gives(progressOf(row));
      },
    };
  },
);

const progressOf = (job: Job) => ({
  version: job.version,
  status: job.status,
  pauseNote: job.pauseNote,
  pausedAt: job.pausedAt,
  runCount: job.runCount,
  executionCount: job.executionCount,
  successCount: job.successCount,
  failureCount: job.failureCount,
  consecutiveFailures: job.consecutiveFailures,
  totalDurationMs: job.totalDurationMs,
  nextRun: job.nextRun,
  lastRun: job.lastRun,
  updatedAt: job.updatedAt,
  finishedAt: job.finishedAt,
});

const setAside = steps("setAside", "write", fc.record({ job: choice, now: time }), ({ job, now }, model): BoundStep => {
  const id = model.known.pick<JobId>("job", job);
  return {
    perform: ({ stores }, tx) => stores.jobs.setAside(id, "broken", now, tx),
    settle: () => {
      const row = model.state.jobs.get(id);
      if (!row) return missing(id);
      Object.assign(row, { status: "paused", nextRun: null, pauseNote: "broken", pausedAt: now, updatedAt: now });
      return gives(undefined);
    },
  };
});

const saveVersion = steps(
  "saveVersion",
  "write",
  fc.record({ job: choice, version: fc.integer({ min: 1, max: 3 }), createdBy: fc.option(name), now: time }),
  ({ job, version, createdBy, now }, model): BoundStep => {
    const id = model.known.pick<JobId>("job", job);
    const row: JobVersion = { version, definition: { of: id }, createdBy, createdAt: now };
    return {
      perform: ({ stores }, tx) => stores.jobs.saveVersion(id, row, tx),
      settle: () => {
        const own = model.state.versions.get(id);
        if (!own) return stranger;
        if (own.some((one) => one.version === version)) return throws("ConstraintViolationError", { kind: "unique" });
        own.push(row);
        return gives(undefined);
      },
    };
  },
);

const remove = steps("delete jobs", "write", choices, (jobs, model): BoundStep => {
  const ids = [...new Set(jobs.map((job) => model.known.pick<JobId>("job", job)))];
  return {
    perform: ({ stores }, tx) => stores.jobs.delete(ids, tx),
    settle: () => gives(ids.filter((id) => forgetJob(model.state, id)).length),
  };
});

const removeFinished = steps(
  "deleteFinishedBefore",
  "write",
  fc.record({ statuses: fc.subarray([...JOB_STATUSES]), before: time }),
  ({ statuses, before }, model): BoundStep => ({
    perform: ({ stores }, tx) => stores.jobs.deleteFinishedBefore(statuses, before, 100, tx),
    settle: () => {
      const old = [...model.state.jobs.values()].filter(
        (job) => job.finishedAt !== null && job.finishedAt < before && statuses.includes(job.status),
      );
      for (const { id } of old) forgetJob(model.state, id);
      return gives(old.length);
    },
  }),
);

const waitForEvent = steps(
  "save event handler",
  "write",
  fc.record({ job: choice, eventName: name, enabled: fc.boolean(), now: time }),
  ({ job, eventName, enabled, now }, model): BoundStep => {
    const jobId = model.known.pick<JobId>("job", job);
    const platformId = model.state.jobs.get(jobId)?.platformId ?? model.known.pick<PlatformId>("platform", 1);
    return {
      perform: ({ stores }, tx) => stores.eventHandlers.save({ platformId, eventName, jobId, enabled }, now, tx),
      settle: () => {
        const { jobs, handlers } = model.state;
        if (!jobs.has(jobId)) return stranger;
        return learns(({ id }: EventHandler) => {
          const before = handlers.get(jobId);
          const row = { id: before?.id ?? id, platformId, eventName, jobId, enabled };
          handlers.set(jobId, { ...row, createdAt: before?.createdAt ?? now, updatedAt: now });
          return { ...handlers.get(jobId) };
        });
      },
    };
  },
);

const enableHandler = steps(
  "setEnabled",
  "write",
  fc.record({ job: choice, enabled: fc.boolean(), now: time }),
  ({ job, enabled, now }, model): BoundStep => {
    const jobId = model.known.pick<JobId>("job", job);
    return {
      perform: ({ stores }, tx) => stores.eventHandlers.setEnabled(jobId, enabled, now, tx),
      settle: () => {
        const row = model.state.handlers.get(jobId);
        if (!row) return throws("NotFoundError", { table: "event_handlers", key: jobId });
        Object.assign(row, { enabled, updatedAt: now });
        return gives(undefined);
      },
    };
  },
);

const decide = steps(
  "append decision",
  "write",
  fc.record({
    job: choice,
    at: time,
    decision: fc.constantFrom("fired", "skipped", "coalesced", "missed"),
    reason: fc.option(name),
  }),
  ({ job, at, decision, reason }, model): BoundStep => {
    const jobId = model.known.pick<JobId>("job", job);
    const row: Omit<ScheduleDecision, "id"> = { ...NO_OWNER, jobId, scheduledAt: at, decidedAt: at, decision, reason };
    return {
      perform: ({ stores }, tx) => stores.scheduleDecisions.append(row, tx),
      settle: () => {
        const own = model.state.decisions.get(jobId);
        if (!own) return stranger;
        own.push(row);
        return gives(undefined);
      },
    };
  },
);

const NO_OWNER = { workflowId: null, producerName: null, count: 1, executionId: null, runId: null } as const;

export const jobWrites = [
  create,
  create,
  create,
  change,
  change,
  advance,
  recordOutcome,
  setAside,
  saveVersion,
  remove,
  removeFinished,
  waitForEvent,
  enableHandler,
  decide,
] as const;
