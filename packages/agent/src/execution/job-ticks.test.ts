import { DEFAULT_PLATFORM_ID, OVERLAP_POLICIES, type Job, type JobId } from "@millrace/db";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ticksBetween } from "../schedule/schedule.ts";
import {
  dueAtOf,
  firstRunOf,
  judgeOverlap,
  planTicks,
  rankOf,
  runAfter,
  scheduleOf,
  type TickPlan,
} from "./job-ticks.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse("2026-03-01T00:00:00Z");
const LIMIT = 1_000;

type Due = Job & { nextRun: number };

/** An hourly job that is due at START. */
function job(patch: Partial<Job> = {}): Due {
  return {
    id: "0195-job" as JobId,
    platformId: DEFAULT_PLATFORM_ID,
    key: null,
    name: "report",
    description: null,
    type: "recurring",
    status: "active",
    version: 1,
    digest: "d",
    scheduleDigest: "s",
    cronExpression: null,
    timezone: "UTC",
    dstGap: "shift",
    dstOverlap: "first",
    intervalMs: HOUR,
    intervalMode: "fixed_rate",
    anchorAt: START,
    runAt: null,
    eventName: null,
    endsAt: null,
    maxRuns: null,
    jitterMs: 0,
    handlerType: "function",
    handlerName: "report",
    handlerTarget: null,
    payload: null,
    maxRetries: 3,
    retryDelayMs: MINUTE,
    timeoutMs: MINUTE,
    priority: 0,
    delivery: "at_least_once",
    overlapPolicy: "skip",
    misfirePolicy: "latest",
    misfireGraceMs: MINUTE,
    misfireWindowMs: 24 * HOUR,
    misfireLimit: 100,
    catchUp: false,
    maxConcurrency: null,
    concurrencyKey: null,
    concurrencyKeyLimit: null,
    uniqueKey: null,
    autoPauseAfter: null,
    keepLast: 10,
    tags: [],
    metadata: null,
    pauseNote: null,
    pausedAt: null,
    runCount: 0,
    executionCount: 0,
    successCount: 0,
    failureCount: 0,
    consecutiveFailures: 0,
    totalDurationMs: 0,
    lastRun: null,
    createdBy: null,
    traceparent: null,
    createdAt: START,
    updatedAt: START,
    finishedAt: null,
    ...patch,
    nextRun: patch.nextRun ?? START,
  };
}

const hours = ({ ticks }: TickPlan) => ticks.map(({ scheduledAt }) => (scheduledAt - START) / HOUR);
const passedOf = ({ passed }: TickPlan) => passed.map(({ decision, count }) => `${decision} ${count}`);

describe("a tick", () => {
  test("that is on time runs, and the next one is an hour later", () => {
    expect(planTicks(job(), START, LIMIT)).toEqual({
      ticks: [{ scheduledAt: START, missedCount: 0 }],
      passed: [],
      nextRun: START + HOUR,
    });
  });

  test.each(["latest", "all", "skip"] as const)("that is as late as the grace is on time (%s)", (misfirePolicy) => {
    const plan = planTicks(job({ misfirePolicy }), START + MINUTE, LIMIT);
    expect([hours(plan), passedOf(plan)]).toEqual([[0], []]);
  });

  test("of a one-time job that came a millisecond too late runs, unless the policy is to skip it", () => {
    const once = { type: "one_time", intervalMs: null, anchorAt: null, runAt: START } as const;
    for (const misfirePolicy of ["latest", "all"] as const) {
      const plan = planTicks(job({ ...once, misfirePolicy }), START + MINUTE + 1, LIMIT);
      expect(plan).toEqual({ ticks: [{ scheduledAt: START, missedCount: 0 }], passed: [], nextRun: null });
    }
    const skipped = planTicks(job({ ...once, misfirePolicy: "skip" }), START + MINUTE + 1, LIMIT);
    expect([skipped.ticks, passedOf(skipped), skipped.nextRun]).toEqual([[], ["missed 1"], null]);
  });

  test("after the end of a job does not come, and one at the very end does", () => {
    const plan = planTicks(job({ endsAt: START + HOUR, misfirePolicy: "all" }), START + 5 * HOUR, LIMIT);
    expect([hours(plan), plan.nextRun]).toEqual([[0, 1], null]);
    const last = planTicks(job({ endsAt: START + HOUR - 1 }), START, LIMIT);
    expect([hours(last), last.nextRun]).toEqual([[0], null]);
  });
});

describe("late ticks", () => {
  test("collapse into the latest, which carries how many they were", () => {
    const plan = planTicks(job(), START + 5 * HOUR + 30 * MINUTE, LIMIT);
    expect(plan.ticks).toEqual([{ scheduledAt: START + 5 * HOUR, missedCount: 5 }]);
    expect(plan.passed).toMatchObject([{ decision: "coalesced", scheduledAt: START, count: 5 }]);
    expect(plan.nextRun).toBe(START + 6 * HOUR);
  });

  test("collapse into one that is on time, if there is one", () => {
    const plan = planTicks(job(), START + 5 * HOUR + 1_000, LIMIT);
    expect(plan.ticks).toEqual([{ scheduledAt: START + 5 * HOUR, missedCount: 5 }]);
    expect(passedOf(plan)).toEqual(["coalesced 5"]);
  });

  test("are all missed by the policy skip, but for what is on time", () => {
    const late = planTicks(job({ misfirePolicy: "skip" }), START + 5 * HOUR + 30 * MINUTE, LIMIT);
    expect([hours(late), passedOf(late), late.nextRun]).toEqual([[], ["missed 6"], START + 6 * HOUR]);
    const withOne = planTicks(job({ misfirePolicy: "skip" }), START + 5 * HOUR, LIMIT);
    expect([hours(withOne), passedOf(withOne)]).toEqual([[5], ["missed 5"]]);
  });

  test("all run by the policy all, as far as the number and the window reach; the rest is counted as missed", () => {
    const now = START + 5 * HOUR + 30 * MINUTE;
    const all = planTicks(job({ misfirePolicy: "all" }), now, LIMIT);
    expect([hours(all), passedOf(all)]).toEqual([[0, 1, 2, 3, 4, 5], []]);
    const few = planTicks(job({ misfirePolicy: "all", misfireLimit: 2 }), now, LIMIT);
    expect([hours(few), passedOf(few)]).toEqual([[4, 5], ["missed 4"]]);
    const recent = planTicks(job({ misfirePolicy: "all", misfireWindowMs: 2 * HOUR }), now, LIMIT);
    expect([hours(recent), passedOf(recent)]).toEqual([[4, 5], ["missed 4"]]);
  });

  test("are counted up to a bound, beyond which the log says at least", () => {
    for (const misfirePolicy of ["latest", "skip", "all"] as const) {
      const plan = planTicks(job({ misfirePolicy, misfireLimit: 2 }), START + 50 * HOUR + 30 * MINUTE, 10);
      expect(plan.passed[0]?.reason).toMatch(/^at least \d+ /);
      expect(plan.nextRun).toBe(START + 51 * HOUR);
      expect(plan.ticks.at(-1)?.scheduledAt ?? START + 50 * HOUR).toBe(START + 50 * HOUR);
    }
  });

  test("are the last ones even where more than the bound lie in between", () => {
    const plan = planTicks(
      job({ misfirePolicy: "all", misfireLimit: 3, misfireWindowMs: 100 * HOUR }),
      START + 50 * HOUR + 30 * MINUTE,
      10,
    );
    expect(hours(plan)).toEqual([48, 49, 50]);
  });

  test("that are on time but over the bound are left to the next look", () => {
    const minutely = { intervalMs: MINUTE, misfireGraceMs: 24 * HOUR };
    const plan = planTicks(job(minutely), START + 30 * MINUTE, 10);
    expect([plan.ticks.length, plan.nextRun]).toEqual([10, START + 10 * MINUTE]);
  });
});

describe("a fixed delay", () => {
  const delayed = { intervalMode: "fixed_delay" } as const;

  test("has one tick, however late, and no next one until its execution is over", () => {
    const plan = planTicks(job(delayed), START + 100 * HOUR, LIMIT);
    expect(plan).toEqual({ ticks: [{ scheduledAt: START, missedCount: 0 }], passed: [], nextRun: null });
  });

  test("goes on from now when its tick is missed", () => {
    const plan = planTicks(job({ ...delayed, misfirePolicy: "skip" }), START + 100 * HOUR, LIMIT);
    expect([plan.ticks, passedOf(plan), plan.nextRun]).toEqual([[], ["missed 1"], START + 101 * HOUR]);
  });
});

test("the first run is at the start of an interval, now at the earliest, within the bounds, and never for an event", () => {
  expect(firstRunOf(job(), START - HOUR)).toBe(START);
  expect(firstRunOf(job(), START + 1)).toBe(START + HOUR);
  expect(firstRunOf(job({ endsAt: START + MINUTE }), START + 1)).toBeNull();
  const cron = { type: "cron", cronExpression: "0 8 * * *", intervalMs: null, anchorAt: null } as const;
  expect(firstRunOf(job(cron), START)).toBe(START + 8 * HOUR);
  expect(firstRunOf(job(cron), START + 8 * HOUR)).toBe(START + 8 * HOUR);
  expect(runAfter(job(cron), START + 8 * HOUR)).toBe(START + 32 * HOUR);
  const once = { type: "one_time", intervalMs: null, runAt: START } as const;
  expect(firstRunOf(job(once), START + HOUR)).toBe(START);
  const event = job({ type: "event", intervalMs: null, anchorAt: null, eventName: "paid" });
  expect([scheduleOf(event), firstRunOf(event, START)]).toEqual([null, null]);
});

describe("an overlap", () => {
  const run = { kind: "run", cancel: false };
  const skip = { kind: "skip", reason: expect.any(String) };
  const verdicts = {
    skip: [run, skip, skip, skip],
    buffer_one: [run, skip, run, skip],
    buffer_all: [run, run, run, run],
    cancel_other: [run, { ...run, cancel: true }, { ...run, cancel: true }, { ...run, cancel: true }],
    allow: [run, run, run, run],
  } as const;
  const situations = [
    { pending: 0, running: 0 },
    { pending: 1, running: 0 },
    { pending: 0, running: 1 },
    { pending: 2, running: 1 },
  ];

  test.each(OVERLAP_POLICIES)("is judged by the policy %s for whatever is open", (policy) => {
    expect(situations.map((open) => judgeOverlap(policy, open))).toEqual(verdicts[policy]);
  });
});

describe("the due time", () => {
  test("is the nominal time where there is no jitter, and the same whenever it is computed where there is", () => {
    expect(dueAtOf({ id: "a" as JobId, jitterMs: 0 }, START)).toBe(START);
    const jittered = { id: "a" as JobId, jitterMs: MINUTE };
    expect(dueAtOf(jittered, START)).toBe(dueAtOf({ ...jittered }, START));
  });

  test("spreads jobs and ticks over the whole jitter, and never beyond it", () => {
    const delays: number[] = [];
    for (let n = 0; n < 1_000; n += 1) {
      delays.push(dueAtOf({ id: `0195b7c2-0000-7000-8000-${n}` as JobId, jitterMs: 9 }, START) - START);
      delays.push(
        dueAtOf({ id: "0195b7c2-0000-7000-8000-1" as JobId, jitterMs: 9 }, START + n * HOUR) - START - n * HOUR,
      );
    }
    expect([Math.min(...delays), Math.max(...delays)]).toEqual([0, 9]);
    for (let delay = 0; delay <= 9; delay += 1) {
      const share = delays.filter((found) => found === delay).length / delays.length;
      expect(share).toBeGreaterThan(0.05);
      expect(share).toBeLessThan(0.15);
    }
  });
});

test("a higher priority counts as having waited longer, and no more than that", () => {
  expect(rankOf(START, 2, MINUTE)).toBe(rankOf(START - 2 * MINUTE, 0, MINUTE));
  expect(rankOf(START, 100, MINUTE)).toBeGreaterThan(rankOf(START - 200 * MINUTE, -99, MINUTE));
});

describe("whatever the schedule and the time", () => {
  const schedules = fc.oneof(
    fc.record({ intervalMs: fc.integer({ min: 1_000, max: 3 * HOUR }) }),
    fc.record({
      intervalMs: fc.constant(null),
      anchorAt: fc.constant(null),
      type: fc.constant("cron" as const),
      cronExpression: fc.constantFrom("*/7 * * * *", "0 * * * *", "30 2 * * *", "0 9 * * 1-5"),
      timezone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York"),
    }),
  );
  const policies = fc.record({
    misfirePolicy: fc.constantFrom("latest" as const, "all" as const, "skip" as const),
    misfireGraceMs: fc.integer({ min: 0, max: 2 * HOUR }),
    misfireLimit: fc.integer({ min: 1, max: 50 }),
    misfireWindowMs: fc.integer({ min: 0, max: 60 * 24 * HOUR }),
  });
  const ends = fc.option(fc.integer({ min: 0, max: 100 * HOUR }).map((later) => START + later));

  /** A job at one of its ticks. */
  const jobs = fc.tuple(schedules, policies, ends).map(([schedule, policy, endsAt]) => {
    const made = job({ ...schedule, ...policy, endsAt });
    return { ...made, nextRun: firstRunOf({ ...made, endsAt: null }, START) ?? START };
  });
  const laters = fc.integer({ min: 0, max: 40 * 24 * HOUR });

  test("each tick up to now is accounted for exactly once, in order, and the next one lies ahead", () => {
    fc.assert(
      fc.property(jobs, laters, (due, later) => {
        const now = due.nextRun + later;
        const schedule = scheduleOf(due)!;
        const every = ticksBetween(schedule, due.nextRun, Math.min(now, due.endsAt ?? now), 1_000_000).ticks;
        fc.pre(every.length <= 50_000);
        const plan = planTicks(due, now, 50_001);
        const ran = plan.ticks.map(({ scheduledAt }) => scheduledAt);
        expect(ran).toEqual(every.filter((tick) => ran.includes(tick)));
        expect(ran.length + plan.passed.reduce((sum, { count }) => sum + count, 0)).toBe(every.length);
        const coalesced = plan.passed.filter(({ decision }) => decision === "coalesced");
        expect(plan.ticks.reduce((sum, { missedCount }) => sum + missedCount, 0)).toBe(
          coalesced.reduce((sum, { count }) => sum + count, 0),
        );
        for (const { count } of plan.passed) expect(count).toBeGreaterThan(0);
        if (plan.nextRun !== null) expect(plan.nextRun).toBeGreaterThan(now);
        expect(plan.nextRun).toBe(runAfter(due, now));
        const punctual = every.filter((tick) => tick >= now - due.misfireGraceMs);
        expect(ran).toEqual(expect.arrayContaining(punctual));
      }),
      { numRuns: 60 },
    );
  });

  test("two looks find the same ticks as one, by the policy all with a wide window", () => {
    fc.assert(
      fc.property(
        schedules,
        fc.integer({ min: 0, max: 48 * HOUR }),
        fc.integer({ min: 0, max: 48 * HOUR }),
        (schedule, first, second) => {
          const wide = { misfirePolicy: "all", misfireLimit: 1_000_000, misfireWindowMs: 400 * 24 * HOUR } as const;
          const made = job({ ...schedule, ...wide });
          const due = { ...made, nextRun: firstRunOf(made, START) ?? START };
          const split = START + first;
          const end = split + second;
          const whole = planTicks(due, end, 1_000_000);
          const one = planTicks(due, split, 1_000_000);
          const two = one.nextRun === null ? null : planTicks({ ...due, nextRun: one.nextRun }, end, 1_000_000);
          expect([...one.ticks, ...(two?.ticks ?? [])]).toEqual(whole.ticks);
          expect(two?.nextRun ?? null).toBe(whole.nextRun);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("looks that are bounded come to an end with every tick that is on time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 200 }), (limit, minutes) => {
        let due = job({ intervalMs: MINUTE, misfireGraceMs: 24 * HOUR });
        const now = START + minutes * MINUTE;
        const found: number[] = [];
        while (due.nextRun <= now) {
          const plan = planTicks(due, now, limit);
          found.push(...plan.ticks.map(({ scheduledAt }) => scheduledAt));
          expect(plan.nextRun).toBeGreaterThan(due.nextRun);
          due = { ...due, nextRun: plan.nextRun! };
        }
        expect(found).toEqual(ticksBetween(scheduleOf(due)!, START, now, LIMIT).ticks);
      }),
    );
  });
});
