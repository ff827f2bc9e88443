import {
  ConstraintViolationError,
  DEFAULT_PLATFORM_ID,
  NotFoundError,
  type JobId,
  type NewScheduleDecision,
  type NotificationId,
  type PlatformId,
  type WorkflowId,
} from "@millrace/db";
import { sql } from "kysely";
import { expect } from "vitest";
import { createExecution, createJob, logLine } from "../support/job-rows.ts";
import { describeStore, HOSTILE_STRINGS, type StoreWorld } from "../support/store-behaviours.ts";

const NO_JOB = "nope" as JobId;

const TABLES = [
  "scheduled_jobs",
  "job_tags",
  "job_versions",
  "job_executions",
  "job_execution_logs",
  "event_handlers",
  "schedule_decisions",
  "notifications",
] as const;

function newDecision(patch: Partial<NewScheduleDecision>): NewScheduleDecision {
  const none = { jobId: null, workflowId: null, producerName: null, executionId: null, runId: null };
  return { ...none, scheduledAt: 100, decidedAt: 101, decision: "fired", reason: null, count: 1, ...patch };
}

/** A job of a platform with one row in every table that hangs on it. */
async function createFamily(world: StoreWorld, platformId: PlatformId) {
  const { stores, tx } = world;
  const job = await createJob(world, { platformId, tags: ["t"] });
  await stores.jobs.saveVersion(job.id, { version: 1, definition: {}, createdBy: null, createdAt: 1 }, tx);
  const execution = await createExecution(world, job);
  await stores.jobHistory.appendLogs(execution.id, [logLine()], tx);
  await stores.eventHandlers.save({ platformId, eventName: "e", jobId: job.id, enabled: true }, 1, tx);
  await stores.scheduleDecisions.append(newDecision({ jobId: job.id, executionId: execution.id }), tx);
  const about = { jobId: job.id, runId: null, mutationId: null, kind: "job_paused", message: "m" } as const;
  await stores.notifications.create(about, 1, tx);
  return { job, execution };
}

/** How many rows each of the tables has. */
async function countRows({ database, tx }: StoreWorld): Promise<number[]> {
  const counts: number[] = [];
  for (const table of TABLES) {
    const counting = sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`;
    const { rows } = await database.read((executor) => counting.execute(executor), tx);
    counts.push(rows[0]!.count);
  }
  return counts;
}

describeStore("PlatformStore", {
  "makes a platform once, beside the default one": async ({ stores, tx }) => {
    const first = await stores.platforms.getOrCreate("acme", 5, tx);
    expect(await stores.platforms.getOrCreate("acme", 9, tx)).toEqual(first);
    expect(first).toEqual({ id: first.id, name: "acme", createdAt: 5 });
    const standard = { id: DEFAULT_PLATFORM_ID, name: "default", createdAt: 0 };
    expect(await stores.platforms.list(tx)).toEqual([first, standard]);
    expect(await stores.platforms.getOrCreate("default", 9, tx)).toEqual(standard);
  },
  "keeps hostile names apart": async ({ stores, tx }) => {
    const made = [];
    for (const name of HOSTILE_STRINGS) made.push(await stores.platforms.getOrCreate(name, 5, tx));
    expect(new Set(made.map(({ id }) => id)).size).toBe(HOSTILE_STRINGS.length);
    expect(made.map(({ name }) => name)).toEqual(HOSTILE_STRINGS);
  },
  "deletes a platform with all that it owns, and nothing of another": async (world) => {
    const { stores, tx } = world;
    const { id } = await stores.platforms.getOrCreate("acme", 5, tx);
    const workflow = { platformId: id, name: "theirs", status: "active", handlerConfig: {} } as const;
    const theirs = await stores.workflows.create(workflow, 1, tx);
    await createFamily(world, id);
    await createFamily(world, DEFAULT_PLATFORM_ID);
    expect(await countRows(world)).toEqual(TABLES.map(() => 2));
    expect(await stores.platforms.delete(id, tx)).toBe(1);
    expect(await countRows(world)).toEqual(TABLES.map(() => 1));
    expect(await stores.workflows.find(theirs.id, tx)).toBeNull();
    expect(await stores.platforms.delete(id, tx)).toBe(0);
  },
  "lets a job go with all that hangs on it, and an execution with its log lines": async (world) => {
    const { stores, tx } = world;
    const gone = await createFamily(world, DEFAULT_PLATFORM_ID);
    const kept = await createFamily(world, DEFAULT_PLATFORM_ID);
    expect(await stores.jobs.delete([gone.job.id], tx)).toBe(1);
    expect(await countRows(world)).toEqual(TABLES.map(() => 1));
    expect(await stores.jobHistory.delete([kept.execution.id], tx)).toBe(1);
    expect(await countRows(world)).toEqual([1, 1, 1, 0, 0, 1, 1, 1]);
  },
});

describeStore("EventHandlerStore", {
  "lets a job wait for one event, the last that was said": async (world) => {
    const { stores, tx } = world;
    const job = await createJob(world);
    const said = { platformId: DEFAULT_PLATFORM_ID, eventName: "paid", jobId: job.id, enabled: true };
    const first = await stores.eventHandlers.save(said, 5, tx);
    expect(first).toEqual({ ...said, id: first.id, createdAt: 5, updatedAt: 5 });
    const second = await stores.eventHandlers.save({ ...said, eventName: "sent", enabled: false }, 6, tx);
    expect(second).toEqual({ ...first, eventName: "sent", enabled: false, updatedAt: 6 });
    expect(await stores.eventHandlers.list(DEFAULT_PLATFORM_ID, tx)).toEqual([second]);
  },
  "finds the enabled handlers of an event in one platform, in the order of their making": async (world) => {
    const { stores, tx } = world;
    const other = await stores.platforms.getOrCreate("other", 1, tx);
    const save = async (eventName: string, enabled = true, platformId = DEFAULT_PLATFORM_ID) => {
      const { id: jobId } = await createJob(world, { platformId });
      return stores.eventHandlers.save({ platformId, eventName, jobId, enabled }, 5, tx);
    };
    const first = await save("paid");
    const off = await save("paid", false);
    const second = await save("paid");
    const earlier = await save("asked");
    const theirs = await save("paid", true, other.id);
    const enabled = (platformId: PlatformId) => stores.eventHandlers.listEnabled(platformId, "paid", tx);
    expect(await enabled(DEFAULT_PLATFORM_ID)).toEqual([first, second]);
    expect(await enabled(other.id)).toEqual([theirs]);
    expect(await stores.eventHandlers.listEnabled(other.id, "nope", tx)).toEqual([]);
    expect(await stores.eventHandlers.list(DEFAULT_PLATFORM_ID, tx)).toEqual([earlier, first, off, second]);
    await stores.eventHandlers.setEnabled(off.jobId, true, 6, tx);
    await stores.eventHandlers.setEnabled(first.jobId, false, 6, tx);
    expect(await enabled(DEFAULT_PLATFORM_ID)).toEqual([{ ...off, enabled: true, updatedAt: 6 }, second]);
  },
  "forgets what a job waits for, and says that a missing handler is missing": async (world) => {
    const { stores, tx } = world;
    const { id: jobId } = await createJob(world);
    const said = { platformId: DEFAULT_PLATFORM_ID, eventName: "paid", jobId, enabled: true };
    await stores.eventHandlers.save(said, 5, tx);
    expect(await stores.eventHandlers.delete(jobId, tx)).toBe(1);
    expect(await stores.eventHandlers.delete(jobId, tx)).toBe(0);
    await expect(stores.eventHandlers.setEnabled(jobId, true, 6, tx)).rejects.toThrow(NotFoundError);
    const orphan = stores.eventHandlers.save({ ...said, jobId: NO_JOB }, 5, tx);
    await expect(orphan).rejects.toThrow(ConstraintViolationError);
  },
  "keeps hostile names of events apart": async (world) => {
    const { stores, tx } = world;
    for (const eventName of HOSTILE_STRINGS) {
      const { id: jobId } = await createJob(world);
      await stores.eventHandlers.save({ platformId: DEFAULT_PLATFORM_ID, eventName, jobId, enabled: true }, 5, tx);
    }
    for (const eventName of HOSTILE_STRINGS)
      expect(await stores.eventHandlers.listEnabled(DEFAULT_PLATFORM_ID, eventName, tx)).toMatchObject([{ eventName }]);
  },
});

describeStore("ScheduleDecisionStore", {
  "keeps what was decided about a job's or a producer's ticks, the latest first": async (world) => {
    const { stores, workflow, tx } = world;
    const [job, other] = [await createJob(world), await createJob(world)];
    const skipped = newDecision({ jobId: job.id, scheduledAt: 200, decision: "skipped", reason: "still running" });
    const fired = newDecision({ jobId: job.id });
    const missed = newDecision({ jobId: job.id, decision: "missed", count: 7 });
    const produced = newDecision({ workflowId: workflow.id, producerName: "poll", decision: "coalesced" });
    for (const decision of [skipped, fired, missed, produced]) await stores.scheduleDecisions.append(decision, tx);
    await stores.scheduleDecisions.append(newDecision({ jobId: other.id }), tx);
    const ofJob = await stores.scheduleDecisions.list({ jobId: job.id }, tx);
    expect(ofJob).toMatchObject([skipped, missed, fired]);
    expect(await stores.scheduleDecisions.list({ workflowId: workflow.id }, tx)).toMatchObject([produced]);
    expect(await stores.scheduleDecisions.list({ jobId: job.id, limit: 1 }, tx)).toEqual(ofJob.slice(0, 1));
    expect(await stores.scheduleDecisions.list({ limit: 10 }, tx)).toHaveLength(5);
    expect(await stores.scheduleDecisions.list({ jobId: NO_JOB }, tx)).toEqual([]);
  },
  "refuses a decision about nothing, about two things, and about what is not there": async ({
    stores,
    workflow,
    tx,
  }) => {
    const refused: [Partial<NewScheduleDecision>, string][] = [
      [{}, "check"],
      [{ jobId: NO_JOB, workflowId: workflow.id }, "check"],
      [{ jobId: NO_JOB }, "foreign key"],
      [{ workflowId: "nope" as WorkflowId }, "foreign key"],
    ];
    for (const [patch, kind] of refused) {
      const appending = stores.scheduleDecisions.append(newDecision(patch), tx);
      await expect(appending).rejects.toThrow(ConstraintViolationError);
      await expect(appending).rejects.toMatchObject({ kind });
    }
  },
  "deletes what was decided before a time, the oldest first": async ({ stores, workflow, tx }) => {
    for (const decidedAt of [30, 10, 20])
      await stores.scheduleDecisions.append(newDecision({ workflowId: workflow.id, decidedAt }), tx);
    const left = async () =>
      (await stores.scheduleDecisions.list({}, tx)).map(({ decidedAt }) => decidedAt).toSorted((a, b) => a - b);
    expect(await stores.scheduleDecisions.deleteBefore(30, 1, tx)).toBe(1);
    expect(await left()).toEqual([20, 30]);
    expect(await stores.scheduleDecisions.deleteBefore(30, 10, tx)).toBe(1);
    expect(await stores.scheduleDecisions.deleteBefore(30, 10, tx)).toBe(0);
    expect(await left()).toEqual([30]);
  },
  "keeps hostile reasons and names as they are": async ({ stores, workflow, tx }) => {
    for (const [scheduledAt, text] of HOSTILE_STRINGS.entries()) {
      const decision = newDecision({ workflowId: workflow.id, producerName: text, reason: text, scheduledAt });
      await stores.scheduleDecisions.append(decision, tx);
      expect(await stores.scheduleDecisions.list({ limit: 1 }, tx)).toMatchObject([decision]);
    }
  },
});

describeStore("NotificationStore, about jobs", {
  "keeps a job's notifications apart from those of workflows": async (world) => {
    const { stores, workflow, tx } = world;
    const job = await createJob(world);
    const about = { runId: null, mutationId: null, message: "m" };
    const paused = await stores.notifications.create({ ...about, jobId: job.id, kind: "job_paused" }, 6, tx);
    const dead = await stores.notifications.create({ ...about, jobId: job.id, kind: "dead_schedule" }, 5, tx);
    const logic = await stores.notifications.create({ ...about, workflowId: workflow.id, kind: "logic" }, 7, tx);
    expect(paused).toMatchObject({ jobId: job.id, workflowId: null, kind: "job_paused" });
    expect(await stores.notifications.get(paused.id, tx)).toEqual(paused);
    expect(await stores.notifications.listOpenOfJob(job.id, tx)).toEqual([dead, paused]);
    expect(await stores.notifications.listOpen(workflow.id, tx)).toEqual([logic]);
    expect(await stores.notifications.listOpen(undefined, tx)).toEqual([dead, paused, logic]);
    const selector = { jobId: job.id, kinds: ["job_paused"] } as const;
    expect(await stores.notifications.resolveMatching(selector, 9, tx)).toBe(1);
    expect(await stores.notifications.listOpenOfJob(job.id, tx)).toEqual([dead]);
    await stores.notifications.resolve(dead.id, 9, tx);
    expect(await stores.notifications.listOpenOfJob(job.id, tx)).toEqual([]);
    await expect(stores.notifications.resolve(dead.id, 9, tx)).rejects.toThrow(NotFoundError);
    await expect(stores.notifications.get("nope" as NotificationId, tx)).rejects.toThrow(NotFoundError);
  },
  "refuses a notification of a job that is not there": async ({ stores, tx }) => {
    const about = { jobId: NO_JOB, runId: null, mutationId: null, kind: "job_paused", message: "m" } as const;
    await expect(stores.notifications.create(about, 5, tx)).rejects.toThrow(ConstraintViolationError);
  },
});
