import { ticksBetween, type Schedule } from "@millrace/agent";
import { FakeClock } from "@millrace/agent/testing";
import { afterEach, expect, test } from "vitest";
import { closeBenches, openBench, passTime } from "../support/job-bench.ts";

afterEach(closeBenches);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// Within these days the clocks change in America (March 8), in Europe (March 29), in Chile and on Lord Howe (April 5).
const START = Date.parse("2026-03-07T00:00:30Z");
const END = START + 30 * DAY;
const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"];

/** What job number `n` is given, and the same as a schedule of its own. */
function plan(n: number): { input: object; schedule: Schedule } {
  const timezone = ZONES[n % ZONES.length]!;
  const dst = { gap: n % 2 === 0 ? "shift" : "skip", overlap: (["first", "last", "both"] as const)[n % 3]! } as const;
  const cron = (expression: string) => ({
    input: { type: "cron", cron: expression, timezone, dst },
    schedule: { kind: "cron", expression, timezone, dst } as const,
  });
  if (n < 2) return cron("*/10 * * * *");
  if (n < 8) {
    const startsAt = START + n * 7 * MINUTE;
    return {
      input: { type: "recurring", interval: "1h", startsAt },
      schedule: { kind: "interval", everyMs: HOUR, anchor: startsAt },
    };
  }
  if (n < 115) {
    const at = START + ((n * 7_919_993) % (30 * DAY));
    return { input: { type: "one_time", at }, schedule: { kind: "once", at } };
  }
  // Many of them within the hours in which clocks change.
  const time = `${(n * 7) % 60} ${n % 3 === 0 ? 2 : n % 24}`;
  return n % 4 < 2 ? cron(`${time} * * ${n % 7}`) : cron(`${time} * * *`);
}

test("in thirty days every tick of a thousand jobs comes exactly once, in every zone, and is decided about", async () => {
  const clock = new FakeClock(START);
  const late: string[] = [];
  const nominal: string[] = [];
  const bench = await openBench(
    [
      {
        name: "note",
        handler: (_payload, { jobName, scheduledAt, now }) => {
          nominal.push(`${jobName} ${new Date(scheduledAt).toISOString()}`);
          if (now() !== scheduledAt) late.push(jobName);
        },
      },
    ],
    // All is kept until it has been looked at.
    { clock, policy: { jobs: { retention: { successMs: 60 * DAY, failureMs: 60 * DAY } } } },
  );
  const expected: string[] = [];
  for (let n = 0; n < 1_000; n += 1) {
    const { input, schedule } = plan(n);
    const name = `job ${n}`;
    // The input of a job of its own type, which `schedule` reads like any other.
    await bench.jobs.schedule({ name, handler: "note", keepLast: 0, maxRetries: 0, ...input } as never);
    const { ticks } = ticksBetween(schedule, START, END, 10_000);
    expected.push(...ticks.map((tick) => `${name} ${new Date(tick).toISOString()}`));
  }
  await passTime(bench, END);
  expect(expected.length).toBeGreaterThan(25_000);
  expect(nominal.toSorted()).toEqual(expected.toSorted());
  expect(late).toEqual([]);
  const decided = await bench.database.read((executor) =>
    executor
      .selectFrom("schedule_decisions")
      .innerJoin("scheduled_jobs", "scheduled_jobs.id", "schedule_decisions.job_id")
      .select(["scheduled_jobs.name as name", "schedule_decisions.scheduled_at as at", "decision"])
      .execute(),
  );
  const fired = decided.map(({ name, at, decision }) => `${name} ${new Date(at).toISOString()} ${decision}`);
  expect(fired.toSorted()).toEqual(expected.map((tick) => `${tick} fired`).toSorted());
});
