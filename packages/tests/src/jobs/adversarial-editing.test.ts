/** What a reviewer has found about jobs that are asked for again, edited, or made up for while they run or are over. */
import { FakeClock } from "@millrace/agent/testing";
import { afterEach, describe, expect, test } from "vitest";
import { closeBenches, held, openBench, recorded, type Bench, type Recorded } from "../support/job-bench.ts";

afterEach(closeBenches);

const once = { name: "once", handler: "work" } as const;
const payloads = ({ calls }: Recorded) => calls.map(({ payload }) => payload);

/** Ends what runs, and all that comes after it. */
async function endAll(bench: Bench, work: Recorded): Promise<void> {
  for (let n = 0; n < work.calls.length; n += 1) {
    work.calls[n]?.succeed();
    await bench.settle();
  }
}

describe("one-time work that is asked for again while it runs", () => {
  const unique = (onConflict: "debounce" | "replace") => ({ unique: { key: "u", onConflict, window: "1s" } });
  type Ask = (bench: Bench, payload: number, id?: string) => Promise<{ id: string }>;
  const ways: [string, Ask][] = [
    ["debounced", ({ jobs }, payload) => jobs.scheduleOnce({ ...once, payload, ...unique("debounce") })],
    ["replaced", ({ jobs }, payload) => jobs.scheduleOnce({ ...once, payload, ...unique("replace") })],
    [
      "replaced with another time",
      ({ jobs }, payload) => jobs.scheduleOnce({ ...once, payload, in: `${payload}s`, ...unique("replace") }),
    ],
    [
      "scheduled by its key with another time",
      ({ jobs }, payload) => jobs.scheduleOnce({ ...once, key: "k", payload, in: `${payload}s` }),
    ],
    [
      "rescheduled",
      ({ jobs }, payload, id) =>
        id === undefined
          ? jobs.scheduleOnce({ ...once, payload, in: "1s" })
          : jobs.reschedule(id, { payload, in: `${payload}s` }),
    ],
  ];

  test.each(ways)("by being %s runs once more, with what was asked for last", async (_way, ask) => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await ask(bench, 1);
    await bench.advance("2s");
    expect(payloads(work)).toEqual([1]);
    expect((await ask(bench, 2, id)).id).toBe(id);
    expect((await ask(bench, 3, id)).id).toBe(id);
    await bench.advance("5s");
    await endAll(bench, work);
    expect(payloads(work)).toEqual([1, 3]);
    expect(await bench.statuses(id)).toEqual(["success", "success"]);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "completed", nextRun: null });
  });

  test.each([
    ["the same words", 1, "1ms"],
    ["other words", 2, "1ms"],
    ["the same words in the same millisecond", 1, "0ms"],
    ["other words in the same millisecond", 2, "0ms"],
  ] as const)("by being replaced in %s runs once more", async (_words, payload, later) => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, payload: 1, ...unique("replace") });
    await bench.advance(later);
    expect(payloads(work)).toEqual([1]);
    await bench.jobs.scheduleOnce({ ...once, payload, ...unique("replace") });
    await bench.settle();
    await endAll(bench, work);
    await bench.advance("1s");
    await endAll(bench, work);
    expect(payloads(work)).toEqual([1, payload]);
    expect(await bench.statuses(id)).toEqual(["success", "success"]);
    expect((await bench.jobs.getJob(id)).status).toBe("completed");
  });

  test("after it was put off, and the first has ended before its new time, runs at that", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, key: "k", payload: 1 });
    await bench.settle();
    await bench.jobs.scheduleOnce({ ...once, key: "k", payload: 2, in: "1h" });
    work.calls[0]?.succeed();
    await bench.advance("59m");
    expect([payloads(work), (await bench.jobs.getJob(id)).status]).toEqual([[1], "active"]);
    await bench.advance("1m");
    await endAll(bench, work);
    expect([payloads(work), await bench.statuses(id)]).toEqual([
      [1, 2],
      ["success", "success"],
    ]);
  });

  test("by hand, and so meets its tick, loses neither", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const { id } = await bench.jobs.scheduleOnce({ ...once, in: "1m" });
    await bench.jobs.runJobNow(id);
    await bench.advance("2m");
    await endAll(bench, work);
    expect(work.calls).toHaveLength(2);
    expect(await bench.statuses(id)).toEqual(["success", "success"]);
    expect((await bench.jobs.getJob(id)).status).toBe("completed");
  });
});

test("a one-time job that is edited into a cron job while it runs keeps ticking", async () => {
  const work = held("work");
  const bench = await openBench([work]);
  const { id } = await bench.jobs.scheduleOnce({ ...once, key: "k" });
  await bench.settle();
  await bench.jobs.schedule({ ...once, type: "cron", key: "k", cron: "0 * * * *" });
  work.calls[0]?.succeed();
  await bench.settle();
  expect(await bench.jobs.getJob(id)).toMatchObject({
    type: "cron",
    status: "active",
    nextRun: Date.parse("2026-01-01T01:00:00Z"),
  });
  await bench.advance("1h");
  work.calls[1]?.succeed();
  await bench.advance("1h");
  expect(work.calls).toHaveLength(3);
});

describe("a bounded job that is edited while ticks of it wait", () => {
  test("runs as often as its new bound says", async () => {
    const work = held("work");
    const bench = await openBench([work]);
    const bounded = { name: "n", handler: "work", interval: "1m", maxRuns: 5, overlap: "buffer_all" } as const;
    const { id } = await bench.jobs.scheduleRecurring(bounded);
    await bench.advance("2m30s");
    expect(await bench.statuses(id)).toEqual(["running", "pending", "pending"]);
    await bench.jobs.reschedule(id, { maxRuns: 6 });
    for (let n = 0; n < 8; n += 1) {
      work.calls[n]?.succeed();
      await bench.advance("1m");
    }
    expect(work.calls).toHaveLength(6);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "completed", runCount: 6 });
  });

  test("still runs where its only tick waited for its jitter", async () => {
    const work = recorded("work");
    const bench = await openBench([work]);
    const bounded = { name: "n", handler: "work", interval: "1h", maxRuns: 1, jitter: "59m" } as const;
    const { id } = await bench.jobs.scheduleRecurring({ ...bounded, startsAt: bench.clock.now() });
    await bench.settle();
    await bench.jobs.reschedule(id, { jitter: "1m" });
    await bench.advance("5h");
    expect(work.calls).toHaveLength(1);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "completed", runCount: 1 });
  });
});

test.each(["fixed_rate", "fixed_delay"] as const)(
  "a bounded job (%s) that is edited just after its first tick does not count that twice",
  async (mode) => {
    const work = recorded("work");
    const bench = await openBench([work]);
    const bounded = { name: "n", handler: "work", interval: "1h", maxRuns: 2, mode } as const;
    const { id } = await bench.jobs.scheduleRecurring(bounded);
    await bench.advance("10s");
    const edited = await bench.jobs.reschedule(id, { maxRuns: 3 });
    expect(edited).toMatchObject({ runCount: 1, nextRun: Date.parse("2026-01-01T01:00:00Z") });
    await bench.advance("10h");
    expect(work.calls).toHaveLength(3);
    expect(await bench.decisions(id)).toEqual(["fired", "fired", "fired"]);
    expect(await bench.jobs.getJob(id)).toMatchObject({ status: "completed", runCount: 3 });
  },
);

test("several ticks of a job that is completed can be made up for, and it is completed again", async () => {
  const work = recorded("work");
  const bench = await openBench([work]);
  const from = bench.clock.now();
  const bounded = { name: "n", handler: "work", interval: "1m", startsAt: from, maxRuns: 1 } as const;
  const { id } = await bench.jobs.scheduleRecurring(bounded);
  await bench.advance("10m");
  expect((await bench.jobs.getJob(id)).status).toBe("completed");
  const made = await bench.jobs.backfill(id, { from, until: bench.clock.now() });
  expect(made).toEqual({ ticks: 11, executions: 10 });
  await bench.settle();
  expect(work.calls).toHaveLength(11);
  expect(await bench.statuses(id)).toEqual(Array.from({ length: 11 }, () => "success"));
  expect(await bench.jobs.getJob(id)).toMatchObject({ status: "completed", nextRun: null });
});

test("a handler of an event can be registered again when its job was deleted", async () => {
  const bench = await openBench([]);
  const heard: unknown[] = [];
  const { id } = await bench.jobs.onEvent("e", (payload) => void heard.push(["first", payload]));
  await bench.jobs.unschedule(id);
  const again = await bench.jobs.onEvent("e", (payload) => void heard.push(["second", payload]));
  await bench.jobs.triggerEvent("e", 1);
  await bench.settle();
  expect(heard).toEqual([["second", 1]]);
  expect(await bench.statuses(again.id)).toEqual(["success"]);
});

test.each([0, 3, 10])("of executions of one nominal time exactly the last %i are kept", async (keepLast) => {
  const bench = await openBench([recorded("work")]);
  const { id } = await bench.jobs.schedule({ type: "event", name: "e", event: "e", handler: "work", keepLast });
  for (let n = 0; n < 20; n += 1) await bench.jobs.triggerEvent("e", n);
  await bench.settle();
  const last = (await bench.history(id)).slice(20 - keepLast).map((execution) => execution.id);
  await bench.advance("9d");
  expect((await bench.history(id)).map((execution) => execution.id)).toEqual(last);
});

/** A clock that moves by a millisecond whenever it is looked at. */
class MovingClock extends FakeClock {
  override now(): number {
    const time = super.now();
    this.jumpTo(time + 1);
    return time;
  }
}

test.each([
  ["by default", () => undefined],
  ["where it starts now", (clock: FakeClock) => clock.now()],
] as const)("%s an interval is due at once, though time passes until it is on disk", async (_when, startOf) => {
  const work = recorded("work");
  const bench = await openBench([work], { clock: new MovingClock() });
  const startsAt = startOf(bench.clock);
  const { id } = await bench.jobs.scheduleRecurring({ name: "n", handler: "work", interval: "1h", startsAt });
  await bench.advance("1m");
  expect(work.calls).toHaveLength(1);
  expect(await bench.statuses(id)).toEqual(["success"]);
});
