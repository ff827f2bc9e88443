/** Jobs are scheduled, edited and deleted. */
import {
  DuplicateHandlerError,
  InvalidJobError,
  JobConflictError,
  type Job,
  type OneTimeJobInput,
} from "@millrace/agent";
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
} from "./scheduler-bench.ts";

/** Every option that all types have, each away from its default, and what the job then says. */
const OPTIONS: Omit<OneTimeJobInput, "name" | "handler" | "at" | "in"> = {
  key: "the-key",
  description: "What it is for",
  payload: { to: "a", list: [1, null, { deep: true }] },
  maxRetries: 7,
  retryDelay: "90s",
  timeout: 12_345,
  priority: -40,
  delivery: "at_most_once",
  overlap: "buffer_one",
  misfire: { policy: "all", grace: "5m", window: "1h", limit: 9 },
  catchUp: true,
  maxConcurrency: 3,
  concurrency: { key: "to {to}", limit: 4 },
  unique: { key: "only one" },
  autoPauseAfter: 6,
  keepLast: 5,
  tags: ["red", "blue", "red"],
  metadata: { owner: { team: 1 } },
  createdBy: "Ada",
};
const STORED = {
  key: "the-key",
  description: "What it is for",
  payload: { to: "a", list: [1, null, { deep: true }] },
  maxRetries: 7,
  retryDelayMs: 90_000,
  timeoutMs: 12_345,
  priority: -40,
  delivery: "at_most_once",
  overlapPolicy: "buffer_one",
  misfirePolicy: "all",
  misfireGraceMs: 300_000,
  misfireWindowMs: HOUR,
  misfireLimit: 9,
  catchUp: true,
  maxConcurrency: 3,
  concurrencyKey: "to {to}",
  concurrencyKeyLimit: 4,
  uniqueKey: "only one",
  autoPauseAfter: 6,
  keepLast: 5,
  tags: ["red", "blue"],
  metadata: { owner: { team: 1 } },
  createdBy: "Ada",
  version: 1,
} as const;

export const scheduling: SchedulerBehaviours = {
  "a cron job keeps every option and is due at its next time": async ({ scheduler }) => {
    const job = await scheduler.schedule({
      ...OPTIONS,
      ...EVERY_DAY,
      timezone: "Europe/Berlin",
      dst: { gap: "skip", overlap: "both" },
      jitter: "10s",
    });
    expect(job).toMatchObject({
      ...STORED,
      type: "cron",
      status: "pending",
      cronExpression: "0 9 * * *",
      timezone: "Europe/Berlin",
      dstGap: "skip",
      dstOverlap: "both",
      jitterMs: 10_000,
      nextRun: START + 8 * HOUR,
      handlerType: "function",
      handlerName: "note",
    });
    expect(await scheduler.getJob(job.id)).toEqual(job);
  },

  "a recurring job keeps every option and its bounds": async ({ scheduler }) => {
    const startsAt = START + DAY;
    const job = await scheduler.schedule({
      ...OPTIONS,
      ...EVERY_HOUR,
      type: "recurring",
      mode: "fixed_delay",
      startsAt: new Date(startsAt),
      endsAt: "2026-02-01T00:00:00+01:00",
      maxRuns: 12,
    });
    expect(job).toMatchObject({
      ...STORED,
      type: "recurring",
      intervalMs: HOUR,
      intervalMode: "fixed_delay",
      anchorAt: startsAt,
      endsAt: Date.parse("2026-01-31T23:00:00Z"),
      maxRuns: 12,
      nextRun: startsAt,
    });
  },

  "a one-time job keeps every option": async ({ scheduler }) => {
    const job = await scheduler.schedule({ ...OPTIONS, ...ONCE, type: "one_time", at: START + DAY });
    expect(job).toMatchObject({ ...STORED, type: "one_time", runAt: START + DAY, nextRun: START + DAY });
  },

  "an event job keeps every option and has no next time": async ({ scheduler }) => {
    const job = await scheduler.schedule({ ...OPTIONS, ...ONCE, type: "event", event: "paid" });
    expect(job).toMatchObject({ ...STORED, type: "event", eventName: "paid", nextRun: null, status: "active" });
    expect(job.schedule).toContain("paid");
  },

  "what is not said has the documented default": async ({ scheduler }) => {
    const job = await scheduler.schedule(EVERY_DAY);
    expect(job).toMatchObject({
      maxRetries: 3,
      retryDelayMs: 60_000,
      timeoutMs: 300_000,
      priority: 0,
      delivery: "at_least_once",
      overlapPolicy: "skip",
      misfirePolicy: "latest",
      misfireGraceMs: 60_000,
      misfireWindowMs: DAY,
      misfireLimit: 100,
      catchUp: false,
      autoPauseAfter: 10,
      keepLast: 10,
      timezone: "UTC",
      dstGap: "shift",
      dstOverlap: "first",
      payload: null,
      tags: [],
      metadata: null,
      averageDurationMs: null,
    });
    expect((await scheduler.scheduleOnce({ ...ONCE, in: "1h" })).autoPauseAfter).toBeNull();
    expect((await scheduler.schedule({ ...ONCE, type: "event", event: "e" })).overlapPolicy).toBe("allow");
  },

  "scheduleOnce without a time runs at once": async (world) => {
    const job = await world.scheduler.scheduleOnce({ ...ONCE, payload: { first: true } });
    await world.idle();
    expect(await world.scheduler.getJob(job.id)).toMatchObject({ status: "completed", successCount: 1, nextRun: null });
    expect(world.notes.map(({ payload }) => payload)).toEqual([{ first: true }]);
    expect(world.notes[0]?.context).toMatchObject({ jobId: job.id, attempt: 1, scheduledAt: START, missedCount: 0 });
  },

  "scheduleOnce takes a delay, a Date, milliseconds and a text, and runs once then": async (world) => {
    const { scheduler } = world;
    const at = START + HOUR;
    const jobs: Job[] = [];
    for (const when of [{ in: "1h" }, { at: new Date(at) }, { at }, { at: "2026-01-01T02:00:00+01:00" }])
      jobs.push(await scheduler.scheduleOnce({ ...ONCE, ...when }));
    expect(jobs.map(({ nextRun }) => nextRun)).toEqual([at, at, at, at]);
    await world.advance("59m");
    expect(world.notes).toHaveLength(0);
    await world.advance("2d");
    expect(world.notes.map(({ context }) => context.scheduledAt)).toEqual([at, at, at, at]);
  },

  "scheduleRecurring runs at its interval until its count is reached": async (world) => {
    const job = await world.scheduler.scheduleRecurring({ ...EVERY_HOUR, maxRuns: 3 });
    await world.advance("10h");
    const history = await historyOf(world, job);
    expect(history.map(({ scheduledAt }) => scheduledAt)).toEqual([START, START + HOUR, START + 2 * HOUR]);
    expect(await world.scheduler.getJob(job.id)).toMatchObject({ status: "completed", runCount: 3, nextRun: null });
  },

  "scheduleRecurring runs up to and including its end": async (world) => {
    const bounds = { startsAt: START + HOUR, endsAt: START + 3 * HOUR };
    const job = await world.scheduler.scheduleRecurring({ name: "b", handler: "note", cron: "@hourly", ...bounds });
    await world.advance("10h");
    const times = (await historyOf(world, job)).map(({ scheduledAt }) => scheduledAt);
    expect(times).toEqual([START + HOUR, START + 2 * HOUR, START + 3 * HOUR]);
  },

  "the same key again changes nothing, and another input edits the job": async ({ scheduler }) => {
    const first = await scheduler.schedule({ ...EVERY_DAY, key: "k" });
    expect(await scheduler.schedule({ ...EVERY_DAY, key: "k" })).toEqual(first);
    const edited = await scheduler.schedule({ ...EVERY_DAY, key: "k", cron: "0 10 * * *" });
    expect(edited).toMatchObject({ id: first.id, version: 2, nextRun: START + 10 * HOUR });
    expect((await scheduler.listJobs()).items).toHaveLength(1);
  },

  "an id edits that very job": async ({ scheduler }) => {
    const first = await scheduler.schedule(EVERY_DAY);
    expect(await scheduler.schedule({ ...EVERY_DAY, id: first.id, name: "renamed" })).toMatchObject({
      id: first.id,
      name: "renamed",
      version: 2,
    });
  },

  "a second job of a uniqueness key is refused while the first is open": async (world) => {
    const { scheduler } = world;
    const unique = { key: "u" };
    const first = await scheduler.scheduleOnce({ ...ONCE, in: "1h", unique });
    const again = () => scheduler.scheduleOnce({ ...ONCE, name: "second", unique });
    const error = await refusalWithoutTrace(world, again, JobConflictError, "u", first.id);
    expect(error).toMatchObject({ jobId: first.id });
    await scheduler.cancelJob(first.id);
    expect((await again()).id).not.toBe(first.id);
  },

  "a second job of a uniqueness key replaces the first, or is left out, as it says": async ({ scheduler, advance }) => {
    const first = await scheduler.scheduleOnce({ ...ONCE, in: "1h", unique: { key: "u" } });
    const replace = { key: "u", onConflict: "replace" } as const;
    const replaced = await scheduler.scheduleOnce({ ...ONCE, in: "2h", unique: replace });
    expect(replaced).toMatchObject({ id: first.id, nextRun: START + 2 * HOUR });
    const throttle = { key: "u", onConflict: "throttle", window: "1d" } as const;
    expect(await scheduler.scheduleOnce({ ...ONCE, name: "other", unique: throttle })).toEqual(replaced);
    await advance("3h");
    expect((await scheduler.scheduleOnce({ ...ONCE, name: "other", unique: throttle })).id).toBe(first.id);
    await advance("1d");
    expect((await scheduler.scheduleOnce({ ...ONCE, name: "other", unique: throttle })).id).not.toBe(first.id);
  },

  "debounced work is due a window after the last call": async (world) => {
    const input = { ...ONCE, unique: { key: "d", onConflict: "debounce", window: "10s" } } as const;
    const first = await world.scheduler.scheduleOnce(input);
    await world.advance("6s");
    const second = await world.scheduler.scheduleOnce(input);
    expect(second).toMatchObject({ id: first.id, runAt: START + 16_000, nextRun: START + 16_000 });
    await world.advance("9s");
    expect(world.notes).toHaveLength(0);
    await world.advance("1s");
    expect(world.notes).toHaveLength(1);
  },

  "reschedule changes what it names and keeps the rest": async ({ scheduler }) => {
    const job = await scheduler.schedule({ ...OPTIONS, ...EVERY_DAY, cron: "30 9 * * *", timezone: "Asia/Tokyo" });
    const changed = await scheduler.reschedule(job.id, { priority: 5, description: "Another" });
    expect(changed).toEqual({ ...job, priority: 5, description: "Another", version: 2 });
  },

  "reschedule replaces one way of saying when by another": async ({ scheduler }) => {
    const once = await scheduler.scheduleOnce({ ...ONCE, at: START + DAY });
    expect(await scheduler.reschedule(once.id, { in: "2h" })).toMatchObject({ nextRun: START + 2 * HOUR });
    const hourly = await scheduler.scheduleRecurring(EVERY_HOUR);
    expect(await scheduler.reschedule(hourly.id, { cron: "30 * * * *" })).toMatchObject({
      cronExpression: "30 * * * *",
      intervalMs: null,
      nextRun: START + HOUR / 2,
    });
    expect(await scheduler.reschedule(hourly.id, { interval: "2h" })).toMatchObject({
      cronExpression: null,
      intervalMs: 2 * HOUR,
    });
  },

  "a new schedule takes the place of ticks that have not begun": async (world) => {
    const job = await world.scheduler.scheduleOnce({ ...ONCE, in: "1h" });
    await world.scheduler.reschedule(job.id, { at: START + 3 * HOUR });
    await world.advance("2h");
    expect(world.notes).toHaveLength(0);
    await world.advance("2h");
    expect((await onlyExecution(world, job)).scheduledAt).toBe(START + 3 * HOUR);
  },

  "reschedule refuses another type, another key and unknown keys": async (world) => {
    const { scheduler } = world;
    const { id } = await scheduler.schedule({ ...EVERY_DAY, key: "mine" });
    const change = (changes: object) => () => scheduler.reschedule(id, { ...changes });
    await refusalWithoutTrace(world, change({ type: "event", event: "e" }), InvalidJobError, "daily", "type");
    await refusalWithoutTrace(world, change({ type: "one_time" }), InvalidJobError);
    await refusalWithoutTrace(world, change({ key: "yours" }), InvalidJobError, "daily", "key");
    await refusalWithoutTrace(world, change({ colour: "red" }), InvalidJobError, "colour");
    await refusalWithoutTrace(world, change({ cron: "0 25 * * *" }), InvalidJobError, "cron", "hour", "character 3");
    await refusalWithoutTrace(world, () => scheduler.reschedule(id, null as never), InvalidJobError);
  },

  "unschedule deletes the job with its history and stops what runs": async (world) => {
    const { scheduler } = world;
    const job = await scheduler.scheduleOnce({ ...ONCE, handler: "slow" });
    await world.door.reached;
    const { id } = await onlyExecution(world, job);
    await scheduler.unschedule(job.id);
    await world.idle();
    await refusal(() => scheduler.getJob(job.id), Error, job.id);
    await refusal(() => scheduler.getExecution(id), Error, id);
    await refusal(() => scheduler.unschedule(job.id), Error, job.id);
    expect(await scheduler.listJobs()).toEqual({ items: [], nextCursor: null });
  },

  "a handler of an event is named once": async (world) => {
    await world.scheduler.onEvent("paid", () => null);
    await refusalWithoutTrace(world, () => world.scheduler.onEvent("paid", () => null), DuplicateHandlerError, "paid");
  },
};
