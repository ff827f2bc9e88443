/** Jobs are paused, resumed, cancelled, run by hand; ticks are left out, or made up for. */
import { InvalidJobError, JobStateError, SchemaError, type Job, type Scheduler } from "@millrace/agent";
import { NotSerialisableError } from "@millrace/db";
import { expect } from "vitest";
import {
  DAY,
  EVERY_DAY,
  EVERY_HOUR,
  HOUR,
  ONCE,
  START,
  historyOf,
  onlyExecution,
  refusal,
  refusalWithoutTrace,
  type SchedulerBehaviours,
  type SchedulerWorld,
} from "./scheduler-bench.ts";

const timesOf = async (world: SchedulerWorld, job: Job) =>
  (await historyOf(world, job)).map(({ scheduledAt }) => scheduledAt);

/** A cancelled job. */
const cancelled = async (scheduler: Scheduler) =>
  scheduler.cancelJob((await scheduler.schedule({ ...EVERY_DAY, name: "gone" })).id);

export const endings: SchedulerBehaviours = {
  "a paused job starts nothing, and resumes from now without a burst": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.scheduleRecurring({ ...EVERY_HOUR, startsAt: START + HOUR });
    const paused = await scheduler.pauseJob(job.id, { note: "holidays" });
    expect(paused).toMatchObject({ status: "paused", pauseNote: "holidays", pausedAt: START, nextRun: null });
    expect(await scheduler.pauseJob(job.id, { note: "again" })).toEqual(paused);
    await world.advance("330m");
    expect(world.notes).toHaveLength(0);
    const resumed = await scheduler.resumeJob(job.id);
    expect(resumed).toMatchObject({ pauseNote: null, pausedAt: null, nextRun: START + 6 * HOUR });
    await world.advance("1h");
    expect(await timesOf(world, job)).toEqual([START + 6 * HOUR]);
  },

  "resuming with catchUp treats the ticks of the pause as late ones": async (world) => {
    const { scheduler } = world;
    const input = { ...EVERY_HOUR, startsAt: START + HOUR, overlap: "allow", misfire: { policy: "all" } } as const;
    const job = await scheduler.scheduleRecurring(input);
    await scheduler.pauseJob(job.id);
    await world.advance("210m");
    await scheduler.resumeJob(job.id, { catchUp: true });
    await world.idle();
    expect(await timesOf(world, job)).toEqual([START + HOUR, START + 2 * HOUR, START + 3 * HOUR]);
  },

  "pausing lets what runs go on": async (world) => {
    const job = await world.scheduler.scheduleOnce({ ...ONCE, handler: "slow" });
    await world.door.reached;
    await world.scheduler.pauseJob(job.id);
    expect(await onlyExecution(world, job)).toMatchObject({ status: "running" });
    world.door.open();
    await world.idle();
    expect(await onlyExecution(world, job)).toMatchObject({ status: "success" });
  },

  "cancelling ends a job with what waits, and keeps its history": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.scheduleOnce({ ...ONCE, in: "1h" });
    await scheduler.pauseJob(job.id);
    const { id } = await scheduler.triggerEvent("none").then(() => scheduler.cancelJob(job.id, { reason: "no need" }));
    expect(await scheduler.getJob(id)).toMatchObject({ status: "cancelled", nextRun: null, finishedAt: START });
    expect((await scheduler.cancelJob(id)).status).toBe("cancelled");
    await world.advance("1d");
    expect(world.notes).toHaveLength(0);
    expect((await scheduler.listJobs()).items).toHaveLength(1);
  },

  "cancelling tells what runs to stop": async (world) => {
    const job = await world.scheduler.scheduleOnce({ ...ONCE, handler: "slow" });
    await world.door.reached;
    await world.scheduler.cancelJob(job.id, { reason: "no need" });
    await world.idle();
    expect(await onlyExecution(world, job)).toMatchObject({ status: "cancelled", reason: "no need" });
  },

  "what is not possible in a job's state is refused, with the state": async (world) => {
    const { scheduler } = world;
    const done = await scheduler.scheduleOnce({ ...ONCE, name: "done" });
    const waiting = await scheduler.schedule({ ...ONCE, name: "waits", type: "event", event: "paid" });
    await world.idle();
    const gone = await cancelled(scheduler);
    const active = await scheduler.schedule(EVERY_DAY);
    const range = { from: START - DAY, until: START };
    const impossible: readonly [() => Promise<unknown>, ...string[]][] = [
      [() => scheduler.resumeJob(active.id), "daily", "pending"],
      [() => scheduler.resumeJob(done.id), "done", "completed"],
      [() => scheduler.resumeJob(gone.id), "gone", "cancelled"],
      [() => scheduler.pauseJob(done.id), "done", "completed"],
      [() => scheduler.pauseJob(gone.id), "gone", "cancelled"],
      [() => scheduler.cancelJob(done.id), "done", "completed"],
      [() => scheduler.runJobNow(gone.id), "gone", "cancelled"],
      [() => scheduler.skipNextRun(done.id), "done", "completed"],
      [() => scheduler.skipNextRun(gone.id), "gone", "cancelled"],
      [() => scheduler.skipNextRun(waiting.id), "waits"],
      [() => scheduler.backfill(gone.id, range), "gone"],
      [() => scheduler.backfill(waiting.id, range), "waits"],
    ];
    for (const [call, ...pieces] of impossible) await refusalWithoutTrace(world, call, JobStateError, ...pieces);
  },

  "runJobNow runs a job beside its schedule, with a payload of its own": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.schedule({ ...EVERY_DAY, payload: "usual" });
    const first = await scheduler.runJobNow(job.id, { by: "Ada" });
    expect(first).toMatchObject({ origin: "manual", createdBy: "Ada", scheduledAt: START, status: "pending" });
    const second = await scheduler.runJobNow(job.id, { payload: "special" });
    expect(second.idempotencyKey).not.toBe(first.idempotencyKey);
    await world.idle();
    expect(world.notes.map(({ payload }) => payload)).toEqual(["usual", "special"]);
    expect(await scheduler.getJob(job.id)).toMatchObject({ nextRun: job.nextRun, runCount: 0, successCount: 2 });
  },

  "runJobNow runs a job that was over once more": async (world) => {
    const job = await world.scheduler.scheduleOnce(ONCE);
    await world.idle();
    await world.scheduler.runJobNow(job.id);
    expect(await world.scheduler.getJob(job.id)).toMatchObject({ status: "active" });
    await world.idle();
    expect(await world.scheduler.getJob(job.id)).toMatchObject({ status: "completed", successCount: 2 });
  },

  "runJobNow refuses what the job cannot run": async (world) => {
    const { scheduler } = world;
    const typed = await scheduler.scheduleOnce({ ...ONCE, handler: "typed", in: "1h", payload: { to: "a@b.example" } });
    const run = (options: unknown) => () => scheduler.runJobNow(typed.id, options as object);
    await refusalWithoutTrace(world, run({ payload: { to: 5 } }), SchemaError, "typed", "to");
    await refusalWithoutTrace(world, run({ payload: () => 1 }), NotSerialisableError, "once", "function");
    await refusalWithoutTrace(world, run({ by: 5 }), InvalidJobError, "by");
    await refusalWithoutTrace(world, run({ colour: 5 }), InvalidJobError, "colour");
    await scheduler.pauseJob(typed.id);
    await refusalWithoutTrace(world, run({}), JobStateError, "once", "paused");
  },

  "skipNextRun leaves out one tick and says so": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.schedule(EVERY_DAY);
    const skipped = await scheduler.skipNextRun(job.id, { reason: "holiday" });
    expect(skipped.nextRun).toBe(START + DAY + 9 * HOUR);
    expect(await scheduler.listDecisions(job.id)).toMatchObject([
      { decision: "skipped", reason: "holiday", scheduledAt: START + 9 * HOUR, count: 1, executionId: null },
    ]);
    await world.advance("2d");
    expect(await timesOf(world, job)).toEqual([START + DAY + 9 * HOUR]);
  },

  "skipNextRun of the last tick ends the job, also with a fixed delay": async (world) => {
    const bounds = { startsAt: START + HOUR, endsAt: START + HOUR };
    for (const mode of ["fixed_rate", "fixed_delay"] as const) {
      const job = await world.scheduler.scheduleRecurring({ ...EVERY_HOUR, mode, ...bounds });
      expect(await world.scheduler.skipNextRun(job.id)).toMatchObject({ status: "completed", nextRun: null });
    }
    const once = await world.scheduler.scheduleOnce({ ...ONCE, in: "1h" });
    await refusalWithoutTrace(world, () => world.scheduler.skipNextRun(once.id), JobStateError, "once");
  },

  "backfill makes up for past ticks that have no record, once": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.schedule(EVERY_DAY);
    const range = { from: "2025-12-28T09:00:00Z", until: new Date("2025-12-31T09:00:00Z") };
    expect(await scheduler.backfill(job.id, range, { dryRun: true })).toEqual({ ticks: 4, executions: 4 });
    expect(await historyOf(world, job)).toEqual([]);
    expect(await scheduler.backfill(job.id, range, { by: "Ada" })).toEqual({ ticks: 4, executions: 4 });
    expect(await scheduler.backfill(job.id, range)).toEqual({ ticks: 4, executions: 0 });
    const wider = { ...range, from: "2025-12-27T09:00:00Z" };
    expect(await scheduler.backfill(job.id, wider)).toEqual({ ticks: 5, executions: 1 });
    await world.idle();
    const history = await historyOf(world, job);
    expect(history.map(({ scheduledAt }) => new Date(scheduledAt).getUTCDate())).toEqual([27, 28, 29, 30, 31]);
    expect(history.every(({ status, origin }) => status === "success" && origin === "backfill")).toBe(true);
    expect(history.at(-1)?.createdBy).toBe("Ada");
    expect(await scheduler.getJob(job.id)).toMatchObject({ nextRun: job.nextRun, runCount: 0 });
  },

  "backfill keeps to the bounds of the job": async (world) => {
    const { scheduler } = world;
    const bounds = { startsAt: "2025-12-29T00:00:00Z", endsAt: START + DAY };
    const job = await scheduler.scheduleRecurring({ name: "bounded", handler: "note", cron: "@daily", ...bounds });
    await world.idle();
    const range = { from: "2025-12-01T00:00:00Z", until: START };
    // The tick of this moment has run.
    expect(await scheduler.backfill(job.id, range, { dryRun: true })).toEqual({ ticks: 4, executions: 3 });
    const before = { from: "2025-12-01T00:00:00Z", until: "2025-12-28T00:00:00Z" };
    expect(await scheduler.backfill(job.id, before)).toEqual({ ticks: 0, executions: 0 });
  },

  "backfill refuses ranges that are none, too long, or to come": async (world) => {
    const { scheduler } = world;
    const { id } = await scheduler.schedule({ ...EVERY_DAY, cron: "* * * * *" });
    await world.idle();
    const fill = (range: unknown, options?: unknown) => () =>
      scheduler.backfill(id, range as { from: number; until: number }, options as object);
    for (const range of [
      { from: START - 5, until: START + 1 },
      { from: START, until: START - 5 },
      { from: START - 5 },
      { from: "yesterday", until: START },
      { from: -5, until: START },
      { from: START - 5, until: START, colour: 1 },
      null,
      undefined,
    ])
      await refusalWithoutTrace(world, fill(range), InvalidJobError, "range");
    const long = { from: START - 30 * DAY, until: START };
    await refusalWithoutTrace(world, fill(long), JobStateError, "10000", "maxBackfill");
    await refusalWithoutTrace(world, fill(long, { dryRun: true }), JobStateError, "10000");
    await refusalWithoutTrace(world, fill(long, { dryRun: "no" }), InvalidJobError, "dryRun");
  },

  "options of the wrong kind are refused": async (world) => {
    const { scheduler } = world;
    const { id } = await scheduler.schedule(EVERY_DAY);
    for (const bad of [5, {}, null, "x".repeat(2_001)]) {
      const text = bad as unknown as string;
      await refusalWithoutTrace(world, () => scheduler.pauseJob(id, { note: text }), InvalidJobError, "note");
      await refusalWithoutTrace(world, () => scheduler.cancelJob(id, { reason: text }), InvalidJobError, "reason");
      await refusalWithoutTrace(world, () => scheduler.skipNextRun(id, { reason: text }), InvalidJobError, "reason");
    }
    await scheduler.pauseJob(id);
    await refusal(() => scheduler.resumeJob(id, { catchUp: "yes" as never }), InvalidJobError, "catchUp");
    await refusal(() => scheduler.resumeJob(id, null as never), InvalidJobError);
  },
};
