/** What is to come, what was decided, and how it goes: previews, decisions, metrics, health, statistics. */
import { InvalidJobError, UnknownHandlerError } from "@millrace/agent";
import { expect } from "vitest";
import {
  DAY,
  EVERY_DAY,
  EVERY_HOUR,
  HOUR,
  ONCE,
  START,
  failOnce,
  refusal,
  refusalWithoutTrace,
  type SchedulerBehaviours,
} from "./scheduler-bench.ts";

const MINUTE = 60_000;
const IN_BERLIN = { ...EVERY_DAY, timezone: "Europe/Berlin" } as const;

export const outlook: SchedulerBehaviours = {
  "a preview says a schedule in words, with its next runs": async (world) => {
    const { scheduler } = world;
    const { description, runs } = scheduler.preview({ ...IN_BERLIN, cron: "0 9 * * 1-5" }, 3);
    expect(description).toBe("At 09:00, Monday through Friday (Europe/Berlin)");
    expect(runs.map(({ local }) => local)).toEqual([
      "2026-01-01T09:00:00+01:00",
      "2026-01-02T09:00:00+01:00",
      "2026-01-05T09:00:00+01:00",
    ]);
    expect(runs[0]?.at).toBe(START + 8 * HOUR);
    expect((await scheduler.listJobs()).items).toEqual([]);
  },

  "a preview says 'or' where both days are restricted": async ({ scheduler }) => {
    const { description, runs } = scheduler.preview({ ...EVERY_DAY, cron: "0 9 1 * MON" }, 3);
    expect(description).toBe("At 09:00 on day 1 of the month, or on Monday (UTC)");
    expect(runs.map(({ local }) => local.slice(0, 10))).toEqual(["2026-01-01", "2026-01-05", "2026-01-12"]);
  },

  "a preview shows what changes of the clocks do": async (world) => {
    await world.advance("85d");
    const input = { ...IN_BERLIN, cron: "30 2 * * *" } as const;
    const changes = (dst: object) =>
      world.scheduler.preview({ ...input, dst }, 4).runs.map(({ local, change }) => [local, change]);
    expect(changes({})).toEqual([
      ["2026-03-27T02:30:00+01:00", null],
      ["2026-03-28T02:30:00+01:00", null],
      ["2026-03-29T03:00:00+02:00", "shifted"],
      ["2026-03-30T02:30:00+02:00", null],
    ]);
    expect(changes({ gap: "skip" })[2]).toEqual(["2026-03-30T02:30:00+02:00", "after-skipped"]);
  },

  "a preview keeps to the bounds of the job": async ({ scheduler }) => {
    const hourly = { name: "b", type: "recurring", handler: "note" } as const;
    const at = (input: object, count?: number) =>
      scheduler.preview({ ...hourly, ...input }, count).runs.map((run) => (run.at - START) / HOUR);
    expect(at({ interval: "1h" })).toEqual([0, 1, 2, 3, 4]);
    expect(at({ interval: "1h", maxRuns: 2 })).toEqual([0, 1]);
    expect(at({ interval: "1h", startsAt: START + HOUR, endsAt: START + 3 * HOUR })).toEqual([1, 2, 3]);
    expect(at({ cron: "@hourly", startsAt: START + 7 * HOUR, endsAt: START + 9 * HOUR })).toEqual([7, 8, 9]);
    expect(scheduler.preview({ ...ONCE, type: "one_time", in: "2h" }).runs).toMatchObject([{ at: START + 2 * HOUR }]);
    expect(scheduler.preview({ ...ONCE, type: "event", event: "paid" })).toEqual({
      description: 'whenever "paid" happens',
      runs: [],
    });
    expect(scheduler.preview(EVERY_DAY, 1_000).runs).toHaveLength(1_000);
  },

  "a preview of what is no schedule is refused": async (world) => {
    const preview = (input: unknown, count?: unknown) => () => world.scheduler.preview(input, count as number);
    await refusal(preview({ ...EVERY_DAY, cron: "0 25 * * *" }), InvalidJobError, "hour", "character 3");
    await refusal(preview({ ...EVERY_DAY, cron: "0 0 30 2 *" }), InvalidJobError, "never");
    await refusal(preview({ ...EVERY_DAY, timezone: "Mars" }), InvalidJobError, "Mars");
    for (const input of [null, undefined, "daily", [], {}]) await refusal(preview(input), InvalidJobError);
    for (const count of [0, -1, 1.5, 1_001, Number.NaN, "5", null])
      await refusal(preview(EVERY_DAY, count), InvalidJobError, "number of runs");
  },

  "the words of a job are those of its preview": async ({ scheduler }) => {
    const job = await scheduler.schedule(IN_BERLIN);
    expect(job.schedule).toBe(scheduler.preview(IN_BERLIN).description);
    expect((await scheduler.scheduleRecurring({ ...EVERY_HOUR, maxRuns: 4, endsAt: START + DAY })).schedule).toBe(
      "every hour, 4 times, until 2026-01-02T00:00:00.000Z",
    );
    const delayed = await scheduler.scheduleRecurring({ ...EVERY_HOUR, mode: "fixed_delay" });
    expect(delayed.schedule).toBe("1 hour after the end of the one before");
    expect((await scheduler.scheduleOnce({ ...ONCE, in: "1h" })).schedule).toBe("once at 2026-01-01T01:00:00.000Z");
  },

  "each due tick has its decision, the latest first": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.scheduleRecurring({
      ...EVERY_HOUR,
      interval: "1m",
      handler: "slow",
      startsAt: START + MINUTE,
      timeout: "1h",
    });
    await world.advance("1m");
    await world.door.reached;
    await world.advance("2m");
    const decisions = await scheduler.listDecisions(job.id);
    expect(decisions.map(({ decision, scheduledAt }) => [decision, (scheduledAt - START) / MINUTE])).toEqual([
      ["skipped", 3],
      ["skipped", 2],
      ["fired", 1],
    ]);
    expect(decisions[0]?.reason).toContain("overlap");
    expect(decisions[2]?.executionId).not.toBeNull();
    expect(await scheduler.listDecisions(job.id, { limit: 1 })).toEqual(decisions.slice(0, 1));
    for (const limit of [0, -1, 1.5, 1_001, "5"]) {
      const call = () => scheduler.listDecisions(job.id, { limit: limit as number });
      await refusalWithoutTrace(world, call, InvalidJobError, "limit");
    }
  },

  "metrics count jobs and executions": async (world) => {
    const { scheduler } = world;
    expect(await scheduler.getMetrics()).toEqual({
      jobs: { pending: 0, active: 0, paused: 0, completed: 0, failed: 0, cancelled: 0 },
      open: { pending: 0, running: 0 },
      lastHour: { success: 0, failed: 0, timeout: 0, cancelled: 0, skipped: 0 },
      averageDurationMs: null,
      oldestReadyMs: null,
      nextRun: null,
    });
    await failOnce(world);
    await scheduler.scheduleOnce(ONCE);
    await world.idle();
    await scheduler.schedule(EVERY_DAY);
    const paused = await scheduler.schedule({ ...EVERY_DAY, name: "paused" });
    await scheduler.pauseJob(paused.id);
    expect(await scheduler.getMetrics()).toMatchObject({
      jobs: { pending: 1, active: 0, paused: 1, completed: 1, failed: 1, cancelled: 0 },
      open: { pending: 0, running: 0 },
      lastHour: { success: 1, failed: 1, timeout: 0, cancelled: 0, skipped: 0 },
      averageDurationMs: 0,
      nextRun: START + 9 * HOUR,
    });
    await world.advance("2h");
    expect((await scheduler.getMetrics()).lastHour).toMatchObject({ success: 0, failed: 0 });
  },

  "a scheduler that runs is healthy, and says what it looked at": async ({ scheduler }) => {
    const { status, checks } = await scheduler.healthCheck();
    expect(status).toBe("ok");
    expect(checks.length).toBeGreaterThan(0);
    for (const check of checks) expect(check).toMatchObject({ ok: true, detail: expect.stringMatching(/\w/) });
  },

  "statistics are those of the executions that ran": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.schedule({ ...ONCE, handler: "slow", type: "event", event: "go", timeout: "1h" });
    expect(await scheduler.getJobStats(job.id)).toEqual({
      executions: 0,
      successRate: null,
      duration: null,
      byStatus: {},
    });
    await scheduler.triggerEvent("go");
    await world.door.reached;
    await world.advance("1m");
    world.door.open();
    await world.idle();
    for (let count = 0; count < 9; count += 1) await scheduler.triggerEvent("go");
    await world.idle();
    expect(await scheduler.getJobStats(job.id)).toEqual({
      executions: 10,
      successRate: 1,
      duration: { p50: 0, p95: 60_000, p99: 60_000, average: 6_000, longest: 60_000 },
      byStatus: { success: 10 },
    });
    expect(await scheduler.getJob(job.id)).toMatchObject({ averageDurationMs: 6_000, executionCount: 10 });
  },

  "the success rate counts what failed": async (world) => {
    const { scheduler } = world;
    const input = { ...ONCE, handler: "fragile", type: "event", event: "go", maxRetries: 0 } as const;
    const job = await scheduler.schedule(input);
    await scheduler.triggerEvent("go");
    await world.idle();
    world.trouble.on = false;
    for (let count = 0; count < 3; count += 1) await scheduler.triggerEvent("go");
    await world.idle();
    expect(await scheduler.getJobStats(job.id)).toMatchObject({
      executions: 4,
      successRate: 0.75,
      byStatus: { success: 3, failed: 1 },
    });
    await refusal(() => scheduler.schedule({ ...input, handler: "nobody" }), UnknownHandlerError);
  },
};
